"""Propose a slip（拟发督办单）: a call to order or a circular of praise, on a commitment; a person approves it."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery.models import Slip
from luoshi.rules.lifecycle import Act


@pytest.mark.principle(5)
def test_a_slip_is_proposed_and_nothing_is_sent_to_the_unit(world: World) -> None:
    c = world.do("propose_slip", "office", world.accepted(), rung="supervise", words="请说明进度。")
    slip = Slip.objects.get()
    assert (slip.state, slip.number, slip.commitment_id, slip.unit_id) == ("proposed", "", c.pk, c.lead_id)
    assert slip.proposed_by_post is not None
    world.bad_input(Act.PROPOSE_SLIP, "office", c, "rung", rung="shame", words="请说明")
    world.audit()


@pytest.mark.parametrize(("rung", "tone"), [("circulate", ""), ("supervise", "praise"), ("interview", "blame")])
def test_only_a_circular_praises_or_blames(world: World, rung: str, tone: str) -> None:
    world.refuses("slip_tone", "propose_slip", "office", world.accepted(), rung=rung, tone=tone, words="请说明")


def test_a_proposal_is_made_once_and_by_who_is_above(world: World) -> None:
    c = world.accepted()
    world.closed_to_others("propose_slip", "office", c, rung="supervise", words="请说明")
    world.refuses("reason_missing", "propose_slip", "office", c, rung="supervise", words=" ")
    c = world.do("propose_slip", "office", c, rung="supervise", words="请说明")
    world.refuses("slip_proposed_already", "propose_slip", "office2", c, rung="supervise", words="请说明")
    world.audit()
