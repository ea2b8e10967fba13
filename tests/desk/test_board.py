"""The board: figures that add up, what siblings see, lists behind cells, a fixed number of statements."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Matter, Programme, Series
from luoshi.delivery.queries.foreseen import foreseen
from luoshi.desk.queries import board, needs
from luoshi.desk.views import pictures
from luoshi.desk.views.board_words import headline
from luoshi.rules import rollup
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import services as units

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def seen(world: World, name: str, unit: str) -> board.Board:
    actor = world.who(name)
    return board.board(actor, world.programme, board.area_for(actor, world.programme, world.units[unit].pk))


def show(world: World, visibility: str) -> None:
    Programme.objects.update(visibility=visibility)
    world.programme.refresh_from_db()


def test_rows_add_up_to_the_headline(world: World) -> None:
    world.reported(60)
    world.accepted("a_epb", by="a_epb_handler")
    world.issued("530402")
    world.issued("epb")
    province = seen(world, "head", "530000")
    assert [row.unit.name if row.unit else None for row in province.rows] == ["玉溪市", "大理白族自治州", None]
    assert province.total.items == 4
    assert province.rows[-1].total.items == 1
    prefecture = seen(world, "head", "530400")
    assert prefecture.total.items == 3
    assert prefecture.total == province.rows[0].total
    assert sum((row.total for row in prefecture.rows), rollup.ZERO) == prefecture.total


@pytest.mark.parametrize(
    ("visibility", "sees"),
    [("own", set()), ("siblings", {"530400"}), ("all", {"530400", "530000"})],
)
def test_what_a_county_sees_above_itself(world: World, visibility: str, sees: set[str]) -> None:
    show(world, visibility)
    for code in ("530400", "530000", "532900", "530402", "532930"):
        if code in sees:
            made = seen(world, "th_head", code)
            assert not made.inside
            assert all(row.open == (row.unit == world.units["530423"]) for row in made.rows)
            assert all(row.unit is not None for row in made.rows)  # nothing of the own level above
        else:
            with pytest.raises(Refused) as refused:
                seen(world, "th_head", code)
            assert refused.value.code == "not_found"


def test_totals_of_siblings_lead_nowhere(world: World, enter: Enter) -> None:
    world.reported(60, title="别处的一件")
    client = enter("b_head")
    page = client.get("/board/", {"unit": world.units["530000"].pk}).content.decode()
    assert "玉溪市" in page
    assert "别处的一件" not in page
    assert f"unit={world.units['530400'].pk}" not in page
    assert client.get("/board/list/", {"unit": world.units["530400"].pk}).status_code == 404
    assert client.get("/board/list/", {"unit": world.units["530000"].pk}).status_code == 404
    assert client.get("/board/", {"unit": world.units["530400"].pk}).status_code == 404


def test_nothing_elsewhere_changes_a_viewers_pages(world: World, enter: Enter) -> None:
    world.issued("532900", title="大理自己的一件")
    client = enter("b_head")
    addresses = ["/", "/board/", f"/register/?unit={world.units['532900'].pk}", "/search/?q=一件", "/ledger/"]

    def pages() -> list[str]:
        return [stripped(client.get(address).content.decode()) for address in addresses]

    before = pages()
    assert "大理自己的一件" in before[2]
    c = world.reported(60, title="玉溪的一件")
    world.do("raise_request", "a_handler", c, question="问", reply_by_on=None)
    assert pages() == before


def stripped(page: str) -> str:
    """A page without what changes by itself: nonces and keys of forms."""
    return re.sub(
        r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"|X-CSRFToken[^}]*|nonce="[^"]*"', "", page
    )


def test_drilling_to_the_village_and_the_list(world: World, enter: Enter) -> None:
    world.issued("530423100201", title="村里的一件")
    client = enter("head")
    for code in ("530000", "530400", "530423", "530423100"):
        page = client.get("/board/", {"unit": world.units[code].pk}).content.decode()
        assert 'class="heat"' in page
    village = world.units["530423100201"].pk
    assert f"unit={village}" in page
    last = client.get("/board/", {"unit": village}).content.decode()
    assert "This unit itself" in last
    assert "0 units below" not in last
    listed = client.get("/register/", {"unit": village, "matter": world.matter.pk}).content.decode()
    assert "村里的一件" in listed


def test_an_old_address_of_a_list_leads_to_the_register(world: World, enter: Enter) -> None:
    county, matter = world.units["530402"].pk, world.matter.pk
    told = {"unit": county, "matter": matter, "level": "own", "light": "red"}
    answer = enter("head").get("/board/list/", told)
    assert answer.url == f"/register/?programme=ten&matter={matter}&unit={county}&own=1&light=red"  # type: ignore[attr-defined]


def test_needs_name_their_rule(world: World) -> None:
    c = world.reported(100)
    world.do("verify_commitment", "verifier", c, method="desk", passed=False, percent=50, words="一半")
    d = world.accepted(title="等批复")
    world.do("raise_request", "a_handler", d, question="问", reply_by_on=None)
    actor = world.who("head")
    found = needs.needs(actor, world.programme, world.units["530000"], world.at)
    assert {need.rule for need in found} == {"gap", "decide"}


def test_no_programme_and_an_unknown_one(world: World, enter: Enter) -> None:
    assert enter("head").get("/board/", {"programme": "nothing"}).status_code == 404
    assert enter("head").get("/board/", {"unit": "99999999"}).status_code == 404
    world.do("issue_commitment", "office", world.draft())
    for language in ("en", "zh-hans"):
        for sort in ("order", "gap", "late", "?"):
            assert enter("head", language).get("/board/", {"sort": sort}).status_code == 200


def test_statements_do_not_grow_with_units_matters_and_rows(world: World, enter: Enter) -> None:
    client = enter("head")
    addresses = ["/board/", f"/register/?unit={world.units['530000'].pk}"]

    def counts() -> list[int]:
        found = []
        for address in addresses:
            pictures.forget()
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found.append(len(queries))
        return found

    world.reported(60)
    client.get("/board/")
    before = counts()
    for number in range(4, 9):
        matter = Matter.objects.create(programme=world.programme, number=number, name_zh=f"事项{number}")
        Series.objects.create(matter=matter)
        services.issue_commitment(
            actor=world.who("office"),
            ref=(draft := world.draft("530402", matter=matter.pk)).ref,
            version=draft.version,
            different="另一标段",
            at=world.at,
        )
    assert counts() == before


def test_all_counties_at_once_add_up_and_are_only_for_who_sees_them(world: World, enter: Enter) -> None:
    world.reported(60, "ht_handler", lead="530402")
    world.issued("532930")
    world.issued("530400")
    world.issued("epb")
    head = world.who("head")
    made = board.board(head, world.programme, world.units["530000"], board.COUNTIES)
    assert [unit.code for unit in made.shown] == ["530402", "530423", "532901", "532930"]
    assert made.rows[0].above == "玉溪"
    assert sum((row.total for row in made.rows), rollup.ZERO) == made.total
    assert made.rows[-1].unit is None
    assert made.rows[-1].total.items == 2
    assert not made.rows[-1].open
    show(world, "all")
    for name, code in (("a_head", "530000"), ("a_head", "530400"), ("th_head", "530000")):
        with pytest.raises(Refused) as refused:
            board.board(world.who(name), world.programme, world.units[code], board.COUNTIES)
        assert refused.value.code == "not_found"
    assert enter("a_head").get("/board/", {"view": "counties"}).status_code == 404
    page = enter("head").get("/board/", {"view": "counties", "sort": "gap"}).content.decode()
    assert "玉溪 · 红塔" in page
    assert "Led above the counties" in page


def test_the_headline_tells_nothing_issued_from_what_is_counted_above() -> None:
    counted_above = rollup.contribution(rollup.CommitmentFacts(state="accepted", light="green", leaf=False))
    with translation.override("en"):
        assert headline(rollup.total([])) == "Nothing has been issued here yet"
        assert headline(counted_above) == "What is here is counted with the task above it"


def test_what_needs_the_reader_stands_before_map_and_replies(world: World, enter: Enter) -> None:
    world.accepted("530400", by="a_handler")
    page = enter("head").get("/board/").content.decode()
    assert page.index("needs-part") < page.index('id="map"')


def test_a_chosen_matter_narrows_headline_map_and_needs(world: World, enter: Enter) -> None:
    other = Matter.objects.create(programme=world.programme, number=5, name_zh="安全生产", name_en="Safety")
    Series.objects.create(matter=other)
    world.reported(60)
    client = enter("head")
    everything = client.get("/board/").content.decode()
    assert "Said 60%, nothing verified yet" in everything
    chosen = client.get("/board/", {"matter": other.pk}).content.decode()
    assert "Nothing has been issued here yet" in chosen
    assert "Only “Safety” is counted here" in chosen
    assert 'aria-current="true"' in chosen.split("<thead>")[1].split("</thead>")[0]
    assert f"matter={other.pk}" in chosen.split("<tbody>")[1]
    assert client.get("/board/", {"matter": "99"}).status_code == 200


def test_cells_say_how_it_was_verified(world: World, enter: Enter) -> None:
    c = world.reported(100)
    world.do("verify_commitment", "verifier", c, method="desk", passed=False, percent=50, words="一半")
    page = enter("head").get("/board/").content.decode()
    assert "verified 50%: desk 50, visited 0, sampled 0" in page
    assert 'class="ver desk w-50"' in page


def test_where_nothing_lies_below_the_commitments_stand(world: World, enter: Enter) -> None:
    village = world.units["530423100201"].pk
    client = enter("head")
    assert "no commitment is led here" in client.get("/board/", {"unit": village}).content.decode()
    c = world.issued("530423100201", title="村里的一件")
    page = client.get("/board/", {"unit": village}).content.decode()
    assert "村里的一件" in page
    assert f"/c/{c.ref}/" in page


def test_the_map_shows_what_the_table_shows_and_leads_where_one_may_go(world: World, enter: Enter) -> None:
    world.reported(60)
    page = enter("head").get("/board/").content.decode()
    drawing = page.split('<svg class="map tiles"')[1].split("</svg></div>")[0]
    assert "玉溪: On track, none of 1 is late. Said 60%, nothing verified yet." in drawing
    assert f"unit={world.units['530400'].pk}" in drawing
    assert "大理: nothing has been issued" in drawing
    assert "style=" not in drawing
    beside = enter("b_head").get("/board/", {"unit": world.units["530000"].pk}).content.decode()
    drawing = beside.split('<svg class="map tiles"')[1].split("</svg></div>")[0]
    assert "玉溪: On track" in drawing
    assert f"unit={world.units['530400'].pk}" not in drawing
    assert f"unit={world.units['532900'].pk}" in drawing


def test_an_approved_map_is_shown_with_its_source(world: World, enter: Enter) -> None:
    import json

    ring = [[[102, 24], [103, 24], [103, 25], [102, 25], [102, 24]]]
    one = {"type": "Feature", "properties": {"code": "530400"}, "geometry": {"type": "Polygon", "coordinates": ring}}
    made = units.import_map(
        actor=SYSTEM,
        at=world.at,
        content=json.dumps({"type": "FeatureCollection", "features": [one]}).encode(),
        name="m",
        source="测绘<院>",
        licence="内部使用",
        approval_no="GS（2024）0650号",
    )
    world.reported(60)
    page = enter("head").get("/board/").content.decode()
    assert '<svg class="map shapes"' in page
    assert "Source: 测绘&lt;院&gt;. Licence: 内部使用. Map approval number: GS（2024）0650号" in page
    assert "Not on the map: 大理白族自治州" in page
    assert made.map is not None
    units.remove_map(actor=SYSTEM, at=world.at, map_id=made.map.pk)
    assert '<svg class="map tiles"' in enter("head").get("/board/").content.decode()


def test_what_will_be_missed_is_named_by_its_rule(world: World, enter: Enter) -> None:
    behind = world.reported(40, title="进度慢的", due_days=10)
    quiet = world.accepted(title="没有声音的", due_days=80)
    fine = world.reported(90, title="正常的", due_days=10)
    head, province = world.who("head"), world.units["530000"]
    now = needs.needs(head, world.programme, province, world.at)
    assert [(n.commitment.pk, n.rule, n.warned.code) for n in now if n.warned] == [(behind.pk, "foreseen", "behind")]
    assert now[0].light.colour == "green"  # foreseeing sets no light
    later = world.at + dt.timedelta(days=31)
    found = {n.commitment.pk: n.warned.code for n in needs.needs(head, world.programme, province, later) if n.warned}
    assert found == {quiet.pk: "silent"}
    rows = board.within_unit(head, world.programme, province)
    assert set(foreseen(rows, world.at.date())) == {behind}
    assert needs.looked(head, world.programme, province, world.at)[1] == 1
    page = enter("head").get("/board/").content.decode()
    assert "1 will probably miss their date" in page
    assert "The rule asks for 80% from 14 days before the date." in page
    listed = enter("head").get("/board/foreseen/").content.decode()
    assert "进度慢的" in listed
    assert "正常的" not in listed
    assert "Days left: 10, said: 40%. The rule asks for 80%" in listed, "each row says the rule that named it"
    assert fine.said == 90


def test_what_is_foreseen_is_counted_whole_and_walked_page_by_page(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [world.reported(10, title=f"第{n}件", due_days=3 + n // 2) for n in range(5)]
    monkeypatch.setattr(needs, "LISTED", 2)
    client = enter("head")
    seen: list[str] = []
    address = "/board/foreseen/"
    for _page in range(3):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        assert len(queries) <= 16, [query["sql"][:90] for query in queries]
        assert "5 commitments, the nearest date first" in page
        seen += foreseen_in(page)
        further = re.search(r'rel="next" href="\?([^"]+)"', page)
        address = f"/board/foreseen/?{html.unescape(further[1]) if further else ''}"
    assert seen == [one.ref for one in made]
    assert address.endswith("?"), "nothing further"
    for odd in ("x", "2026-03-05", "2026-03-05.x", "2026-99-99.1", ".", "2026-03-05." + "9" * 30):
        assert len(foreseen_in(client.get(f"/board/foreseen/?after={odd}").content.decode())) == 2
    assert "No miss is foreseen" in enter("b_head").get("/board/foreseen/").content.decode()


def foreseen_in(page: str) -> list[str]:
    """The numbers of the tasks listed, in order."""
    return re.findall(r'<span class="num">(YN-[^<]+)</span>', page)


def test_what_we_owe_stands_in_the_same_list_with_its_act(world: World, enter: Enter) -> None:
    c = world.reported(30, title="要延期的")
    new = (world.at + dt.timedelta(days=90)).date()
    world.do("ask_extension", "a_head", c, new_due_on=new, reason="雨季")
    d = world.accepted(title="等批复")
    world.do("raise_request", "a_handler", d, question="以哪份规划为准", reply_by_on=None)
    found = needs.needs(world.who("office"), world.programme, world.units["530000"], world.at)
    assert {(n.commitment.pk, n.rule) for n in found} == {(c.pk, "decide"), (d.pk, "decide")}
    others = needs.needs(world.who("auditor"), world.programme, world.units["530000"], world.at)
    assert {(n.commitment.pk, n.rule) for n in others} == {(d.pk, "reply")}
    client = enter("office")
    page = client.get("/board/").content.decode()
    assert f'action="/c/{c.ref}/decide-extension/"' in page
    assert f'action="/c/{d.ref}/reply/"' in page
    assert "owes the reply" in enter("auditor").get("/board/").content.decode()
    answer = client.post(
        f"/c/{d.ref}/reply/",
        {"version": Commitment.objects.get(pk=d.pk).version, "reply": "以省里的为准", "next": "/board/"},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/board/")
    assert "以哪份规划为准" not in client.get("/board/").content.decode()


def test_nothing_needs_the_viewer(world: World, enter: Enter) -> None:
    world.issued("530400")
    assert "no rule foresees a miss" in enter("head").get("/board/").content.decode()


def test_needs_cost_the_same_statements_however_many_there_are(world: World) -> None:
    """What a light is computed from comes with the row, not one by one."""
    head, province = world.who("head"), world.units["530000"]

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            found, _count = needs.looked(head, world.programme, province, world.at)
        return len(found), len(queries)

    world.reported(40, title="第一件", due_days=10)
    asked()  # calendars are read once a process
    one, statements = asked()
    for number in range(2):
        world.reported(40, title=f"再{number}件", due_days=10)
    more, statements_of_more = asked()
    assert (one, more) == (1, 3)
    assert statements_of_more == statements
