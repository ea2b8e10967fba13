"""What needs the viewer（要您拿主意的）: what we owe and what others owe in one list, each with the rule that named it.

Decisions that wait for the viewer's own seat, replies that an issuing side owes, what is overdue longest, what will
probably miss its date by fixed rules, and the widest gaps. The number of statements does not depend on how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from luoshi.delivery.models import Commitment, Matter, Programme, Report
from luoshi.desk.queries import waiting
from luoshi.desk.queries.board import within_unit
from luoshi.desk.queries.waiting import Item
from luoshi.rules import foreseeing, lights, paths
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.foreseeing import Warned
from luoshi.rules.lifecycle import State
from luoshi.rules.permissions import Actor
from luoshi.units.models import Unit

MOST = 9
COUNTED = 2_000
"""Beyond this many it is not counted on: the list behind it is read page by page anyway."""
GAP = 20
"""Percentage points between said and verified from which a commitment is named on the board."""
DECIDE, REPLY, OVERDUE, FORESEEN, WIDE = "decide", "reply", "overdue", "foreseen", "gap"
ORDER = (OVERDUE, DECIDE, FORESEEN, REPLY, WIDE)
SHARES = {DECIDE: 3, OVERDUE: 2, REPLY: 1, FORESEEN: 3, WIDE: 2}
"""How many of each kind are named, so that none crowds the others out."""


@dataclass(frozen=True, slots=True)
class Need:
    """One line of “what needs you”: the commitment, the rule that put it there, and what that rule saw."""

    commitment: Commitment
    rule: str
    light: lights.Light
    item: Item | None = None
    """What waits for the viewer's own seat, when it is we who owe."""
    warned: Warned | None = None

    def colour(self, today: date) -> str:
        """The light shown: of what we owe, else of the commitment; a rule that foresees sets none."""
        return self.item.colour(today) if self.item is not None else self.light.colour


def needs(
    actor: Actor, programme: Programme, unit: Unit, at: datetime, matter: Matter | None = None, limit: int = MOST
) -> list[Need]:
    """What needs the viewer within one of his units（要您拿主意的）, kinds in turn.

    Five statements for what others owe; those of :func:`waiting.waiting` for what we owe.
    """
    today = local_day(at)
    rows = within_unit(actor, programme, unit).exclude(kind="period")
    if matter is not None:
        rows = rows.filter(matter=matter)
    found: dict[int, Need] = {}

    def named(rule: str, some: QuerySet[Any], **more: Any) -> None:
        taken = 0
        for commitment in some[: SHARES[rule] + len(found)]:
            if commitment.pk in found or taken == SHARES[rule]:
                continue
            warned = None
            if rule == FORESEEN:
                warned = _warned(commitment, today)
                if warned is None:
                    continue
            light = lights.light(commitment.light_facts(), at)
            found[commitment.pk] = Need(commitment, rule, light, warned=warned)
            taken += 1

    for item in _ours(actor, programme, unit, at, matter):
        found.setdefault(item.commitment.pk, Need(item.commitment, DECIDE, item.light, item=item))
    named(OVERDUE, rows.filter(light="red").order_by("due_on", "pk"))
    named(REPLY, _asking(rows))
    named(FORESEEN, _behind(rows, today))
    named(FORESEEN, _silent(rows, today))
    named(WIDE, _wide(rows))
    return _in_turn(list(found.values()), today)[:limit]


def _in_turn(found: list[Need], today: date) -> list[Need]:
    """One of each kind, then the second of each: five lines show every kind. What we owe and is late comes first."""
    seen: dict[str, int] = {}
    keyed = []
    for need in found:
        late = need.item is not None and need.colour(today) == "red"
        keyed.append(((not late, seen.get(need.rule, 0), ORDER.index(need.rule)), need))
        seen[need.rule] = seen.get(need.rule, 0) + 1
    return [need for _key, need in sorted(keyed, key=lambda pair: pair[0])]


def _ours(actor: Actor, programme: Programme, unit: Unit, at: datetime, matter: Matter | None) -> list[Item]:
    where = Q(programme=programme, **paths.subtree("lead__path", unit.path))
    if matter is not None:
        where &= Q(matter=matter)
    items = waiting.waiting(actor, at, only=waiting.DECISIONS, where=where, limit=SHARES[DECIDE]).items
    once: dict[int, Item] = {}
    for item in items:
        once.setdefault(item.commitment.pk, item)
    return list(once.values())


def _asking(rows: QuerySet[Commitment]) -> QuerySet[Any]:
    """Questions that an issuing side has not answered; its own clock runs, the lead's stands still."""
    return rows.filter(open_requests__gt=0, state__in=[State.ISSUED, State.ACCEPTED, State.SUSPENDED]).order_by(
        "due_on", "pk"
    )


def _running(rows: QuerySet[Commitment], today: date, within: int) -> QuerySet[Commitment]:
    """Open leaves whose own clock runs and whose date is at most so many days away."""
    return rows.filter(
        state=State.ACCEPTED,
        due_on__gte=today,
        due_on__lte=today + timedelta(days=within),
        children_count=0,
        open_requests=0,
        said__lt=100,
    ).exclude(kind="period")


def _heard(rows: QuerySet[Commitment]) -> QuerySet[Any]:
    """With the moment of the last report, the nearest date first."""
    last = Report.objects.filter(commitment=OuterRef("pk")).order_by("-id")
    return rows.annotate(heard_at=Subquery(last.values("recorded_at")[:1])).order_by("due_on", "pk")


def _behind_by(today: date) -> Q:
    behind = Q(pk__in=())
    for step in foreseeing.STEPS:
        behind |= Q(due_on__lte=today + timedelta(days=step.within), said__lt=step.below)
    return behind


def _silent_by(today: date) -> Q:
    since = due_moment(today - timedelta(days=foreseeing.SILENT_DAYS))
    spoken = Report.objects.filter(commitment=OuterRef("pk"), recorded_at__gte=since)
    return Q(~Exists(spoken), accepted_at__lt=since)


def foreseen(rows: QuerySet[Commitment], today: date) -> QuerySet[Commitment]:
    """Commitments that one of the fixed rules expects to miss their date（将误期）."""
    running = _running(rows, today, foreseeing.SILENT_WITHIN)
    return running.filter(_behind_by(today) | _silent_by(today))


def count_foreseen(actor: Actor, programme: Programme, unit: Unit, today: date, matter: Matter | None = None) -> int:
    """How many there are in the subtree of a unit, at most :data:`COUNTED`; one statement."""
    rows = within_unit(actor, programme, unit)
    if matter is not None:
        rows = rows.filter(matter=matter)
    return foreseen(rows, today).order_by()[:COUNTED].count()


def _behind(rows: QuerySet[Commitment], today: date) -> QuerySet[Any]:
    nearest = max(step.within for step in foreseeing.STEPS)
    return _heard(_running(rows, today, nearest).filter(_behind_by(today)))


def _silent(rows: QuerySet[Commitment], today: date) -> QuerySet[Any]:
    return _heard(_running(rows, today, foreseeing.SILENT_WITHIN).filter(_silent_by(today)))


def _wide(rows: QuerySet[Commitment]) -> QuerySet[Any]:
    """The widest gaps between said and verified of what is still open."""
    return (
        rows.exclude(verified_how="")
        .exclude(state="closed")
        .annotate(gap=F("verified") - F("said"))
        .filter(gap__lte=-GAP, children_count=0)
        .order_by("gap", "pk")
    )


def _warned(commitment: Any, today: date) -> Warned | None:
    heard = commitment.heard_at or commitment.accepted_at
    return foreseeing.warned(
        due_on=commitment.due_on,
        said=commitment.said,
        heard_on=local_day(heard) if heard is not None else None,
        today=today,
    )
