"""Approving a deeper breakdown（越级分解审批）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def test_exactly_what_was_shown_is_approved_and_once(world: World) -> None:
    c = world.accepted()
    world.refuses("needs_approval", "break_down_commitment", "a_head", c, levels=2)
    world.do("approve_breakdown", "office", c, levels=2, opinion="同意分解到乡镇")
    world.refuses("needs_approval", "break_down_commitment", "a_head", c, levels=2, cadence="weekly")
    world.refuses("needs_approval", "break_down_commitment", "a_head", c, levels=3)
    c = world.do("break_down_commitment", "a_head", c, levels=2)
    parts = Commitment.objects.filter(parent__in=[c, *c.children.all()]).order_by("lead__path")
    assert {part.lead.level for part in parts} == {"county", "township"}
    town = parts.get(lead=world.units["530423100"])
    assert town.parent is not None
    assert (town.parent.lead.code, town.issuer.code) == ("530423", "530423")
    assert c.breakdown_approvals.get().used
    world.audit()


def test_only_the_issuing_side_approves_with_an_opinion(world: World) -> None:
    c = world.accepted()
    world.refuses("opinion_missing", "approve_breakdown", "office", c, levels=2, opinion=" ")
    world.refuses("not_your_act", "approve_breakdown", "a_head", c, levels=2, opinion="x")
    world.closed_to_others("approve_breakdown", "office", c, levels=2, opinion="x")
    world.bad_input(Act.APPROVE_BREAKDOWN, "office", c, "levels", levels=9, opinion="x")
    world.refuses("wrong_state", "approve_breakdown", "office", world.issued(), levels=2, opinion="x")
