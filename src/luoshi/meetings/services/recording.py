"""The common walk of every act of this room: fetch with permission, ask the rules, write, log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from luoshi.delivery.services import acting
from luoshi.ledger import services as ledger
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.meetings.models import Meeting
from luoshi.meetings.queries import meetings as reads
from luoshi.rules import meetings as rules
from luoshi.rules.meetings import MeetingAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class MeetingDone:
    """The meeting as it is now and the entry that proves it."""

    meeting: Meeting
    entry: Entry
    extra: Any = None


def begin(act: MeetingAct, *, actor: Actor, meeting: str, version: int) -> Meeting:
    """Lock the meeting in the version looked at, and ask the rules.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``meeting_stage``, ``meeting_not_yours``.
    """
    found = reads.lock_meeting(actor, meeting, version)
    rules.decide_meeting(found.stage, found.convened_by.area.path, act, actor=actor)
    return found


def record(
    meeting: Meeting,
    event: Event,
    *,
    actor: Actor,
    at: datetime,
    rows: Sequence[acting.Governed] = (),
    subjects: Sequence[str] = (),
    extra: Any = None,
) -> MeetingDone:
    """Save the meeting in its next version with the one entry of the act."""
    meeting.version += 1
    meeting.save()
    about = (meeting.ref, meeting.programme.key, *subjects)
    return MeetingDone(meeting, enter(event, (meeting, *rows), about, actor=actor, at=at), extra)


def enter(
    event: Event, rows: Iterable[acting.Governed], subjects: Sequence[str], *, actor: Actor, at: datetime
) -> Entry:
    """Append the one entry of an act: its event, what it wrote as it is now, and what it is about."""
    after = {row.ledger_key: row.ledger_state() for row in rows}
    return ledger.append(event, actor=actor, at=at, after=after, subjects=subjects)


def said(text: str, code: str) -> str:
    """Words that must not be empty, screened.

    Raises:
        Refused: ``code``, and those of screening.
    """
    words = acting.said(text)
    if not words:
        raise Refused(code)
    return words
