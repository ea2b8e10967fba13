"""Concluding a finding（结论）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def found(world: World) -> Commitment:
    return world.do("record_finding", "verifier", world.accepted(), words="不符")


@pytest.mark.principle(8)
@pytest.mark.parametrize(("upheld", "conclusion"), [(True, "upheld"), (False, "dismissed")])
def test_a_person_decides_with_a_reason(world: World, upheld: bool, conclusion: str) -> None:
    c = world.do("conclude_finding", "office", found(world), upheld=upheld, reason="经核")
    assert (c.findings.get().conclusion, c.open_findings, c.state) == (conclusion, 0, "accepted")
    assert c.last_conclusion_on == world.at.date()
    world.audit()


def test_not_otherwise(world: World) -> None:
    c, yes = found(world), {"upheld": True, "reason": "经核"}
    world.refuses("reason_missing", "conclude_finding", "office", c, upheld=True, reason=" ")
    world.closed_to_others("conclude_finding", "office", c, **yes)
    world.refuses("not_your_act", "conclude_finding", "a_head", c, **yes)
    world.bad_input(Act.CONCLUDE, "office", c, "upheld", reason="x")
    world.refuses("no_finding_open", "conclude_finding", "office", world.accepted(), **yes)
    world.refuses("wrong_state", "conclude_finding", "office", world.issued(), **yes)


@pytest.mark.principle(8)
def test_a_unit_that_issued_to_itself_does_not_conclude_about_itself(world: World) -> None:
    own = world.draft(actor=world.who("a_office"), lead="530400")
    own = world.do("issue_commitment", "a_office", own)
    own = world.do("accept_commitment", "a_handler", own)
    own = world.do("record_finding", "head", own, words="不符")
    world.refuses("own_subject", "conclude_finding", "a_office", own, upheld=False, reason="没事")
    assert world.do("conclude_finding", "office", own, upheld=True, reason="属实").open_findings == 0
