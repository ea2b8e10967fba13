"""Asking for a later date（申请延期）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import SHANGHAI, World

from luoshi.rules.lifecycle import Act

LATER = {"new_due_on": dt.date(2026, 6, 30), "reason": "雨季停工"}


@pytest.mark.principle(4)
def test_asked_before_the_date_and_nothing_moves_until_it_is_decided(world: World) -> None:
    c = world.do("ask_extension", "a_head", world.accepted(), **LATER)
    assert (c.pending_extension, c.due_on) == (True, dt.date(2026, 5, 1))
    world.refuses("extension_pending", "ask_extension", "a_head", c, **LATER)
    world.audit()


@pytest.mark.principle(4)
def test_on_the_last_day_still_and_on_the_next_no_more(world: World) -> None:
    c = world.accepted()
    last = dt.datetime(2026, 5, 1, 23, 59, tzinfo=SHANGHAI)
    world.refuses("extension_too_late", "ask_extension", "a_head", c, **LATER, at=last + dt.timedelta(minutes=1))
    assert world.do("ask_extension", "a_head", c, **LATER, at=last).pending_extension


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    same = {**LATER, "new_due_on": dt.date(2026, 5, 1)}
    world.refuses("new_date_not_later", "ask_extension", "a_head", c, **same)
    world.refuses("reason_missing", "ask_extension", "a_head", c, **{**LATER, "reason": ""})
    world.closed_to_others("ask_extension", "a_head", c, **LATER)
    world.refuses("not_your_act", "ask_extension", "head", c, **LATER)
    world.bad_input(Act.ASK_EXTENSION, "a_head", c, "new_due_on", reason="x", new_due_on="later")
    type(c).objects.filter(pk=c.pk).update(extensions_granted=2)
    world.refuses("extension_limit", "ask_extension", "a_head", c, **LATER)
    duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
    world.refuses("duty_never_closed", "ask_extension", "a_head", duty, **LATER)
    world.refuses("wrong_state", "ask_extension", "a_head", world.issued(), **LATER)
