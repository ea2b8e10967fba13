"""抽签派员: visits are given to whom the lot falls on; nobody chooses who goes where.

A place that may not be met yet, or that nobody of the pool may visit, is refused or left for another day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from luoshi.assurance.models import Campaign, Visit, VisitApproval
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.queries import pool
from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.services import acting
from luoshi.ledger import services as ledger
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.rules import eligibility, frequency, routes
from luoshi.rules.calendar import local_day
from luoshi.rules.eligibility import BAR_NAMES, Assigned, Candidate
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.rules.routes import Stop
from luoshi.units.models import Post, Unit

_ = gettext_noop
declare(
    403,
    not_handing_out=_("Visits are handed out by the head or the supervision office of the side that has them made."),
)
declare(
    409,
    pool_empty=_("Nobody is in the pool of verifiers on %(day)s. Take posts into it first."),
)
FOR_YOU = _("Visits for you on %(day)s: the list opens on that day")
"""What a verifier is told, never which places."""


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
        subject=FOR_YOU,
        link="/visits/",
        params={"day": day.isoformat()},
        at=at,
        sender=sender,
    )
