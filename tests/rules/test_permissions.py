"""Seats, actors and subtrees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.permissions import SYSTEM, Actor, Role, Seat, within

SEAT = Seat(1, "P1", "经办", Role.HANDLER, 7, "00001.00007.", "00001.")
STEP = st.integers(1, 36**5 - 1).map(lambda n: _base36(n).zfill(5) + ".")
PATH = st.lists(STEP, min_size=1, max_size=6).map("".join)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


@given(path=PATH, more=st.lists(STEP, max_size=3).map("".join))
def test_a_unit_and_all_below_it_lie_within_it(path: str, more: str) -> None:
    assert within(path + more, path)
    assert within(path, path + more) == (more == "")


@given(one=PATH, other=PATH)
def test_within_is_what_the_range_of_the_database_finds(one: str, other: str) -> None:
    assert within(one, other) == (other <= one < other + "~")


@given(path=PATH, first=STEP, second=STEP)
def test_siblings_see_nothing_of_one_another(path: str, first: str, second: str) -> None:
    if first != second:
        assert not within(path + first, path + second)


def test_a_code_that_begins_alike_is_no_subtree() -> None:
    assert not within("00001.00023.", "00001.00002.")
    assert not within("", "")
    assert not within("00001.", "")


@pytest.mark.principle(1)
def test_a_deputy_uses_the_powers_of_the_principals_seat() -> None:
    deputy = Actor(1, "x", "X", SEAT)
    assert deputy.effective is SEAT
    head = replace(SEAT, post_id=2, post_ref="P2", role=Role.HEAD, unit_id=8, unit_path="00001.00008.")
    acting = replace(deputy, principal=head)
    assert acting.effective is head
    assert acting.role is Role.HEAD
    assert acting.seat is SEAT


def test_the_clock_is_nobody_and_sits_nowhere() -> None:
    assert SYSTEM.role is Role.SYSTEM
    assert (SYSTEM.user_id, SYSTEM.kin, SYSTEM.seat.unit_path) == (0, frozenset(), "")
