"""按风险走访的队列: tasks whose record holds a sign, read from what was said and moved; nothing of it is stored.

A page is found by the index of what its sign looks at, some hundred rows at a time, and each row is then judged by
:mod:`luoshi.rules.directing`; how many statements that takes does not depend on how many rows are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from luoshi.assurance.models import Visit
from luoshi.assurance.queries.handing import known_to
from luoshi.delivery.models import Commitment, Extension, Programme, Report
from luoshi.delivery.queries import visible
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import EntrySubject
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.directing import History, Moved, Reason, Said, Sign, signs
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Actor

SHOWN = 30
"""Rows of one page."""
LOOKED = 200
"""Rows judged for one page at most; the next page goes on from the last of them."""
RESTS = 30
"""Days for which a task is not offered again after a directed visit."""
SEEN = (Reason.LATE_JUMP, Reason.NEAR_DATE, Reason.SILENCE)
"""Signs that are read from the record."""
RE_DATED = ("delivery.CommitmentReDated", "delivery.CommitmentsReDated")
SAID = 60
"""Reports of one task that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Line:
    """One task of the queue with every sign its record holds."""

    commitment: Commitment
    signs: Sequence[Sign]


def _area(actor: Actor) -> QuerySet[Commitment]:
    return visible(actor, below=actor.effective.area_path)


def _candidates(actor: Actor, programme: Programme, reason: Reason, today: date) -> QuerySet[Commitment]:
    """The rows one sign can be found among, in an order that an index gives."""
    lately = Visit.objects.filter(
        known_to(actor, today),
        ~Q(state=Visit.State.WITHDRAWN),
        commitment=OuterRef("pk"),
        kind=Visit.Kind.DIRECTED,
        day__gt=today - timedelta(days=RESTS),
    )
    rows = _area(actor).filter(~Exists(lately), programme=programme, children_count=0).exclude(kind="period")
    open_states = [State.ACCEPTED, State.APPLIED, State.VERIFIED]
    if reason is Reason.SILENCE:
        since = due_moment(today - timedelta(days=programme.signs.silent_days + 1))
        rows = rows.filter(state=State.ACCEPTED, said__lt=100, open_requests=0, heard_at__lt=since)
        return rows.order_by("heard_at", "pk")
    if reason is Reason.LATE_JUMP:
        rows = rows.filter(state__in=[*open_states, State.CLOSED], said=100, completed_at__isnull=False)
        return rows.filter(due_on__isnull=False).order_by("-completed_at", "-pk")
    rows = rows.exclude(state__in=[State.DRAFT, *OVER]).filter(due_on__gt=F("first_due_on"))
    return rows.order_by("due_on", "pk")


def queue(
    actor: Actor, programme: Programme, reason: Reason, at: datetime, start: int = 0
) -> tuple[list[Line], int | None]:
    """A page of tasks that hold a sign（按风险走访队列）, and where the next page begins; five statements at most.

    Args:
        actor: whose area is looked at.
        programme: of which programme.
        reason: the sign that leads to the row; the others it holds are told, too.
        at: now.
        start: rows to pass over, as a page before said.
    """
    today, limits = local_day(at), programme.signs
    rows = list(_candidates(actor, programme, reason, today)[start : start + LOOKED + 1])
    told = histories(rows[:LOOKED], today)
    found: list[Line] = []
    for number, row in enumerate(rows[:LOOKED]):
        seen = signs(told[row.pk], limits, today)
        if any(one.reason is reason for one in seen):
            found.append(Line(row, seen))
        if len(found) == SHOWN:
            more = number + 1 < len(rows)
            return found, start + number + 1 if more else None
    return found, start + LOOKED if len(rows) > LOOKED else None


def signs_of(commitment: Commitment, today: date) -> tuple[Sign, ...]:
    """Every sign one task holds today, by the limits of its programme; four statements."""
    return signs(histories([commitment], today)[commitment.pk], commitment.programme.signs, today)


def histories(rows: Sequence[Commitment], today: date) -> dict[int, History]:
    """Task → its record as far as it may hold a sign; four statements for any number of tasks."""
    ids = [row.pk for row in rows]
    said: dict[int, list[Said]] = defaultdict(list)
    reports = Report.objects.filter(commitment__in=ids).order_by("pk")
    for pk, at, percent in reports.values_list("commitment_id", "recorded_at", "percent"):
        said[pk].append(Said(local_day(at), percent))
    moved = _moved({row.ref: row.pk for row in rows if row.due_on != row.first_due_on})
    return {
        row.pk: History(
            issued_on=local_day(row.issued_at) if row.issued_at else None,
            due_on=row.due_on,
            heard_on=local_day(row.heard_at),
            running=row.state == State.ACCEPTED and row.said < 100 and not row.open_requests,
            said=tuple(said[row.pk][-SAID:]),
            moved=tuple(moved[row.pk]),
        )
        for row in rows
    }


def _moved(by_ref: dict[str, int]) -> dict[int, list[Moved]]:
    """Task → every time its date was moved: asked and granted, by decision, or in a list."""
    found: dict[int, list[Moved]] = defaultdict(list)
    if not by_ref:
        return found
    granted = Extension.objects.filter(commitment__in=by_ref.values(), granted=True, decided_at__isnull=False)
    for one in granted:
        if one.old_due_on and one.decided_at:  # asked when it was near is what counts
            found[one.commitment_id].append(Moved(local_day(one.asked_at), one.old_due_on, one.new_due_on))
    about = EntrySubject.objects.filter(ref__in=by_ref).values("entry_id")
    for entry in ledger.listed().filter(pk__in=about, type__in=RE_DATED):
        for ref, old, new in _dates(ledger.said(entry)):
            if ref in by_ref and old and new:
                found[by_ref[ref]].append(Moved(local_day(entry.ts), date.fromisoformat(old), date.fromisoformat(new)))
    return found


def _dates(told: dict[str, object]) -> Iterable[tuple[str, str, str]]:
    """(number, date before, date after) of an entry that moved one date or many."""
    many = told.get("dates")
    if isinstance(many, list):
        return [(str(one[0]), str(one[1]), str(one[2])) for one in many]
    return [(str(told["ref"]), str(told["old_due_on"]), str(told["new_due_on"]))]


def directed(actor: Actor, programme: Programme, today: date, limit: int = 50) -> list[Visit]:
    """Directed visits within the actor's area that are revealed, the newest first（已派定向走访）."""
    area = _area(actor).filter(programme=programme).order_by().values("pk")
    rows = Visit.objects.filter(kind=Visit.Kind.DIRECTED, day__lte=today, commitment__in=area)
    return list(rows.select_related("unit", "commitment").order_by("-day", "-pk")[:limit])
