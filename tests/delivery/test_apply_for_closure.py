"""Applying to be struck off（申请销号）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World

from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import Act


def test_an_application_names_who_verifies(world: World) -> None:
    c = world.applied()
    assert (c.state, c.verifying_unit) == ("applied", world.units["epb"])
    assert c.applications.get().material_digest == c.material_digest()
    world.audit()


@pytest.mark.principle(3)
def test_the_case_goes_up_to_an_independent_hand(world: World) -> None:
    """The prefecture's bureau is of the lead's area; for a county of it too it stands on the line."""
    c = world.reported(100, lead="530423", by="th_handler")
    c = world.do("apply_for_closure", "th_head", c, statement="完成")
    assert c.verifying_unit is not None
    assert c.verifying_unit.pk in {world.units["epb"].pk, world.units["a_epb"].pk}
    assert lifecycle.independent(c.facts(), world.who("verifier").seat)


def test_not_otherwise(world: World) -> None:
    c = world.reported(90)
    world.refuses("not_complete", "apply_for_closure", "a_head", c, statement="x")
    world.refuses("nothing_reported", "apply_for_closure", "a_head", world.accepted(), statement="x")
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="完成")
    world.refuses("statement_missing", "apply_for_closure", "a_head", c, statement="  ")
    world.closed_to_others("apply_for_closure", "a_head", c, statement="x")
    world.refuses("not_your_act", "apply_for_closure", "head", c, statement="x")
    world.bad_input(Act.APPLY, "a_head", c, "statement", statement="长" * 4001)
    world.refuses("wrong_state", "apply_for_closure", "a_head", world.applied(), statement="x")


def test_nothing_may_be_undecided(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.reported(), question="可否？")
    world.refuses("request_open", "apply_for_closure", "a_head", c, statement="x")
    world.do("reply_to_request", "office", c, reply="可")
    world.do("ask_extension", "a_head", c, new_due_on=dt.date(2026, 6, 1), reason="雨季")
    world.refuses("extension_pending", "apply_for_closure", "a_head", c, statement="x")
    world.do("decide_extension", "office", c, granted=False, reason="不同意")
    world.do("verify_commitment", "verifier", c, method="desk", passed=False, percent=50, words="半数")
    world.do("raise_objection", "a_head", c, words="不止半数")
    world.refuses("objection_open", "apply_for_closure", "a_head", c, statement="x")
    world.audit()
