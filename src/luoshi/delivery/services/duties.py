"""长期坚持、期次: standing duties spawn period items; periods are finished or missed, a duty is ended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment, DutyReview
from luoshi.delivery.services import acting, drafting
from luoshi.delivery.services.acting import Done
from luoshi.rules import calendar
from luoshi.rules.lifecycle import Act, Intent, Kind, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(409, period_exists=_("The period %(period)s is open already."))


@transaction.atomic
def open_period(*, actor: Actor, ref: str, version: int | None = None, at: datetime) -> Done:
    """Open the period of a standing duty that today lies in（开立期次）; each period exists once.

    Raises:
        Refused: ``period_exists``, ``only_duty`` and those of ``begin``.
    """
    doing = acting.begin(Act.OPEN_PERIOD, actor=actor, ref=ref, version=version, at=at)
    duty = doing.commitment
    period = calendar.period_of(duty.frequency, calendar.local_day(at))
    if duty.children.filter(kind=Kind.PERIOD, period_from_on=period.start).exists():
        raise Refused("period_exists", period=period.label)
    [number] = drafting.reserve_refs(duty.matter, 1, duty.programme.prefix)
    item = Commitment(
        ref=number,
        programme=duty.programme,
        matter=duty.matter,
        sub_matter=duty.sub_matter,
        parent=duty,
        kind=Kind.PERIOD,
        state=State.ACCEPTED,
        title=f"{duty.title} · {period.label}"[:200],
        requirement=duty.requirement,
        criteria=duty.criteria,
        source_quote=duty.source_quote,
        source_place=duty.source_place,
        issuer=duty.issuer,
        lead=duty.lead,
        lead_post=duty.lead_post,
        line_units=duty.line_units,
        ladder_id=duty.ladder_id,
        timing_id=duty.timing_id,
        due_on=period.end,
        first_due_on=period.end,
        period_from_on=period.start,
        period_until_on=period.end,
        issued_at=at,
        accepted_at=at,
        created_at=at,
    )
    projections.turn_light(item, at=at)
    item.save()
    projections.on_words([item])
    duty.open_children += 1
    event = events.PeriodOpened(
        ref=ref, period=number, from_on=period.start.isoformat(), until_on=period.end.isoformat()
    )
    return doing.finish(event, rows=[item], subjects=[number], extra=item)


@transaction.atomic
def finish_period(*, actor: Actor, ref: str, version: int, at: datetime) -> Done:
    """Say that a period is done（期次完成）; it must have been reported at 100 %.

    Raises:
        Refused: ``not_complete``, ``nothing_reported``, ``only_period`` and those of ``begin``.
    """
    doing = acting.begin(Act.FINISH_PERIOD, actor=actor, ref=ref, version=version, at=at)
    return doing.finish(events.PeriodFinished(ref=ref))


@transaction.atomic
def miss_period(*, actor: Actor, ref: str, version: int | None = None, at: datetime) -> Done:
    """The clock marks a period whose last day is past as missed（期次逾期）.

    Raises:
        Refused: ``period_still_runs``, ``only_period`` and those of ``begin``.
    """
    doing = acting.begin(Act.MISS_PERIOD, actor=actor, ref=ref, version=version, at=at)
    doing.commitment.missed = True
    return doing.finish(events.PeriodMissed(ref=ref))


@transaction.atomic
def review_duty(*, actor: Actor, ref: str, version: int, opinion: str, at: datetime) -> Done:
    """Review how a standing duty was kept（评估长期任务）.

    Raises:
        Refused: ``opinion_missing``, ``only_duty`` and those of ``begin``.
    """
    opinion = acting.said(opinion)
    doing = acting.begin(Act.REVIEW_DUTY, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=opinion))
    review = DutyReview.objects.create(
        commitment=doing.commitment, opinion=opinion, by_post_id=actor.effective.post_id, at=at
    )
    return doing.finish(events.DutyReviewed(ref=ref, opinion=opinion), extra=review)


@transaction.atomic
def end_duty(*, actor: Actor, ref: str, version: int, opinion: str, at: datetime) -> Done:
    """End a reviewed standing duty（结束长期任务）; it is never struck off.

    Raises:
        Refused: ``not_reviewed``, ``children_open``, ``opinion_missing`` and those of ``begin``.
    """
    opinion = acting.said(opinion)
    doing = acting.begin(Act.END_DUTY, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=opinion))
    return doing.finish(events.DutyEnded(ref=ref, opinion=opinion))
