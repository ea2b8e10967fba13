"""Deciding an extension（批准延期）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World

from luoshi.delivery import jobs
from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def asked(world: World) -> Commitment:
    return world.do("ask_extension", "a_head", world.accepted(), new_due_on=dt.date(2026, 6, 30), reason="雨季")


@pytest.mark.principle(4)
def test_granted_it_is_counted_and_the_first_date_stays_visible(world: World) -> None:
    c = world.do("decide_extension", "office", asked(world), granted=True, reason="同意")
    assert (c.due_on, c.first_due_on) == (dt.date(2026, 6, 30), dt.date(2026, 5, 1))
    assert (c.extensions_granted, c.pending_extension) == (1, False)
    jobs.tick(world.at + dt.timedelta(days=70))
    c.refresh_from_db()
    assert not c.missed
    world.audit()


def test_refused_the_date_stays(world: World) -> None:
    c = world.do("decide_extension", "office", asked(world), granted=False, reason="不同意")
    assert (c.due_on, c.extensions_granted, c.pending_extension) == (dt.date(2026, 5, 1), 0, False)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c, yes = asked(world), {"granted": True, "reason": "同意"}
    world.refuses("reason_missing", "decide_extension", "office", c, granted=True, reason=" ")
    world.closed_to_others("decide_extension", "office", c, **yes)
    world.refuses("not_your_act", "decide_extension", "a_head", c, **yes)
    world.bad_input(Act.DECIDE_EXTENSION, "office", c, "granted", granted="perhaps", reason="x")
    world.refuses("no_extension_pending", "decide_extension", "office", world.accepted(), **yes)
    world.refuses("wrong_state", "decide_extension", "office", world.issued(), **yes)
