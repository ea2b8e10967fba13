"""Dates pass（到点）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import jobs, queries, services
from luoshi.ledger.models import Entry
from luoshi.rules.permissions import SYSTEM


@pytest.mark.principle(4)
def test_a_date_passes_once_and_stays_visible(world: World) -> None:
    c, late = world.accepted(), world.at + dt.timedelta(days=61)
    assert services.pass_dates(actor=SYSTEM, at=late) == 1
    assert services.pass_dates(actor=SYSTEM, at=late) == 0
    c.refresh_from_db()
    assert (c.light, c.missed) == ("red", True)
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.overdue, cell.light_red, cell.missed) == (1, 1, 1)
    world.audit()


@pytest.mark.principle(6)
def test_after_an_outage_everything_still_due_is_taken_in_one_entry(world: World) -> None:
    for _number in range(3):
        world.accepted()
    entries = Entry.objects.count()
    late = world.at + dt.timedelta(days=400)
    assert services.pass_dates(actor=SYSTEM, at=late) == 3
    assert Entry.objects.count() == entries + 1
    assert jobs.oldest_due(late) is not None, "the ladder's moments are still due"
    assert services.take_steps(actor=SYSTEM, at=late) == 3
    assert jobs.oldest_due(late) is None
    world.audit()


def test_nothing_is_due_before_its_moment(world: World) -> None:
    world.accepted()
    before = everything()
    assert services.pass_dates(actor=SYSTEM, at=world.at) == 0
    assert everything() == before
