"""Verifying（核查）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import queries, services
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for
from luoshi.units.services import appoint_deputy, create_post, seat_holder

SEEN = {"method": "visited", "passed": True, "percent": 100, "words": "现场看过"}
MISSING = {"method": "visited", "passed": False, "percent": 62, "words": "三处渗漏"}


@pytest.mark.principle(2)
def test_verified_says_how(world: World) -> None:
    c = world.verified()
    assert (c.state, c.verified, c.verified_how) == ("verified", 100, "visited")
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.verified_visited, cell.verified_desk, cell.verified_sampled) == (100, 0, 0)
    world.audit()


def test_a_failed_one_sends_it_back_with_reason_and_date(world: World) -> None:
    c = world.do("verify_commitment", "verifier", world.applied(), **MISSING, fix_by_on=dt.date(2026, 4, 1))
    assert (c.state, c.said, c.verified, c.completed_at) == ("accepted", 100, 62, None)
    assert c.verifications.get().fix_by_on == dt.date(2026, 4, 1)
    world.audit()


def test_an_interim_look_changes_no_state_and_closes_nothing(world: World) -> None:
    c = world.do("verify_commitment", "verifier", world.reported(), **SEEN)
    assert (c.state, c.verified, c.verifications.get().final) == ("accepted", 100, False)
    c = world.do("apply_for_closure", "a_head", c, statement="完成")
    world.refuses("wrong_state", "close_commitment", "office", c, opinion="同意")


@pytest.mark.principle(3)
def test_the_verifier_comes_from_outside_the_line(world: World) -> None:
    c = world.applied()
    world.refuses("verifier_on_line", "verify_commitment", "a_verifier", c, **SEEN)
    for name in ("a_head", "office", "head", "auditor"):
        world.refuses("not_your_act", "verify_commitment", name, c, **SEEN)
    world.refuses("not_found", "verify_commitment", "b_head", c, **SEEN)


@pytest.mark.principle(3)
def test_whoever_applied_does_not_verify_from_another_post(world: World) -> None:
    c = world.applied()
    create_post(actor=SYSTEM, at=world.at, unit_id=world.units["epb"].pk, title="核查", role="verifier", ref="P-second")
    seat_holder(
        actor=SYSTEM, at=world.at, post_ref="P-second", user_id=world.users["a_head"].pk, from_on=dt.date(2026, 3, 1)
    )
    actor = actor_for(world.users["a_head"], post_ref="P-second", at=world.at)
    before = everything()
    with pytest.raises(Refused) as refused:
        services.verify_commitment(actor=actor, ref=c.ref, version=c.version, at=world.at, **SEEN)
    assert refused.value.code == "same_hand"
    assert everything() == before


@pytest.mark.principle(3)
def test_the_applicants_deputy_does_not_verify(world: World) -> None:
    c = world.applied()
    appoint_deputy(
        actor=SYSTEM,
        at=world.at,
        principal_ref="P-a_head",
        deputy_ref="P-verifier",
        from_on=dt.date(2026, 3, 1),
        until_on=None,
        reason="代管",
    )
    world.refuses("kin_hand", "verify_commitment", "verifier", c, **SEEN)
    assert world.do("verify_commitment", "verifier2", c, **SEEN).state == "verified"


def test_not_otherwise(world: World) -> None:
    c = world.applied()
    world.refuses("verdict_words_missing", "verify_commitment", "verifier", c, **{**SEEN, "words": " "})
    world.refuses("method_unknown", "verify_commitment", "verifier", c, **{**SEEN, "method": "sampled"})
    world.refuses("passed_below_hundred", "verify_commitment", "verifier", c, **{**SEEN, "percent": 99})
    world.refuses("percent_out_of_range", "verify_commitment", "verifier", c, **{**MISSING, "percent": 101})
    one = [{"met": True, "words": "好"}]
    world.refuses("verdict_criteria", "verify_commitment", "verifier", c, **SEEN, verdicts=one)
    world.bad_input(Act.VERIFY, "verifier", c, "method", **{**SEEN, "method": "felt"})
    world.bad_input(Act.VERIFY, "verifier", c, "percent", **{**SEEN, "percent": 1000})
    world.refuses("nothing_reported", "verify_commitment", "verifier", world.accepted(), **SEEN)
    world.refuses("wrong_state", "verify_commitment", "verifier", world.issued(), **SEEN)


@pytest.mark.principle(3)
def test_what_was_applied_for_must_be_what_is_verified(world: World) -> None:
    c = world.applied()
    c.reports.update(words="改过")
    world.refuses("verification_lapsed", "verify_commitment", "verifier", c, **SEEN)
