"""Issuing（交办）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World

from luoshi.units.models import Unit


def test_issuing_fixes_the_dates(world: World) -> None:
    c = world.issued()
    assert (c.state, c.due_on, c.first_due_on) == ("issued", dt.date(2026, 5, 1), dt.date(2026, 5, 1))
    assert c.accept_by == dt.date(2026, 3, 7)
    world.audit()


def test_only_the_issuing_side_issues(world: World) -> None:
    c = world.draft()
    world.closed_to_others("issue_commitment", "office", c)
    world.refuses("not_your_act", "issue_commitment", "a_head", c)
    world.refuses("not_your_act", "issue_commitment", "a_office", c)
    assert world.do("issue_commitment", "head", c).state == "issued"
    world.refuses("wrong_state", "issue_commitment", "office", c)


@pytest.mark.principle(3)
def test_only_under_an_authority_that_is_in_force(world: World) -> None:
    c = world.draft()
    world.refuses("authority_over", "issue_commitment", "office", c, at=world.at.replace(year=2028))


def test_only_to_a_unit_that_receives(world: World) -> None:
    c = world.draft()
    Unit.objects.filter(pk=c.lead_id).update(receives=False)
    world.refuses("lead_does_not_receive", "issue_commitment", "office", c)


def test_nothing_without_a_date(world: World) -> None:
    world.refuses("no_deadline", "issue_commitment", "office", world.draft(due_days=None))
    duty = world.draft(kind="duty", frequency="monthly", due_days=None)
    assert world.do("issue_commitment", "office", duty).due_on is None
