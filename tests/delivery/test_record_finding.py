"""Recording a reason to look（疑点）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery import queries
from luoshi.rules.lifecycle import Act


@pytest.mark.principle(8)
def test_a_finding_is_a_reason_to_look_and_changes_no_state(world: World) -> None:
    c = world.do("record_finding", "verifier", world.accepted(), words="进度与投资不符", evidence="两张照片相同")
    finding = c.findings.get()
    assert (c.state, c.open_findings, finding.conclusion, finding.evidence) == ("accepted", 1, "", "两张照片相同")
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.open_findings, cell.verified) == (1, 0)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("reason_missing", "record_finding", "verifier", c, words="")
    world.refuses("identity_number", "record_finding", "verifier", c, words="x", evidence="11010519491231002X")
    world.refuses("verifier_on_line", "record_finding", "a_verifier", c, words="x")
    world.closed_to_others("record_finding", "verifier", c, words="x")
    world.refuses("not_your_act", "record_finding", "a_head", c, words="x")
    world.bad_input(Act.FIND, "verifier", c, "words")
    world.refuses("wrong_state", "record_finding", "verifier", world.issued(), words="x")
