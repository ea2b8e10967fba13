"""Deadlines that move when a calendar changes（随日历变动的期限）: the list one sees before it is confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from luoshi.delivery.models import Commitment, Request
from luoshi.delivery.models.timings import timing_of
from luoshi.rules import paths
from luoshi.rules.calendar import add_working, local_day
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Actor, Role
from luoshi.units.queries.calendars import calendar_at, edition

DUE: Final = "due"
ACCEPT: Final = "accept"
REPLY: Final = "reply"
MOVE_DEADLINES: Final = "delivery.move_deadlines"
"""The kind of the job that moves many."""


@dataclass(frozen=True, slots=True)
class Move:
    """One date that moves: of which commitment, which date, from when to when.

    For a reply that is owed, ``pk`` is the question's and ``lead_id`` the unit that owes it.
    """

    pk: int
    ref: str
    title: str
    lead_id: int
    what: str
    old: date
    new: date


@dataclass(frozen=True, slots=True)
class Moving:
    """All that moves to one edition of the calendar; ``looked_at`` says how many deadlines were counted anew."""

    edition: int
    moves: tuple[Move, ...]
    unmoved: tuple[int, ...]
    unmoved_replies: tuple[int, ...]
    looked_at: int
    digest: str

    @property
    def later(self) -> int:
        """How many move to a later day."""
        return sum(move.new > move.old for move in self.moves)

    @property
    def earlier(self) -> int:
        """How many move to an earlier day."""
        return len(self.moves) - self.later


_COLUMNS = (
    "pk", "ref", "title", "lead_id", "state", "lead_path", "issued_at", "deadline_n", "deadline_kind", "due_on",
    "accept_days", "accept_by", "accepted_at", "timing_id", "waited_days", "counted_by", "programme__warning_days",
)  # fmt: skip


def counted_before(actor: Actor, now: int) -> QuerySet[Commitment]:
    """Open commitments in the actor's area whose working days an earlier edition of the calendar counted."""
    rows = Commitment.objects.filter(counted_by__isnull=False, counted_by__lt=now)
    if actor.role is not Role.SYSTEM:
        rows = rows.filter(Q(**paths.subtree("lead_path", actor.effective.area_path)))
    return rows.exclude(state__in=[State.DRAFT, *OVER]).order_by("pk")


def replies_counted_before(actor: Actor, now: int) -> QuerySet[Request]:
    """Replies that are owed in the actor's area and whose term an earlier edition of the calendar counted."""
    rows = Request.objects.filter(replied_at__isnull=True, counted_by__isnull=False, counted_by__lt=now)
    if actor.role is not Role.SYSTEM:
        rows = rows.filter(Q(**paths.subtree("lies_with__path", actor.effective.area_path)))
    rows = rows.exclude(commitment__state__in=OVER).annotate(passed_at=Max("forwardings__at"))
    return rows.select_related("commitment", "lies_with").order_by("pk")


def moving(actor: Actor, *, limit: int | None = None) -> Moving:
    """Count every such deadline anew and say which move; two statements, whatever their number.

    A date that a person set since, by an extension or a decision, is not counted and so does not move.

    Args:
        actor: whose area is looked at.
        limit: look at the first so many only.
    """
    now = edition(fresh=True)
    moves: list[Move] = []
    unmoved: list[int] = []
    looked_at = 0
    rows = counted_before(actor, now)
    for values in (rows[:limit] if limit else rows).values_list(*_COLUMNS).iterator(chunk_size=5000):
        row = dict(zip(_COLUMNS, values, strict=True))
        found = list(_moved(row, now))
        looked_at += 1
        if found:
            moves += found
        else:
            unmoved.append(row["pk"])
    replies: list[int] = []
    owed = replies_counted_before(actor, now)
    left = None if limit is None else max(0, limit - looked_at)
    for request in owed if left is None else owed[:left]:
        looked_at += 1
        move = _moved_reply(request, now)
        if move is None:
            replies.append(request.pk)
        else:
            moves.append(move)
    text = "\n".join(f"{one.ref}|{one.what}|{one.old}|{one.new}" for one in moves)
    digest = hashlib.sha256(f"{now}\n{text}".encode()).hexdigest()
    return Moving(now, tuple(moves), tuple(unmoved), tuple(replies), looked_at, digest)


def _moved_reply(request: Request, now: int) -> Move | None:
    """How the term of a reply moves; it was counted from the asking, or from the last forwarding."""
    unit, n, by = request.lies_with, request.counted_n, request.reply_by_on
    edition_then = request.counted_by
    if unit is None or n is None or by is None or edition_then is None or request.counted_kind != "working":
        return None
    before, after = calendar_at(unit.path, edition_then), calendar_at(unit.path, now)
    began = local_day(getattr(request, "passed_at", None) or request.at)
    new = add_working(began, n, after)
    if before is after or by != add_working(began, n, before) or new == by:
        return None
    about = request.commitment
    return Move(request.pk, about.ref, about.title, unit.pk, REPLY, by, new)


def _moved(row: dict[str, Any], now: int) -> Iterator[Move]:
    before, after = calendar_at(row["lead_path"], row["counted_by"]), calendar_at(row["lead_path"], now)
    if before is after:
        return
    issued = local_day(row["issued_at"])
    terms = []
    if row["deadline_n"] is not None and row["deadline_kind"] == "working" and row["due_on"]:
        terms.append((DUE, row["deadline_n"], row["due_on"]))
    timing = timing_of(row["timing_id"], row["programme__warning_days"])
    if timing.accept_kind == "working" and row["accepted_at"] is None and row["state"] == State.ISSUED:
        terms.append((ACCEPT, row["accept_days"], row["accept_by"]))
    for what, n, stands in terms:
        days = n + row["waited_days"]
        if stands == add_working(issued, days, before) and (new := add_working(issued, days, after)) != stands:
            yield Move(row["pk"], row["ref"], row["title"], row["lead_id"], what, stands, new)
