"""Answering a finding（说明）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def found(world: World) -> Commitment:
    return world.do("record_finding", "verifier", world.accepted(), words="不符")


@pytest.mark.principle(8)
def test_the_unit_answers_and_a_person_still_decides(world: World) -> None:
    c = world.do("answer_finding", "a_head", found(world), answer="照片为同一工段两日所摄")
    finding = c.findings.get()
    assert (finding.answer, finding.conclusion, c.open_findings) == ("照片为同一工段两日所摄", "", 1)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = found(world)
    world.refuses("reason_missing", "answer_finding", "a_head", c, answer="")
    world.closed_to_others("answer_finding", "a_head", c, answer="x")
    world.refuses("not_your_act", "answer_finding", "verifier", c, answer="x")
    world.bad_input(Act.ANSWER, "a_head", c, "answer")
    world.refuses("no_finding_open", "answer_finding", "a_head", world.accepted(), answer="x")
    world.refuses("wrong_state", "answer_finding", "a_head", world.issued(), answer="x")
