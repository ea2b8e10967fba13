"""Deciding an objection（申辩决定）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.units.services import appoint_deputy


def objected(world: World, by: str = "verifier") -> Commitment:
    c = world.do("record_finding", by, world.accepted(), words="不符")
    c = world.do("conclude_finding", by, c, upheld=True, reason="属实")
    return world.do("raise_objection", "a_head", c, words="不服")


@pytest.mark.principle(8)
def test_a_person_who_took_no_part_decides(world: World) -> None:
    c = world.do("decide_objection", "office", objected(world), upheld=True, decision="更正结论")
    assert (c.open_objections, c.objections.get().upheld) == (0, True)
    world.audit()


@pytest.mark.principle(8)
def test_whoever_took_part_recuses(world: World) -> None:
    c = objected(world, by="office")
    world.refuses("must_recuse", "decide_objection", "office", c, upheld=False, decision="维持")
    appoint_deputy(
        actor=SYSTEM,
        at=world.at,
        principal_ref="P-office",
        deputy_ref="P-head",
        from_on=dt.date(2026, 3, 1),
        until_on=None,
        reason="代管",
    )
    world.refuses("must_recuse", "decide_objection", "head", c, upheld=False, decision="维持")
    assert world.do("decide_objection", "office2", c, upheld=False, decision="维持").open_objections == 0


def test_not_otherwise(world: World) -> None:
    c, no = objected(world), {"upheld": False, "decision": "维持"}
    world.refuses("reason_missing", "decide_objection", "office", c, upheld=False, decision=" ")
    world.closed_to_others("decide_objection", "office", c, **no)
    for name in ("a_head", "verifier"):
        world.refuses("not_your_act", "decide_objection", name, c, **no)
    world.bad_input(Act.DECIDE_OBJECTION, "office", c, "decision", upheld=True)
    world.refuses("no_objection_open", "decide_objection", "office", world.accepted(), **no)
    world.refuses("wrong_state", "decide_objection", "office", world.issued(), **no)
