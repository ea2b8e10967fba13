"""Insisting once（坚持交办）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def declined(world: World) -> Commitment:
    return world.do("decline_commitment", "a_head", world.issued(), reason="不属职责")


def test_the_issuer_insists_once(world: World) -> None:
    c = world.do("insist_on_commitment", "office", declined(world), reason="属地责任")
    assert (c.state, c.insisted) == ("issued", True)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = declined(world)
    world.refuses("reason_missing", "insist_on_commitment", "office", c, reason="")
    world.closed_to_others("insist_on_commitment", "office", c, reason="x")
    world.refuses("not_your_act", "insist_on_commitment", "a_head", c, reason="x")
    world.bad_input(Act.INSIST, "office", c, "reason", reason="长" * 4001)
    world.refuses("wrong_state", "insist_on_commitment", "office", world.issued(), reason="x")
