"""Slips and supervision plans as one may see them（督办单查询）."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from luoshi.delivery.models import Slip, SupervisionPlan
from luoshi.delivery.queries import climbing
from luoshi.delivery.queries.climbing import Node
from luoshi.rules import escalation, paths, slips
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import PERSON_RUNGS
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, require_version
from luoshi.rules.slips import SlipState
from luoshi.units.models import Unit
from luoshi.units.queries import calendar_for

RELATED = ("unit__area", "issuer__area", "post", "commitment", "request__commitment", "earlier", "plan")
UNSEEN = (SlipState.PROPOSED, SlipState.DROPPED)
"""States in which a slip is the supervising side's own paper."""


def _within(field: str, path: str) -> Q:
    return Q(**paths.subtree(field, path)) if path else Q()


def slips_seen(actor: Actor) -> QuerySet[Slip]:
    """Slips an actor may see: those to units of its area, and what its own side supervises.

    What is not issued is seen by those above and by the side that proposed it, never by the unit it is about.
    """
    rows = Slip.objects.select_related(*RELATED)
    if actor.role is Role.SYSTEM:
        return rows
    seat = actor.effective
    issued = ~Q(state__in=UNSEEN) & _within("unit__path", seat.area_path)
    own = (
        Q(issuer=seat.unit_id) | Q(issuer__area=paths.own_id(seat.area_path)) | _within("issuer__path", seat.area_path)
    )
    kept = own & ~Q(unit=seat.unit_id) if actor.role in (Role.HEAD, Role.OFFICE, Role.AUDITOR) else Q(pk__in=())
    return rows.filter(issued | kept)


def slip_for(actor: Actor, pk: int) -> Slip:
    """One slip within reach.

    Raises:
        Refused: ``not_found``.
    """
    found = slips_seen(actor).filter(pk=pk).first()
    if found is None:
        raise Refused("not_found")
    return found


def lock_slip(actor: Actor, pk: int, version: int) -> Slip:
    """The same, locked until the transaction ends, in the version that was looked at.

    Raises:
        Refused: ``not_found``, ``stale_version``.
    """
    if not slips_seen(actor).filter(pk=pk).exists():
        raise Refused("not_found")
    found = Slip.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=pk)
    require_version(version, found.version, ref=found.number or found.ref)
    return found


def _speaks(actor: Actor, field: str) -> Q:
    seat = actor.effective
    found = Q(**{field: seat.unit_id})
    if actor.role is Role.OFFICE:
        found |= Q(**{field: paths.own_id(seat.area_path)})
    return found


def _supervises(actor: Actor) -> Q:
    if actor.role not in (Role.HEAD, Role.OFFICE):
        return Q(pk__in=())
    own = _speaks(actor, "issuer")
    return own | Q(issuer__area=actor.effective.unit_id) if actor.role is Role.HEAD else own


def to_approve(actor: Actor) -> Q:
    """Proposals that wait for the seat; praise and blame only for the head who did not propose them."""
    mine = Q(state=SlipState.PROPOSED) & _supervises(actor)
    judging = Q(rung__in=[rung.value for rung in PERSON_RUNGS]) | ~Q(tone="")
    if actor.role is Role.HEAD:
        return mine & ~(judging & Q(proposed_by_user=actor.user_id))
    return mine & ~judging


def to_answer(actor: Actor) -> Q:
    """Slips that wait for an answer of the seat's own unit, or of a village below without posts."""
    if actor.role not in (Role.HEAD, Role.OFFICE, Role.HANDLER):
        return Q(pk__in=())
    mine = _speaks(actor, "unit")
    if actor.role is not Role.HEAD:
        area = paths.own_id(actor.effective.area_path)
        mine |= Q(unit__parent=area, unit__level="village") & ~Q(issuer__area=area)
    return Q(state=SlipState.ISSUED) & mine


def to_settle(actor: Actor) -> Q:
    """Answered slips that the supervising side has to look at."""
    return Q(state=SlipState.ANSWERED) & _supervises(actor)


def waiting_slips(actor: Actor, limit: int = 50) -> list[Slip]:
    """Slips that wait for the seat（今日督办单）, the most urgent first; one statement."""
    wanted = to_approve(actor) | to_answer(actor) | to_settle(actor)
    rows = Slip.objects.select_related(*RELATED).filter(wanted).annotate(about=Count("items"))
    return list(rows.order_by("answer_by_on", "id")[:limit])


def count_waiting_slips(actor: Actor) -> int:
    """How many slips wait for a seat; one statement."""
    return Slip.objects.filter(to_approve(actor) | to_answer(actor) | to_settle(actor)).count()


def chased_next(some: Sequence[Slip], at: datetime) -> dict[int, date]:
    """Slip that waits for its approval or its answer → the day on which it is chased next; one statement, at most.

    Needs ``issuer``, ``unit``, ``commitment`` and ``request`` of each.
    """
    ladders = climbing.ladders({slip.ladder_id for slip in some if slip.ladder_id is not None}) if some else {}
    found: dict[int, date] = {}
    for slip in some:
        ladder = slip.chased_by(ladders.get(slip.ladder_id or 0, escalation.ORDINARY))
        owes = slip.issuer if slip.state == SlipState.PROPOSED else slip.unit
        step = escalation.next_step(slip.waiting(), ladder, calendar_for(owes.path), at)
        if step is not None:
            found[slip.pk] = max(step.day, local_day(at))
    return found


def undecided_below(actor: Actor, limit: int = 50) -> list[Slip]:
    """Proposals left undecided directly below until the seat was told of them（下级未批）; one statement."""
    if actor.role not in (Role.HEAD, Role.OFFICE):
        return []
    area = paths.own_id(actor.effective.area_path)
    rows = Slip.objects.select_related(*RELATED).filter(state=SlipState.PROPOSED, told__gt=1, issuer__area__parent=area)
    return list(rows.annotate(about=Count("items")).order_by("proposed_at", "id")[:limit])


def earlier_slip(unit: int, *, since: datetime, but: int = 0) -> Slip | None:
    """The last slip that met a unit since a moment（期内督办）; praise is none."""
    return earlier_slips([unit], since=since, but=but).get(unit)


def earlier_slips(units: Collection[int], *, since: datetime, but: int = 0) -> dict[int, Slip]:
    """Unit → the last slip that met it since a moment; one statement."""
    rows = (
        Slip.objects.filter(unit__in=units, issued_at__gte=since, state__in=slips.COUNTS)
        .exclude(tone=slips.Tone.PRAISE)
        .exclude(pk=but)
        .select_related("issuer")
        .order_by("issued_at", "pk")
    )
    return {row.unit_id: row for row in rows}


def plan_of(issuer: Unit, day: date) -> SupervisionPlan | None:
    """The supervision plan of a unit or of its area that holds on a day（督查计划）; its own first."""
    rows = SupervisionPlan.objects.filter(unit__in={issuer.pk, issuer.area_id}, from_on__lte=day, until_on__gte=day)
    found = sorted(rows, key=lambda plan: (plan.unit_id != issuer.pk, -plan.from_on.toordinal(), -plan.pk))
    return found[0] if found else None


def plans_of(issuers: Sequence[Unit | Node], day: date) -> dict[int, SupervisionPlan]:
    """The same for many units; one statement."""
    areas = {pk for unit in issuers for pk in (unit.pk, unit.area_id)}
    rows = SupervisionPlan.objects.filter(unit__in=areas, from_on__lte=day, until_on__gte=day).order_by("from_on", "pk")
    by_unit = {plan.unit_id: plan for plan in rows}
    found = {unit.pk: by_unit.get(unit.pk) or by_unit.get(unit.area_id) for unit in issuers}
    return {pk: plan for pk, plan in found.items() if plan is not None}


def plans_seen(actor: Actor) -> QuerySet[SupervisionPlan]:
    """Plans an actor may see: of the areas on its line and of those within its area."""
    area = actor.effective.area_path
    rows = SupervisionPlan.objects.select_related("unit__area", "by_post")
    return rows.filter(Q(unit__area__path__in=paths.line(area)) | _within("unit__path", area)) if area else rows


def slips_of(commitment: int, actor: Actor) -> list[Any]:
    """The slips a commitment stands in, newest first, as far as the actor may see them."""
    return list(slips_seen(actor).filter(items__commitment=commitment).order_by("-id")[:20])
