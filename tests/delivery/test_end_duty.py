"""Ending a standing duty（结束长期任务）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def duty(world: World) -> Commitment:
    return world.accepted(kind="duty", frequency="monthly", due_days=None)


def test_a_reviewed_duty_is_ended_and_never_struck_off(world: World) -> None:
    c = world.do("review_duty", "office", duty(world), opinion="可以结束")
    c = world.do("end_duty", "office", c, opinion="结束")
    assert c.state == "ended"
    world.refuses("wrong_state", "close_commitment", "office", c, opinion="x")
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = duty(world)
    world.refuses("not_reviewed", "end_duty", "office", c, opinion="x")
    c = world.do("review_duty", "office", c, opinion="好")
    world.refuses("opinion_missing", "end_duty", "office", c, opinion=" ")
    world.closed_to_others("end_duty", "office", c, opinion="x")
    world.refuses("not_your_act", "end_duty", "a_head", c, opinion="x")
    world.bad_input(Act.END_DUTY, "office", c, "opinion", opinion="长" * 4001)
    c = world.do("open_period", "office", c)
    world.refuses("children_open", "end_duty", "office", c, opinion="x")
    world.refuses("only_duty", "end_duty", "office", world.accepted(), opinion="x")
    world.refuses("wrong_state", "end_duty", "office", world.issued(), opinion="x")
