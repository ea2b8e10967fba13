"""Reviewing a standing duty（评估长期任务）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def duty(world: World) -> Commitment:
    return world.accepted(kind="duty", frequency="monthly", due_days=None)


def test_a_review_is_recorded_and_the_duty_goes_on(world: World) -> None:
    c = world.do("review_duty", "office", duty(world), opinion="坚持较好")
    assert (c.state, c.reviews.get().opinion) == ("accepted", "坚持较好")
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = duty(world)
    world.refuses("opinion_missing", "review_duty", "office", c, opinion="")
    world.closed_to_others("review_duty", "office", c, opinion="x")
    world.refuses("not_your_act", "review_duty", "a_head", c, opinion="x")
    world.bad_input(Act.REVIEW_DUTY, "office", c, "opinion", opinion="长" * 4001)
    world.refuses("only_duty", "review_duty", "office", world.accepted(), opinion="x")
    world.refuses("wrong_state", "review_duty", "office", world.issued(), opinion="x")
