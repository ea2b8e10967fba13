"""复盘册查询: which books and which of their parts somebody may open, and what stands behind a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Extension, Finding, Programme
from luoshi.delivery.queries.foreseen import expected
from luoshi.delivery.services.drafting import require_steering
from luoshi.meetings.models import Book, BookFile, BookPart, Meeting
from luoshi.meetings.queries import contents, figures
from luoshi.meetings.queries.figures import Ground
from luoshi.meetings.queries.meetings import last_ended
from luoshi.office.models import Job, JobState
from luoshi.rules import book as rules
from luoshi.rules import paths
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit

JOB = "meetings.book"
"""The kind of the job that compiles a book."""
ROWS = 100
"""Rows shown of what stands behind a figure; how many there are is told."""


def books(actor: Actor) -> QuerySet[Book]:
    """Books of the programmes that reach the actor, the newest first（复盘册）."""
    reach = delivery.programmes(actor).order_by().values("pk")
    return Book.objects.filter(programme__in=reach).select_related("programme__owner__area", "by_post__unit")


def book_for(actor: Actor, ref: str) -> Book:
    """One book of which the actor may open at least one part.

    Raises:
        Refused: ``not_found``.
    """
    found = books(actor).filter(ref=ref).first()
    if found is None or not (reads_whole(actor, found) or parts(actor, found).exists()):
        raise Refused("not_found")
    return found


def reads_whole(actor: Actor, book: Book) -> bool:
    """Whether the actor sits where everything of the book may be seen: the owner's area, or above."""
    return actor.role is Role.SYSTEM or paths.within(book.programme.owner.area.path, actor.effective.area_path)


def shown(actor: Actor, book: Book, part: BookPart) -> dict[str, Any]:
    """The content of a part as the actor may see it: nothing of other units where the programme keeps them apart."""
    content: dict[str, Any] = part.content
    apart = book.programme.visibility == Programme.Visibility.OWN and not reads_whole(actor, book)
    return {name: value for name, value in content.items() if name != "nearest"} if apart else content


def steers(actor: Actor, programme: Programme) -> bool:
    """Whether the actor may have books of the programme compiled."""
    try:
        require_steering(programme, actor)
    except Refused:
        return False
    return True


def parts(actor: Actor, book: Book) -> QuerySet[BookPart]:
    """The parts the actor may open: all of them from the owner's area, else those of units within his own."""
    rows = BookPart.objects.filter(book=book)
    if reads_whole(actor, book):
        return rows
    area = actor.effective.area_path
    mine = Unit.objects.filter(**paths.subtree("path", area)).order_by().values("pk")
    return rows.filter(kind=contents.UNIT, key__in=mine) if area else rows.none()


def part_for(actor: Actor, book: Book, kind: str, key: int = 0) -> BookPart:
    """One part.

    Raises:
        Refused: ``not_found`` when there is none or the actor may not open it; the two cannot be told apart.
    """
    found = parts(actor, book).filter(kind=kind, key=key).first()
    if found is None:
        raise Refused("not_found")
    return found


def file_for(actor: Actor, book: Book, kind: str, language: str = "") -> BookFile:
    """A file of the whole book, for whoever may read all of it.

    Raises:
        Refused: ``not_found``.
    """
    found = book.files.filter(kind=kind, language=language).select_related("file").first()
    if found is None or not reads_whole(actor, book):
        raise Refused("not_found")
    return found


def running(programme: Programme) -> Job | None:
    """The job that compiles a book of the programme just now."""
    live = Job.objects.filter(kind=JOB, state__in=(JobState.QUEUED, JobState.RUNNING), args__programme=programme.key)
    return live.order_by("-pk").first()


def last_job(programme: Programme) -> Job | None:
    """The last job about a book of the programme, whatever became of it."""
    return Job.objects.filter(kind=JOB, args__programme=programme.key).order_by("-pk").first()


def last_meeting(programme: Programme, laid_before: Meeting | None = None) -> Meeting | None:
    """The meeting that ended last before the one a book is laid before, else the last about the programme at all."""
    if laid_before is not None:
        return last_ended(laid_before)
    ended = Meeting.objects.filter(programme=programme, stage="ended", convened_by__area=programme.owner.area_id)
    return ended.order_by("-ended_at", "-pk").first()


def since_for(programme: Programme, laid_before: Meeting | None = None) -> date:
    """From which day a book counts unless it is told: the last meeting, else the first day of the authority."""
    last = last_meeting(programme, laid_before)
    if last is not None:
        return local_day(last.held_at)
    told = programme.last_meeting_on or delivery.first_authority_on(programme)
    return told or local_day(programme.created_at)


# --- What stands behind a figure --------------------------------------------------------------------------------------


def behind(actor: Actor, book: Book, name: str, unit: int | None, matter: int | None) -> QuerySet[Commitment]:
    """The commitments a figure of a book is made of, as they stand today（数字所据）.

    Args:
        actor: what he does not see is not among them.
        book: whose days count.
        name: of a figure, a key of :data:`CONDITIONS`.
        unit: a unit directly below the owner's area; ``None`` for all.
        matter: one matter, else all.

    Raises:
        Refused: ``not_found`` for an unknown figure, or a unit of which the actor may not open the part.
    """
    tell = CONDITIONS.get(name)
    if tell is None or (unit is None and not reads_whole(actor, book)):
        raise Refused("not_found")
    on = Ground(book.programme, book.programme.owner.area, book.since_on, book.as_on, (), ())
    rows = figures.live(on).filter(tell(on)).select_related("lead", "matter")
    if unit is not None:
        part_for(actor, book, contents.UNIT, unit)
        rows = rows.filter(**paths.subtree("lead_path", Unit.objects.get(pk=unit).path))
    if matter is not None:
        rows = rows.filter(matter=matter)
    return rows.order_by("due_key", "ref")


def _promised(on: Ground) -> Q:
    return Q(first_due_on__gt=on.since, first_due_on__lte=on.today)


def _exists(rows: QuerySet[Any]) -> Q:
    return Q(Exists(rows.filter(commitment=OuterRef("pk"))))


CONDITIONS: Mapping[str, Callable[[Ground], Q]] = {
    "items": lambda _on: Q(),
    "overdue": lambda _on: Q(light="red"),
    "at_risk": lambda _on: Q(light="yellow"),
    "missed": lambda _on: Q(missed=True),
    "closed": lambda _on: Q(state=State.CLOSED),
    "gap": lambda _on: Q(children_count=0, gap__gte=rules.LIMITS.gap_points) & ~Q(state__in=OVER),
    "desk": lambda _on: Q(verified_how="desk"),
    "by_visit": lambda _on: Q(verified_how="visited"),
    "sampled": lambda _on: Q(verified_how="sampled"),
    "promised": _promised,
    "promised_said": lambda on: _promised(on) & Q(said=100),
    "promised_closed": lambda on: _promised(on) & Q(state=State.CLOSED),
    "closed_since": lambda on: Q(state=State.CLOSED, closed_at__gte=on.begins),
    "extended": lambda on: _exists(
        Extension.objects.filter(granted=True, decided_at__gte=on.begins, decided_at__lt=on.ends)
    ),
    "extended_again": lambda _on: figures.extended_again(),
    "foreseen": lambda on: expected(on.today),
    "silent": lambda on: figures.silent(on.today),
    "visited": lambda on: _exists(figures.visits(on).filter(state="done")),
    "visited_failed": lambda on: _exists(figures.visits(on).filter(holds=False)),
    "findings_open": lambda _on: Q(open_findings__gt=0),
    "findings_raised": lambda on: _exists(Finding.objects.filter(at__gte=on.begins)),
    "findings_answered": lambda on: _exists(Finding.objects.filter(at__gte=on.begins, answered_at__isnull=False)),
    "owed": lambda on: Q(Exists(figures.owed(on).filter(commitment=OuterRef("pk")))),
    "owed_late": lambda on: Q(Exists(figures.owed(on).filter(commitment=OuterRef("pk"), reply_by_on__lt=on.today))),
    "looked_back": lambda on: _exists(figures.looked_back(on)),
    "drawn_back": lambda on: _exists(figures.drawn(on)),
    "held": lambda on: _exists(figures.looked_back(on).filter(passed=True)),
    "relapsed": lambda on: _exists(figures.looked_back(on).filter(passed=False)),
    "asks": lambda _on: Q(state__in=(State.ISSUED, State.ACCEPTED, State.APPLIED, State.VERIFIED)),
    "asked_complete": lambda _on: figures.still_asked(),
}
"""Name of a figure → the condition on a commitment by which it was counted."""
