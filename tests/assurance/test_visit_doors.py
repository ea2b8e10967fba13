"""走访的门: the API, the plain page, the form for other programs; each shows one's own visits and today's at most."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.templatetags.static import static
from django.test import Client
from openpyxl import load_workbook
from tests.assurance.test_record_visit import everything, store
from tests.assurance.visiting import campaign_of, handed, holding, later

from luoshi.assurance import services
from luoshi.assurance.models import Visit
from luoshi.rules.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.delivery.world import World

    from luoshi.delivery.models import Commitment


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    from django.core.cache import cache
    from tests.delivery.world import build

    made = build()
    cache.set("luoshi.demo", False, None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    return made


@pytest.fixture
def enter(world: World) -> Callable[..., Client]:
    def sign_in(name: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(world.users[name])
        return client

    return sign_in


@pytest.fixture
def commitment(world: World) -> Commitment:
    return world.applied()


def told(**changes: Any) -> dict[str, Any]:
    """A record as the API takes it."""
    texts = ("五县管网连通", "试水无渗漏")
    criteria = [{"text": text, "holds": True, "words": ""} for text in texts]
    return {"outcome": "done", "holds": True, "criteria": criteria, "words": "现场看过", **changes}


def put(client: Client, visit: Visit, version: int = 1, **changes: Any) -> Any:
    return client.put(
        f"/api/v1/visits/{visit.key}/record",
        json.dumps(told(**changes)),
        content_type="application/json",
        headers={"If-Match": f'"{version}"'},
    )


def test_api_records_once_and_shows_both_when_they_differ(world: World, commitment: Commitment, enter: Any) -> None:
    visit, client = handed(world, commitment), enter("verifier")
    assert [one["key"] for one in client.get("/api/v1/visits").json()] == [str(visit.key)]
    first = put(client, visit)
    assert (first.status_code, first["ETag"], first.json()["repeated"]) == (200, '"2"', False)
    again = put(client, visit)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    other = put(client, visit, version=2, holds=False)
    assert (other.status_code, other.json()["code"]) == (409, "visit_recorded")
    params = other.json()["params"]
    assert (params["recorded"]["holds"], params["sent"]["holds"]) == (True, False)
    corrected = put(client, visit, version=params["recorded"]["version"], holds=False, corrects="看漏了一处")
    assert (corrected.status_code, corrected.json()["visit"]["holds"]) == (200, False)
    assert put(client, visit, version=1, holds=True, corrects="x").status_code == 412
    bare = client.put(f"/api/v1/visits/{visit.key}/record", json.dumps(told()), content_type="application/json")
    assert bare.status_code == 428


def test_api_takes_several_and_one_refused_stops_none(world: World, enter: Any) -> None:
    commitment = world.reported()
    visits = [handed(world, commitment) for _time in range(3)]
    records = [{**told(), "key": str(one.key), "version": 1} for one in visits]
    records[1] |= {"holds": None}
    client = enter("verifier")

    def send() -> list[Any]:
        body = json.dumps({"records": records})
        return client.post("/api/v1/visits/records", body, content_type="application/json").json()["records"]

    rows = send()
    codes = [one["problem"] and one["problem"]["code"] for one in rows]
    assert codes == [None, "visit_verdict_missing", None]
    assert [one["repeated"] for one in send()] == [True, False, True]
    body = json.dumps({"records": [{**records[0], "surprise": 1}]})
    assert client.post("/api/v1/visits/records", body, content_type="application/json").status_code == 422


def test_tomorrow_is_on_no_page_and_others_are_on_none(world: World, commitment: Commitment, enter: Any) -> None:
    place = campaign_of(world, commitment)
    tomorrow = handed(world, commitment, place=place, day=world.at.date() + dt.timedelta(days=1))
    other = handed(world, world.reported(), by="verifier2")
    client = enter("verifier")
    assert client.get("/api/v1/visits").json() == []
    listed = client.get("/visits/").content.decode()
    for hidden in (tomorrow, other):
        assert str(hidden.key) not in listed
        assert client.get(f"/visits/{hidden.key}/").status_code == 404
        assert client.get(f"/api/v1/visits/{hidden.key}").status_code == 404
        assert put(client, hidden).status_code == 404
    assert "No visit waits today" in listed
    world.at = later(world, days=1)
    assert str(tomorrow.key) in enter("verifier").get("/visits/").content.decode()


def test_a_blind_second_visit_looks_like_any_other(world: World, commitment: Commitment, enter: Any) -> None:
    place = campaign_of(world, commitment)
    first = handed(world, commitment, by="verifier", place=place)
    second = handed(world, commitment, by="verifier2", place=place, kind="blind", first=first)
    client = enter("verifier2")
    told_ = client.get(f"/api/v1/visits/{second.key}")
    assert told_.json()["kind"] == "drawn"
    for page in (told_, client.get("/visits/"), client.get(f"/visits/{second.key}/")):
        assert "blind" not in page.content.decode()


def test_the_list_asks_as_much_for_many_as_for_few(
    world: World, enter: Any, django_assert_max_num_queries: Any
) -> None:
    commitment, client = world.reported(), enter("verifier")
    handed(world, commitment)
    client.get("/visits/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get("/visits/").status_code == 200
        return len(statements)

    few = asked()
    for _time in range(30):
        handed(world, commitment)
    assert asked() == few


def form(**changes: Any) -> dict[str, Any]:
    """The plain form filled in."""
    return {
        "version": "1", "outcome": "done", "holds": "yes", "holds_1": "yes", "words_1": "", "holds_2": "yes",
        "words_2": "", "words": "现场看过", "place": "", **changes,
    }  # fmt: skip


def test_the_plain_page_records(world: World, commitment: Commitment, enter: Any) -> None:
    visit, client = handed(world, commitment), enter("verifier")
    page = client.get(f"/visits/{visit.key}/").content.decode()
    assert "五县管网连通" in page
    wrong = client.post(f"/visits/{visit.key}/", form(holds_2=""))
    assert (wrong.status_code, "Say whether it holds." in wrong.content.decode()) == (422, True)
    store(world, world.who("verifier"))
    picture = SimpleUploadedFile("门口.jpg", jpeg(), content_type="image/jpeg")
    done = client.post(f"/visits/{visit.key}/", {**form(), "photos": [picture]})
    assert (done.status_code, done["Location"]) == (302, "/visits/")
    visit.refresh_from_db()
    assert (visit.state, len(visit.photos)) == ("done", 1)
    digest = visit.photos[0]["digest"]
    assert client.get(f"/visits/{visit.key}/photos/{digest}/").status_code == 200
    assert enter("verifier2").get(f"/visits/{visit.key}/photos/{digest}/").status_code == 404
    assert client.get(f"/visits/{visit.key}/photos/{'0' * 64}/").status_code == 404


def test_the_plain_page_shows_both_and_takes_the_choice(world: World, commitment: Commitment, enter: Any) -> None:
    visit, client = handed(world, commitment), enter("verifier")
    client.post(f"/visits/{visit.key}/", form())
    page = client.post(f"/visits/{visit.key}/", form(holds="no", holds_2="no", words="后来渗水"))
    text = page.content.decode()
    assert (page.status_code, "Two records differ" in text) == (409, True)
    assert "现场看过" in text
    assert "后来渗水" in text
    assert 'name="version" value="2"' in text
    again = form(holds="no", holds_2="no", words="后来渗水", version="2", corrects="第一次看漏了")
    assert client.post(f"/visits/{visit.key}/", again).status_code == 302
    visit.refresh_from_db()
    assert (visit.holds, visit.earlier[0]["words"]) == (False, "现场看过")
    assert "第一次看漏了" in client.get(f"/visits/{visit.key}/").content.decode()


def test_the_worker_and_the_page_without_a_line_hold_nothing_of_anybody(world: World, enter: Any) -> None:
    handed(world, world.reported())
    outside, inside = Client(), enter("verifier")
    for address in ("/visits/worker.js", "/visits/offline/"):
        assert outside.get(address).status_code == 200
        assert outside.get(address).content == inside.get(address, headers={"accept-language": "zh"}).content
    assert outside.get("/visits/worker.js")["Service-Worker-Allowed"] == "/visits/"
    text = outside.get("/visits/worker.js").content.decode().replace("\\u002D", "-")
    assert f'importScripts("{static("assurance/queue.js")}")' in text, "pages and worker send alike"
    assert 'addEventListener("sync"' in text
    assert outside.get("/visits/").status_code == 302


def test_installable_only_where_the_site_says_so(world: World, enter: Any, settings: Any) -> None:
    client = enter("verifier")
    assert client.get("/visits/manifest.webmanifest").status_code == 404
    assert "manifest" not in client.get("/visits/").content.decode()
    settings.VISITS_INSTALLABLE = True
    assert json.loads(client.get("/visits/manifest.webmanifest").content)["scope"] == "/visits/"
    assert "manifest.webmanifest" in client.get("/visits/").content.decode()


# --- Other programs ---------------------------------------------------------------------------------------------------


def test_the_form_is_an_xlsform(world: World, commitment: Commitment, enter: Any) -> None:
    convert = pytest.importorskip("pyxform.xls2xform").convert
    client = enter("verifier")
    assert client.get("/visits/form.xlsx").status_code == 404
    first, second = handed(world, commitment), handed(world, world.issued("530402", criteria=[]), route=2)
    content = client.get("/api/v1/visits/form.xlsx").content
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["survey", "choices", "settings"]
    choices = list(book["choices"].iter_rows(values_only=True))
    assert [row[1] for row in choices if row[0] == "visits"] == [str(first.key), str(second.key)]
    made = convert(xlsform=io.BytesIO(content), file_type=".xlsx", validate=False, warnings=[])
    for part in ("五县管网连通", "试水无渗漏", str(first.key), "holds_2", "constraint"):
        assert part in made.xform
    for never in ("geopoint", "deviceid", "username", "phonenumber"):
        assert never not in made.xform


HEADS = (
    "SubmissionDate",
    "end",
    "visit",
    "version",
    "outcome",
    "holds_1",
    "words_1",
    "holds_2",
    "words_2",
    "holds",
    "words",
)


def results(*rows: tuple[str, ...], heads: tuple[str, ...] = HEADS) -> SimpleUploadedFile:
    stream = io.StringIO()
    csv.writer(stream).writerows([heads, *rows])
    return SimpleUploadedFile("results.csv", stream.getvalue().encode(), content_type="text/csv")


def test_results_come_in_row_by_row(world: World, enter: Any) -> None:
    commitment = world.reported()
    good, other, late, away = (
        handed(world, commitment, by=by) for by in ("verifier", "verifier2", "verifier", "verifier")
    )
    end = (world.at - dt.timedelta(hours=2)).isoformat()
    rows = [
        ("", end, str(good.key), "1", "done", "yes", "通了", "yes", "", "yes", "现场看过"),
        ("", end, str(other.key), "1", "done", "yes", "", "yes", "", "yes", "不是我的"),
        ("", end, str(late.key), "1", "done", "yes", "", "maybe", "", "yes", "写错"),
        ("", "", "not-a-visit", "1", "done", "yes", "", "yes", "", "yes", "写错"),
        ("", "", str(away.key), "", "unreachable", "", "", "", "", "", "路断了"),
        ("", end, str(good.key), "1", "done", "yes", "通了", "yes", "", "yes", "现场看过"),
    ]
    client = enter("verifier")
    before = everything()

    def send(dry: bool, *told_: tuple[str, ...]) -> Any:
        data = {"file": results(*told_), "dry_run": "true" if dry else "false"}
        return client.post("/api/v1/visits/results", data).json()

    tried = send(True, *rows)
    assert everything() == before
    expected = ["recorded", "refused", "refused", "refused", "recorded", "repeated"]
    assert [one["outcome"] for one in tried["rows"]] == expected
    assert [one["code"] for one in tried["rows"][1:4]] == ["not_found", "results_value", "not_found"]
    assert [one["line"] for one in tried["rows"]] == [2, 3, 4, 5, 6, 7]
    done = send(False, *rows)
    assert (done["recorded"], done["repeated"], done["refused"]) == (2, 1, 3)
    good.refresh_from_db()
    away.refresh_from_db()
    assert (good.holds, good.occurred_at, away.state) == (True, world.at - dt.timedelta(hours=2), "unreachable")
    assert send(False, *rows)["repeated"] == 3


def test_files_that_are_no_results(world: World, enter: Any) -> None:
    client = enter("verifier")
    for upload, code in (
        (results(("a",), heads=("姓名",)), "columns_hold_people"),
        (results(("a", "b"), heads=("visit", "words")), "results_columns"),
        (results(*[("x", "done", "y")] * 501, heads=("visit", "outcome", "words")), "results_too_many"),
    ):
        answer = client.post("/api/v1/visits/results", {"file": upload, "dry_run": "true"})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_file_may_not_be_larger_than_its_rows_need(world: World) -> None:
    upload = SimpleUploadedFile("results.csv", b"visit,outcome,words\n" + b"x" * (4 * 1024 * 1024))
    with pytest.raises(Refused) as refused:
        services.import_results(actor=world.who("verifier"), upload=upload, dry_run=True, at=world.at)
    assert refused.value.code == "results_too_large"


def test_results_on_the_page(world: World, enter: Any) -> None:
    visit = handed(world, world.reported())
    row = ("", "", str(visit.key), "1", "done", "yes", "", "yes", "", "yes", "现场看过")
    client = enter("verifier")
    tried = client.post("/visits/results/", {"file": results(row), "dry_run": "on"})
    assert (tried.status_code, "Tried; nothing was changed" in tried.content.decode()) == (200, True)
    visit.refresh_from_db()
    assert visit.state == "assigned"
    done = client.post("/visits/results/", {"file": results(row, ("", "", "x", *row[3:]))})
    assert "Recorded 1, recorded before 0, refused 1." in done.content.decode()
    visit.refresh_from_db()
    assert visit.state == "done"


def test_the_unit_on_the_map_is_told_as_middle_and_reach(world: World, commitment: Commitment, enter: Any) -> None:
    from luoshi.assurance.queries import visits as reads
    from luoshi.units.models import AreaMap, MapShape

    visit = handed(world, commitment)
    assert reads.reaches([visit]) == {}
    drawn = AreaMap.objects.create(
        name="m", source="s", licence="l", approval_no="滇S（2023）12号", digest="0" * 64, areas=1, imported_at=world.at
    )
    ring = [[102.0, 24.0], [102.2, 24.0], [102.2, 24.2], [102.0, 24.2], [102.0, 24.0]]
    MapShape.objects.create(
        area_map=drawn, unit=visit.unit, path="M0 0", box=[0, 0, 1, 1], label_at=[0, 0],
        geometry={"type": "Polygon", "coordinates": [ring]},
    )  # fmt: skip
    middle, metres = reads.reaches([visit])[visit.unit_id]
    assert middle == (102.1, 24.1)
    assert 15_000 < metres < 16_500
    page = enter("verifier").get(f"/visits/{visit.key}/").content.decode()
    assert 'data-east="102.1000" data-north="24.1000"' in page


def test_nothing_keeps_where_somebody_was() -> None:
    names = {field.name for field in Visit._meta.get_fields()}
    assert not names & {"latitude", "longitude", "position", "coordinates"}
    from luoshi.assurance.schemas.visits import RecordIn

    assert set(RecordIn.model_fields["place"].annotation.__args__) == {"", "near", "far"}  # type: ignore[union-attr]
    assert services.Said(outcome=holding().outcome).place == ""


def jpeg() -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 90)).save(stream, "JPEG")
    return stream.getvalue()
