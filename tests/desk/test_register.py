"""The register: every filter finds what it says and nothing else, every order visits each row once, both ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment
from luoshi.desk.queries import columns, filters, register, rows
from luoshi.desk.queries.filters import Filters
from luoshi.rules import lights, rollup
from luoshi.rules.refusals import Refused

if TYPE_CHECKING:
    from tests.delivery.world import World

DAY = dt.timedelta(days=1)


def found(world: World, query: str, name: str = "office", **shift: Any) -> set[str]:
    """The titles found; counts, pages and whole rows agree."""
    asked = filters.from_query(query)
    at, actor = world.at + shift.get("later", 0 * DAY), world.who(name)
    rows = list(register.rows(actor, asked, at))
    counted = register.counts(actor, asked, at)
    assert (counted.total, counted.exact) == (len(rows), True)
    if counted.by_light and not asked.light:
        assert sum(counted.by_light.values()) == len(rows)
    page = register.page(actor, asked, at)
    assert [row.pk for row in page.rows] == [row.pk for row in rows][: asked.size]
    return {row.title for row in rows}


@pytest.fixture
def many(world: World) -> World:
    """One commitment for each thing a filter can ask about; all led in 玉溪市."""
    world.issued(title="已交办")
    world.issued("a_epb", title="部门的")
    world.issued("530402", title="红塔的", due_days=400)
    world.reported(40, title="报四成")
    world.verified()  # 星云湖治污管网
    asking = world.accepted(title="等批复")
    world.do("raise_request", "a_head", asking, question="管网走哪边")
    later = world.accepted(title="要延期")
    world.do("ask_extension", "a_head", later, new_due_on=(world.at + 90 * DAY).date(), reason="雨季")
    doubted = world.reported(80, title="有疑点")
    world.do("record_finding", "office", doubted, words="照片像是旧的")
    world.draft(title="草稿")
    duty = world.accepted(title="长期的", kind="duty", frequency="monthly", due_days=None)
    world.do("assign_commitment", "a_head", duty, post="P-a_handler")
    return world


LIVE = {"已交办", "部门的", "红塔的", "报四成", "星云湖治污管网", "等批复", "要延期", "有疑点", "长期的"}

ASKED: list[tuple[str, Callable[[World], str], set[str]]] = [
    ("nothing", lambda w: "", LIVE),
    ("programme", lambda w: "programme=ten", LIVE),
    ("another programme", lambda w: "programme=eleven", set()),
    ("matter", lambda w: f"matter={w.matter.pk}&matter=99", LIVE),
    ("sub-matter", lambda w: "sub=99", set()),
    ("unit", lambda w: f"unit={w.units['530402'].pk}", {"红塔的"}),
    ("own level", lambda w: f"unit={w.units['530400'].pk}&own=1", LIVE - {"红塔的"}),
    ("lead", lambda w: f"lead={w.units['a_epb'].pk}", {"部门的"}),
    ("post", lambda w: "post=P-a_handler", {"长期的"}),
    ("issuer", lambda w: f"issuer={w.units['office'].pk}", LIVE),
    ("other issuer", lambda w: f"issuer={w.units['530400'].pk}", set()),
    ("states", lambda w: "state=issued&state=verified", {"已交办", "部门的", "红塔的", "星云湖治污管网"}),
    ("drafts", lambda w: "state=draft", {"草稿"}),
    ("light", lambda w: "light=red", set()),
    ("light and state", lambda w: "light=grey&state=issued", {"已交办", "部门的", "红塔的"}),
    ("kind", lambda w: "kind=duty", {"长期的"}),
    ("due", lambda w: "from=2026-06-01&until=2027-12-31", {"红塔的"}),
    ("no report", lambda w: "silent=5", set()),
    ("gap", lambda w: "gap=50", {"有疑点"}),
    ("findings", lambda w: "open=findings", {"有疑点"}),
    ("requests or extensions", lambda w: "open=requests&open=extension", {"等批复", "要延期"}),
    ("objections", lambda w: "open=objections", set()),
    ("visited", lambda w: "how=visited", {"星云湖治污管网"}),
    ("not verified", lambda w: "how=none&state=verified", set()),
    ("words", lambda w: "q=红塔的", {"红塔的"}),
    ("words that nobody wrote", lambda w: "q=地铁", set()),
    ("cadence", lambda w: "cadence=weekly", set()),
    ("together", lambda w: f"unit={w.units['530400'].pk}&state=accepted&gap=10&how=none", {"报四成", "有疑点"}),
]


def test_every_filter(many: World) -> None:
    wrong = [(name, told) for name, query, titles in ASKED if (told := found(many, query(many))) != titles]
    assert wrong == []


def test_filters_about_time(many: World) -> None:
    assert found(many, "silent=5", later=6 * DAY) == LIVE - {"星云湖治污管网"}
    assert found(many, "overdue=1") == set()
    late = found(many, "overdue=1", later=70 * DAY)
    assert late == {"已交办", "部门的", "报四成", "等批复", "要延期", "有疑点"}
    assert found(many, f"post=P-a_handler&sub={many.matter.sub_matters.get().pk}") == set()


def test_nothing_outside_ones_sight(many: World) -> None:
    assert found(many, "", "b_handler") == set()
    assert found(many, f"unit={many.units['530400'].pk}", "b_handler") == set()
    assert found(many, "", "ht_head") == {"红塔的"}
    assert found(many, "q=报四成", "ht_head") == set()
    assert found(many, f"lead={many.units['530400'].pk}", "ht_head") == set()
    assert found(many, "", "a_handler") == LIVE
    with pytest.raises(Refused) as refused:
        found(many, "unit=987654321")
    assert refused.value.code == "not_found"


def test_what_one_ordered_verifies_or_supports_elsewhere_is_seen_and_counted(many: World) -> None:
    helped = many.issued("532900", title="请玉溪配合", supporting=[many.units["530400"].pk])
    assert found(many, "", "a_handler") == LIVE | {"请玉溪配合"}
    assert found(many, f"unit={many.units['530400'].pk}", "a_handler") == LIVE
    Commitment.objects.filter(pk=helped.pk).update(verifying_unit=many.units["530402"])
    assert found(many, "light=grey", "ht_handler") == {"红塔的", "请玉溪配合"}
    Commitment.objects.filter(pk=helped.pk).update(issuer=many.units["530423"])
    assert found(many, "state=issued", "th_handler") == {"请玉溪配合"}


def test_the_path_beside_a_commitment_follows_its_lead(many: World) -> None:
    def strayed() -> int:
        return sum(row.lead_path != row.lead.path for row in Commitment.objects.select_related("lead"))

    moved = Commitment.objects.get(title="已交办")
    many.do("change_lead", "office", moved, lead=many.units["532900"].pk, reason="归口变了")
    assert "已交办" in found(many, "", "b_handler")
    assert strayed() == 0
    Commitment.objects.update(lead_path="")
    from luoshi.delivery import projections

    projections.remake_cells()
    assert strayed() == 0
    Commitment.objects.update(lead_path="", last_reported_at=None)
    projections.recount(many.at)
    assert strayed() == 0
    assert Commitment.objects.get(title="报四成").last_reported_at == many.at


def test_the_last_report_is_remembered(world: World) -> None:
    c = world.reported(10)
    world.do("report_on_commitment", "a_handler", c, percent=20, words="又接通一段", at=world.at + 3 * DAY)
    assert Commitment.objects.get(pk=c.pk).last_reported_at == world.at + 3 * DAY


# --- Walking ----------------------------------------------------------------------------------------------------------


@st.composite
def wishes(draw: st.DrawFn) -> str:
    """Some order, some way, some size, some filter."""
    order = draw(st.sampled_from(sorted(filters.ORDERS)))
    parts = [f"sort={draw(st.sampled_from(['', '-']))}{order}", f"size={draw(st.integers(1, 5))}"]
    parts += draw(
        st.lists(st.sampled_from(["light=grey", "light=green", "state=issued", "how=none", "kind=task"]), max_size=2)
    )
    return "&".join(parts)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=wishes())
def test_walking_visits_every_row_once_and_back_again(many: World, query: str) -> None:
    """Ties (all said 0) and missing dates (the duty has none) included."""
    asked, actor = filters.from_query(query), many.who("office")
    whole = [row.pk for row in register.rows(actor, asked, many.at)]
    forth: list[int] = []
    after, pages = "", []
    while True:
        page = register.page(actor, asked, many.at, after=after)
        pages.append(page)
        forth += [row.pk for row in page.rows]
        after = page.following
        if not after:
            break
        assert len(page.rows) == asked.size
    assert forth == whole
    back = [row.pk for row in pages[-1].rows]
    before = pages[-1].previous
    while before:
        page = register.page(actor, asked, many.at, before=before)
        back = [row.pk for row in page.rows] + back
        before = page.previous
    assert back == whole


def test_urgency_is_red_first_then_by_date_and_no_date_last(many: World) -> None:
    rows = list(register.rows(many.who("office"), Filters(), many.at))
    assert [row.urgency for row in rows] == sorted(row.urgency for row in rows)
    assert [row.due_key for row in rows if row.light == "green"][-1] == dt.date(9999, 12, 31)
    turned = list(register.rows(many.who("office"), Filters(sort="-urgency"), many.at))
    assert turned == rows[::-1]


# --- Addresses --------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.dictionaries(
        st.sampled_from([*filters.READERS, "x", "after"]),
        st.lists(st.text(max_size=20) | st.sampled_from(["1", "red", "2026-03-01", "-gap", "2026-13-01"]), max_size=3),
    )
)
def test_whatever_an_address_says_is_read_and_written_the_same(data: dict[str, list[str]]) -> None:
    asked, _odd = filters.parse(data)
    assert filters.from_query(asked.encode()) == asked
    assert 1 <= asked.size <= filters.MOST
    for name, value in asked.active:
        assert len(asked.without(name, value).active) < len(asked.active)


def test_what_is_not_understood_is_named() -> None:
    asked, odd = filters.parse({"light": ["purple", "red"], "matter": ["1; drop"], "colour": ["red"], "gap": [""]})
    assert (asked, odd) == (Filters(light=("red",)), ["light", "matter", "colour"])


ODD_CURSORS = ("", "~", "0~x~1", "1~2026-01-01~9999999999999999999999", "0~2026-01-01~1~2", "a" * 400, "0~9999-99-99~1")


def test_a_cursor_that_is_none_counts_as_none(many: World) -> None:
    first = register.page(many.who("office"), Filters(), many.at)
    for text in ODD_CURSORS:
        assert register.page(many.who("office"), Filters(), many.at, after=text).rows == first.rows
    turned = register.page(many.who("office"), Filters(sort="-ref"), many.at)
    assert (turned.previous, {row.pk for row in turned.rows}) == ("", {row.pk for row in first.rows})


def test_a_page_and_whole_rows_say_the_same(many: World) -> None:
    """What a page reads by one composed statement is what the models say: every column, the light, the place."""
    every = Filters(cols=tuple(columns.COLUMNS), size=3)
    actor, after, seen = many.who("office"), "", 0
    shared: rows.Lit = {}
    while True:
        page, whole = (read(actor, every, many.at, after=after) for read in (register.page, register.whole_page))
        assert (page.previous, page.following) == (whole.previous, whole.following)
        for row, model in zip(page.rows, whole.rows, strict=True):
            assert row.light_facts() == model.light_facts()
            lit = [row.shines(many.at, known) for known in ({}, shared, shared)]
            assert lit == [lights.light(model.light_facts(), many.at)] * 3
            assert [one.value(row) for one in columns.COLUMNS.values()] == [
                one.value(model) for one in columns.COLUMNS.values()
            ]
        seen, after = seen + len(page.rows), page.following
        if not after:
            break
    assert seen == len(LIVE)


def test_a_composed_statement_is_each_seats_own(many: World) -> None:
    """It is kept for the next page of the same seat, and nobody else's: rights stand in it."""
    asked = Filters(size=200)
    for name in ("office", "a_handler", "ht_head", "b_head", "office", "ht_head"):
        told = {row.title for row in register.page(many.who(name), asked, many.at).rows}
        assert told == {row.title for row in register.rows(many.who(name), asked, many.at)}, name
    moved = many.units["530402"]
    inside = filters.from_query(f"unit={moved.pk}")
    before = register.page(many.who("office"), inside, many.at).rows
    assert [row.title for row in before] == ["红塔的"]
    from luoshi.units.models import Unit

    Unit.objects.filter(pk=moved.pk).update(path=many.units["530423"].path + "00zzz.")
    assert register.page(many.who("office"), inside, many.at).rows == []


def test_columns_say_something_plain(many: World) -> None:
    rows = list(register.rows(many.who("office"), Filters(), many.at))
    for column in columns.COLUMNS.values():
        assert str(column.title)
        for row in rows:
            assert isinstance(column.value(row), (str, int, dt.date, dt.datetime, type(None))), column.key
    assert [one.key for one in columns.chosen(["due", "nonsense", "ref"])] == ["due", "ref"]
    assert {order for column in columns.COLUMNS.values() if (order := column.sortable)} == set(filters.ORDERS)


def test_more_than_are_counted(many: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "COUNTED", 3)
    counted = register.counts(many.who("office"), Filters(gap=1), many.at)
    assert (counted.total, counted.exact) == (2, True)
    counted = register.counts(many.who("office"), Filters(kind=("task",)), many.at)
    assert (counted.total, counted.exact, counted.by_light) == (3, False, {})
    counted = register.counts(many.who("office"), Filters(kind=("task",), light=("blue",)), many.at)
    assert (counted.total, counted.exact) == (0, True)


def test_statements_do_not_grow_with_rows(world: World) -> None:
    def statements(query: str) -> int:
        asked, actor = filters.from_query(query), world.who("office")
        with CaptureQueriesContext(
            connection,
        ) as asked_for:
            page = register.page(actor, asked, world.at)
            register.counts(actor, asked, world.at)
            for row in page.rows:
                for column in columns.chosen(asked.cols):
                    column.value(row)
                row.light_facts()
        return len(asked_for.captured_queries)

    every = "cols=" + ",".join(columns.COLUMNS)
    world.issued()
    few = [statements(query) for query in ("", "gap=1", every)]
    for n in range(4):
        world.reported(20 * n)
    assert [statements(query) for query in ("", "gap=1", every)] == few
    assert few[0] == 2, "one for the rows, one for how many there are"


def test_states_are_those_a_cell_counts() -> None:
    assert filters.READERS["state"]("draft") == "draft"
    assert {"draft", "withdrawn"} == rollup.NOT_LIVE


def test_what_colours_need_comes_with_the_counts(many: World) -> None:
    """The programmes' timings stand in the statement of the cells, and are those that are asked for alone."""
    for name in ("office", "a_handler", "ht_head", "b_head"):
        actor = many.who(name)
        for key in ("", many.programme.key, "no-such-programme"):
            counted = register.counts(actor, Filters(programme=key), many.at)
            assert counted.timings is None or sorted(counted.timings) == sorted(delivery.timings_of(actor, key))
        assert register.counts(actor, Filters(), many.at).timings is not None
