"""Taking a commitment on（签收）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.ledger import queries as ledger
from luoshi.ledger.models import EntryPayload
from luoshi.rules.lifecycle import Act


def test_the_lead_takes_it_on(world: World) -> None:
    c = world.accepted()
    assert (c.state, c.accepted_at) == ("accepted", world.at)
    world.audit()


@pytest.mark.parametrize("name", ["a_head", "a_office", "a_handler"])
def test_head_office_and_handler_of_the_lead_may(world: World, name: str) -> None:
    assert world.do("accept_commitment", name, world.issued()).state == "accepted"


def test_the_unit_directly_above_takes_it_on_for_a_unit_below(world: World) -> None:
    c = world.do("accept_commitment", "a_handler", world.issued("530423"))
    entry = ledger.entries_for(c.ref, limit=1)[0]
    assert f'"for_unit":{c.lead_id}' in EntryPayload.objects.get(pk=entry.pk).text
    world.refuses("not_your_act", "accept_commitment", "head", world.issued("530423"))


def test_nobody_else(world: World) -> None:
    c = world.issued()
    world.closed_to_others("accept_commitment", "a_handler", c)
    for name in ("head", "verifier", "a_epb_head", "a_verifier"):
        world.refuses("not_your_act", "accept_commitment", name, c)
    world.refuses("not_found", "accept_commitment", "th_head", c)
    world.bad_input(Act.ACCEPT, "a_handler", c, "by", by="me")
    world.refuses("wrong_state", "accept_commitment", "a_handler", world.accepted())
