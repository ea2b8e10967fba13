"""Clocks that are killed in the middle, and two at once: no step is lost, and none is taken twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from tests.delivery import writers
from tests.delivery.world import AT, World, build

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, LadderStep, Slip
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.permissions import SYSTEM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LATE = AT + dt.timedelta(days=72)
CLOCK = "tests.delivery.sweep_worker"


def due(count: int = 8) -> World:
    """Commitments on different steps, the last of which proposes a slip; all of them are due now."""
    world = build()
    for number in range(count):
        c = world.accepted()
        Commitment.objects.filter(pk=c.pk).update(
            told=number % 5, told_on=dt.date(2026, 5, 1), climbs_for=c.due_on, next_step_at=LATE - dt.timedelta(days=1)
        )
    return world


def rest() -> None:
    """The next clock takes whatever is left."""
    while services.take_steps(actor=SYSTEM, at=LATE, limit=3):
        pass


def assert_told_once(world: World, count: int = 8) -> None:
    """One step each, one message for each group, one proposal, and an audit that agrees."""
    assert LadderStep.objects.count() == count
    assert LadderStep.objects.values("commitment").distinct().count() == count
    assert Slip.objects.count() == 1
    assert Message.objects.count() == Message.objects.values("key", "post").distinct().count()
    assert not Commitment.objects.filter(next_step_at__lte=LATE).exists()
    world.audit()


@pytest.mark.principle(6)
@pytest.mark.parametrize(("where", "kept"), [("told", 0), ("done", 3)])
def test_a_killed_clock_leaves_a_whole_batch_or_nothing_of_it(where: str, kept: int) -> None:
    world, before = due(), Entry.objects.count()
    clock = writers.process(CLOCK, LATE.isoformat(), where)
    assert clock.stdout is not None
    assert clock.stdout.readline() == f"{where}\n"
    if connection.vendor == "postgresql":
        assert services.take_steps(actor=SYSTEM, at=LATE, limit=3) == 3, "what it holds is passed over, not waited for"
        kept += 3
    clock.kill()
    clock.stdout.close()
    clock.wait(timeout=10)
    assert LadderStep.objects.count() == kept
    assert Entry.objects.count() == before + kept // 3
    rest()
    assert_told_once(world)


@pytest.mark.principle(6)
@pytest.mark.parametrize("jump", [0, 3])
def test_clocks_at_once_take_each_step_once(jump: int) -> None:
    """Also when one of them is three days ahead: what the other has told is not told again."""
    world = due(14)
    moments = [LATE, LATE + dt.timedelta(days=jump)]
    clocks = [writers.process(CLOCK, moment.isoformat()) for moment in (*moments, *moments)]
    looked = []
    for clock in clocks:
        told, _nothing = clock.communicate(timeout=120)
        assert clock.returncode == 0
        looked.append(int(told))
    assert sum(looked) >= 14
    steps = LadderStep.objects.values_list("commitment", "climb", "number")
    assert len(steps) == len(set(steps))
    assert LadderStep.objects.values("commitment").distinct().count() == 14
    if not jump:
        assert_told_once(world, 14)
    world.audit()
