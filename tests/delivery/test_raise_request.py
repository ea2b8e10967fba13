"""Asking the superior（请示）."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_a_question_goes_up(world: World) -> None:
    c = world.do(
        "raise_request", "a_handler", world.issued(), question="资金从何处列支？", reply_by_on=dt.date(2026, 3, 9)
    )
    assert (c.open_requests, c.requests.get().question) == (1, "资金从何处列支？")
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("question_missing", "raise_request", "a_handler", c, question=" ")
    world.refuses("identity_number", "raise_request", "a_handler", c, question="11010519491231002X 可否？")
    world.closed_to_others("raise_request", "a_handler", c, question="x")
    world.refuses("not_your_act", "raise_request", "head", c, question="x")
    world.bad_input(Act.REQUEST, "a_handler", c, "question", question="")
    world.refuses("wrong_state", "raise_request", "a_handler", world.applied(), question="x")
