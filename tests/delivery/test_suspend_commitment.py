"""Suspending（中止）."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.delivery import jobs
from luoshi.rules.lifecycle import Act


def test_its_clock_stops(world: World) -> None:
    c = world.do("suspend_commitment", "office", world.accepted(), reason="等待批复")
    assert (c.state, c.resume_state, c.light, c.next_due_at) == ("suspended", "accepted", "grey", None)
    jobs.tick(world.at + dt.timedelta(days=90))
    c.refresh_from_db()
    assert not c.missed
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("reason_missing", "suspend_commitment", "office", c, reason=" ")
    world.closed_to_others("suspend_commitment", "office", c, reason="x")
    world.refuses("not_your_act", "suspend_commitment", "a_head", c, reason="x")
    world.bad_input(Act.SUSPEND, "office", c, "reason", reason="长" * 4001)
    world.refuses("wrong_state", "suspend_commitment", "office", world.applied(), reason="x")
