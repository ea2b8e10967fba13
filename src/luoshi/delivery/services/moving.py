"""日历变动: a calendar changed, somebody looked at the deadlines that move, and moves them in one act."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment, Request
from luoshi.delivery.models.ladders import Climbing
from luoshi.delivery.queries.moving import ACCEPT, DUE, MOVE_DEADLINES, REPLY, Moving, moving
from luoshi.delivery.services import acting, notices
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.office.models import Job
from luoshi.office.models.many import set_rows
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries.calendars import edition

_ = gettext_noop
declare(
    403,
    deadlines_not_yours=_(
        "Deadlines are moved with the calendar by an administrator or a supervision office, each in its own area."
    ),
)
declare(
    409,
    moves_changed=_("The list of deadlines that move is not the one you looked at any more; look at it again."),
    nothing_moves=_("No deadline moves: all are counted by the calendar in force."),
)

AT_ONCE = 300
"""So many are moved while one waits; more become a job."""
BATCH = 5_000
"""Deadlines of one transaction of that job; each batch stands, so that a job that is started again goes on."""
_WRITTEN = ("due_on", "accept_by", "counted_by", "version", "light", "next_due_at", "missed")


def require_mover(actor: Actor) -> None:
    """Refuse all but administrators and supervision offices.

    Raises:
        Refused: ``deadlines_not_yours``.
    """
    if actor.role not in (Role.ADMINISTRATOR, Role.OFFICE, Role.SYSTEM):
        raise Refused("deadlines_not_yours")


def confirm_moves(*, actor: Actor, digest: str, reason: str, at: datetime) -> Entry | Job:
    """Move exactly the deadlines one has looked at（确认期限变动）: a few at once, many as a job.

    Args:
        actor: an administrator or supervision office; the deadlines of its area are meant.
        digest: of the list looked at.
        reason: why; kept in the ledger and told to the leads.
        at: now.

    Raises:
        Refused: ``deadlines_not_yours``, ``reason_missing``, ``moves_changed``, ``nothing_moves``.
    """
    require_mover(actor)
    reason = acting.said(reason)
    if not reason:
        raise Refused("reason_missing")
    found = moving(actor)
    if not found.moves:
        raise Refused("nothing_moves")
    if found.digest != digest:
        raise Refused("moves_changed")
    if len(found.moves) > AT_ONCE:
        args = {"edition": found.edition, "reason": reason, "count": len(found.moves)}
        return office.start_job(MOVE_DEADLINES, args, actor=actor, at=at)
    entry = move_some(actor=actor, edition_seen=found.edition, reason=reason, at=at, limit=None)
    assert entry is not None  # noqa: S101 - something moves
    return entry


@transaction.atomic
def move_some(*, actor: Actor, edition_seen: int, reason: str, at: datetime, limit: int | None = BATCH) -> Entry | None:
    """Move the next deadlines to the calendar somebody confirmed: one transaction, one entry（期限随日历调整）.

    What was counted by an earlier edition and does not move is marked as looked at. Called again after a crash it goes
    on with what is left.

    Returns:
        the entry, or ``None`` when nothing of this batch moved.

    Raises:
        Refused: ``moves_changed`` when the calendar was changed again since.
    """
    if edition(fresh=True) != edition_seen:
        raise Refused("moves_changed")
    found = moving(actor, limit=limit)
    Commitment.objects.filter(pk__in=found.unmoved).update(counted_by=found.edition)
    Request.objects.filter(pk__in=found.unmoved_replies).update(counted_by=found.edition)
    if not found.moves:
        return None
    rows, replies = _moved(found, at=at), _moved_replies(found, at=at)
    refs = list(dict.fromkeys([*(row.ref for row in rows), *(row.commitment.ref for row in replies)]))
    changed: list[acting.Governed] = [*rows, *replies]
    entry = ledger.append(
        events.DeadlinesMoved(
            ref=refs[0], edition=found.edition, moved=len(found.moves), later=found.later, reason=reason
        ),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state() for row in changed},
        subjects=tuple(refs),
    )
    notices.tell_moved(rows, entry.pk, at=at)
    return entry


def _moved(found: Moving, *, at: datetime) -> list[Commitment]:
    """Write the new dates, lights and cells; the rows as they are now."""
    wanted: dict[int, dict[str, object]] = {}
    for move in found.moves:
        if move.what == REPLY:
            continue
        wanted.setdefault(move.pk, {})[{DUE: "due_on", ACCEPT: "accept_by"}[move.what]] = move.new
    locked = Commitment.objects.select_for_update(of=("self",)).select_related("lead", "issuer", "programme")
    rows = list(locked.filter(pk__in=wanted).order_by("pk"))
    changes = []
    for row in rows:
        before = row.summary()
        for name, value in wanted[row.pk].items():
            setattr(row, name, value)
        row.counted_by = found.edition
        row.version += 1
        projections.turn_light(row, at=at)
        changes.append((row.lead.path, row.matter_id, row.summary() - before))
    set_rows(rows, _WRITTEN)
    projections.append_deltas(changes)
    return rows


def _moved_replies(found: Moving, *, at: datetime) -> list[Request]:
    """Write the new terms of replies; a date that lies ahead begins its ladder anew. The rows as they are now."""
    wanted = {move.pk: move.new for move in found.moves if move.what == REPLY}
    if not wanted:
        return []
    locked = Request.objects.select_for_update(of=("self",)).select_related("commitment", "lies_with")
    rows = list(locked.filter(pk__in=wanted).order_by("pk"))
    for row in rows:
        row.reply_by_on, row.counted_by = wanted[row.pk], found.edition
        row.arm(at)
    set_rows(rows, ["reply_by_on", "counted_by", *Climbing.CLIMBED])
    return rows


def more_to_look_at(actor: Actor) -> bool:
    """Whether deadlines are left that an earlier edition counted."""
    return moving(actor, limit=1).looked_at > 0
