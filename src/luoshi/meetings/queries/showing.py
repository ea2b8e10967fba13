"""One meeting with everything its page shows（会议全貌）; the number of statements does not grow with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from luoshi.delivery.models import Slip
from luoshi.meetings.models import AgendaItem, Circular, Meeting, Participant, Resolution
from luoshi.meetings.queries.circulars import circulars_seen, meeting_slips
from luoshi.meetings.queries.meetings import last_ended
from luoshi.meetings.queries.proposals import Proposal, proposals
from luoshi.rules import meetings as rules
from luoshi.rules.agenda import TEMPLATES, Reason
from luoshi.rules.calendar import local_day
from luoshi.rules.meetings import MeetingAct, PapersDue
from luoshi.rules.permissions import Actor
from luoshi.units.queries import calendar_for


@dataclass(frozen=True, slots=True)
class Shown:
    """A meeting as one reader sees it; proposals only whoever sets the agenda."""

    meeting: Meeting
    acts: tuple[MeetingAct, ...]
    papers: PapersDue
    last: Meeting | None
    last_resolutions: Sequence[Resolution]
    items: Sequence[AgendaItem]
    left_out: Sequence[AgendaItem]
    proposals: Sequence[Proposal]
    participants: Sequence[Participant]
    resolutions: Sequence[Resolution]
    slips: Sequence[Slip]
    """Slips that belong to the meeting, with what was answered to each."""
    circulars: Sequence[Circular]


def show(meeting: Meeting, actor: Actor, at: datetime) -> Shown:
    """Everything about one meeting that the actor sees."""
    area = meeting.convened_by.area.path
    acts = rules.possible(meeting.stage, area, actor=actor)
    last = last_ended(meeting)
    every = list(
        meeting.items.select_related("commitment__lead", "matter", "carried_from__meeting").order_by("position", "pk")
    )
    proposed: Sequence[Proposal] = ()
    if MeetingAct.PUT_ON in acts:
        proposed = proposals(meeting, at, beside={one.commitment_id for one in every if one.commitment_id})
    decided = list(resolutions_of(meeting))
    return Shown(
        meeting=meeting,
        acts=acts,
        papers=rules.papers_due(local_day(meeting.held_at), meeting.papers_days, calendar_for(area)),
        last=last,
        last_resolutions=list(resolutions_of(last)) if last else (),
        items=[one for one in every if not one.left_out],
        left_out=[one for one in every if one.left_out],
        proposals=proposed,
        participants=list(
            meeting.participants.filter(off=False).select_related("post__unit").order_by("post__unit__path", "pk")
        ),
        resolutions=decided,
        slips=meeting_slips(meeting, actor, {row.commitment_id for row in decided if row.commitment_id is not None}),
        circulars=list(circulars_seen(actor).filter(meeting=meeting).order_by("pk")[:50]),
    )


def resolutions_of(meeting: Meeting) -> Sequence[Resolution]:
    """What a meeting decided and did not take back, with what became of it."""
    rows = meeting.resolutions.exclude(state="withdrawn").select_related("lead", "matter", "commitment", "item")
    return list(rows.order_by("number"))


def sentence_of(code: str, params: Mapping[str, Any]) -> str:
    """Why something is on the agenda, in the reader's language; nothing for a code there is no rule of."""
    if code not in TEMPLATES:
        return ""
    return gettext(TEMPLATES[Reason(code)]) % params
