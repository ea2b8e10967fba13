"""请示、批复、批示: questions upward, replies, and a leader's note downward."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Instruction, Request
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(422, question_missing=_("Write the question that needs an answer from above."))


@transaction.atomic
def raise_request(
    *, actor: Actor, ref: str, version: int, question: str, reply_by_on: date | None = None, at: datetime
) -> Done:
    """Ask the issuing side a question（请示）; an open one keeps the commitment from closing.

    Raises:
        Refused: ``question_missing`` and those of ``begin``.
    """
    question = acting.said(question)
    if not question:
        raise Refused("question_missing")
    doing = acting.begin(Act.REQUEST, actor=actor, ref=ref, version=version, at=at)
    request = Request.objects.create(
        commitment=doing.commitment,
        question=question,
        reply_by_on=reply_by_on,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    doing.commitment.open_requests += 1
    event = events.RequestRaised(ref=ref, question=question, reply_by_on=iso(reply_by_on))
    return doing.finish(event, rows=[request], extra=request)


@transaction.atomic
def reply_to_request(*, actor: Actor, ref: str, version: int, reply: str, at: datetime) -> Done:
    """Reply to the oldest open question（批复）.

    Raises:
        Refused: ``no_request_open``, ``opinion_missing`` and those of ``begin``.
    """
    reply = acting.said(reply)
    doing = acting.begin(Act.REPLY, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=reply))
    request = doing.commitment.requests.filter(replied_at__isnull=True).order_by("id")[0]
    request.reply, request.replied_at, request.replied_by_post_id = reply, at, actor.effective.post_id
    request.save()
    doing.commitment.open_requests -= 1
    return doing.finish(events.RequestReplied(ref=ref, reply=reply), rows=[request], extra=request)


@transaction.atomic
def instruct_commitment(*, actor: Actor, ref: str, version: int, words: str, at: datetime) -> Done:
    """Write a note on a commitment（批示）; the lead is told.

    Raises:
        Refused: ``opinion_missing`` and those of ``begin``.
    """
    words = acting.said(words)
    doing = acting.begin(Act.INSTRUCT, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=words))
    note = Instruction.objects.create(
        commitment=doing.commitment, words=words, by_post_id=actor.effective.post_id, at=at
    )
    return doing.finish(events.CommitmentInstructed(ref=ref, words=words), rows=[note], extra=note)
