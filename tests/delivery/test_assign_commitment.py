"""Naming the post that does it（定人）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.ledger import queries as ledger
from luoshi.rules.lifecycle import Act


@pytest.mark.principle(1)
def test_a_post_is_named_not_a_person(world: World) -> None:
    c = world.do("assign_commitment", "a_head", world.accepted(), post="P-a_handler")
    assert c.lead_post is not None
    assert c.lead_post.ref == "P-a_handler"
    entry = ledger.entries_for(c.ref, limit=1)[0]
    assert "P-a_handler" in str(ledger.entry_facts(entry)) or entry.type == "delivery.CommitmentAssigned"
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("post_outside", "assign_commitment", "a_head", c, post="P-b_handler")
    world.refuses("post_outside", "assign_commitment", "a_head", c, post="P-none")
    world.closed_to_others("assign_commitment", "a_head", c, post="P-a_handler")
    world.refuses("not_your_act", "assign_commitment", "office", c, post="P-a_handler")
    world.bad_input(Act.ASSIGN, "a_head", c, "post")
    world.refuses("wrong_state", "assign_commitment", "a_head", world.issued(), post="P-a_handler")
