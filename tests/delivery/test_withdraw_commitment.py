"""Withdrawing（撤销）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery import projections, queries
from luoshi.rules.lifecycle import Act


def test_it_counts_nowhere_any_more(world: World) -> None:
    made = [world.draft(), world.issued(), world.reported(), world.applied(), world.verified()]
    for c in made:
        assert world.do("withdraw_commitment", "office", c, reason="任务取消").state == "withdrawn"
    assert projections.fold_from_zero() == {}
    cells = queries.cells([world.units["530000"].pk], [world.matter])
    assert not any(cells.values())
    world.audit()


def test_a_running_period_can_be_taken_back_so_that_its_duty_can_end(world: World) -> None:
    duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
    world.do("open_period", "office", duty)
    world.refuses("children_open", "withdraw_commitment", "office", duty, reason="不再需要")
    world.do("withdraw_commitment", "office", duty.children.get(), reason="不再需要")
    assert world.do("withdraw_commitment", "office", duty, reason="不再需要").state == "withdrawn"
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.do("break_down_commitment", "a_head", world.accepted())
    world.refuses("children_open", "withdraw_commitment", "office", c, reason="x")
    c = world.accepted()
    world.refuses("reason_missing", "withdraw_commitment", "office", c, reason="")
    world.closed_to_others("withdraw_commitment", "office", c, reason="x")
    world.refuses("not_your_act", "withdraw_commitment", "a_head", c, reason="x")
    world.bad_input(Act.WITHDRAW, "office", c, "reason", reason="长" * 4001)
    world.refuses("wrong_state", "withdraw_commitment", "office", world.closed(), reason="x")
