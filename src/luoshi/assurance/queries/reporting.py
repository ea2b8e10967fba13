"""回头看报告: what the look-backs of a period showed within the reader's area, as an official paper."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, gettext

from luoshi.assurance.models import LookBackDraw, Visit
from luoshi.assurance.queries.looking_back import draws
from luoshi.delivery.models import Matter, Programme
from luoshi.delivery.queries import visible
from luoshi.rules.calendar import due_moment
from luoshi.rules.lifecycle import STATE_NAMES, Kind, State
from luoshi.rules.looking_back import TRIES, Half, Period, halves
from luoshi.rules.papers import Paper
from luoshi.rules.papers.writing.ground import Style
from luoshi.rules.papers.writing.look_backs import Looked, LookedBack, LookedMatter, look_back_paper
from luoshi.rules.permissions import Actor, Role
from luoshi.units.models import Unit

MOST_FAILED, MOST_LOOKED = 200, 400
"""Rows that a report prints at most; figures are of all."""
_DONE = Q(visit__state=Visit.State.DONE)
NAMES = ("held", "failed", "unknown", "over")
"""What is counted of a matter, in the order in which a report takes it."""
_COUNTS = {
    "held": Q(_DONE, visit__holds=True),
    "failed": Q(_DONE, visit__holds=False),
    "unknown": Q(visit__state=Visit.State.UNREACHABLE, tries__gte=TRIES - 1),
    "over": Q(over=True),
}


def cycles(programme: Programme, today: date) -> tuple[Half, ...]:
    """The half-years a report may be had of, the newest first; none before the first rule. One statement."""
    first = programme.look_back_rules.order_by("number").values_list("from_on", flat=True).first()
    return halves(first, today) if first is not None and first <= today else ()


def report_of(actor: Actor, programme: Programme, told: Period, today: date) -> LookedBack:
    """What the look-backs of some days showed within the actor's area（回头看报告）; six statements.

    Only what may be told is: a look-back counts from the day of its visit on, as on the page.
    """
    rows = (
        draws(actor, programme, today)
        .order_by()
        .filter(
            Q(visit__day__gte=told.from_on, visit__day__lte=told.until_on, over=False)
            | Q(over=True, day__on__gte=told.from_on, day__on__lte=told.until_on)
        )
    )
    counted = rows.values_list("commitment__matter_id").annotate(
        **{name: Count("pk", filter=_COUNTS[name]) for name in NAMES}
    )
    by_matter = {key: counts for key, *counts in counted if any(counts)}
    matters = Matter.objects.filter(pk__in=by_matter).order_by("number")
    named = gettext("%(number)s %(name)s")
    unit = _unit(actor, programme)
    area = unit.area
    return LookedBack(
        programme=str(programme),
        area=area.name,
        issuer=unit.name,
        from_on=told.from_on,
        until_on=told.until_on,
        on=today,
        struck_off=_struck_off(actor, programme, told),
        matters=tuple(
            LookedMatter(named % {"number": one.number, "name": one.short}, *by_matter[one.pk]) for one in matters
        ),
        failed=_looked(rows.filter(_DONE, visit__holds=False), MOST_FAILED),
        looked=_looked(rows.filter(_DONE), MOST_LOOKED),
    )


def _unit(actor: Actor, programme: Programme) -> Unit:
    """Whose report it is: the unit of the reader, or the owner of the programme for the clock."""
    key = programme.owner_id if actor.role is Role.SYSTEM else actor.effective.unit_id
    return Unit.objects.select_related("area").get(pk=key)


def _struck_off(actor: Actor, programme: Programme, told: Period) -> int:
    begins = due_moment(told.from_on - timedelta(days=1))
    rows = visible(actor, below=actor.effective.area_path).filter(
        programme=programme, kind=Kind.TASK, state=State.CLOSED, closed_at__gte=begins,
        closed_at__lt=due_moment(told.until_on),
    )  # fmt: skip
    return rows.order_by().count()


def _looked(rows: QuerySet[LookBackDraw], most: int) -> tuple[Looked, ...]:
    found = rows.select_related("commitment__lead", "visit").order_by("visit__day", "pk")[:most]
    return tuple(
        Looked(
            ref=row.commitment.ref,
            title=row.commitment.title or row.commitment.ref,
            unit=row.commitment.lead.name,
            on=row.visit.day,
            held=bool(row.visit.holds),
            reason=row.visit.words,
            now=gettext(STATE_NAMES[State(row.commitment.state)]),
        )
        for row in found
        if row.visit is not None
    )


def paper_of_look_backs(actor: Actor, programme: Programme, told: Period, today: date) -> Paper:
    """The report as a paper in the reader's language; that of a demonstration is marked as one."""
    stamp = gettext("Demonstration") if programme.is_demo else ""
    return look_back_paper(report_of(actor, programme, told, today), Style(get_language() or "zh-hans", gettext, stamp))
