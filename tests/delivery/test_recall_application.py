"""Taking an application back（撤回申请）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_before_it_is_verified_it_can_be_taken_back(world: World) -> None:
    c = world.do("recall_application", "a_head", world.applied())
    assert (c.state, c.verifying_unit, c.applications.get().recalled_at) == ("accepted", None, world.at)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.applied()
    world.closed_to_others("recall_application", "a_head", c)
    world.refuses("not_your_act", "recall_application", "head", c)
    world.refuses("not_your_act", "recall_application", "verifier", c)
    world.bad_input(Act.RECALL, "a_head", c, "reason", reason="x")
    world.refuses("wrong_state", "recall_application", "a_head", world.verified())
