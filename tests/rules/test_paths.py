"""Paths of the unit tree: what is built can be cut again, and a prefix is a subtree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import paths
from luoshi.rules.paths import segment, within

ID = st.integers(1, 36**5 - 1)
IDS = st.lists(ID, max_size=8)
STEP = ID.map(segment)
PATH = st.lists(STEP, min_size=1, max_size=6).map("".join)


def made_of(ids: list[int]) -> str:
    return "".join(map(segment, ids))


@given(ids=IDS)
def test_a_path_tells_the_units_it_was_built_from(ids: list[int]) -> None:
    path = made_of(ids)
    assert paths.ids(path) == ids
    assert paths.ids_above(path) == ids[:-1]
    assert paths.own_id(path) == (ids[-1] if ids else 0)
    assert paths.depth(path) == len(ids)


@given(ids=IDS)
def test_the_line_leads_from_the_root_to_the_unit_by_parents(ids: list[int]) -> None:
    line = paths.line(made_of(ids))
    assert line == [made_of(ids[: end + 1]) for end in range(len(ids))]
    for above, below in zip(["", *line], line, strict=False):
        assert paths.parent(below) == above
        assert paths.directly_above(above, below) == bool(above)
    assert paths.parent("") == ""


@given(one=PATH, other=PATH)
def test_only_the_parent_stands_directly_above(one: str, other: str) -> None:
    assert paths.directly_above(one, other) == (within(other, one) and paths.depth(other) == paths.depth(one) + 1)


@given(one=ID, other=ID)
def test_steps_sort_like_their_ids(one: int, other: int) -> None:
    assert (segment(one) < segment(other)) == (one < other)


@pytest.mark.parametrize("unit_id", [0, -1, 36**5])
def test_an_id_that_does_not_fit_is_refused(unit_id: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        segment(unit_id)


@given(path=PATH, more=st.lists(STEP, max_size=3).map("".join))
def test_a_unit_and_all_below_it_lie_within_it(path: str, more: str) -> None:
    assert within(path + more, path)
    assert within(path, path + more) == (more == "")


@given(one=PATH, other=PATH)
def test_within_is_what_the_range_of_the_database_finds(one: str, other: str) -> None:
    low, high = paths.span(other)
    assert within(one, other) == (low <= one < high)
    assert paths.subtree("lead__path", other) == {"lead__path__gte": low, "lead__path__lt": high}


@given(path=PATH)
def test_the_empty_path_spans_everything_but_contains_nothing(path: str) -> None:
    low, high = paths.span("")
    assert low <= path < high
    assert not within(path, "")


@given(path=PATH, first=STEP, second=STEP)
def test_siblings_see_nothing_of_one_another(path: str, first: str, second: str) -> None:
    if first != second:
        assert not within(path + first, path + second)


def test_a_code_that_begins_alike_is_no_subtree() -> None:
    assert not within("00001.00023.", "00001.00002.")
    assert not within("", "")
    assert not within("00001.", "")
