"""Who is told of an act（通知）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.office.models import Message


def told(kind: str) -> set[str]:
    return {message.post.ref for message in Message.objects.filter(kind=kind).select_related("post")}


def test_the_lead_is_told_of_what_is_issued_and_nobody_of_a_report(world: World) -> None:
    c = world.accepted()
    assert told("delivery.issue") == {"P-a_head", "P-a_handler"}
    before = Message.objects.count()
    world.do("report_on_commitment", "a_handler", c, percent=10, words="开工")
    assert Message.objects.count() == before


@pytest.mark.principle(5)
def test_a_unit_that_cannot_hear_is_told_through_the_one_above(world: World) -> None:
    c = world.accepted()
    world.do("break_down_commitment", "a_head", c)
    county = Commitment.objects.get(lead=world.units["530423"])
    world.do("accept_commitment", "th_handler", county)
    world.do("break_down_commitment", "th_head", county)
    town = Commitment.objects.get(lead=world.units["530423100"])
    world.do("accept_commitment", "town_handler", town)
    Message.objects.all().delete()
    world.do("break_down_commitment", "town_handler", town)
    assert told("delivery.issue") == {"P-town_handler"}


def test_the_verifying_unit_is_told_of_an_application(world: World) -> None:
    world.applied()
    assert told("delivery.apply") == {"P-verifier", "P-verifier2"}
