"""From a claim to what the verdicts say: who may, when, and what is written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import F
from tests.assurance.lots import LATER, SEED, act, complete, drawn, enter, proposed, visit
from tests.delivery.world import World

from luoshi.assurance import services
from luoshi.assurance.models import Campaign, Certificate, Place, Visit
from luoshi.assurance.queries import campaigns as reads
from luoshi.delivery.models import Commitment, Verification
from luoshi.delivery.queries import cells
from luoshi.ledger.models import Entry
from luoshi.rules import sampling
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.rules.sampling import Lot, Verdict
from luoshi.units.models import Post, Unit
from luoshi.units.services import rename_unit

CERTAIN = 10
"""Counties of the small world: all of them visited certifies beyond doubt where verifiers miss nothing."""


def refuses(code: str, world: World, name: str, by: str, campaign: Campaign, **values: object) -> None:
    entries = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        act(world, name, by, campaign, **values)
    assert refused.value.code == code
    assert str(refused.value)
    assert Entry.objects.count() == entries


def test_propose_campaign(world: World) -> None:
    complete(world, 3)
    campaign = proposed(world)
    assert (campaign.ref, campaign.stage, campaign.version) == ("YN-2026-C0001", "proposed", 1)
    assert proposed(world).ref == "YN-2026-C0002"
    for changes, code in [
        ({"level": "village"}, "frame_empty"),
        ({"claim_bp": 0}, "claim_range"),
        ({"risk_bp": 5000}, "risk_range"),
        ({"second_visits_bp": 9000}, "seconds_range"),
        ({"title": " "}, "campaign_title_missing"),
        ({"matter": 9}, "not_found"),
        ({"under": 10**6}, "not_found"),
        ({"programme": "none"}, "not_found"),
    ]:
        with pytest.raises(Refused) as refused:
            proposed(world, **changes)
        assert refused.value.code == code, changes
    for by in ("verifier", "b_handler", "a_head", "auditor"):
        with pytest.raises(Refused) as refused:
            proposed(world, by=by)
        assert refused.value.code == "campaign_not_above", by
    world.audit()


def test_freeze_frame(world: World) -> None:
    whole = complete(world, 4)
    part = Commitment.objects.filter(parent=whole).order_by("ref")[3]
    world.do("return_commitment", "b_head", part, reason="照片不清")
    campaign = proposed(world)
    refuses("campaign_not_yours", world, "freeze_frame", "verifier", campaign)
    refuses("not_found", world, "freeze_frame", "b_head", campaign)
    refuses("campaign_stage", world, "enter_seed", "office", campaign, seed=SEED)
    done = act(world, "freeze_frame", "office", campaign)
    places = list(Place.objects.select_related("commitment", "unit"))
    assert done.campaign.frame_size == len(places) == 3, "what was sent back is not reported complete"
    assert {one.stratum_id for one in places} == {world.units["532900"].pk}
    rows = [(one.unit.code, one.commitment.ref, one.unit.name) for one in places]
    assert done.campaign.frame_digest == sampling.frame_digest(rows)
    assert done.campaign.frame_digest in done.entry.payload.text
    refuses("campaign_stage", world, "freeze_frame", "office", campaign)
    world.audit()


def test_enter_seed(world: World) -> None:
    complete(world, 6)
    campaign = proposed(world)
    act(world, "freeze_frame", "office", campaign)
    refuses("seed_digits", world, "enter_seed", "office", campaign, seed="123")
    act(world, "enter_seed", "head", campaign, seed=" ".join(SEED))
    codes = list(Place.objects.order_by("position").values_list("code", flat=True))
    assert codes == sampling.order(SEED, sorted(codes))
    assert list(Place.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 7))
    refuses("campaign_stage", world, "enter_seed", "office", campaign, seed=SEED)
    world.audit()


def test_a_stale_version_is_told(world: World) -> None:
    complete(world, 2)
    campaign = proposed(world)
    with pytest.raises(Refused) as refused:
        services.freeze_frame(actor=world.who("office"), campaign=campaign.ref, version=7, at=LATER)
    assert refused.value.code == "stale_version"


def test_only_visits_drawn_by_lot_are_read_and_only_without_a_gap(world: World) -> None:
    complete(world, 8)
    campaign = drawn(world)
    first = visit(campaign, [True, False, None])
    visit(campaign, [True, True], first=5)
    for one, kind in zip(first, ("directed", "look_back", "directed"), strict=True):
        Visit.objects.create(
            kind=kind, commitment=one.commitment, unit=one.unit, verifier_post=one.verifier_post, day=one.day,
            state="done", holds=False, created_at=LATER,
        )  # fmt: skip
    Visit.objects.create(
        kind="blind", campaign=campaign, place=first[0].place, commitment=first[0].commitment, unit=first[0].unit,
        first=first[0], verifier_post=first[0].verifier_post, day=LATER.date(), state="done", holds=False,
        created_at=LATER,
    )  # fmt: skip
    standing = reads.read_campaign(campaign)
    told = standing.reading
    assert (told.visits, told.holds, told.false, told.unknown) == (3, 1, 1, 1)
    assert (standing.gap, standing.waiting, standing.open) == (4, 2, 0)
    [line] = standing.lines
    assert (line.places, line.visits, line.false, line.unknown) == (8, 3, 1, 1)
    assert (line.lot, line.lot_visits) == (Lot.OPEN, 3)
    refuses("campaign_gap", world, "conclude_campaign", "office", campaign, opinion="结束")
    visit(campaign, [True], first=4)
    assert reads.read_campaign(campaign).reading.visits == 6


def test_pages_show_the_standing_of_this_moment_and_ask_little_while_nothing_changes(
    world: World, django_assert_num_queries: Any
) -> None:
    today = LATER.date()
    complete(world, 8)
    campaign = drawn(world)
    visit(campaign, [True, False])
    before = reads.shown_standing(campaign, today)
    assert before == reads.read_campaign(campaign, today)
    with django_assert_num_queries(1):
        assert reads.shown_standing(campaign, today) is before
    enter(())
    with django_assert_num_queries(2):
        assert reads.shown_standing(campaign, today) is before, "an act elsewhere"
    row = Visit.objects.get(campaign=campaign, holds=False)
    for state, holds in (("done", True), ("unreachable", None), ("done", False), ("withdrawn", None)):
        Visit.objects.filter(pk=row.pk).update(state=state, holds=holds, version=F("version") + 1)  # as a record does
        enter(())
        assert reads.shown_standing(campaign, today) == reads.read_campaign(campaign, today), state
    visit(campaign, [False], first=3)
    enter(())
    assert reads.shown_standing(campaign, today) == reads.read_campaign(campaign, today) != before


def test_nobody_reads_of_visits_to_come_and_an_act_waits_for_them(world: World) -> None:
    complete(world, 8)
    campaign = drawn(world)
    visit(campaign, [True])
    [to_come, of_today] = visit(campaign, [True, True], first=2)
    tomorrow = LATER.date() + dt.timedelta(days=1)
    Visit.objects.filter(pk__in=(to_come.pk, of_today.pk)).update(state="assigned", holds=None, day=LATER.date())
    Visit.objects.filter(pk=to_come.pk).update(day=tomorrow)
    assert reads.shown_standing(campaign, LATER.date()).open == 1
    assert reads.shown_standing(campaign, tomorrow).open == 2
    refuses("campaign_visits_open", world, "conclude_campaign", "office", campaign, opinion="结束")
    Visit.objects.filter(pk=of_today.pk).update(state="done", holds=True)
    refuses("campaign_visits_open", world, "conclude_campaign", "office", campaign, opinion="结束")


def test_a_stratum_is_called_what_its_unit_is_called_now(world: World) -> None:
    complete(world, 8)
    campaign = drawn(world)
    visit(campaign, [True, False])
    [line] = reads.shown_standing(campaign, LATER.date()).lines
    unit = Unit.objects.get(pk=line.unit)
    rename_unit(actor=SYSTEM, unit_id=unit.pk, name="新设州", on=LATER.date(), reason="更名", at=LATER)
    [line] = reads.shown_standing(campaign, LATER.date()).lines
    assert line.name == "新设州"


def test_the_reading_is_that_of_the_rules(world: World) -> None:
    complete(world, CERTAIN)
    campaign = drawn(world)
    visit(campaign, [True] * 7)
    told = reads.read_campaign(campaign)
    assert told.sensitivity_bp == 9500, "nobody has looked twice yet: what is known beforehand"
    assert told.reading == sampling.read(CERTAIN, 0.20, 0.05, 7, 0, 0.95)


def test_conclude_campaign(world: World) -> None:
    complete(world, CERTAIN)
    campaign = drawn(world)
    refuses("campaign_nothing_visited", world, "conclude_campaign", "office", campaign, opinion="结束")
    made = visit(campaign, [True] * CERTAIN)
    open_ = made[-1]
    Visit.objects.filter(pk=open_.pk).update(state="assigned", holds=None)
    refuses("campaign_visits_open", world, "conclude_campaign", "office", campaign, opinion="结束")
    Visit.objects.filter(pk=open_.pk).update(state="done", holds=True)
    refuses("opinion_missing", world, "conclude_campaign", "office", campaign, opinion=" ")
    refuses("campaign_not_yours", world, "conclude_campaign", "verifier", campaign, opinion="结束")
    done = act(world, "conclude_campaign", "office", campaign, opinion="走访完毕")
    assert (done.campaign.outcome, done.campaign.sensitivity_bp) == ("certified", 9500)
    enter(made)
    refuses("campaign_stage", world, "stop_campaign", "office", campaign, reason="不查了")
    world.audit()


@pytest.mark.parametrize(("verdicts", "outcome"), [([True] * 3, "undecided"), ([False] * 8, "refuted")])
def test_other_ends(world: World, verdicts: list[bool], outcome: str) -> None:
    complete(world, CERTAIN)
    campaign = drawn(world)
    visit(campaign, verdicts)
    act(world, "conclude_campaign", "office", campaign, opinion="走访完毕")
    refuses("not_certified", world, "give_certificate", "head", campaign, opinion="同意")
    refuses("not_certified", world, "close_certified", "head", campaign, opinion="同意")
    assert Campaign.objects.get().outcome == outcome


def test_stop_campaign(world: World) -> None:
    complete(world, 2)
    campaign = drawn(world)
    refuses("reason_missing", world, "stop_campaign", "office", campaign, reason="")
    done = act(world, "stop_campaign", "office", campaign, reason="方案调整")
    assert (done.campaign.stage, done.campaign.outcome) == ("stopped", "")
    world.audit()


# --- The certificate ---


def certified(world: World, verdicts: list[bool | None] | None = None, count: int = CERTAIN) -> Campaign:
    complete(world, count)
    campaign = drawn(world)
    enter(visit(campaign, verdicts or [True] * count))
    act(world, "conclude_campaign", "office", campaign, opinion="走访完毕")
    return Campaign.objects.get(pk=campaign.pk)


def test_give_certificate(world: World) -> None:
    campaign = certified(world)
    refuses("certificate_own_claim", world, "give_certificate", "office", campaign, opinion="同意")
    refuses("opinion_missing", world, "give_certificate", "head", campaign, opinion="")
    Visit.objects.update(by_user=world.users["head"].pk)
    refuses("certificate_own_visits", world, "give_certificate", "head", campaign, opinion="同意")
    Visit.objects.update(by_user=world.users["verifier"].pk)
    done = act(world, "give_certificate", "head", campaign, opinion="同意")
    assert done.certificate.ref == "YN-2026-Z0001"
    content = reads.certified_content(campaign)
    assert reads.content_digest(content) == done.certificate.digest
    assert len(content["verdicts"]) == CERTAIN
    assert content["seed"] == SEED
    assert "10个" in done.certificate.claim
    refuses("campaign_stage", world, "give_certificate", "head", campaign, opinion="同意")
    Visit.objects.filter(place__position=1).update(holds=False)
    assert reads.content_digest(reads.certified_content(campaign)) != done.certificate.digest
    Visit.objects.filter(place__position=1).update(holds=True)
    world.audit()


def test_close_certified(world: World) -> None:
    campaign = certified(world)
    refuses("not_certified", world, "close_certified", "head", campaign, opinion="同意")
    act(world, "give_certificate", "head", campaign, opinion="同意")
    parts = {one.unit.code: one.commitment for one in campaign.places.select_related("unit", "commitment")}
    found, newer = sorted(parts.values(), key=lambda one: one.ref)[:2]
    world.do("record_finding", "verifier", found, words="台账与现场不符", at=LATER)
    soon = LATER + dt.timedelta(hours=1)
    world.do("report_on_commitment", "b_handler", newer, percent=100, words="又补报一次", at=soon)
    entries = Entry.objects.count()
    done = act(world, "close_certified", "head", campaign, opinion="同意凭证书销号", at=soon)
    assert len(done.closed) == CERTAIN - 2
    assert {ref: one.code for ref, one in done.left_out.items()} == {
        found.ref: "findings_open",
        newer.ref: "claim_newer",
    }
    assert Entry.objects.count() == entries + 1, "one act, one entry"
    rows = Commitment.objects.filter(ref__in=done.closed)
    assert {(one.state, one.verified, one.verified_how) for one in rows} == {("closed", 100, "sampled")}
    assert {reads.certificate_named(one) for one in rows} == {"YN-2026-Z0001"}
    assert Verification.objects.filter(method="sampled", certificate="YN-2026-Z0001").count() == CERTAIN - 2
    whole = Commitment.objects.get(pk=found.parent_id)
    assert (whole.open_children, whole.verified, whole.verified_how) == (2, 80, "sampled")
    board = cells([world.units["530000"].pk], [world.matter])[world.units["530000"].pk, world.matter.pk]
    assert (board.verified_desk, board.verified_visited, board.verified_sampled) == (0, 0, 80), "kept apart"
    refuses("bulk_nothing_left", world, "close_certified", "head", campaign, opinion="同意", at=soon)
    world.audit()


def test_what_was_found_false_or_not_reached_is_not_closed(world: World) -> None:
    complete(world, 60)
    campaign = drawn(world)
    visit(campaign, [True] * 20 + [False, None] + [True] * 30)
    act(world, "conclude_campaign", "office", campaign, opinion="走访完毕")
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert campaign.outcome == "certified"
    directed = campaign.places.select_related("commitment", "unit").get(position=60)
    Visit.objects.create(
        kind="directed", commitment=directed.commitment, unit=directed.unit, day=LATER.date(), state="done",
        holds=False, created_at=LATER, verifier_post_id=Visit.objects.values_list("verifier_post", flat=True)[0],
    )  # fmt: skip
    act(world, "give_certificate", "head", campaign, opinion="同意")
    done = act(world, "close_certified", "head", campaign, opinion="同意")
    left = campaign.places.filter(position__in=[21, 22, 60]).values_list("commitment__ref", flat=True)
    assert len(done.closed) == 57
    assert not set(done.closed) & set(left)


def test_a_figure_found_on_the_spot_stays_so(world: World) -> None:
    campaign = certified(world)
    seen = campaign.places.select_related("commitment").get(position=1).commitment
    Commitment.objects.filter(pk=seen.pk).update(verified=100, verified_how="visited")
    act(world, "give_certificate", "head", campaign, opinion="同意")
    act(world, "close_certified", "head", campaign, opinion="同意")
    hows = Commitment.objects.filter(places__campaign=campaign).values_list("verified_how", flat=True)
    assert sorted(hows) == ["sampled"] * 9 + ["visited"]


def test_who_applied_does_not_close_by_certificate(world: World) -> None:
    campaign = certified(world)
    Verification.objects.create(
        commitment=campaign.places.get(position=1).commitment, method="desk", passed=True, final=False, percent=100,
        words="核过", by_user=world.users["head"].pk, by_post=Post.objects.get(ref="P-head"), at=LATER,
    )  # fmt: skip
    act(world, "give_certificate", "head", campaign, opinion="同意")
    done = act(world, "close_certified", "head", campaign, opinion="同意")
    assert [one.code for one in done.left_out.values()] == ["same_hand"]


def test_except_commitment(world: World) -> None:
    campaign = certified(world)
    act(world, "give_certificate", "head", campaign, opinion="同意")
    act(world, "close_certified", "head", campaign, opinion="同意")
    ref = campaign.places.get(position=4).commitment.ref
    told = {"certificate": "YN-2026-Z0001", "reason": "回头看时不在", "at": LATER}
    for by, about, code in [
        ("b_head", ref, "campaign_not_yours"),
        ("head", "YN-2026-03-9999", "certificate_not_about"),
    ]:
        with pytest.raises(Refused) as refused:
            services.except_commitment(actor=world.who(by), ref=about, **told)
        assert refused.value.code == code
    services.except_commitment(actor=SYSTEM, ref=ref, **told)
    with pytest.raises(Refused) as refused:
        services.except_commitment(actor=world.who("head"), ref=ref, **told)
    assert refused.value.code == "certificate_excepted"
    assert ref not in reads.to_close(campaign)
    world.audit()


def test_withdraw_certificate(world: World) -> None:
    campaign = certified(world)
    act(world, "give_certificate", "head", campaign, opinion="同意")
    told = {"actor": world.who("head"), "certificate": "YN-2026-Z0001", "at": LATER}
    services.withdraw_certificate(reason="走访员串通", **told)
    assert Certificate.objects.get().withdrawn_at == LATER
    refuses("certificate_withdrawn", world, "close_certified", "head", campaign, opinion="同意")
    with pytest.raises(Refused) as refused:
        services.withdraw_certificate(reason="再撤", **told)
    assert refused.value.code == "certificate_withdrawn"
    world.audit()


def test_who_sees_a_campaign_and_its_order(world: World) -> None:
    complete(world, CERTAIN)
    campaign = drawn(world)

    def seen(by: str) -> bool:
        return reads.campaigns_seen(world.who(by)).filter(pk=campaign.pk).exists()

    assert [by for by in ("office", "head", "auditor", "verifier", "b_head", "a_office") if seen(by)] == [
        "office",
        "head",
        "auditor",
        "verifier",
    ]
    orders = [by for by in ("office", "head", "auditor", "verifier") if reads.sees_order(world.who(by), campaign)]
    assert orders == ["office", "head", "auditor"], "whoever visits does not read who comes next"
    visit(campaign, [True] * CERTAIN)
    act(world, "conclude_campaign", "office", campaign, opinion="走访完毕")
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert seen("b_head"), "whom it is about reads its end"
    assert reads.sees_order(world.who("b_head"), campaign)
    assert reads.read_campaign(campaign).reading.verdict is Verdict.CERTIFIED
