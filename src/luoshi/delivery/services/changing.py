"""中止、恢复、撤销、延期: changes that are asked with a reason and decided by the issuing side."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Extension
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


@transaction.atomic
def suspend_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Stop the clock of a commitment（中止）, with a reason.

    Raises:
        Refused: ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.SUSPEND, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    doing.commitment.resume_state = doing.move.before
    return doing.finish(events.CommitmentSuspended(ref=ref, reason=reason))


@transaction.atomic
def resume_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Let a suspended commitment go on where it was（恢复）.

    Raises:
        Refused: ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.RESUME, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    doing.commitment.resume_state = ""
    return doing.finish(events.CommitmentResumed(ref=ref, reason=reason))


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
    extension = Extension.objects.create(
        commitment=commitment,
        old_due_on=commitment.due_on,
        new_due_on=new_due_on,
        reason=reason,
        asked_by_post_id=actor.effective.post_id,
        asked_at=at,
    )
    commitment.pending_extension = True
    event = events.ExtensionAsked(
        ref=ref, reason=reason, old_due_on=commitment.due_on.isoformat(), new_due_on=new_due_on.isoformat()
    )
    return doing.finish(event, rows=[extension], extra=extension)


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
    extension.save()
    commitment.pending_extension = False
    if granted:
        commitment.due_on = extension.new_due_on
        commitment.extensions_granted += 1
    event = events.ExtensionDecided(
        ref=ref, granted=granted, reason=reason, new_due_on=iso(extension.new_due_on if granted else None)
    )
    return doing.finish(event, rows=[extension], extra=extension)
