"""派员: visits are handed out by lot, a day at a time; nobody chooses who goes where.

The order of a campaign is never changed: a place that may not be met yet, or that nobody of the pool may visit, holds
up what comes after it until a person has put that right. Blind second visits are drawn by a sealed lot and wait without
holding up anything.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Campaign, SealedLot, Visit, VisitApproval
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.queries import pool
from luoshi.assurance.services.campaigns import said
from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.services import acting
from luoshi.ledger import services as ledger
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.rules import burden, eligibility, frequency, routes
from luoshi.rules.calendar import local_day
from luoshi.rules.eligibility import BAR_NAMES, Assigned, Candidate
from luoshi.rules.frequency import Again
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.rules.routes import Stop
from luoshi.units.models import Post, Unit
from luoshi.units.queries import posts_with

_ = gettext_noop
declare(
    403,
    not_handing_out=_("Visits are handed out by the head or the supervision office of the side that has them made."),
)
declare(
    409,
    not_drawn=_("Visits are handed out once the seed has been rolled and before the campaign is over."),
    day_before_last=_("Visits were handed out for %(last)s already; the order goes on from there."),
    nothing_to_hand_out=_("Every place of the order has its visit, and no second visit is waiting."),
    visit_is_over=_("This visit has been made or taken back already."),
    pool_empty=_("Nobody is in the pool of verifiers on %(day)s. Take posts into it first."),
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

SUBJECTS: Mapping[str, str] = {
    "handed": _("Visits for you on %(day)s: the list opens on that day"),
    "back": _("A visit was handed back and is to be given out anew: %(unit)s"),
}
"""What a verifier is told, never which places; and what the side that has a visit made is told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit that is to be made: of which kind, of which unit for which commitment, and why."""

    kind: str
    commitment: Commitment
    unit: Unit
    code: str
    reason: str = ""
    campaign: Campaign | None = None
    place_id: int | None = None
    first: Visit | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Visits that were given out, the approvals they used, and what is left: not to be met yet, or nobody may go."""

    visits: Sequence[Visit]
    approvals: Sequence[VisitApproval]
    left: Sequence[Wanted]


@dataclass(frozen=True, slots=True)
class Handed:
    """A day handed out: its visits, how many second visits wait, the minutes it costs, the entry."""

    campaign: Campaign
    visits: Sequence[Visit]
    waiting: int
    minutes: int
    entry: Entry


STRICT = frozenset({Visit.Kind.DRAWN, Visit.Kind.DIRECTED})
"""Kinds that refuse when they cannot be given; look-backs and second visits wait instead."""


def require_handing(actor: Actor, area: Unit, unit: Unit) -> None:
    """Refuse all but the head of the area that has visits made, its office, and whoever speaks for ``unit`` there.

    Raises:
        Refused: ``not_handing_out``.
    """
    seat = actor.effective
    own = actor.role is Role.OFFICE and seat.area_path == area.path
    heads = actor.role is Role.HEAD and seat.unit_path in {area.path, unit.path}
    if not (own or heads or actor.role is Role.SYSTEM):
        raise Refused("not_handing_out")


def make_visits(
    wanted: Sequence[Wanted],
    *,
    actor: Actor,
    programme: Programme,
    ordered_by: Unit,
    seed: str,
    day: date,
    at: datetime,
) -> Made:
    """Give visits to whom the lot falls on, without an entry of its own: the caller's act has one（抽签派员）.

    The caller is in a transaction and logs the rows. What is drawn or directed refuses when it cannot be given; what
    looks back or looks again is left for another day.

    Args:
        wanted: what is to be visited, in the order of the draw.
        actor: who has it done; a refusal counts only visits that it may know of.
        programme: whose pool.
        ordered_by: the area that has the visits made.
        seed: the public seed of the lot.
        day: the day of the visits.
        at: now.

    Raises:
        Refused: ``pool_empty``, ``visit_needs_approval``, ``nobody_eligible``, ``nobody_eligible_yet``.
    """
    if not wanted:
        return Made((), (), ())
    units = {one.unit.pk: one.unit for one in wanted}
    list(Unit.objects.filter(pk__in=units).order_by("pk").select_for_update())  # two who hand out at once meet here
    candidates = pool.candidates(programme, day)
    if not candidates:
        raise Refused("pool_empty", day=day.isoformat())
    go, waiting, approvals = _may_be_met(wanted, ordered_by, day, actor, local_day(at))
    past = pool.past_visits(day)
    load = reads.given([one.post_id for one in candidates], day)
    told = pool.targets(
        [one.commitment for one in go],
        [one.unit for one in go],
        ordered_by=ordered_by.path,
        codes=[one.code for one in go],
        day=day,
    )
    drawn = eligibility.assign(candidates, told, past=past, seed=seed, day=day, given=load)
    visits = []
    for one, assigned in zip(go, drawn, strict=True):
        if assigned.candidate is None:
            if one.kind in STRICT:
                known = pool.past_visits(day, made_by=local_day(at))
                again = eligibility.may_again(candidates, assigned.target, past=past, known=known, day=day)
                raise _nobody(one.unit, _why(assigned), again)
            waiting.append(one)
            continue
        visits.append(_visit(one, assigned.candidate, ordered_by, day, at))
    Visit.objects.bulk_create(visits)
    used = _use(approvals, visits)
    _set_routes(visits, day)
    return Made(visits, used, waiting)


def _nobody(unit: Unit, why: tuple[str, ...], again: date | None) -> Refused:
    """That nobody may go, why, and from when somebody may again if the year since the last visit is the only reason."""
    if again is None:
        return Refused("nobody_eligible", unit=unit.name, why=why)
    return Refused("nobody_eligible_yet", unit=unit.name, why=why, day=again.isoformat())


def _why(assigned: Assigned) -> tuple[str, ...]:
    return tuple(BAR_NAMES[bar] for bar in eligibility.Bar if bar in assigned.barred)


def _may_be_met(
    wanted: Sequence[Wanted], area: Unit, day: date, actor: Actor, today: date
) -> tuple[list[Wanted], list[Wanted], dict[int, VisitApproval]]:
    """What may be met on the day, what waits, and the approvals there are."""
    days = reads.period_days(area, day)
    units = {one.unit.pk: one.unit.name for one in wanted}
    campaign = next((one.campaign for one in wanted if one.campaign is not None), None)
    known = reads.known_to(actor, today, campaign)
    again = frequency.met_again(units, reads.met(units, day, days, known), day=day, days=days, by=area.pk)
    approvals = reads.approvals(area, again, campaign) if again else {}
    strict = {one.unit.pk for one in wanted if one.kind in STRICT}
    held = {unit: found for unit, found in again.items() if unit in strict}
    frequency.require_approval(held, approvals, names=units, day=day, days=days)
    go: list[Wanted] = []
    waiting: list[Wanted] = []
    for one in wanted:
        covered = one.unit.pk not in again or one.unit.pk in approvals or one.kind == Visit.Kind.BLIND
        (go if covered else waiting).append(one)
    return go, waiting, approvals


def _visit(one: Wanted, candidate: Candidate, area: Unit, day: date, at: datetime) -> Visit:
    return Visit(
        kind=one.kind,
        campaign=one.campaign,
        place_id=one.place_id,
        commitment=one.commitment,
        unit=one.unit,
        first=one.first,
        verifier_post_id=candidate.post_id,
        verifier_user=candidate.user_id,
        ordered_by=area,
        day=day,
        reason=one.reason,
        created_at=at,
    )


def _use(approvals: Mapping[int, VisitApproval], visits: Sequence[Visit]) -> list[VisitApproval]:
    """Mark the approvals that these visits rest on; a blind second one rests on its campaign's."""
    used = []
    for visit in visits:
        approval = approvals.get(visit.unit_id)
        if approval is not None and visit.kind != Visit.Kind.BLIND:
            approval.visit = visit
            used.append(approval)
    VisitApproval.objects.bulk_update(used, ["visit"])
    return used


def _set_routes(visits: Sequence[Visit], day: date) -> None:
    """The order in which each verifier goes on that day, nearest first; who is drawn stays as it is（就近）."""
    posts = {one.verifier_post_id for one in visits}
    if not posts:
        return
    rows = Visit.objects.filter(reads.STANDS, verifier_post__in=posts, day=day)
    of_day = list(rows.select_related("unit", "verifier_post__unit").order_by("pk"))
    on_map = reads.points({pk for one in of_day for pk in (one.unit_id, one.verifier_post.unit.area_id)})
    by_post: dict[int, list[Visit]] = defaultdict(list)
    for one in of_day:
        by_post[one.verifier_post_id].append(one)
    for rounds in by_post.values():
        seat = rounds[0].verifier_post.unit
        start = Stop("", seat.path, on_map.get(seat.area_id))
        by_code = {f"{one.unit.code or one.unit_id}|{one.pk}": one for one in rounds}
        stops = [Stop(code, one.unit.path, on_map.get(one.unit_id)) for code, one in by_code.items()]
        for number, stop in enumerate(routes.nearest_first(stops, start), start=1):
            by_code[stop.code].route = number
    Visit.objects.bulk_update(of_day, ["route"])
    numbers = {one.pk: one.route for one in of_day}
    for visit in visits:
        visit.route = numbers[visit.pk]


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


def record_visits(
    event: Event,
    made: Made,
    *rows: acting.Governed,
    actor: Actor,
    key: str,
    subjects: Sequence[str],
    at: datetime,
) -> Entry:
    """Write the one entry of an act that gave out visits, and tell whoever goes（派员留痕）.

    Args:
        event: what the act is called.
        made: the visits and the approvals they rest on.
        rows: what else the act wrote.
        actor: who did it.
        key: of the act; with it nobody is told twice.
        subjects: under which numbers the entry is found; never those of the tasks that are to be visited.
        at: now.
    """
    after = states(*rows, *made.visits, *made.approvals)
    entry = ledger.append(event, actor=actor, at=at, after=after, subjects=subjects)
    if made.visits:
        tell(made.visits, made.visits[0].day, key, at=at, sender=actor.effective.post_id or None)
    return entry


def states(*rows: acting.Governed) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of rows that one act wrote."""
    return {row.ledger_key: row.ledger_state() for row in rows}


def _lock(actor: Actor, ref: str, version: int) -> Campaign:
    found = reads.campaign_for(actor, ref, lock=True)
    require_handing(actor, reads.ordering_area(found), found.by_post.unit)
    require_version(version, found.version, ref=found.ref)
    return found


def tell(visits: Sequence[Visit], day: date, key: str, *, at: datetime, sender: int | None = None) -> None:
    """Tell whoever goes that there is something on that day, and not what（派员通知）.

    Args:
        visits: those of one act; may be none, and nobody is told.
        day: theirs.
        key: of the act; with it nobody is told twice.
        at: now.
        sender: the id of the post that sends; the clock without.
    """
    posts = list(Post.objects.filter(pk__in={one.verifier_post_id for one in visits}))
    office.notify(
        posts,
        kind="assurance.visits",
        key=key,
        subject=SUBJECTS["handed"],
        link="/visits/",
        params={"day": day.isoformat()},
        at=at,
        sender=sender,
    )


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


@transaction.atomic
def withdraw_visit(*, actor: Actor, key: UUID, version: int, reason: str, at: datetime) -> tuple[Visit, Entry]:
    """Take a visit back before it is made, with a reason（撤回走访）; a drawn place comes again first of the order.

    Whoever was to go does it, or the side that has it made. Whoever hands a visit back is not drawn for that unit
    again within twelve months, and nobody else learns who it was.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``not_handing_out``, ``visit_is_over``, ``stale_version``.
    """
    reason = said(reason, "reason_missing")
    visit = reads.visit_to_withdraw(actor, key, local_day(at), lock=True)
    own = actor.effective.post_id == visit.verifier_post_id
    if not own and visit.ordered_by is not None:
        require_handing(actor, visit.ordered_by, visit.ordered_by)
    require_version(version, visit.version, ref=str(visit.key)[:8])
    if visit.state != Visit.State.ASSIGNED:
        raise Refused("visit_is_over")
    visit.state, visit.reason = Visit.State.WITHDRAWN, reason
    visit.version += 1
    if own:
        visit.by_post_id, visit.by_user = actor.effective.post_id, actor.user_id
    visit.save(update_fields=["state", "reason", "version", "by_post", "by_user"])
    entry = ledger.append(
        events.VisitWithdrawn(visit=str(visit.key), reason=reason),
        actor=actor,
        at=at,
        after=states(visit),
        subjects=(f"visit-{visit.key}", *([visit.campaign.ref] if visit.campaign else [])),
    )
    if own and visit.kind in STRICT:
        _tell_side(visit, at)
    return visit, entry


def _tell_side(visit: Visit, at: datetime) -> None:
    """Tell the office that has a visit made that it was handed back; look-backs and second visits go out by themselves.

    The reason stands in the ledger and not here: who handed it back is not told.
    """
    if visit.ordered_by is None:
        return
    link = f"/assurance/{visit.campaign.ref}/days/" if visit.campaign else f"/directed/{visit.commitment.ref}/"
    office.notify(
        posts_with(Role.OFFICE, visit.ordered_by.path).filter(unit__area=visit.ordered_by),
        kind="assurance.visits",
        key=f"visit-{visit.key}:back",
        subject=SUBJECTS["back"],
        link=link,
        params={"unit": visit.unit.name},
        at=at,
    )


# --- Another visit within the period ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToApprove:
    """A unit that would be met again: it, the last visit, and whether another side had that made."""

    unit: Unit
    again: Again


def to_approve(actor: Actor, found: Campaign, day: date, count: int, today: date) -> list[ToApprove]:
    """Units of the next places that were met within the period and have no approval yet（待批再访）.

    Args:
        actor: who looks; what another side has made for a day to come is not among it.
        found: the campaign.
        day: for which day.
        count: how many places from the order on are looked at.
        today: the day of looking.
    """
    area = reads.ordering_area(found)
    units = {one.unit_id: one.unit for one in reads.next_places(found, count)}
    days = reads.period_days(area, day)
    known = reads.known_to(actor, today, found)
    again = frequency.met_again(units, reads.met(units, day, days, known), day=day, days=days, by=area.pk)
    there = reads.approvals(area, again, found) if again else {}
    return [ToApprove(units[unit], one) for unit, one in sorted(again.items()) if unit not in there]


@transaction.atomic
def approve_visits(
    *, actor: Actor, campaign: str, version: int, day: date, count: int, seconds: bool, reason: str, at: datetime
) -> tuple[list[VisitApproval], Entry]:
    """Let units of the next places be met again within the period, and say why; only the head does（批准再访）.

    With ``seconds``, the blind second visits of the whole campaign are approved too.

    Args:
        actor: the head of the area that has the visits made.
        campaign: its number.
        version: the version looked at.
        day: for which day.
        count: how many places from the order on are looked at.
        seconds: whether second visits are approved.
        reason: why; shown beside each of these visits.
        at: now.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``stale_version``, ``approval_by_head``, ``nothing_to_approve``.
    """
    reason = said(reason, "reason_missing")
    found = reads.campaign_for(actor, campaign, lock=True)
    area = reads.ordering_area(found)
    if not frequency.may_approve(actor, area.path):
        raise Refused("approval_by_head")
    require_version(version, found.version, ref=found.ref)
    about = [(one.unit, one.again) for one in to_approve(actor, found, day, min(count, MOST), local_day(at))]
    common = {
        "area": area,
        "campaign": found,
        "reason": reason,
        "by_post_id": actor.effective.post_id,
        "by_user": actor.user_id,
        "at": at,
    }
    rows = [
        VisitApproval.objects.create(unit=unit, last_on=again.last_on, many_headed=again.many_headed, **common)
        for unit, again in about
    ]
    if seconds and reads.seconds_approved(found) is None:
        rows.append(VisitApproval.objects.create(**common))
    if not rows:
        raise Refused("nothing_to_approve")
    found.version += 1
    found.save(update_fields=["version"])
    entry = ledger.append(
        events.VisitsApproved(
            campaign=found.ref,
            units=tuple(unit.pk for unit, _again in about),
            seconds=any(row.unit_id is None for row in rows),
            reason=reason,
        ),
        actor=actor,
        at=at,
        after=states(*rows, found),
        subjects=(found.ref,),
    )
    return rows, entry


@transaction.atomic
def approve_visit(*, actor: Actor, unit: Unit, day: date, reason: str, at: datetime) -> tuple[VisitApproval, Entry]:
    """Let one unit be met again within the period outside a campaign, and say why; only the head does（批准再访）.

    Raises:
        Refused: ``reason_missing``, ``approval_by_head``, ``nothing_to_approve``.
    """
    reason = said(reason, "reason_missing")
    area = Unit.objects.get(path=actor.effective.area_path)
    if not frequency.may_approve(actor, area.path):
        raise Refused("approval_by_head")
    days = reads.period_days(area, day)
    known = reads.known_to(actor, local_day(at))
    again = frequency.met_again([unit.pk], reads.met([unit.pk], day, days, known), day=day, days=days, by=area.pk)
    if not again:
        raise Refused("nothing_to_approve")
    row = VisitApproval.objects.create(
        area=area,
        unit=unit,
        reason=reason,
        last_on=again[unit.pk].last_on,
        many_headed=again[unit.pk].many_headed,
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
        at=at,
    )
    entry = ledger.append(
        events.VisitsApproved(campaign="", units=(unit.pk,), seconds=False, reason=reason),
        actor=actor,
        at=at,
        after=states(row),
        subjects=(f"unit-{unit.pk}",),
    )
    return row, entry
