"""请示、批复、批示: questions upward, replies, and a leader's note downward."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Commitment, Instruction, Request, Stop
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.models.timings import term_ends
from luoshi.delivery.services import acting, timing
from luoshi.delivery.services.acting import Done
from luoshi.delivery.services.changing import waited
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries.calendars import edition

_ = gettext_noop
declare(422, question_missing=_("Write the question that needs an answer from above."))


@transaction.atomic
def raise_request(
    *, actor: Actor, ref: str, version: int, question: str, reply_by_on: date | None = None, at: datetime
) -> Done:
    """Ask the issuing side a question（请示）; an open one keeps the commitment from closing.

    From now on the unit's clock stands still and the superior's runs: until ``reply_by_on``, or for as many days as the
    programme gives a reply, counted by the superior's own calendar.

    Raises:
        Refused: ``question_missing``, ``date_in_past`` and those of ``begin``.
    """
    question = acting.said(question)
    if not question:
        raise Refused("question_missing")
    doing = acting.begin(Act.REQUEST, actor=actor, ref=ref, version=version, at=at)
    commitment, today = doing.commitment, local_day(at)
    if reply_by_on is not None and reply_by_on < today:
        raise Refused("date_in_past", new=str(reply_by_on))
    told = commitment.timing_now()
    counts = reply_by_on is None
    until = reply_by_on or term_ends(told.reply_days, told.reply_kind, "asked", today, commitment.issuer.path)
    request = Request.objects.create(
        commitment=commitment,
        question=question,
        reply_by_on=until,
        counted_n=told.reply_days if counts else None,
        counted_kind=told.reply_kind,
        counted_by=edition() if counts and told.reply_kind == "working" else None,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    commitment.open_requests += 1
    stopped = timing.stop_clock(commitment, Stop.Cause.REQUEST, today)
    event = events.RequestRaised(ref=ref, question=question, reply_by_on=iso(until))
    return doing.finish(event, rows=[request, *stopped], extra=request)


@transaction.atomic
def reply_to_request(
    *, actor: Actor, ref: str, version: int, reply: str, request: int | None = None, at: datetime
) -> Done:
    """Reply to an open question（批复）, the oldest when none is named.

    With the last open one the unit's clock runs again, and its date moves by the working days it stood still.

    Raises:
        Refused: ``no_request_open``, ``opinion_missing`` and those of ``begin``.
    """
    reply = acting.said(reply)
    doing = acting.begin(Act.REPLY, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=reply))
    found = _open(doing.commitment, request, "id")
    found.reply, found.replied_at, found.replied_by_post_id = reply, at, actor.effective.post_id
    found.save()
    old = doing.commitment.due_on
    ran = _settled(doing, at)
    event = events.RequestReplied(
        ref=ref, reply=reply, waited=waited(ran), old_due_on=iso(old), new_due_on=iso(doing.commitment.due_on)
    )
    return doing.finish(event, rows=[found, *ran], extra=found)


@transaction.atomic
def take_back_request(
    *, actor: Actor, ref: str, version: int, reason: str = "", request: int | None = None, at: datetime
) -> Done:
    """Take an open question back（撤回请示）, the newest when none is named; nobody owes a reply to it any more.

    With the last open one the clock runs again. The days until then still count as waited: the reply was owed.

    Raises:
        Refused: ``no_request_open`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.TAKE_BACK, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    found = _open(doing.commitment, request, "-id")
    found.replied_at = found.withdrawn_at = at
    found.withdrawn_by_post_id = actor.effective.post_id
    found.save()
    old = doing.commitment.due_on
    ran = _settled(doing, at)
    event = events.RequestTakenBack(
        ref=ref, reason=reason, waited=waited(ran), old_due_on=iso(old), new_due_on=iso(doing.commitment.due_on)
    )
    return doing.finish(event, rows=[found, *ran], extra=found)


def _open(commitment: Commitment, named: int | None, order: str) -> Request:
    """The open question that is meant.

    Raises:
        Refused: ``no_request_open``.
    """
    waiting = commitment.requests.filter(replied_at__isnull=True)
    found = (waiting.filter(pk=named) if named else waiting.order_by(order)).first()
    if found is None:
        raise Refused("no_request_open")
    return found


def _settled(doing: acting.Doing, at: datetime) -> list[Stop]:
    """One question less; the clock runs again with the last."""
    doing.commitment.open_requests -= 1
    return timing.start_clock(doing.commitment, local_day(at))


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
