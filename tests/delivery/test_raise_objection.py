"""Objecting within 30 days（申辩）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import SHANGHAI, World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def judged(world: World) -> Commitment:
    return world.do(
        "verify_commitment", "verifier", world.reported(), method="desk", passed=False, percent=50, words="半数"
    )


@pytest.mark.principle(8)
def test_the_unit_objects_and_it_is_decided_within_thirty_days(world: World) -> None:
    c = world.do("raise_objection", "a_head", judged(world), words="附件已补")
    assert (c.open_objections, c.objections.get().decide_by_on) == (1, dt.date(2026, 4, 1))
    world.audit()


@pytest.mark.principle(8)
def test_on_the_thirtieth_day_still_and_no_more_after(world: World) -> None:
    c = judged(world)
    last = dt.datetime(2026, 4, 1, 23, 59, tzinfo=SHANGHAI)
    world.refuses("objection_too_late", "raise_objection", "a_head", c, words="x", at=last + dt.timedelta(minutes=1))
    assert world.do("raise_objection", "a_head", c, words="不服", at=last).open_objections == 1


@pytest.mark.principle(8)
def test_one_conclusion_is_objected_to_once_and_the_next_one_again(world: World) -> None:
    c = world.do("raise_objection", "a_head", judged(world), words="附件已补")
    hour = dt.timedelta(hours=1)
    world.refuses("already_objected", "raise_objection", "a_handler", c, words="再申辩", at=world.at + hour)
    c = world.do("decide_objection", "head", c, upheld=False, decision="维持", at=world.at + 2 * hour)
    world.refuses("already_objected", "raise_objection", "a_head", c, words="再申辩", at=world.at + 3 * hour)
    c = world.do("record_finding", "office", c, words="照片与上月相同", at=world.at + 4 * hour)
    c = world.do("conclude_finding", "office", c, upheld=True, reason="查实", at=world.at + 5 * hour)
    c = world.do("raise_objection", "a_head", c, words="照片已换", at=world.at + 6 * hour)
    assert (c.open_objections, c.objections.count()) == (1, 2)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = judged(world)
    world.refuses("reason_missing", "raise_objection", "a_head", c, words="")
    world.closed_to_others("raise_objection", "a_head", c, words="x")
    world.refuses("not_your_act", "raise_objection", "verifier", c, words="x")
    world.bad_input(Act.OBJECT, "a_head", c, "words")
    world.refuses("nothing_to_object_to", "raise_objection", "a_head", world.accepted(), words="x")
    world.refuses("wrong_state", "raise_objection", "a_head", world.issued(), words="x")
