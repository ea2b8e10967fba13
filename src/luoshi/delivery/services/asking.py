"""请示、批复、批示: questions upward, replies, and a leader's note downward."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Commitment, Forwarding, Instruction, Request, Stop
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.models.timings import term_ends
from luoshi.delivery.services import acting, changing, notices, taking_on, timing
from luoshi.delivery.services.acting import Done
from luoshi.delivery.services.changing import waited
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act, Intent, answers_for
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries.calendars import edition

_ = gettext_noop
declare(
    422,
    question_missing=_("Write the question that needs an answer from above."),
    reply_needs_date=_("The reply moves the date: say to which day."),
    reply_needs_lead=_("The reply gives it to another lead: say to which unit."),
    reply_changes_nothing=_("A new date or a new lead is given, and the reply does not say that it changes that."),
)


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
    request = Request(
        commitment=commitment,
        lies_with=commitment.issuer,
        ladder_id=commitment.ladder_id,
        question=question,
        reply_by_on=until,
        counted_n=told.reply_days if counts else None,
        counted_kind=told.reply_kind,
        counted_by=edition() if counts and told.reply_kind == "working" else None,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    request.arm(at)
    request.save()
    commitment.open_requests += 1
    stopped = timing.stop_clock(commitment, Stop.Cause.REQUEST, today)
    event = events.RequestRaised(ref=ref, question=question, reply_by_on=iso(until))
    return doing.finish(event, rows=[request, *stopped], extra=request)


@transaction.atomic
def reply_to_request(
    *,
    actor: Actor,
    ref: str,
    version: int,
    reply: str,
    request: int | None = None,
    then: str = "",
    new_due_on: date | None = None,
    lead: int | None = None,
    at: datetime,
) -> Done:
    """Reply to an open question（批复）, the oldest that lies with the actor when none is named.

    With the last open one the unit's clock runs again, and its date moves by the working days it stood still. ``then``
    names the act the reply carries: ``extend`` to ``new_due_on``, ``change-lead`` to ``lead``, ``suspend``,
    ``withdraw``. It is done by its own service in the same transaction, refused by the same rules, and has an entry of
    its own: reply and change stand together or not at all.

    Raises:
        Refused: ``no_request_open``, ``lies_elsewhere``, ``opinion_missing``, ``reply_needs_date``,
            ``reply_needs_lead``, ``reply_changes_nothing``, those of ``begin`` and those of the act it carries.
    """
    reply = acting.said(reply)
    _require_whole(then, new_due_on, lead)
    doing = acting.begin(Act.REPLY, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=reply))
    found = _mine(doing, request)
    found.reply, found.replied_at, found.replied_by_post_id = reply, at, actor.effective.post_id
    found.arm(at)
    found.save()
    old = doing.commitment.due_on
    ran = _settled(doing, at)
    event = events.RequestReplied(
        ref=ref,
        reply=reply,
        waited=waited(ran),
        old_due_on=iso(old),
        new_due_on=iso(doing.commitment.due_on),
        then=then,
    )
    done = doing.finish(event, rows=[found, *ran], extra=found)
    if then:
        seen = done.commitment.version
        carried = _carry(
            then, actor=actor, ref=ref, version=seen, reason=reply, new_due_on=new_due_on, lead=lead, at=at
        )
        return Done(carried.commitment, done.entry, found)
    return done


def _require_whole(then: str, new_due_on: date | None, lead: int | None) -> None:
    """A reply that changes something says to what, and one that changes nothing names no change.

    Raises:
        Refused: ``reply_needs_date``, ``reply_needs_lead``, ``reply_changes_nothing``.
    """
    if then == "extend" and new_due_on is None:
        raise Refused("reply_needs_date")
    if then == "change-lead" and lead is None:
        raise Refused("reply_needs_lead")
    if (new_due_on is not None and then != "extend") or (lead is not None and then != "change-lead"):
        raise Refused("reply_changes_nothing")


def _carry(
    then: str,
    *,
    actor: Actor,
    ref: str,
    version: int,
    reason: str,
    new_due_on: date | None,
    lead: int | None,
    at: datetime,
) -> Done:
    """The act a reply carries, by its own service; the reply is its reason."""
    if then == "extend" and new_due_on is not None:
        return changing.re_date_commitment(
            actor=actor, ref=ref, version=version, new_due_on=new_due_on, reason=reason, at=at
        )
    if then == "change-lead" and lead is not None:
        return taking_on.change_lead(actor=actor, ref=ref, version=version, lead=lead, reason=reason, at=at)
    act = changing.suspend_commitment if then == "suspend" else changing.withdraw_commitment
    return act(actor=actor, ref=ref, version=version, reason=reason, at=at)


@transaction.atomic
def forward_request(
    *, actor: Actor, ref: str, version: int, reason: str, request: int | None = None, at: datetime
) -> Done:
    """Hand a question up to the unit above, with the reason（转报）; the term runs anew, and for that unit.

    A department hands it to the area it serves, an area to the area above. What the unit that forwards let pass of its
    own term stays on record.

    Raises:
        Refused: ``reason_missing``, ``no_request_open``, ``lies_elsewhere``, ``nobody_above`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.FORWARD, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    found, commitment = _mine(doing, request), doing.commitment
    below = found.lies_with or commitment.issuer
    above = below.area if below.area_id != below.pk else below.parent
    if above is None:
        raise Refused("nobody_above")
    passed = Forwarding.objects.create(
        request=found,
        from_unit=below,
        to_unit=above,
        reason=reason,
        due_on=found.reply_by_on,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    told = commitment.timing_now()
    found.lies_with = above
    found.reply_by_on = term_ends(told.reply_days, told.reply_kind, "asked", local_day(at), above.path)
    found.counted_n, found.counted_kind = told.reply_days, told.reply_kind
    found.counted_by = edition() if told.reply_kind == "working" else None
    found.arm(at)
    found.save()
    event = events.RequestForwarded(ref=ref, unit=above.name, reason=reason, reply_by_on=iso(found.reply_by_on))
    done = doing.finish(event, rows=[found, passed], extra=found)
    notices.tell_forwarded(commitment, above, found.reply_by_on, actor=actor, at=at)
    return done


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
    found.arm(at)
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


def _mine(doing: acting.Doing, named: int | None) -> Request:
    """The open question that is meant, which lies with the actor's own side.

    Raises:
        Refused: ``no_request_open``, ``lies_elsewhere``.
    """
    waiting = doing.commitment.requests.filter(replied_at__isnull=True).order_by("id")
    rows = list((waiting.filter(pk=named) if named else waiting).select_related("lies_with__area", "lies_with__parent"))
    if not rows:
        raise Refused("no_request_open")
    for row in rows:
        row.commitment = doing.commitment
    found = next((row for row in rows if answers_for(row.asked(), doing.actor)), None)
    if found is None:
        raise Refused("lies_elsewhere", unit=rows[0].asked().name)
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
