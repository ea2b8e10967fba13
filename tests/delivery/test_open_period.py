"""Opening a period of a standing duty（开立期次）."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.delivery import queries
from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def duty(world: World) -> Commitment:
    return world.accepted(kind="duty", frequency="monthly", due_days=None)


def test_each_period_exists_once(world: World) -> None:
    c = world.do("open_period", "office", duty(world))
    item = c.children.get()
    assert (item.kind, item.state, item.due_on) == ("period", "accepted", dt.date(2026, 3, 31))
    assert (c.children_count, c.open_children) == (0, 1)
    world.refuses("period_exists", "open_period", "office", c)
    cells = queries.cells([c.lead_id], [world.matter])
    assert cells[c.lead_id, world.matter.pk].items == 1, "a period speaks through its duty"
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = duty(world)
    world.closed_to_others("open_period", "office", c)
    world.refuses("not_your_act", "open_period", "a_head", c)
    world.bad_input(Act.OPEN_PERIOD, "office", c, "period", period="2026-03")
    world.refuses("only_duty", "open_period", "office", world.accepted())
    world.refuses("wrong_state", "open_period", "office", world.issued(kind="duty", frequency="monthly"))
