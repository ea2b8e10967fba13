"""Changing the lead（变更牵头）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery import projections, queries
from luoshi.rules.lifecycle import Act


def test_the_new_lead_must_accept_anew_and_the_cells_move_with_it(world: World) -> None:
    c = world.do("change_lead", "office", world.reported(60), lead=world.units["532900"].pk, reason="职责调整")
    assert (c.state, c.lead.code, c.accepted_at) == ("issued", "532900", None)
    zero = projections.fold_from_zero()
    cells = queries.cells([unit.pk for unit in world.units.values()], [world.matter])
    assert {key: one for key, one in cells.items() if one} == zero
    world.refuses("not_found", "accept_commitment", "a_handler", c)
    assert world.do("accept_commitment", "b_handler", c).state == "accepted"
    world.audit()


def test_not_otherwise(world: World) -> None:
    c, other = world.accepted(), {"lead": world.units["532900"].pk, "reason": "x"}
    world.refuses("same_lead", "change_lead", "office", c, lead=c.lead_id, reason="x")
    world.refuses("lead_outside", "change_lead", "office", c, lead=10**9, reason="x")
    world.refuses("reason_missing", "change_lead", "office", c, **{**other, "reason": ""})
    world.refuses("not_your_act", "change_lead", "auditor", c, **other)
    world.bad_input(Act.CHANGE_LEAD, "office", c, "lead", reason="x")
    world.do("break_down_commitment", "a_head", c)
    world.refuses("already_broken_down", "change_lead", "office", c, **other)
    world.refuses("wrong_state", "change_lead", "office", world.applied(), **other)
