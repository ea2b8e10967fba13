"""派员: visits are handed out a day at a time, or one by itself.

The order of a campaign is never changed: a place that may not be met yet, or that nobody of the pool may visit, holds
up what comes after it until a person has put that right. Blind second visits are drawn by a sealed lot and wait without
holding up anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Campaign, SealedLot, Visit
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.services.giving import Wanted, make_visits, record_visits, require_handing
from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.services import acting
from luoshi.ledger.models import Entry
from luoshi.rules import burden, eligibility
from luoshi.rules.calendar import local_day
from luoshi.rules.eligibility import BAR_NAMES
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    409,
    not_drawn=_("Visits are handed out once the seed has been rolled and before the campaign is over."),
    day_before_last=_("Visits were handed out for %(last)s already; the order goes on from there."),
    nothing_to_hand_out=_("Every place of the order has its visit, and no second visit is waiting."),
)
declare(
    422,
    day_in_past=_("Visits are handed out for today or a later day."),
    too_many_a_day=_("At most %(most)s visits are handed out for one day at once."),
)
MOST = 300
"""Visits handed out in one act at most."""

SEED_OF_ONE = "%(kind)s:%(ref)s"
"""The seed of a single visit where its caller has none: anybody can compute the lot from the printed entry."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A day handed out: its visits, how many second visits wait, the minutes it costs, the entry."""

    campaign: Campaign
    visits: Sequence[Visit]
    waiting: int
    minutes: int
    entry: Entry


@transaction.atomic
def hand_out_day(*, actor: Actor, campaign: str, version: int, day: date, count: int, at: datetime) -> Handed:
    """Hand out the next places of a campaign's order for one day, and the second visits that are due（派发当日走访）.

    Places stay in the order of the draw; of each day's, the lot says who goes. Second visits are those of places
    visited on days before which the sealed lot names; they wait for the head's approval, as they meet a unit again.

    Args:
        actor: the head or the office of the side that has the visits made.
        campaign: its number.
        version: the version looked at.
        day: today or a later day, not before the last one handed out.
        count: how many places, 0–300; with 0 only second visits.
        at: now.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``not_handing_out``, ``not_drawn``, ``day_in_past``,
            ``day_before_last``, ``too_many_a_day``, ``nothing_to_hand_out``, and those of :func:`make_visits`.
    """
    if not 0 <= count <= MOST:
        raise Refused("too_many_a_day", most=MOST)
    found = _lock(actor, campaign, version)
    if found.stage != Campaign.Stage.DRAWN:
        raise Refused("not_drawn")
    if day < local_day(at):
        raise Refused("day_in_past")
    last = found.visits.filter(reads.STANDS).order_by("-day").values_list("day", flat=True).first()
    if last is not None and day < last:
        raise Refused("day_before_last", last=last.isoformat())
    lot, made = SealedLot.objects.get_or_create(
        campaign=found, defaults={"secret": secrets.token_hex(16), "made_at": at}
    )
    wanted = [
        Wanted(Visit.Kind.DRAWN, one.commitment, one.unit, one.code, campaign=found, place_id=one.pk)
        for one in reads.next_places(found, count)
    ]
    seconds = [
        Wanted(
            Visit.Kind.BLIND,
            one.commitment,
            one.unit,
            f"{one.place.code}/2" if one.place else "",
            campaign=found,
            place_id=one.place_id,
            first=one,
        )
        for one in reads.to_look_at_again(found, lot.secret, day)
    ]
    approved = reads.seconds_approved(found) is not None
    if not wanted and not (seconds and approved):
        raise Refused("nothing_to_hand_out")
    done = make_visits(
        [*wanted, *(seconds if approved else [])],
        actor=actor,
        programme=found.programme,
        ordered_by=reads.ordering_area(found),
        seed=found.seed,
        day=day,
        at=at,
    )
    found.version += 1
    found.save(update_fields=["version"])
    entry = record_visits(
        events.DayHandedOut(
            campaign=found.ref, day=day.isoformat(), visits=len(done.visits), seed=found.seed, sealed=lot.digest
        ),
        done,
        *([lot] if made else []),
        found,
        actor=actor,
        key=f"{found.ref}:{day.isoformat()}:{at.isoformat()}",
        subjects=(found.ref,),
        at=at,
    )
    waiting = len(done.left) + (0 if approved else len(seconds))
    return Handed(found, done.visits, waiting, burden.visit_minutes(len(done.visits)), entry)


def _lock(actor: Actor, ref: str, version: int) -> Campaign:
    found = reads.campaign_for(actor, ref, lock=True)
    require_handing(actor, reads.ordering_area(found), found.by_post.unit)
    require_version(version, found.version, ref=found.ref)
    return found


@transaction.atomic
def assign_visit(
    *,
    actor: Actor,
    kind: str,
    commitment: Commitment,
    unit: Unit | None = None,
    day: date,
    reason: str = "",
    seed: str = "",
    at: datetime,
) -> tuple[Visit, Entry]:
    """Have one unit visited outside a campaign: directed by risk, or to look back（派一次走访）.

    Args:
        actor: the head or the office of an area, or the clock.
        kind: ``directed`` or ``look_back``.
        commitment: what it is about, with programme, lead, issuer and their areas.
        unit: the unit that is visited; the lead when missing.
        day: today or a later day.
        reason: why; needed for a directed visit.
        seed: the seed of the lot; without one it is made of kind and number, so that anybody can draw it again.
        at: now.

    Raises:
        Refused: ``not_handing_out``, ``reason_missing``, ``day_in_past``, ``nobody_eligible``, and those of
            :func:`make_visits`.
        ValueError: for a kind that belongs to a campaign.
    """
    if kind not in (Visit.Kind.DIRECTED, Visit.Kind.LOOK_BACK):
        raise ValueError(f"{kind!r} is handed out by its campaign")
    reason = acting.said(reason)
    if kind == Visit.Kind.DIRECTED and not reason:
        raise Refused("reason_missing")
    if day < local_day(at):
        raise Refused("day_in_past")
    area = _area_of(actor, commitment.programme)
    require_handing(actor, area, area)
    target = unit or commitment.lead
    seed = seed or SEED_OF_ONE % {"kind": kind, "ref": commitment.ref}
    wanted = Wanted(kind, commitment, target, target.code or commitment.ref, reason=reason)
    done = make_visits(
        [wanted], actor=actor, programme=commitment.programme, ordered_by=area, seed=seed, day=day, at=at
    )
    if not done.visits:
        raise Refused("nobody_eligible", unit=target.name, why=(BAR_NAMES[eligibility.Bar.PAIR],))
    [visit] = done.visits
    entry = record_visits(
        events.VisitAssigned(visit=str(visit.key), kind=kind, day=day.isoformat(), reason=reason, seed=seed),
        done,
        actor=actor,
        key=f"visit-{visit.key}:{day.isoformat()}:{at.isoformat()}",
        subjects=(f"visit-{visit.key}",),
        at=at,
    )
    return visit, entry


def _area_of(actor: Actor, programme: Programme) -> Unit:
    """The area that has visits made by this actor; the clock acts for the programme's owner."""
    if actor.role is Role.SYSTEM:
        return programme.owner.area
    return Unit.objects.get(path=actor.effective.area_path)
