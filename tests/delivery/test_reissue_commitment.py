"""Issuing to another unit（改派）."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.delivery import projections, queries
from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def declined(world: World) -> Commitment:
    return world.do("decline_commitment", "a_head", world.issued(), reason="不属职责")


def test_another_lead_gets_it_and_may_decline_anew(world: World) -> None:
    c = world.do("reissue_commitment", "office", declined(world), lead=world.units["532900"].pk, reason="改由大理牵头")
    assert (c.state, c.lead.code, c.insisted, c.due_on) == ("issued", "532900", False, dt.date(2026, 5, 1))
    assert projections.fold_from_zero()[c.lead_id, c.matter_id].items == 1
    cells = queries.cells([world.units["530400"].pk, c.lead_id], [world.matter])
    assert cells[c.lead_id, c.matter_id].items == 1
    assert not cells[world.units["530400"].pk, c.matter_id]
    world.audit()


def test_not_otherwise(world: World) -> None:
    c, other = declined(world), {"lead": world.units["532900"].pk, "reason": "x"}
    world.refuses("same_lead", "reissue_commitment", "office", c, lead=c.lead_id, reason="x")
    world.refuses("lead_outside", "reissue_commitment", "office", c, lead=10**9, reason="x")
    world.refuses("reason_missing", "reissue_commitment", "office", c, **{**other, "reason": " "})
    world.refuses("not_your_act", "reissue_commitment", "a_head", c, **other)
    world.refuses("not_your_act", "reissue_commitment", "auditor", c, **other)
    world.refuses("authority_over", "reissue_commitment", "office", c, **other, at=world.at.replace(year=2028))
    world.bad_input(Act.REISSUE, "office", c, "lead", lead="0", reason="x")
    world.refuses("wrong_state", "reissue_commitment", "office", world.issued(), **other)
