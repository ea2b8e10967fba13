"""Meetings at every door: one input for each act, and what the API answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from luoshi.delivery.models import Slip
from luoshi.delivery.schemas.inputs import ActInput, Ident, Line, Nothing, Text, told
from luoshi.delivery.schemas.performing import Acts, fit
from luoshi.ledger.queries import number_of
from luoshi.meetings import services
from luoshi.meetings.models import AgendaItem, Meeting, Resolution
from luoshi.meetings.queries.proposals import Proposal
from luoshi.meetings.queries.showing import Shown, sentence_of
from luoshi.meetings.schemas.circulars import CircularOut
from luoshi.meetings.services import MeetingDone
from luoshi.rules.meetings import MOST_PAPERS_DAYS, PAPERS_DAYS, MeetingAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop as _

Ref = Annotated[str, Field(min_length=1, max_length=64)]
Refs = Annotated[list[Ref], Field(max_length=200)]
Minutes = Annotated[int, Field(ge=1, le=240)]
PapersDays = Annotated[int, Field(ge=0, le=MOST_PAPERS_DAYS)]


class ChangeMeeting(ActInput):
    """Title, moment, place, and how many working days before it the papers are out."""

    title: Line = told(_("Title"), min_length=1)
    held_at: AwareDatetime = told(_("When"))
    place: Line = told(_("Place"), default="")
    papers_days: PapersDays = told(_("Papers out, working days before"), default=PAPERS_DAYS)


class PlanMeeting(ChangeMeeting):
    """Call a meeting about a programme."""

    programme: Annotated[str, Field(max_length=60)] = told(_("Programme"))
    kind: Literal["review", "dispatch", "special"] = told(_("Kind"))


class InvitePosts(ActInput):
    """Numbers of posts to ask, and of those that need not come."""

    posts: Refs = told(_("Posts"), default=[])
    off: Refs = told(_("Need not come"), default=[])


class PutOn(ActInput):
    """Proposals to put on the agenda."""

    refs: Refs = told(_("Commitments"), min_length=1)
    minutes: Minutes = told(_("Minutes"), default=5)


class LeaveOut(ActInput):
    """Proposals, and items of the agenda, to leave out."""

    refs: Refs = told(_("Commitments"), default=[])
    items: Annotated[list[Ident], Field(max_length=200)] = told(_("Items"), default=[])


class AddItem(ActInput):
    """An item added by hand."""

    title: Line = told(_("What it is about"), default="")
    commitment: Annotated[str, Field(max_length=40)] = told(_("Commitment"), default="")
    matter: Annotated[int, Field(ge=1, le=99)] | None = told(_("Matter"), default=None)
    reason: Line = told(_("Why it deserves minutes"), default="")
    minutes: Minutes = told(_("Minutes"), default=5)


class Attendance(ActInput):
    """Numbers of the posts that have come."""

    posts: Refs = told(_("Posts"), default=[])


class SettleItem(ActInput):
    """What came of an item."""

    item: Ident = told(_("Item"))
    outcome: Text = told(_("What came of it"), default="")
    settled: bool = told(_("Settled"), default=False)


class TypeResolution(ActInput):
    """A decision: what, who leads, by when, from which item."""

    text: Text = told(_("What"), min_length=1)
    lead: Ident = told(_("Who leads"))
    due_on: dt.date = told(_("By when"))
    item: Ident | None = told(_("From which item"), default=None)
    matter: Annotated[int, Field(ge=1, le=99)] | None = told(_("Matter"), default=None)


class TakeBack(ActInput):
    """The number of a decision."""

    number: Annotated[int, Field(ge=1, le=9999)] = told(_("Number"))


class WriteMinutes(ActInput):
    """The words of the minutes, and the document they were read from."""

    text: Annotated[str, Field(max_length=100_000)] = told(_("Minutes of the meeting"), default="")
    document: Ident | None = told(_("Document"), default=None)


class Cancel(ActInput):
    """Why."""

    reason: Text = told(_("Reason"), widget="textarea", min_length=1)


MEETING_ACTS: Acts[MeetingAct, MeetingDone] = Acts(
    "meeting",
    {
        MeetingAct.CHANGE: (ChangeMeeting, services.change_meeting),
        MeetingAct.INVITE: (InvitePosts, services.invite_posts),
        MeetingAct.PAPERS: (Nothing, services.send_papers),
        MeetingAct.PUT_ON: (PutOn, services.put_on_agenda),
        MeetingAct.LEAVE_OUT: (LeaveOut, services.leave_out),
        MeetingAct.ADD_ITEM: (AddItem, services.add_agenda_item),
        MeetingAct.OPEN: (Nothing, services.open_meeting),
        MeetingAct.ATTENDANCE: (Attendance, services.record_attendance),
        MeetingAct.SETTLE: (SettleItem, services.settle_item),
        MeetingAct.RESOLVE: (TypeResolution, services.type_resolution),
        MeetingAct.TAKE_BACK: (TakeBack, services.take_back_resolution),
        MeetingAct.MINUTES: (WriteMinutes, services.write_minutes),
        MeetingAct.END: (Nothing, services.end_meeting),
        MeetingAct.CANCEL: (Cancel, services.cancel_meeting),
    },
)


def plan(*, actor: Actor, data: Mapping[str, Any], at: dt.datetime) -> MeetingDone:
    """Call a meeting: validate what was said, call the one service.

    Raises:
        Refused: ``bad_input``, or whatever the service refuses.
    """
    return services.plan_meeting(actor=actor, at=at, **fit(PlanMeeting, data).model_dump())


# --- What the API answers --------------------------------------------------------------------------------------------


class MeetingOut(BaseModel):
    """One meeting in the list."""

    ref: str
    programme: str
    kind: str
    title: str
    place: str
    held_at: dt.datetime
    papers_days: int
    papers_due_on: dt.date
    papers_sent_at: dt.datetime | None
    stage: str
    convened_by: int
    version: int

    @staticmethod
    def of(one: Meeting) -> MeetingOut:
        """The meeting."""
        return MeetingOut(**_values(one))


def _values(one: Meeting) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "programme": one.programme.key,
        "kind": one.kind,
        "title": one.title,
        "place": one.place,
        "held_at": one.held_at,
        "papers_days": one.papers_days,
        "papers_due_on": one.papers_due_on,
        "papers_sent_at": one.papers_sent_at,
        "stage": one.stage,
        "convened_by": one.convened_by_id,
        "version": one.version,
    }


class MeetingPage(BaseModel):
    """A page of meetings."""

    items: list[MeetingOut]
    next: int | None


class WhyOut(BaseModel):
    """A rule that named something, and what it saw."""

    rule: str
    sentence: str


class ProposalOut(BaseModel):
    """A promise that deserves minutes."""

    ref: str
    kind: str
    title: str
    lead: int
    why: list[WhyOut]

    @staticmethod
    def of(one: Proposal) -> ProposalOut:
        """The proposal."""
        why = [WhyOut(rule=each.reason.value, sentence=sentence_of(each.reason.value, each.params)) for each in one.why]
        row = one.commitment
        return ProposalOut(ref=row.ref, kind=one.kind, title=row.title, lead=row.lead_id, why=why)


class ItemOut(BaseModel):
    """An item of the agenda."""

    id: int
    position: int
    kind: str
    title: str
    commitment: str | None
    why: list[WhyOut]
    carried_from: int | None
    minutes: int
    outcome: str
    settled: bool

    @staticmethod
    def of(one: AgendaItem) -> ItemOut:
        """The item."""
        pairs = [(one.reason_code, one.reason_params)] if one.reason_code else []
        why = [WhyOut(rule=code, sentence=sentence_of(code, told)) for code, told in [*pairs, *one.further]]
        return ItemOut(
            id=one.pk,
            position=one.position,
            kind=one.kind,
            title=one.name,
            commitment=one.commitment.ref if one.commitment else None,
            why=why,
            carried_from=one.carried_from_id,
            minutes=one.minutes_planned,
            outcome=one.outcome,
            settled=one.settled,
        )


class ResolutionOut(BaseModel):
    """A decision, and what became of it."""

    number: int
    text: str
    lead: int
    matter: int
    due_on: dt.date
    item: int | None
    state: str
    commitment: str | None
    commitment_state: str | None

    @staticmethod
    def of(one: Resolution) -> ResolutionOut:
        """The decision."""
        return ResolutionOut(
            number=one.number,
            text=one.text,
            lead=one.lead_id,
            matter=one.matter.number,
            due_on=one.due_on,
            item=one.item_id,
            state=one.state,
            commitment=one.commitment.ref if one.commitment else None,
            commitment_state=one.commitment.state if one.commitment else None,
        )


class ParticipantOut(BaseModel):
    """A post that is asked to come."""

    post: str
    title: str
    unit: int
    attended: bool | None


class SlipAnswerOut(BaseModel):
    """A slip that belongs to the meeting, and what was answered to it."""

    slip: int
    number: str
    unit: int
    state: str
    answer: str
    answered_at: dt.datetime | None

    @staticmethod
    def of(one: Slip) -> SlipAnswerOut:
        """The slip."""
        return SlipAnswerOut(
            slip=one.pk,
            number=one.number,
            unit=one.unit_id,
            state=one.state,
            answer=one.answer,
            answered_at=one.answered_at,
        )


class MeetingDetail(MeetingOut):
    """One meeting: what became of the last one's decisions first, then agenda, proposals, posts, decisions."""

    last: str | None
    last_resolutions: list[ResolutionOut]
    items: list[ItemOut]
    proposals: list[ProposalOut]
    participants: list[ParticipantOut]
    resolutions: list[ResolutionOut]
    slips: list[SlipAnswerOut]
    circulars: list[CircularOut]
    minutes_text: str
    may: list[str]

    @staticmethod
    def whole(shown: Shown) -> MeetingDetail:
        """As one reader sees it."""
        posts = [
            ParticipantOut(post=row.post.ref, title=row.post.title, unit=row.post.unit_id, attended=row.attended)
            for row in shown.participants
        ]
        return MeetingDetail(
            **_values(shown.meeting),
            last=shown.last.ref if shown.last else None,
            last_resolutions=[ResolutionOut.of(row) for row in shown.last_resolutions],
            items=[ItemOut.of(row) for row in shown.items],
            proposals=[ProposalOut.of(row) for row in shown.proposals],
            participants=posts,
            resolutions=[ResolutionOut.of(row) for row in shown.resolutions],
            slips=[SlipAnswerOut.of(row) for row in shown.slips],
            circulars=[CircularOut.of(row) for row in shown.circulars],
            minutes_text=shown.meeting.minutes_text,
            may=[act.value for act in shown.acts],
        )


class MeetingActDone(BaseModel):
    """What an act on a meeting led to."""

    meeting: str
    stage: str
    version: int
    entry: int
    entry_number: int | None
    commitments: list[str]

    @staticmethod
    def of(done: MeetingDone) -> MeetingActDone:
        """The outcome."""
        made = done.extra if isinstance(done.extra, list) else []
        return MeetingActDone(
            meeting=done.meeting.ref,
            stage=done.meeting.stage,
            version=done.meeting.version,
            entry=done.entry.pk,
            entry_number=number_of(done.entry),
            commitments=[one.ref for one in made],
        )
