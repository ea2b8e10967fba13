"""Replying（批复）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def asked(world: World) -> Commitment:
    return world.do("raise_request", "a_handler", world.accepted(), question="可否？")


def test_the_oldest_open_question_is_answered(world: World) -> None:
    c = world.do("raise_request", "a_handler", asked(world), question="第二问")
    c = world.do("reply_to_request", "office", c, reply="可")
    first, second = c.requests.order_by("id")
    assert (first.reply, second.replied_at, c.open_requests) == ("可", None, 1)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = asked(world)
    world.refuses("opinion_missing", "reply_to_request", "office", c, reply="")
    world.closed_to_others("reply_to_request", "office", c, reply="x")
    world.refuses("not_your_act", "reply_to_request", "a_head", c, reply="x")
    world.bad_input(Act.REPLY, "office", c, "reply")
    world.refuses("no_request_open", "reply_to_request", "office", world.accepted(), reply="x")
    world.refuses("wrong_state", "reply_to_request", "office", world.applied(), reply="x")
