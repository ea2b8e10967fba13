"""中止、恢复、撤销、延期、调整期限: changes that are asked with a reason and decided by the issuing side."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment, Extension, Stop
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.models.timings import term_ends
from luoshi.delivery.services import acting, timing
from luoshi.delivery.services.acting import Done
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    part_due_later=_("Its part %(ref)s is due later (%(due)s): move the parts along, or choose a later date."),
)


@transaction.atomic
def suspend_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Stop the clock of a commitment（中止）, with a reason.

    Raises:
        Refused: ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.SUSPEND, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    doing.commitment.resume_state = doing.move.before
    stopped = timing.stop_clock(doing.commitment, Stop.Cause.SUSPENSION, local_day(at))
    return doing.finish(events.CommitmentSuspended(ref=ref, reason=reason), rows=stopped)


@transaction.atomic
def resume_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Let a suspended commitment go on where it was（恢复）; its date moves by the working days it stood still.

    Raises:
        Refused: ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.RESUME, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    commitment, old = doing.commitment, doing.commitment.due_on
    commitment.resume_state = ""
    commitment.state = doing.move.after
    ran = timing.start_clock(commitment, local_day(at))
    event = events.CommitmentResumed(
        ref=ref, reason=reason, waited=waited(ran), old_due_on=iso(old), new_due_on=iso(commitment.due_on)
    )
    return doing.finish(event, rows=ran)


def waited(stops: list[Stop]) -> int:
    """Working days a clock stood that runs again."""
    return sum(stop.days or 0 for stop in stops)


@transaction.atomic
def withdraw_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Take a commitment back（撤销）, with a reason; its parts must be closed or withdrawn first.

    Raises:
        Refused: ``reason_missing``, ``children_open`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.WITHDRAW, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    return doing.finish(events.CommitmentWithdrawn(ref=ref, reason=reason))


@transaction.atomic
def ask_extension(*, actor: Actor, ref: str, version: int, new_due_on: date, reason: str, at: datetime) -> Done:
    """Ask for a later date, before the date, with a reason（申请延期）.

    Raises:
        Refused: ``extension_too_late``, ``extension_limit``, ``extension_pending``, ``new_date_not_later``,
            ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    intent = Intent(reason=reason, new_due=new_due_on)
    doing = acting.begin(Act.ASK_EXTENSION, actor=actor, ref=ref, version=version, at=at, intent=intent)
    commitment = doing.commitment
    if commitment.due_on is None:
        raise Refused("no_deadline")
    decide_by_on = _decide_by(commitment, at)
    extension = Extension.objects.create(
        commitment=commitment,
        old_due_on=commitment.due_on,
        new_due_on=new_due_on,
        reason=reason,
        asked_by_post_id=actor.effective.post_id,
        asked_at=at,
        decide_by_on=decide_by_on,
        next_step_at=due_moment(decide_by_on),
    )
    commitment.pending_extension = True
    event = events.ExtensionAsked(
        ref=ref, reason=reason, old_due_on=commitment.due_on.isoformat(), new_due_on=new_due_on.isoformat()
    )
    return doing.finish(event, rows=[extension], extra=extension)


def _decide_by(commitment: Commitment, at: datetime) -> date:
    """Until when the issuing side should decide, by its own calendar."""
    told = commitment.timing_now()
    return term_ends(told.decide_days, told.decide_kind, "asked", local_day(at), commitment.issuer.path)


@transaction.atomic
def decide_extension(*, actor: Actor, ref: str, version: int, granted: bool, reason: str, at: datetime) -> Done:
    """Grant or refuse a later date（批准延期）; counted, and the first date stays visible.

    Raises:
        Refused: ``no_extension_pending``, ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    intent = Intent(reason=reason, favourable=granted)
    doing = acting.begin(Act.DECIDE_EXTENSION, actor=actor, ref=ref, version=version, at=at, intent=intent)
    commitment = doing.commitment
    extension = commitment.extensions.get(granted__isnull=True)
    extension.granted, extension.decision = granted, reason
    extension.decided_by_post_id, extension.decided_at = actor.effective.post_id, at
    extension.next_step_at = None
    extension.save()
    commitment.pending_extension = False
    if granted:
        commitment.due_on = extension.new_due_on
        commitment.extensions_granted += 1
    event = events.ExtensionDecided(
        ref=ref, granted=granted, reason=reason, new_due_on=iso(extension.new_due_on if granted else None)
    )
    return doing.finish(event, rows=[extension], extra=extension)


@transaction.atomic
def re_date_commitment(*, actor: Actor, ref: str, version: int, new_due_on: date, reason: str, at: datetime) -> Done:
    """Move a date after a decision（调整期限）: by the issuing side or above, not because the lead asked.

    A later date counts as an extension, and the first date stays visible. A part is never due after its whole.

    Raises:
        Refused: ``reason_missing``, ``extension_pending``, ``no_deadline``, ``date_in_past``, ``same_date``,
            ``part_after_whole``, ``part_due_later`` and those of ``begin``.
    """
    reason = acting.said(reason)
    intent = Intent(reason=reason, new_due=new_due_on)
    doing = acting.begin(Act.RE_DATE, actor=actor, ref=ref, version=version, at=at, intent=intent)
    commitment = doing.commitment
    if commitment.parent_id is not None:
        whole = Commitment.objects.values_list("due_on", flat=True).get(pk=commitment.parent_id)
        if whole is not None and new_due_on > whole:
            raise Refused("part_after_whole", due=str(whole))
    later = commitment.children.exclude(state__in=projections.OVER_VALUES).filter(due_on__gt=new_due_on)
    if (part := later.order_by("pk").first()) is not None:
        raise Refused("part_due_later", ref=part.ref, due=str(part.due_on))
    old = iso(commitment.due_on)
    move_date(commitment, new_due_on)
    event = events.CommitmentReDated(ref=ref, reason=reason, old_due_on=old or "", new_due_on=new_due_on.isoformat())
    return doing.finish(event)


def move_date(commitment: Commitment, new_due_on: date) -> None:
    """Set the new date; a later one is counted as an extension."""
    if commitment.due_on is not None and new_due_on > commitment.due_on:
        commitment.extensions_granted += 1
    commitment.due_on = new_due_on
