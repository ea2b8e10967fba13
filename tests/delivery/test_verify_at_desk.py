"""Verification at the desk: what needs no visit rests on something that is named."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery.models import Verification

SEEN = {"method": "desk", "passed": True, "percent": 100, "words": "与读数相符"}


def test_it_is_recorded_as_desk_with_what_was_looked_at(world: World) -> None:
    c = world.do(
        "verify_commitment",
        "verifier",
        world.applied(),
        documents=["竣工验收报告 2026-02-11", " "],
        readings=["一季度断面水质"],
        second_sources=["省水文局通报，电话13800001234"],
        **SEEN,
    )
    found = Verification.objects.get(commitment=c)
    assert (c.verified_how, found.method) == ("desk", "desk")
    assert [one["kind"] for one in found.looked_at] == ["document", "reading", "second_source"]
    assert "13800001234" not in found.looked_at[2]["what"]
    assert found.ledger_state()["looked_at"] == found.looked_at
    world.audit()


@pytest.mark.parametrize("nothing", [{}, {"documents": ["  "]}])
def test_a_passed_one_rests_on_something(world: World, nothing: dict[str, list[str]]) -> None:
    world.refuses("desk_rests_on_nothing", "verify_commitment", "verifier", world.applied(), **SEEN, **nothing)


def test_a_visit_and_an_unfavourable_look_need_no_paper(world: World) -> None:
    c = world.applied()
    world.do("verify_commitment", "verifier", c, **{**SEEN, "passed": False, "percent": 40})
    world.do("verify_commitment", "verifier", world.applied(), **{**SEEN, "method": "visited"})


def test_secrets_are_refused_there_too(world: World) -> None:
    world.refuses("secrecy_mark", "verify_commitment", "verifier", world.applied(), documents=["机密★1年"], **SEEN)
