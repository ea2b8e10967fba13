"""Striking off（销号）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for
from luoshi.units.services import appoint_deputy, create_post, seat_holder


def test_closed_after_a_passed_verification_by_a_third_hand(world: World) -> None:
    c = world.closed()
    assert (c.state, c.closed_at, c.light) == ("closed", world.at, "blue")
    hands = {c.applications.get().by_user, c.verifications.get().by_user, world.users["office"].pk}
    assert len(hands) == 3
    world.audit()


@pytest.mark.principle(3)
def test_nobody_but_a_third_hand_of_the_issuing_side(world: World) -> None:
    c = world.verified()
    world.closed_to_others("close_commitment", "office", c, opinion="同意")
    for name in ("a_head", "verifier", "admin"):
        world.refuses("not_your_act", "close_commitment", name, c, opinion="同意")


@pytest.mark.principle(3)
def test_whoever_verified_does_not_approve_from_another_post(world: World) -> None:
    c = world.verified()
    create_post(
        actor=SYSTEM, at=world.at, unit_id=world.units["office"].pk, title="督查", role="office", ref="P-second"
    )
    seat_holder(
        actor=SYSTEM, at=world.at, post_ref="P-second", user_id=world.users["verifier"].pk, from_on=dt.date(2026, 3, 1)
    )
    actor = actor_for(world.users["verifier"], post_ref="P-second", at=world.at)
    before = everything()
    with pytest.raises(Refused) as refused:
        services.close_commitment(actor=actor, ref=c.ref, version=c.version, opinion="同意", at=world.at)
    assert refused.value.code == "same_hand"
    assert everything() == before


@pytest.mark.principle(3)
def test_a_deputy_of_the_verifier_does_not_approve(world: World) -> None:
    c = world.verified()
    appoint_deputy(
        actor=SYSTEM,
        at=world.at,
        principal_ref="P-verifier",
        deputy_ref="P-office",
        from_on=dt.date(2026, 3, 1),
        until_on=None,
        reason="代管",
    )
    world.refuses("kin_hand", "close_commitment", "office", c, opinion="同意")
    assert world.do("close_commitment", "office2", c, opinion="同意").state == "closed"


@pytest.mark.principle(3)
def test_an_approval_lapses_when_what_was_approved_changes(world: World) -> None:
    for change in (
        lambda c: c.reports.update(words="改过"),
        lambda c: type(c).objects.filter(pk=c.pk).update(requirement="改过"),
        lambda c: type(c).objects.filter(pk=c.pk).update(due_on=dt.date(2026, 9, 9)),
    ):
        c = world.verified()
        change(c)
        world.refuses("verification_lapsed", "close_commitment", "office", c, opinion="同意")


def test_not_otherwise(world: World) -> None:
    c = world.verified()
    world.refuses("opinion_missing", "close_commitment", "office", c, opinion="  ")
    world.bad_input(Act.CLOSE, "office", c, "opinion", opinion="长" * 4001)
    for state in (world.draft(), world.issued(), world.reported(), world.applied(), world.closed()):
        world.refuses("wrong_state", "close_commitment", "office", state, opinion="同意")
    world.do("raise_objection", "a_head", c, words="不服")
    world.refuses("objection_open", "close_commitment", "office", c, opinion="同意")
    type(c).objects.filter(pk=c.pk).update(open_objections=0, open_children=1)
    world.refuses("children_open", "close_commitment", "office", c, opinion="同意")
    type(c).objects.filter(pk=c.pk).update(open_children=0, open_requests=1)
    world.refuses("request_open", "close_commitment", "office", c, opinion="同意")
    type(c).objects.filter(pk=c.pk).update(open_requests=0, pending_extension=True)
    world.refuses("extension_pending", "close_commitment", "office", c, opinion="同意")


def test_a_verified_state_without_a_passed_verification_closes_nothing(world: World) -> None:
    c = world.verified()
    c.verifications.update(passed=False)
    world.refuses("not_verified", "close_commitment", "office", c, opinion="同意")


@pytest.mark.principle(4)
def test_what_was_late_closes_blue_and_still_says_so(world: World) -> None:
    c, late = world.verified(), world.at
    type(c).objects.filter(pk=c.pk).update(missed=True)
    c = world.do("close_commitment", "office", c, opinion="同意", at=late)
    assert c.missed
