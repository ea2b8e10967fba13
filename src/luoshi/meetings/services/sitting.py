"""会中: the meeting is opened, who came and what came of each item is recorded, the minutes are written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from luoshi.delivery.services import acting
from luoshi.intake.queries import document_for
from luoshi.meetings import events
from luoshi.meetings.models import AgendaItem, Meeting, Participant
from luoshi.meetings.services.recording import MeetingDone, begin, record
from luoshi.rules.meetings import MeetingAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


@transaction.atomic
def open_meeting(*, actor: Actor, meeting: str, version: int, at: datetime) -> MeetingDone:
    """Open a meeting（开会）: from now on decisions can be typed.

    Raises:
        Refused: ``another_meeting_open`` while one of the same line is in session, and those of ``begin``.
    """
    found = begin(MeetingAct.OPEN, actor=actor, meeting=meeting, version=version)
    other = Meeting.objects.filter(
        programme=found.programme_id, kind=found.kind, convened_by=found.convened_by_id, stage="open"
    ).first()
    if other is not None:
        raise Refused("another_meeting_open", ref=other.ref)
    found.stage, found.opened_at = "open", at
    return record(found, events.MeetingOpened(ref=found.ref), actor=actor, at=at)


@transaction.atomic
def record_attendance(*, actor: Actor, meeting: str, version: int, posts: Collection[str], at: datetime) -> MeetingDone:
    """Record which of the posts asked have come（签到）; the others are recorded as absent. Posts, never persons.

    Raises:
        Refused: ``not_found`` for a post that was not asked, and those of ``begin``.
    """
    found = begin(MeetingAct.ATTENDANCE, actor=actor, meeting=meeting, version=version)
    rows = list(found.participants.filter(off=False).select_related("post"))
    if set(posts) - {row.post.ref for row in rows}:
        raise Refused("not_found")
    for row in rows:
        row.attended = row.post.ref in posts
    Participant.objects.bulk_update(rows, ["attended"])
    event = events.AttendanceRecorded(ref=found.ref, came=sum(bool(row.attended) for row in rows), asked=len(rows))
    return record(found, event, actor=actor, at=at, rows=rows)


@transaction.atomic
def settle_item(
    *, actor: Actor, meeting: str, version: int, item: int, outcome: str, settled: bool, at: datetime
) -> MeetingDone:
    """Record what came of an item（记录议题结果）; what is not settled goes on to the next meeting by itself.

    Raises:
        Refused: ``not_found``, ``item_settled_wordless`` and those of ``begin``.
    """
    found = begin(MeetingAct.SETTLE, actor=actor, meeting=meeting, version=version)
    row = AgendaItem.objects.filter(meeting=found, pk=item, left_out=False).first()
    if row is None:
        raise Refused("not_found")
    row.outcome, row.settled = acting.said(outcome), settled
    if settled and not row.outcome and not row.resolutions.exclude(state="withdrawn").exists():
        raise Refused("item_settled_wordless")
    row.save(update_fields=["outcome", "settled"])
    event = events.ItemSettled(ref=found.ref, title=row.title, outcome=row.outcome, settled=settled)
    return record(found, event, actor=actor, at=at, rows=[row])


@transaction.atomic
def write_minutes(
    *, actor: Actor, meeting: str, version: int, text: str, document: int | None = None, at: datetime
) -> MeetingDone:
    """Write the minutes（会议记录）; ``document`` names the one that intake has read them from, else none is changed.

    Raises:
        Refused: ``not_found`` for a document out of sight, and those of ``begin``.
    """
    found = begin(MeetingAct.MINUTES, actor=actor, meeting=meeting, version=version)
    found.minutes_text = acting.said(text)
    if document is not None:
        found.minutes_document = document_for(actor, document)
    return record(found, events.MinutesWritten(ref=found.ref, text=found.minutes_text), actor=actor, at=at)
