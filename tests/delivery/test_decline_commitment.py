"""Refusing with a reason（退回交办）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_it_goes_back_to_the_issuer_with_the_reason(world: World) -> None:
    c = world.do("decline_commitment", "a_head", world.issued(), reason="不属本市职责")
    assert c.state == "declined"
    world.audit()


def test_not_without_a_reason_nor_by_others_nor_twice(world: World) -> None:
    c = world.issued()
    world.refuses("reason_missing", "decline_commitment", "a_head", c, reason="  ")
    world.closed_to_others("decline_commitment", "a_head", c, reason="x")
    world.refuses("not_your_act", "decline_commitment", "office", c, reason="x")
    world.bad_input(Act.DECLINE, "a_head", c, "reason", reason="长" * 4001)
    c = world.do("decline_commitment", "a_head", c, reason="不属本市职责")
    c = world.do("insist_on_commitment", "office", c, reason="属地责任")
    world.refuses("cannot_decline_again", "decline_commitment", "a_head", c, reason="还是不属")
    world.refuses("wrong_state", "decline_commitment", "a_head", world.accepted(), reason="x")


def test_the_unit_above_does_not_decline_for_a_unit_below(world: World) -> None:
    world.refuses("not_your_act", "decline_commitment", "a_handler", world.issued("530423"), reason="x")
