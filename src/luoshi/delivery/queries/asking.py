"""Questions upward as one may see them（请示查询）: which lie with a seat, and which replies are late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from luoshi.delivery.models import Matter, Programme, Request
from luoshi.delivery.queries.overdue import REPLIES, overdue
from luoshi.rules import paths
from luoshi.rules.permissions import Actor, Role, Seat
from luoshi.units.models import Unit

SHOWN = 5
"""Late replies named on the board; the rest is counted and stands in the list of the interface."""


def lying_with(seat: Seat) -> Q:
    """Questions a seat replies to or forwards（待批复）: of its own unit, of its area, and those of its departments."""
    own = [seat.unit_id, paths.own_id(seat.area_path)] if seat.role is Role.OFFICE else [seat.unit_id]
    told = Q(lies_with__in=own) | Q(lies_with__isnull=True, commitment__issuer__in=own)
    if seat.role is Role.HEAD:
        told |= Q(lies_with__area=seat.unit_id) | Q(lies_with__isnull=True, commitment__issuer__area=seat.unit_id)
    return told if seat.role in (Role.HEAD, Role.OFFICE) else Q(pk__in=())


@dataclass(frozen=True, slots=True)
class LateReply:
    """A reply that is late: the question, the unit that owes it, since when, and whether the reader's side owes it."""

    request: Request
    unit: Unit
    days: int
    ours: bool


@dataclass(frozen=True, slots=True)
class LateReplies:
    """The longest overdue ones, and how many in all."""

    rows: Sequence[LateReply] = ()
    total: int = 0

    @property
    def beyond(self) -> int:
        """How many are not named."""
        return self.total - len(self.rows)


def late_replies(
    actor: Actor, programme: Programme, unit: Unit, today: date, matter: Matter | None = None, limit: int = SHOWN
) -> LateReplies:
    """Replies that superiors of units within ``unit`` owe and are late with（逾期未批复）.

    One statement, and one more if any is late.
    ``unit`` lies in the reader's own area; the caller has made sure of it. The oldest first: it is a list of promises
    and never of persons.
    """
    found, total = overdue(REPLIES, programme, unit, today, matter, limit)
    if not found:
        return LateReplies()
    asked = Request.objects.filter(pk__in=found).select_related("commitment__lead", "commitment__issuer", "lies_with")
    rows = asked.order_by("reply_by_on", "pk")
    seat = actor.effective
    mine = {seat.unit_id, paths.own_id(seat.area_path)}
    return LateReplies(
        [
            LateReply(
                row,
                owing := row.lies_with or row.commitment.issuer,
                (today - row.reply_by_on).days if row.reply_by_on else 0,
                owing.pk in mine or owing.area_id in mine,
            )
            for row in rows
        ],
        total,
    )
