"""Taking a question back（撤回请示）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


@pytest.mark.principle(4)
def test_nobody_owes_a_reply_any_more(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="可否？")
    c = world.do("take_back_request", "a_handler", c, reason="已经清楚")
    request = c.requests.get()
    assert (c.open_requests, request.reply, request.withdrawn_at) == (0, "", world.at)
    assert c.waiting_since is None
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="可否？")
    world.refuses("reason_missing", "take_back_request", "a_handler", c, reason="")
    world.closed_to_others("take_back_request", "a_handler", c, reason="x")
    world.refuses("not_your_act", "take_back_request", "office", c, reason="who owes the reply cannot end the question")
    world.bad_input(Act.TAKE_BACK, "a_handler", c, "request", reason="x", request=0)
    world.refuses("no_request_open", "take_back_request", "a_handler", world.accepted(), reason="x")
