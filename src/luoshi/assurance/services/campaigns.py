"""抽查: from a claim to what the verdicts say of it; each act one transaction and one entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Campaign, Place
from luoshi.assurance.queries import campaigns as reads
from luoshi.delivery.models import Matter, Programme
from luoshi.delivery.queries import programme_for
from luoshi.delivery.services import acting
from luoshi.ledger import services as ledger
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.office.models.many import add_rows, set_values
from luoshi.rules import campaigns, sampling
from luoshi.rules.campaigns import CampaignAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import LEVELS, Unit


@dataclass(frozen=True, slots=True)
class CampaignDone:
    """The campaign as it is now and the entry that proves it."""

    campaign: Campaign
    entry: Entry


def record(campaign: Campaign, event: Event, *, actor: Actor, at: datetime) -> CampaignDone:
    """Save the campaign in its next version with the one entry of the act."""
    campaign.version += 1
    campaign.save()
    entry = ledger.append(
        event,
        actor=actor,
        at=at,
        after={campaign.ledger_key: campaign.ledger_state()},
        subjects=[campaign.ref, campaign.programme.key],
    )
    return CampaignDone(campaign, entry)


def begin(act: CampaignAct, *, actor: Actor, campaign: str, version: int) -> Campaign:
    """Lock the campaign in the version looked at, and ask the rules.

    Raises:
        Refused: ``not_found``, ``stale_version`` and those of :func:`luoshi.rules.campaigns.decide_campaign`.
    """
    found = reads.lock_campaign(actor, campaign, version)
    campaigns.decide_campaign(reads.facts_of(found), act, actor=actor)
    return found


def said(text: str, code: str = "opinion_missing") -> str:
    """Words that must not be empty, screened.

    Raises:
        Refused: ``code``, and those of screening.
    """
    words = acting.said(text)
    if not words:
        raise Refused(code)
    return words


@transaction.atomic
def propose_campaign(
    *,
    actor: Actor,
    programme: str,
    under: int,
    level: str,
    title: str,
    matter: int | None = None,
    claim_bp: int = 500,
    risk_bp: int = 500,
    second_visits_bp: int = 1000,
    at: datetime,
) -> CampaignDone:
    """Put a claim up for visits by lot（提出抽查）: of what is reported complete, fewer than so many are false.

    Args:
        actor: the head or the office of an area that contains ``under``.
        programme: its key.
        under: id of the unit beneath which the places lie.
        level: level of the places: ``village``, ``township``, …
        title: what is claimed, in words.
        matter: number of one matter; all of them without.
        claim_bp: the share of false ones that is denied, in basis points.
        risk_bp: the chance of a wrong certificate that is accepted, in basis points.
        second_visits_bp: how many of the places are looked at twice, in basis points.
        at: now.

    Raises:
        Refused: ``not_found``, ``campaign_not_above``, ``claim_range``, ``risk_range``, ``seconds_range``,
            ``campaign_title_missing``, ``frame_empty``.
    """
    words = said(title, "campaign_title_missing")
    place = Unit.objects.select_related("area").filter(pk=under).first()
    if place is None or level not in LEVELS:
        raise Refused("not_found")
    campaigns.require_proposing(actor, place.path)
    for value, (least, most), code in (
        (claim_bp, campaigns.CLAIM_BP, "claim_range"),
        (risk_bp, campaigns.RISK_BP, "risk_range"),
        (second_visits_bp, campaigns.SECONDS_BP, "seconds_range"),
    ):
        if not least <= value <= most:
            raise Refused(code)
    found = Programme.objects.select_for_update().get(pk=programme_for(actor, programme).pk)  # orders the numbers
    chosen = None
    if matter is not None:
        chosen = Matter.objects.filter(programme=found, number=matter).first()
        if chosen is None:
            raise Refused("not_found")
    if not reads.reported_complete(programme=found, matter=chosen, under=place, level=level).exists():
        raise Refused("frame_empty", unit=place.name)
    campaign = Campaign(
        ref=campaigns.campaign_ref(found.prefix, Campaign.objects.filter(programme=found).count() + 1),
        programme=found,
        matter=chosen,
        title=words[:200],
        under=place,
        level=level,
        claim_bp=claim_bp,
        risk_bp=risk_bp,
        second_visits_bp=second_visits_bp,
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
        version=0,
        created_at=at,
    )
    event = events.CampaignProposed(
        ref=campaign.ref,
        programme=found.key,
        matter=matter,
        title=campaign.title,
        under=place.pk,
        level=level,
        claim_bp=claim_bp,
        risk_bp=risk_bp,
        second_visits_bp=second_visits_bp,
    )
    return record(campaign, event, actor=actor, at=at)


@transaction.atomic
def freeze_frame(*, actor: Actor, campaign: str, version: int, at: datetime) -> CampaignDone:
    """Fix the list of places（冻结抽样框）: what is reported complete now; its digest is this act's entry.

    Raises:
        Refused: ``frame_empty``, ``frame_too_long`` and those of :func:`begin`.
    """
    found = begin(CampaignAct.FREEZE, actor=actor, campaign=campaign, version=version)
    rows = reads.reported_complete(programme=found.programme, matter=found.matter, under=found.under, level=found.level)
    count = rows.count()
    if not count:
        raise Refused("frame_empty", unit=found.under.name)
    if count > campaigns.MOST_PLACES:
        raise Refused("frame_too_long", count=count, most=campaigns.MOST_PLACES)
    listed = list(
        rows.order_by("pk").values_list("pk", "ref", "lead_id", "lead__code", "lead__name", "lead_path").iterator()
    )
    codes = _codes([(code, ref) for _pk, ref, _lead, code, _name, _path in listed])
    places = [
        Place(
            campaign=found,
            commitment_id=pk,
            unit_id=lead,
            code=codes[ref],
            name=name,
            stratum_id=reads.stratum_of(path, found.under.path),
        )
        for pk, ref, lead, _code, name, path in listed
    ]
    add_rows(places)
    refs = {pk: ref for pk, ref, *_rest in listed}
    found.frame_size = len(places)
    found.frame_digest = sampling.frame_digest((one.code, refs[one.commitment_id], one.name) for one in places)
    found.frozen_at = at
    found.stage = Campaign.Stage.FROZEN
    event = events.FrameFrozen(ref=found.ref, places=found.frame_size, frame_digest=found.frame_digest)
    return record(found, event, actor=actor, at=at)


def _codes(rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Ref → the code by which the place is drawn: the unit's own, with the ref where a unit stands there twice."""
    times = Counter(code for code, _ref in rows)
    return {ref: code if code and times[code] == 1 else f"{code}/{ref}" if code else ref for code, ref in rows}


@transaction.atomic
def enter_seed(*, actor: Actor, campaign: str, version: int, seed: str, at: datetime) -> CampaignDone:
    """Enter the twenty digits rolled in public（录入随机种子）; with them the order of all places stands.

    Raises:
        Refused: ``seed_digits`` and those of :func:`begin`.
    """
    digits = sampling.read_seed(seed)
    found = begin(CampaignAct.SEED, actor=actor, campaign=campaign, version=version)
    keys = dict(found.places.values_list("code", "pk"))
    ordered = sampling.order(digits, keys)
    set_values(Place, ["position"], _positions(ordered, keys))
    found.seed, found.seeded_at, found.stage = digits, at, Campaign.Stage.DRAWN
    event = events.OrderDrawn(ref=found.ref, frame_digest=found.frame_digest, seed=digits)
    return record(found, event, actor=actor, at=at)


def _positions(ordered: Sequence[str], keys: dict[str, int]) -> Iterator[tuple[int, int]]:
    for position, code in enumerate(ordered, 1):
        yield keys[code], position


@transaction.atomic
def conclude_campaign(*, actor: Actor, campaign: str, version: int, opinion: str, at: datetime) -> CampaignDone:
    """Read the verdicts for good（作出抽查结论）: certified, refuted, or undecided; the reading decides, nobody else.

    Every visit that was handed out must have its verdict first, and the places must follow one another without a gap.

    Raises:
        Refused: ``opinion_missing``, ``campaign_visits_open``, ``campaign_gap``, ``campaign_nothing_visited`` and
            those of :func:`begin`.
    """
    words = said(opinion)
    found = begin(CampaignAct.CONCLUDE, actor=actor, campaign=campaign, version=version)
    standing = reads.read_campaign(found)
    if standing.open:
        raise Refused("campaign_visits_open", open=standing.open)
    if standing.gap:
        raise Refused("campaign_gap", position=standing.gap)
    reading = standing.reading
    if not reading.visits:
        raise Refused("campaign_nothing_visited")
    found.stage, found.outcome = Campaign.Stage.CONCLUDED, reading.verdict.value
    found.sensitivity_bp, found.opinion, found.concluded_at = standing.sensitivity_bp, words, at
    event = events.CampaignConcluded(
        ref=found.ref,
        outcome=found.outcome,
        places=reading.size,
        limit=reading.limit,
        visits=reading.visits,
        false=reading.false,
        unknown=reading.unknown,
        low=reading.low,
        high=reading.high,
        sensitivity_bp=standing.sensitivity_bp,
        opinion=words,
    )
    return record(found, event, actor=actor, at=at)


@transaction.atomic
def stop_campaign(*, actor: Actor, campaign: str, version: int, reason: str, at: datetime) -> CampaignDone:
    """Break a campaign off, with a reason（停止抽查）; nothing is said of its claim, and it is not begun again.

    Visits handed out and not made are not taken back here: who was sent goes, or is told.

    Raises:
        Refused: ``reason_missing`` and those of :func:`begin`.
    """
    words = said(reason, "reason_missing")
    found = begin(CampaignAct.STOP, actor=actor, campaign=campaign, version=version)
    found.stage, found.opinion = Campaign.Stage.STOPPED, words
    return record(found, events.CampaignStopped(ref=found.ref, reason=words), actor=actor, at=at)
