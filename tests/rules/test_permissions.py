"""Seats and actors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from luoshi.rules.permissions import SYSTEM, Actor, Role, Seat

SEAT = Seat(1, "P1", "经办", Role.HANDLER, 7, "00001.00007.", "00001.")


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
