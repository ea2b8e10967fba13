"""签收、退回交办、定人: the lead takes a commitment on, refuses it with a reason, names who does it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.delivery import events, queries
from luoshi.delivery.services import acting, drafting, timing
from luoshi.delivery.services.acting import Done
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


@transaction.atomic
def accept_commitment(*, actor: Actor, ref: str, version: int, at: datetime) -> Done:
    """Take a commitment on（签收）; the unit directly above may do so for a unit below.

    Raises:
        Refused: see :func:`luoshi.delivery.services.acting.begin`.
    """
    doing = acting.begin(Act.ACCEPT, actor=actor, ref=ref, version=version, at=at)
    doing.commitment.accepted_at = at
    return doing.finish(events.CommitmentAccepted(ref=ref, for_unit=doing.for_unit_id))


@transaction.atomic
def decline_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Refuse a commitment with a reason（退回交办）; it goes back to the issuer.

    Raises:
        Refused: ``reason_missing``, ``cannot_decline_again`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.DECLINE, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    return doing.finish(events.CommitmentDeclined(ref=ref, reason=reason))


@transaction.atomic
def insist_on_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Issue a declined commitment to the same lead once more（坚持交办）; once at most.

    Raises:
        Refused: ``already_insisted``, ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.INSIST, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    doing.commitment.insisted = True
    return doing.finish(events.CommitmentInsistedOn(ref=ref, reason=reason))


def _to_another_lead(act: Act, actor: Actor, ref: str, version: int, lead: int, reason: str, at: datetime) -> Done:
    reason = acting.said(reason)
    unit = queries.possible_leads(actor).filter(pk=lead).first()
    intent = Intent(reason=reason, lead_id=lead, lead_receives=unit is None or unit.receives)
    doing = acting.begin(act, actor=actor, ref=ref, version=version, at=at, intent=intent)
    if unit is None:
        raise Refused("lead_outside")
    commitment, old_lead = doing.commitment, doing.commitment.lead_id
    commitment.lead = unit
    commitment.lead_post = None
    commitment.insisted = False
    commitment.said = 0  # what the old lead said binds the new one to nothing
    commitment.completed_at = None
    commitment.last_report_on_behalf = False
    timing.set_dates(commitment, at)
    event = events.CommitmentReissued if act is Act.REISSUE else events.LeadChanged
    return doing.finish(event(ref=ref, reason=reason, lead=unit.pk, old_lead=old_lead))


@transaction.atomic
def reissue_commitment(*, actor: Actor, ref: str, version: int, lead: int, reason: str, at: datetime) -> Done:
    """Issue a declined commitment to another unit（改派）.

    Raises:
        Refused: ``lead_outside``, ``same_lead``, ``reason_missing`` and those of ``begin``.
    """
    return _to_another_lead(Act.REISSUE, actor, ref, version, lead, reason, at)


@transaction.atomic
def change_lead(*, actor: Actor, ref: str, version: int, lead: int, reason: str, at: datetime) -> Done:
    """Give a running commitment to another lead（变更牵头）, with a reason; it must be accepted anew.

    Raises:
        Refused: ``lead_outside``, ``same_lead``, ``already_broken_down``, ``reason_missing`` and those of ``begin``.
    """
    return _to_another_lead(Act.CHANGE_LEAD, actor, ref, version, lead, reason, at)


@transaction.atomic
def assign_commitment(*, actor: Actor, ref: str, version: int, post: str, at: datetime) -> Done:
    """Name the post that does it（定人）; accountability hangs on a post, not on a name.

    Raises:
        Refused: ``post_outside`` and those of ``begin``.
    """
    doing = acting.begin(Act.ASSIGN, actor=actor, ref=ref, version=version, at=at)
    chosen = drafting.post_within(doing.commitment.lead, post)
    doing.commitment.lead_post = chosen
    return doing.finish(events.CommitmentAssigned(ref=ref, post=chosen.ref))
