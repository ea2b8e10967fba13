"""批准再访: units are met again within the period where the head says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Campaign, VisitApproval
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.services.campaigns import said
from luoshi.assurance.services.giving import states
from luoshi.assurance.services.handing import MOST
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import frequency
from luoshi.rules.calendar import local_day
from luoshi.rules.frequency import Again
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, require_version
from luoshi.units.models import Unit


@dataclass(frozen=True, slots=True)
class ToApprove:
    """A unit that would be met again: it, the last visit, and whether another side had that made."""

    unit: Unit
    again: Again


def to_approve(actor: Actor, found: Campaign, day: date, count: int, today: date) -> list[ToApprove]:
    """Units of the next places that were met within the period and have no approval yet（待批再访）.

    Args:
        actor: who looks; what another side has made for a day to come is not among it.
        found: the campaign.
        day: for which day.
        count: how many places from the order on are looked at.
        today: the day of looking.
    """
    area = reads.ordering_area(found)
    units = {one.unit_id: one.unit for one in reads.next_places(found, count)}
    days = reads.period_days(area, day)
    known = reads.known_to(actor, today, found)
    again = frequency.met_again(units, reads.met(units, day, days, known), day=day, days=days, by=area.pk)
    there = reads.approvals(area, again, found) if again else {}
    return [ToApprove(units[unit], one) for unit, one in sorted(again.items()) if unit not in there]


@transaction.atomic
def approve_visits(
    *, actor: Actor, campaign: str, version: int, day: date, count: int, seconds: bool, reason: str, at: datetime
) -> tuple[list[VisitApproval], Entry]:
    """Let units of the next places be met again within the period, and say why; only the head does（批准再访）.

    With ``seconds``, the blind second visits of the whole campaign are approved too.

    Args:
        actor: the head of the area that has the visits made.
        campaign: its number.
        version: the version looked at.
        day: for which day.
        count: how many places from the order on are looked at.
        seconds: whether second visits are approved.
        reason: why; shown beside each of these visits.
        at: now.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``stale_version``, ``approval_by_head``, ``nothing_to_approve``.
    """
    reason = said(reason, "reason_missing")
    found = reads.campaign_for(actor, campaign, lock=True)
    area = reads.ordering_area(found)
    if not frequency.may_approve(actor, area.path):
        raise Refused("approval_by_head")
    require_version(version, found.version, ref=found.ref)
    about = [(one.unit, one.again) for one in to_approve(actor, found, day, min(count, MOST), local_day(at))]
    common = {
        "area": area,
        "campaign": found,
        "reason": reason,
        "by_post_id": actor.effective.post_id,
        "by_user": actor.user_id,
        "at": at,
    }
    rows = [
        VisitApproval.objects.create(unit=unit, last_on=again.last_on, many_headed=again.many_headed, **common)
        for unit, again in about
    ]
    if seconds and reads.seconds_approved(found) is None:
        rows.append(VisitApproval.objects.create(**common))
    if not rows:
        raise Refused("nothing_to_approve")
    found.version += 1
    found.save(update_fields=["version"])
    entry = ledger.append(
        events.VisitsApproved(
            campaign=found.ref,
            units=tuple(unit.pk for unit, _again in about),
            seconds=any(row.unit_id is None for row in rows),
            reason=reason,
        ),
        actor=actor,
        at=at,
        after=states(*rows, found),
        subjects=(found.ref,),
    )
    return rows, entry


@transaction.atomic
def approve_visit(*, actor: Actor, unit: Unit, day: date, reason: str, at: datetime) -> tuple[VisitApproval, Entry]:
    """Let one unit be met again within the period outside a campaign, and say why; only the head does（批准再访）.

    Raises:
        Refused: ``reason_missing``, ``approval_by_head``, ``nothing_to_approve``.
    """
    reason = said(reason, "reason_missing")
    area = Unit.objects.get(path=actor.effective.area_path)
    if not frequency.may_approve(actor, area.path):
        raise Refused("approval_by_head")
    days = reads.period_days(area, day)
    known = reads.known_to(actor, local_day(at))
    again = frequency.met_again([unit.pk], reads.met([unit.pk], day, days, known), day=day, days=days, by=area.pk)
    if not again:
        raise Refused("nothing_to_approve")
    row = VisitApproval.objects.create(
        area=area,
        unit=unit,
        reason=reason,
        last_on=again[unit.pk].last_on,
        many_headed=again[unit.pk].many_headed,
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
        at=at,
    )
    entry = ledger.append(
        events.VisitsApproved(campaign="", units=(unit.pk,), seconds=False, reason=reason),
        actor=actor,
        at=at,
        after=states(row),
        subjects=(f"unit-{unit.pk}",),
    )
    return row, entry
