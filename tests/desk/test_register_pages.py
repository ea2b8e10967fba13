"""The register's pages: the list, the grid of acts, saved views; and the same over the API."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from luoshi.accounts import services as accounts
from luoshi.delivery.models import Commitment, Report
from luoshi.office import services as office
from luoshi.office.models import SavedView
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def test_the_list_its_filters_and_what_is_said_of_them(world: World, enter: Enter) -> None:
    done, other = world.reported(40, title="接通管网"), world.issued("530402", title="清淤")
    page = text(enter("office"), "/register/")
    assert done.ref in page
    assert other.ref in page
    assert "2 commitments" in page
    page = text(enter("office"), f"/register/?unit={world.units['530402'].pk}&light=grey&colour=red&gap=x")
    assert "红塔区 and below" in page
    assert "Light: Not yet due" in page
    assert "colour, gap" in page
    assert done.ref not in page
    assert 'name="lead_name"' in text(enter("office"), "/register/?panel=1")
    assert "Nothing fits these filters" in text(enter("office"), "/register/?light=blue")
    assert "紧急在前" in text(enter("office", "zh-hans"), "/register/")
    assert done.ref not in text(enter("b_head"), "/register/")


def test_units_are_typed_by_name_and_kept_by_id(world: World, enter: Enter) -> None:
    client = enter("office")
    answer = client.get("/register/", {"form": "1", "unit_name": "红塔区", "q": "", "gap": "", "light": "grey"})
    assert answer.url == f"/register/?unit={world.units['530402'].pk}&light=grey"  # type: ignore[attr-defined]
    assert "No unit is called" in text(client, "/register/?form=1&unit_name=无此县", 404)
    assert client.get("/register/?form=1&unit_name=").url == "/register/?view=0"  # type: ignore[attr-defined]


def test_a_post_is_typed_as_it_is_called_and_kept_by_its_number(world: World, enter: Enter) -> None:
    led = world.accepted(title="接通管网")
    world.do("assign_commitment", "a_head", led, post="P-a_handler")
    other = world.accepted(title="另一件")
    client = enter("office")
    panel = text(client, "/register/?panel=1")
    post = Post.objects.select_related("unit").get(ref="P-a_handler")
    assert f'<option value="{post.unit.name} · {post.title}">' in panel
    for typed in (post.ref, f"{post.unit.name} · {post.title}", f"{post.unit.name}·{post.title}"):
        answer = client.get("/register/", {"form": "1", "post_name": typed})
        assert answer.url == f"/register/?post={post.ref}"  # type: ignore[attr-defined]
    page = text(client, f"/register/?post={post.ref}")
    assert led.ref in page
    assert other.ref not in page
    kept = text(client, f"/register/?post={post.ref}&panel=1")
    assert f'value="{post.unit.name} · {post.title}"' in kept
    again = {"form": "1", "post": post.ref, "post_name": f"{post.unit.name} · {post.title}", "light": "green"}
    assert client.get("/register/", again).url == f"/register/?post={post.ref}&light=green"  # type: ignore[attr-defined]
    assert client.get("/register/", again | {"post_name": ""}).url == "/register/?light=green"  # type: ignore[attr-defined]
    assert "无此岗位" in text(client, "/register/?form=1&post_name=无此岗位", 404)
    narrow = text(client, f"/register/?panel=1&unit={world.units['530402'].pk}")
    assert f'<option value="{post.unit.name} · {post.title}">' not in narrow


@pytest.mark.parametrize(
    "query",
    ["unit=99999999", "matter=%00", "after=%ff%fe", "q=%27%22%3B--", "sort=;drop", "cols=%2e%2e", "size=-1&before=~"],
)
def test_no_odd_address_breaks_the_page(world: World, enter: Enter, query: str) -> None:
    world.issued()
    assert enter("office").get(f"/register/?{query}").status_code in (200, 404)


def test_statements_of_the_page_do_not_grow(world: World, enter: Enter) -> None:
    client = enter("office")

    def statements(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked.captured_queries)

    first = world.reported(10)
    refs = [first.ref]
    few = statements("/register/"), statements(f"/register/acts/?act=return&ref={refs[0]}")
    refs += [world.reported(20).ref for _ in range(4)]
    many = statements("/register/"), statements("/register/acts/?act=return&ref=" + "&ref=".join(refs))
    assert many == few


def sheet(act: str, rows: list[Commitment], **values: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"act": act, "back": "light=green", "ref": [row.ref for row in rows]}
    told |= {f"v:{row.ref}": str(row.version) for row in rows}
    return told | values


def test_many_are_returned_and_the_refused_one_stays_with_its_sentence(world: World, enter: Enter) -> None:
    good = [world.reported(30, title=f"第{n}件") for n in range(2)]
    silent = world.accepted(title="没有报过")
    client = enter("office")
    shown = text(client, "/register/acts/?act=return&ref=" + "&ref=".join(row.ref for row in [*good, silent]))
    assert shown.count('name="reason:') == 4
    told = sheet("return", [*good, silent], **{"reason:all": "佐证不符", f"reason:{good[0].ref}": "数字不符"})
    answer = client.post("/register/acts/", told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "2 rows are done" in page
    assert "1 row was refused" in page
    assert re.search(r'role="alert">.*?Nothing has been reported', page, re.DOTALL)
    reasons = dict(Report.objects.values_list("commitment__ref", "return_reason"))
    assert reasons == {good[0].ref: "数字不符", good[1].ref: "佐证不符"}
    again = client.post(
        "/register/acts/", sheet("return", good, **{"reason:all": "佐证不符", f"reason:{good[0].ref}": "数字不符"})
    )
    assert again.url == "/register/?light=green"  # type: ignore[attr-defined]
    assert Commitment.objects.get(pk=good[0].pk).version == good[0].version + 1, "sent again, done once"


def test_percent_and_words_row_by_row(world: World, enter: Enter) -> None:
    one, two = world.accepted(), world.accepted()
    client = enter("a_handler")
    told = sheet("report", [one, two], **{f"percent:{one.ref}": "30", f"percent:{two.ref}": "130", "words:all": "接通"})
    page = client.post("/register/acts/", told).content.decode()
    assert 'value="130"' in page
    assert "this is too large" in page
    assert Commitment.objects.get(pk=one.pk).said == 30
    stale = client.post(
        "/register/acts/", sheet("report", [one], **{f"percent:{one.ref}": "40", "words:all": "再接通"})
    )
    assert "meanwhile" in stale.content.decode() or stale.status_code == 422
    assert Commitment.objects.get(pk=one.pk).said == 30


def test_no_row_too_many_rows_and_unknown_acts(world: World, enter: Enter) -> None:
    client = enter("office")
    none = text(client, "/register/acts/?act=return&back=state%3Daccepted", 422)
    assert "No row was chosen" in none
    assert 'href="/register/?state=accepted"' in none, "back to the register as it was"
    assert "At most 200 rows" in text(
        client, "/register/acts/?act=return" + "".join(f"&ref=R{n}" for n in range(201)), 422
    )
    assert client.get("/register/acts/?act=verify&ref=R1").status_code == 422
    assert "None of these rows" in text(client, "/register/acts/?act=return&ref=R1")
    looking = text(enter("auditor"), "/register/")
    assert 'name="act"' not in looking


def test_saved_views_are_ones_own_or_the_units(world: World, enter: Enter) -> None:
    mine = enter("office")
    told = {"name": "红灯", "query": "light=red&bogus=1", "shared": "on", "opens": "on"}
    answer = mine.post("/register/views/save/", told)
    view = SavedView.objects.get()
    assert (view.query, answer.url) == ("light=red", f"/register/?light=red&view={view.pk}")  # type: ignore[attr-defined]
    assert mine.get("/register/").url == f"/register/?light=red&view={view.pk}"  # type: ignore[attr-defined]
    colleague = enter("office2")
    assert "红灯" in text(colleague, "/register/"), "shared, but it does not open a colleague's register"
    assert "红灯" not in text(enter("a_office"), "/register/")
    assert colleague.post(f"/register/views/{view.pk}/", {"act": "delete"}).status_code == 404
    mine.post(f"/register/views/{view.pk}/", {"act": "change", "name": "逾期的"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.opens) == ("逾期的", False, False)
    assert "逾期的" not in text(colleague, "/register/")
    office.save_view(actor=world.who("office"), page="register", name="另一个", query="", at=world.at)
    taken = mine.post(f"/register/views/{view.pk}/", {"act": "change", "name": "另一个"})
    assert taken.status_code == 409
    mine.post(f"/register/views/{view.pk}/", {"act": "delete"})
    with pytest.raises(Refused):
        office.change_view(view.pk, actor=world.who("office"), name="x")


def test_the_api_says_the_same(world: World) -> None:
    def api(name: str) -> Client:
        made = accounts.create_token(
            user=world.users[name], name="t", actor=world.who(name), at=world.at, post_ref=f"P-{name}"
        )
        return Client(headers={"authorization": f"Bearer {made[1]}", "accept-language": "en"})

    rows = [world.reported(10 * n) for n in range(3)]
    client = api("office")
    first = client.get("/api/v1/register?size=2&sort=ref").json()
    assert ([one["ref"] for one in first["items"]], first["total"], first["exact"]) == (
        [rows[0].ref, rows[1].ref],
        3,
        True,
    )
    second = client.get(f"/api/v1/register?size=2&sort=ref&after={first['next']}").json()
    assert ([one["ref"] for one in second["items"]], second["next"]) == ([rows[2].ref], None)
    assert client.get(f"/api/v1/register?size=2&sort=ref&before={second['previous']}").json()["items"] == first["items"]
    assert api("b_head").get("/api/v1/register").json()["total"] == 0
    for odd in ("light=purple", "colour=red", "after=x"):
        assert client.get(f"/api/v1/register?{odd}").json()["code"] == "bad_input"
    send = {
        "rows": [
            {"act": "return", "ref": row.ref, "version": row.version, "data": {"reason": "不符"}} for row in rows[:2]
        ]
    }
    send["rows"].append({"act": "return", "ref": rows[2].ref, "version": 1, "data": {"reason": "不符"}})
    done = client.post("/api/v1/acts", json.dumps(send), content_type="application/json").json()["rows"]
    assert [one["outcome"] for one in done] == ["done", "done", "refused"]
    assert done[2]["code"] == "stale_version"
    again = client.post("/api/v1/acts", json.dumps(send), content_type="application/json").json()["rows"]
    assert [one["outcome"] for one in again] == ["again", "again", "refused"]
    none = client.post("/api/v1/acts", json.dumps({"rows": []}), content_type="application/json")
    assert none.json()["code"] == "no_rows"
    kept = client.post(
        "/api/v1/views", json.dumps({"name": "近期", "query": "gap=20"}), content_type="application/json"
    ).json()
    assert [one["name"] for one in client.get("/api/v1/views").json()] == ["近期"]
    assert api("office2").get("/api/v1/views").json() == []
    changed = client.post(
        f"/api/v1/views/{kept['id']}", json.dumps({"name": "差距", "shared": True}), content_type="application/json"
    )
    assert (changed.json()["query"], changed.json()["shared"]) == ("gap=20", True)
    assert client.post(f"/api/v1/views/{kept['id']}/delete", "{}", content_type="application/json").json() == {
        "deleted": kept["id"]
    }
