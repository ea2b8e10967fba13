"""The questions of the review book and the units that are near one another."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import book
from luoshi.rules.book import Cell, Facts, Row

DAY = dt.date(2026, 3, 2)
days = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
rows = st.builds(
    Row,
    ref=st.from_regex(r"YN-[0-9]{4}", fullmatch=True),
    title=st.text(max_size=8),
    lead=st.text(max_size=8),
    day=st.none() | days,
    until=st.none() | days,
    percent=st.none() | st.integers(0, 100),
)
cells = st.builds(
    Cell, about=st.text(max_size=4), said=st.none() | st.integers(0, 100), verified=st.none() | st.integers(0, 100)
)
counts = st.integers(0, 200)
facts = st.builds(
    Facts,
    cells=st.lists(cells, max_size=12),
    visited=counts,
    visited_failed=counts,
    late_jumps=counts,
    silent=counts,
    extended_again=counts,
    owed_late=counts,
    relapsed=counts,
    asked_complete=counts,
    asked_minutes=counts,
    resolutions=counts,
    resolutions_idle=counts,
    rows=st.dictionaries(st.sampled_from(book.CODES), st.lists(rows, max_size=9)),
)


@given(facts)
def test_every_question_has_a_rule_a_whole_sentence_and_a_plain_form(told: Facts) -> None:
    found = book.questions(told)
    assert [book.CODES.index(one.code) for one in found] == sorted(book.CODES.index(one.code) for one in found)
    for one in found:
        sentence = one.template % one.params
        assert "%(" not in sentence
        assert "None" not in sentence
        assert len(one.rows) <= book.LIMITS.rows
        assert one.code == book.GAP or one.rows, "what cannot be pointed at is not asked"
        book.digest([one.plain()])


@given(facts)
def test_nothing_is_asked_where_no_rule_fires(told: Facts) -> None:
    assert book.questions(Facts()) == ()
    calm = Facts(
        cells=[Cell(one.about, one.said, one.said) for one in told.cells], visited=told.visited, rows=told.rows
    )
    assert book.questions(calm) == ()


def test_the_question_of_the_visits() -> None:
    told = Facts(
        visited=8, visited_failed=3, rows={book.VISITED: [Row("YN-1", day=DAY), Row("YN-2", day=DAY + dt.timedelta(9))]}
    )
    (one,) = book.questions(told)
    assert one.template % one.params == ("Said 100 % since 2026-03-02, 3 of 8 visited not done: what was counted?")
    assert [row.ref for row in one.rows] == ["YN-1", "YN-2"]
    assert one.plain()["params"] == {"since": "2026-03-02", "failed": 3, "visited": 8}


def test_only_the_widest_gaps_are_asked_about_in_the_order_they_stand() -> None:
    told = [("a", 90, 70), ("b", 50, 49), ("c", 80, 10), ("d", 60, 20), ("e", 99, 9)]
    found = book.questions(Facts(cells=[Cell(*one, rows=[Row(f"YN-{one[0]}")]) for one in told]))
    assert [(one.about, one.params["gap"]) for one in found] == [("c", 70), ("d", 40), ("e", 90)]
    assert [[row.ref for row in one.rows] for one in found] == [["YN-c"], ["YN-d"], ["YN-e"]], "rows of its own part"
    assert book.questions(Facts(cells=[Cell("c", 80, 10)])) == (), "what cannot be pointed at is not asked"


def test_each_counted_rule_tells_of_a_row() -> None:
    row = Row("YN-1", day=DAY, until=DAY + dt.timedelta(30), percent=20)
    told = Facts(
        late_jumps=4, silent=2, extended_again=1, owed_late=3, relapsed=1, asked_complete=6, asked_minutes=90,
        resolutions=5, resolutions_idle=2,
        rows={code: [row] for code in book.CODES},
    )  # fmt: skip
    asked = {one.code: one.template % one.params for one in book.questions(told)}
    assert list(asked) == ["late_jump", "silent", "extended", "owed", "relapse", "burden", "resolution"]
    assert "from 20 %" in asked["late_jump"]
    assert "from 2026-03-02 to 2026-04-01" in asked["extended"]
    assert "90 minutes a week" in asked["burden"]
    assert "2 of 5 resolved" in asked["resolution"]


values = st.dictionaries(
    st.integers(1, 30),
    st.fixed_dictionaries({"counties": st.integers(0, 20), "tasks": st.integers(0, 900)}),
    min_size=1,
)


@given(values, st.data())
def test_the_nearest_are_no_farther_than_the_others_and_stand_in_the_given_order(
    told: dict[int, dict[str, int]], data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from(sorted(told)))
    names = ("counties", "tasks")
    near = book.nearest(unit, told, names)
    assert unit not in near
    assert len(near) == min(book.NEAREST, len(told) - 1)
    assert list(near) == [key for key in told if key in near]
    others = set(told) - set(near) - {unit}
    if near and others:
        far = max(book.apart(told[unit], told[key], names) for key in near)
        assert all(book.apart(told[unit], told[key], names) >= far for key in others)


@given(st.integers(0, 99), st.integers(0, 99))
def test_apart_is_a_distance_from_alike_to_one(a: int, b: int) -> None:
    one, other = {"tasks": a}, {"tasks": b}
    assert book.apart(one, other, ["tasks"]) == book.apart(other, one, ["tasks"])
    assert 0 <= book.apart(one, other, ["tasks"]) <= 1
    assert (book.apart(one, other, ["tasks"]) == 0) == (a == b)
    assert book.apart(one, other, []) == Fraction(0)


@given(st.lists(days, unique=True, max_size=60).map(sorted), st.integers(1, 15))
def test_thinned_days_keep_the_ends(told: list[dt.date], most: int) -> None:
    kept = book.thinned(told, most)
    assert len(kept) <= max(most, len(told) if len(told) <= most else 1, 1)
    assert list(kept) == sorted(set(kept))
    assert set(kept) <= set(told)
    if told:
        assert kept[-1] == told[-1]
        assert len(told) == 1 or most < 2 or kept[0] == told[0]


def test_the_digest_tells_contents_apart_and_takes_no_fractions() -> None:
    one = [{"kind": "whole", "said": 3}]
    assert book.digest(one) == book.digest([{"said": 3, "kind": "whole"}])
    assert book.digest(one) != book.digest([{"kind": "whole", "said": 4}])
    with pytest.raises(ValueError, match="float"):
        book.digest([{"said": 0.5}])
