"""What happened（事件）: one frozen, versioned dataclass for each act; pure, JSON-safe, recorded in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """The common ground: which record of the register the act was about."""

    TYPE: ClassVar[str] = ""
    V: ClassVar[int] = 1
    ref: str


@dataclass(frozen=True, slots=True)
class ProgrammeCreated(DeliveryEvent):
    """方案 was set up."""

    TYPE: ClassVar[str] = "delivery.ProgrammeCreated"
    name: str
    matters: int


@dataclass(frozen=True, slots=True)
class ProgrammeIssued(DeliveryEvent):
    """方案 came into force."""

    TYPE: ClassVar[str] = "delivery.ProgrammeIssued"


@dataclass(frozen=True, slots=True)
class ProgrammeSettingsChanged(DeliveryEvent):
    """Settings of a 方案 were changed."""

    TYPE: ClassVar[str] = "delivery.ProgrammeSettingsChanged"
    visibility: str
    warning_days: int
    extension_limit: int
    last_meeting_on: str = ""
    signs: dict[str, int] = field(default_factory=dict)
    """From where on something is a sign; empty where all is as usual."""


@dataclass(frozen=True, slots=True)
class AuthorityRecorded(DeliveryEvent):
    """依据 was recorded."""

    TYPE: ClassVar[str] = "delivery.AuthorityRecorded"
    who: str
    document: str
    scope: str
    from_on: str
    until_on: str


@dataclass(frozen=True, slots=True)
class CommitmentDrafted(DeliveryEvent):
    """任务 was drafted."""

    TYPE: ClassVar[str] = "delivery.CommitmentDrafted"
    title: str


@dataclass(frozen=True, slots=True)
class CommitmentEdited(DeliveryEvent):
    """A draft was edited."""

    TYPE: ClassVar[str] = "delivery.CommitmentEdited"
    title: str


@dataclass(frozen=True, slots=True)
class CommitmentIssued(DeliveryEvent):
    """交办."""

    TYPE: ClassVar[str] = "delivery.CommitmentIssued"
    lead: int
    due_on: str | None
    authority: int
    reason: str = ""
    """Why it is different from what the lead is asked already."""


@dataclass(frozen=True, slots=True)
class CommitmentAccepted(DeliveryEvent):
    """签收."""

    TYPE: ClassVar[str] = "delivery.CommitmentAccepted"
    for_unit: int | None = None


@dataclass(frozen=True, slots=True)
class CommitmentsAccepted(DeliveryEvent):
    """签收, many in one act; the subjects of the entry name them all, ``ref`` is the first."""

    TYPE: ClassVar[str] = "delivery.CommitmentsAccepted"
    count: int


@dataclass(frozen=True, slots=True)
class CommitmentDeclined(DeliveryEvent):
    """退回交办."""

    TYPE: ClassVar[str] = "delivery.CommitmentDeclined"
    reason: str


@dataclass(frozen=True, slots=True)
class CommitmentInsistedOn(DeliveryEvent):
    """The issuer insisted."""

    TYPE: ClassVar[str] = "delivery.CommitmentInsistedOn"
    reason: str


@dataclass(frozen=True, slots=True)
class CommitmentReissued(DeliveryEvent):
    """Issued to another unit after it was declined."""

    TYPE: ClassVar[str] = "delivery.CommitmentReissued"
    reason: str
    lead: int
    old_lead: int


@dataclass(frozen=True, slots=True)
class CommitmentAssigned(DeliveryEvent):
    """定人: a post was named."""

    TYPE: ClassVar[str] = "delivery.CommitmentAssigned"
    post: str


@dataclass(frozen=True, slots=True)
class BreakdownApproved(DeliveryEvent):
    """A deeper breakdown was approved."""

    TYPE: ClassVar[str] = "delivery.BreakdownApproved"
    levels: int
    units: int
    proposal_digest: str
    opinion: str


@dataclass(frozen=True, slots=True)
class CommitmentBrokenDown(DeliveryEvent):
    """分解: parts were issued to units below, in one act."""

    TYPE: ClassVar[str] = "delivery.CommitmentBrokenDown"
    levels: int
    parts: int
    answers: int
    due_on: str | None
    merged: tuple[str, ...] = ()
    """Live commitments that stand for a part, because they say the same."""
    reason: str = ""
    """Why it is different from what is asked already."""


@dataclass(frozen=True, slots=True)
class CommitmentReported(DeliveryEvent):
    """反馈."""

    TYPE: ClassVar[str] = "delivery.CommitmentReported"
    percent: int
    words: str
    problems: str
    next_step: str
    via: str
    for_unit: int | None
    evidence: list[str]
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentsReported(DeliveryEvent):
    """反馈, many in one act; what was said of each stands in the report's own state within the entry."""

    TYPE: ClassVar[str] = "delivery.CommitmentsReported"
    count: int
    via: str


@dataclass(frozen=True, slots=True)
class ShareReported(DeliveryEvent):
    """A supporting unit reported its share."""

    TYPE: ClassVar[str] = "delivery.ShareReported"
    unit: int
    percent: int
    words: str


@dataclass(frozen=True, slots=True)
class ReportDisputed(DeliveryEvent):
    """A unit disputed a report made on its behalf."""

    TYPE: ClassVar[str] = "delivery.ReportDisputed"
    reason: str


@dataclass(frozen=True, slots=True)
class CommitmentReturned(DeliveryEvent):
    """退回: a report or an application went back with a reason and a date."""

    TYPE: ClassVar[str] = "delivery.CommitmentReturned"
    reason: str
    by_on: str | None


@dataclass(frozen=True, slots=True)
class ClosureApplied(DeliveryEvent):
    """申请销号."""

    TYPE: ClassVar[str] = "delivery.ClosureApplied"
    statement: str
    material_digest: str


@dataclass(frozen=True, slots=True)
class ApplicationRecalled(DeliveryEvent):
    """The application was taken back."""

    TYPE: ClassVar[str] = "delivery.ApplicationRecalled"


@dataclass(frozen=True, slots=True)
class CommitmentVerified(DeliveryEvent):
    """核查."""

    TYPE: ClassVar[str] = "delivery.CommitmentVerified"
    method: str
    passed: bool
    percent: int
    words: str
    final: bool
    material_digest: str
    looked_at: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class CommitmentClosed(DeliveryEvent):
    """销号."""

    TYPE: ClassVar[str] = "delivery.CommitmentClosed"
    opinion: str
    material_digest: str


@dataclass(frozen=True, slots=True)
class CommitmentReopened(DeliveryEvent):
    """重启."""

    TYPE: ClassVar[str] = "delivery.CommitmentReopened"
    reason: str


@dataclass(frozen=True, slots=True)
class ClosureUpheld(DeliveryEvent):
    """维持销号: a closing stands although a part was reopened since."""

    TYPE: ClassVar[str] = "delivery.ClosureUpheld"
    opinion: str
    open_parts: int


@dataclass(frozen=True, slots=True)
class CommitmentLookedBack(DeliveryEvent):
    """回头看; a failed one reopened the same ref."""

    TYPE: ClassVar[str] = "delivery.CommitmentLookedBack"
    passed: bool
    percent: int
    words: str


@dataclass(frozen=True, slots=True)
class CommitmentSuspended(DeliveryEvent):
    """中止."""

    TYPE: ClassVar[str] = "delivery.CommitmentSuspended"
    reason: str


@dataclass(frozen=True, slots=True)
class CommitmentResumed(DeliveryEvent):
    """恢复."""

    TYPE: ClassVar[str] = "delivery.CommitmentResumed"
    reason: str
    waited: int = 0
    old_due_on: str | None = None
    new_due_on: str | None = None


@dataclass(frozen=True, slots=True)
class CommitmentWithdrawn(DeliveryEvent):
    """撤销."""

    TYPE: ClassVar[str] = "delivery.CommitmentWithdrawn"
    reason: str


@dataclass(frozen=True, slots=True)
class LeadChanged(DeliveryEvent):
    """The lead was changed."""

    TYPE: ClassVar[str] = "delivery.LeadChanged"
    reason: str
    lead: int
    old_lead: int


@dataclass(frozen=True, slots=True)
class ExtensionAsked(DeliveryEvent):
    """延期 was asked."""

    TYPE: ClassVar[str] = "delivery.ExtensionAsked"
    reason: str
    old_due_on: str
    new_due_on: str


@dataclass(frozen=True, slots=True)
class ExtensionDecided(DeliveryEvent):
    """延期 was decided."""

    TYPE: ClassVar[str] = "delivery.ExtensionDecided"
    granted: bool
    reason: str
    new_due_on: str | None


@dataclass(frozen=True, slots=True)
class CommitmentReDated(DeliveryEvent):
    """调整期限: the date was moved by a decision above, not because the lead asked."""

    TYPE: ClassVar[str] = "delivery.CommitmentReDated"
    reason: str
    old_due_on: str
    new_due_on: str


@dataclass(frozen=True, slots=True)
class CommitmentsClosed(DeliveryEvent):
    """批量销号: a list was struck off in one act; what was approved of each is bound by its digest."""

    TYPE: ClassVar[str] = "delivery.CommitmentsClosed"
    opinion: str
    commitments: int
    material_digests: list[list[str]]


@dataclass(frozen=True, slots=True)
class CommitmentsCertified(DeliveryEvent):
    """凭证书销号: a list was struck off because a certificate by random visits speaks for it.

    ``visited`` of the ``commitments`` were looked at on the spot; the others were sampled. ``subjects_digest`` is the
    SHA-256 (hex) of their numbers, one a line, in the order of the list.
    """

    TYPE: ClassVar[str] = "delivery.CommitmentsCertified"
    certificate: str
    digest: str
    opinion: str
    commitments: int
    visited: int
    subjects_digest: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentsReDated(DeliveryEvent):
    """批量调整期限: one decision moved the dates of a list; ref, date before and date after of each."""

    TYPE: ClassVar[str] = "delivery.CommitmentsReDated"
    reason: str
    commitments: int
    dates: list[list[str]]


@dataclass(frozen=True, slots=True)
class WorkHandedOver(DeliveryEvent):
    """批量移交: everything a post was named for goes to another post."""

    TYPE: ClassVar[str] = "delivery.WorkHandedOver"
    from_post: str
    post: str
    commitments: int


@dataclass(frozen=True, slots=True)
class RequestRaised(DeliveryEvent):
    """请示."""

    TYPE: ClassVar[str] = "delivery.RequestRaised"
    question: str
    reply_by_on: str | None


@dataclass(frozen=True, slots=True)
class RequestReplied(DeliveryEvent):
    """批复."""

    TYPE: ClassVar[str] = "delivery.RequestReplied"
    reply: str
    waited: int = 0
    old_due_on: str | None = None
    new_due_on: str | None = None
    then: str = ""
    """The act that the reply carries; it has an entry of its own."""


@dataclass(frozen=True, slots=True)
class RequestForwarded(DeliveryEvent):
    """转报: the question lies with the unit above from now on."""

    TYPE: ClassVar[str] = "delivery.RequestForwarded"
    unit: str
    reason: str
    reply_by_on: str | None


@dataclass(frozen=True, slots=True)
class RequestTakenBack(DeliveryEvent):
    """撤回请示: nobody owes a reply to it any more."""

    TYPE: ClassVar[str] = "delivery.RequestTakenBack"
    reason: str
    waited: int = 0
    old_due_on: str | None = None
    new_due_on: str | None = None


@dataclass(frozen=True, slots=True)
class SuperiorBriefed(DeliveryEvent):
    """报告: an upward paper that needs no reply."""

    TYPE: ClassVar[str] = "delivery.SuperiorBriefed"
    words: str


@dataclass(frozen=True, slots=True)
class BriefRead(DeliveryEvent):
    """已阅: the issuing side has read a brief."""

    TYPE: ClassVar[str] = "delivery.BriefRead"
    brief: int


@dataclass(frozen=True, slots=True)
class CommitmentInstructed(DeliveryEvent):
    """批示."""

    TYPE: ClassVar[str] = "delivery.CommitmentInstructed"
    words: str


@dataclass(frozen=True, slots=True)
class FindingRecorded(DeliveryEvent):
    """疑点 was recorded: a reason to look, never a verdict; ``shown``: digests and addresses it rests on."""

    TYPE: ClassVar[str] = "delivery.FindingRecorded"
    V: ClassVar[int] = 2
    words: str
    shown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FindingAnswered(DeliveryEvent):
    """The unit answered a finding."""

    TYPE: ClassVar[str] = "delivery.FindingAnswered"
    answer: str


@dataclass(frozen=True, slots=True)
class FindingConcluded(DeliveryEvent):
    """A person concluded a finding."""

    TYPE: ClassVar[str] = "delivery.FindingConcluded"
    upheld: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectionRaised(DeliveryEvent):
    """申辩 was raised."""

    TYPE: ClassVar[str] = "delivery.ObjectionRaised"
    words: str
    decide_by_on: str


@dataclass(frozen=True, slots=True)
class ObjectionDecided(DeliveryEvent):
    """申辩 was decided."""

    TYPE: ClassVar[str] = "delivery.ObjectionDecided"
    upheld: bool
    decision: str


@dataclass(frozen=True, slots=True)
class LinkIssued(DeliveryEvent):
    """A short link was made."""

    TYPE: ClassVar[str] = "delivery.LinkIssued"
    post: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class LinkRevoked(DeliveryEvent):
    """A short link was cancelled."""

    TYPE: ClassVar[str] = "delivery.LinkRevoked"


@dataclass(frozen=True, slots=True)
class PeriodOpened(DeliveryEvent):
    """期次 was opened."""

    TYPE: ClassVar[str] = "delivery.PeriodOpened"
    period: str
    from_on: str
    until_on: str


@dataclass(frozen=True, slots=True)
class PeriodFinished(DeliveryEvent):
    """期次 was finished."""

    TYPE: ClassVar[str] = "delivery.PeriodFinished"


@dataclass(frozen=True, slots=True)
class PeriodMissed(DeliveryEvent):
    """期次 was missed."""

    TYPE: ClassVar[str] = "delivery.PeriodMissed"


@dataclass(frozen=True, slots=True)
class DutyReviewed(DeliveryEvent):
    """A standing duty was reviewed."""

    TYPE: ClassVar[str] = "delivery.DutyReviewed"
    opinion: str


@dataclass(frozen=True, slots=True)
class DutyEnded(DeliveryEvent):
    """A standing duty was ended."""

    TYPE: ClassVar[str] = "delivery.DutyEnded"
    opinion: str


@dataclass(frozen=True, slots=True)
class CommitmentReminded(DeliveryEvent):
    """提醒: units that have not taken one step on a commitment or its parts were reminded; the subjects say which."""

    TYPE: ClassVar[str] = "delivery.CommitmentReminded"
    step: str
    units: int
    commitments: int


@dataclass(frozen=True, slots=True)
class UnitsReminded(DeliveryEvent):
    """提醒 across a programme or matter: units that have not taken one step were reminded; the subjects say which."""

    TYPE: ClassVar[str] = "delivery.UnitsReminded"
    step: str
    within: int
    matter: int | None
    units: int
    commitments: int


@dataclass(frozen=True, slots=True)
class DeadlinesMoved(DeliveryEvent):
    """A calendar changed, and the deadlines counted by it were moved in one act; the subjects say which."""

    TYPE: ClassVar[str] = "delivery.DeadlinesMoved"
    edition: int
    moved: int
    later: int
    reason: str


@dataclass(frozen=True, slots=True)
class DatesPassed(DeliveryEvent):
    """The clock noticed that dates passed: these commitments are missed from now on, and stay visible as such."""

    TYPE: ClassVar[str] = "delivery.DatesPassed"
    missed: int


@dataclass(frozen=True, slots=True)
class LadderChanged(DeliveryEvent):
    """阶梯 of a 方案 was written anew: what is issued from now on climbs this version."""

    TYPE: ClassVar[str] = "delivery.LadderChanged"
    number: int
    steps: int


@dataclass(frozen=True, slots=True)
class ObjectionsChased(DeliveryEvent):
    """催办申辩: the clock reminded whoever decides, or told the unit above; ``steps``: how many of which."""

    TYPE: ClassVar[str] = "delivery.ObjectionsChased"
    steps: dict[str, int]


@dataclass(frozen=True, slots=True)
class StepsTaken(DeliveryEvent):
    """逐级催办: the clock took steps of the ladders, one each; ``rungs``: how many of which."""

    TYPE: ClassVar[str] = "delivery.StepsTaken"
    steps: int
    rungs: dict[str, int]
    slips: int


@dataclass(frozen=True, slots=True)
class SlipProposed(DeliveryEvent):
    """督办单 was proposed by a person; the clock's proposals stand in the entry of its steps."""

    TYPE: ClassVar[str] = "delivery.SlipProposed"
    slip: str
    rung: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class SlipApproved(DeliveryEvent):
    """签发; ``earlier`` is the slip the unit already had in the period, and why it was met again all the same."""

    TYPE: ClassVar[str] = "delivery.SlipApproved"
    number: str
    opinion: str
    answer_by_on: str | None
    earlier: str
    repeat_reason: str


@dataclass(frozen=True, slots=True)
class SlipDropped(DeliveryEvent):
    """不予签发."""

    TYPE: ClassVar[str] = "delivery.SlipDropped"
    reason: str


@dataclass(frozen=True, slots=True)
class SlipAnswered(DeliveryEvent):
    """答复."""

    TYPE: ClassVar[str] = "delivery.SlipAnswered"
    answer: str


@dataclass(frozen=True, slots=True)
class SlipSentBack(DeliveryEvent):
    """退回重答."""

    TYPE: ClassVar[str] = "delivery.SlipSentBack"
    reason: str
    answer_by_on: str | None


@dataclass(frozen=True, slots=True)
class SlipSettled(DeliveryEvent):
    """办结."""

    TYPE: ClassVar[str] = "delivery.SlipSettled"
    reason: str


@dataclass(frozen=True, slots=True)
class SlipWithdrawn(DeliveryEvent):
    """撤回 of a slip."""

    TYPE: ClassVar[str] = "delivery.SlipWithdrawn"
    reason: str


@dataclass(frozen=True, slots=True)
class SupervisionPlanned(DeliveryEvent):
    """督查计划 was recorded."""

    TYPE: ClassVar[str] = "delivery.SupervisionPlanned"
    title: str
    document: str
    from_on: str
    until_on: str
    period_days: int


@dataclass(frozen=True, slots=True)
class SuccessorTookOver(DeliveryEvent):
    """After units were merged, their successor leads and issues what they led and issued."""

    TYPE: ClassVar[str] = "delivery.SuccessorTookOver"
    into: int
    commitments: int


EVENT_NAMES: dict[str, str] = {
    ProgrammeCreated.TYPE: _("Programme set up"),
    ProgrammeIssued.TYPE: _("Programme put in force"),
    ProgrammeSettingsChanged.TYPE: _("Programme settings changed"),
    AuthorityRecorded.TYPE: _("Authority recorded"),
    CommitmentDrafted.TYPE: _("Drafted"),
    CommitmentEdited.TYPE: _("Draft edited"),
    CommitmentIssued.TYPE: _("Issued"),
    CommitmentAccepted.TYPE: _("Accepted"),
    CommitmentsAccepted.TYPE: _("Accepted together with others"),
    CommitmentDeclined.TYPE: _("Declined"),
    CommitmentInsistedOn.TYPE: _("Insisted on"),
    CommitmentReissued.TYPE: _("Issued to another unit"),
    CommitmentAssigned.TYPE: _("Person in charge named"),
    BreakdownApproved.TYPE: _("Deeper breakdown approved"),
    CommitmentBrokenDown.TYPE: _("Broken down"),
    CommitmentReported.TYPE: _("Reported"),
    CommitmentsReported.TYPE: _("Reported together with others"),
    ShareReported.TYPE: _("Share reported"),
    ReportDisputed.TYPE: _("Report disputed"),
    CommitmentReturned.TYPE: _("Returned"),
    ClosureApplied.TYPE: _("Closure applied for"),
    ApplicationRecalled.TYPE: _("Application taken back"),
    CommitmentVerified.TYPE: _("Verified"),
    CommitmentClosed.TYPE: _("Closed"),
    CommitmentReopened.TYPE: _("Reopened"),
    ClosureUpheld.TYPE: _("Closing upheld"),
    CommitmentLookedBack.TYPE: _("Looked back"),
    CommitmentSuspended.TYPE: _("Suspended"),
    CommitmentResumed.TYPE: _("Resumed"),
    CommitmentWithdrawn.TYPE: _("Withdrawn"),
    LeadChanged.TYPE: _("Lead changed"),
    ExtensionAsked.TYPE: _("Extension asked"),
    ExtensionDecided.TYPE: _("Extension decided"),
    CommitmentReDated.TYPE: _("Date moved"),
    CommitmentsClosed.TYPE: _("Closed by list"),
    CommitmentsCertified.TYPE: _("Closed by a certificate"),
    CommitmentsReDated.TYPE: _("Dates moved by list"),
    WorkHandedOver.TYPE: _("Handed over to another post"),
    RequestRaised.TYPE: _("Superior asked"),
    RequestReplied.TYPE: _("Superior replied"),
    RequestForwarded.TYPE: _("Question forwarded"),
    RequestTakenBack.TYPE: _("Question taken back"),
    SuperiorBriefed.TYPE: _("Brief sent upward"),
    BriefRead.TYPE: _("Brief read"),
    CommitmentInstructed.TYPE: _("Instruction written"),
    FindingRecorded.TYPE: _("Finding recorded"),
    FindingAnswered.TYPE: _("Finding answered"),
    FindingConcluded.TYPE: _("Finding concluded"),
    ObjectionRaised.TYPE: _("Objection raised"),
    ObjectionDecided.TYPE: _("Objection decided"),
    ObjectionsChased.TYPE: _("Objection to be decided"),
    LinkIssued.TYPE: _("Short link made"),
    LinkRevoked.TYPE: _("Short link cancelled"),
    PeriodOpened.TYPE: _("Period opened"),
    PeriodFinished.TYPE: _("Period finished"),
    PeriodMissed.TYPE: _("Period missed"),
    DutyReviewed.TYPE: _("Duty reviewed"),
    DutyEnded.TYPE: _("Duty ended"),
    CommitmentReminded.TYPE: _("Reminded"),
    UnitsReminded.TYPE: _("Units reminded"),
    DatesPassed.TYPE: _("Date passed"),
    LadderChanged.TYPE: _("Ladder changed"),
    StepsTaken.TYPE: _("Reminded and urged by the clock"),
    SlipProposed.TYPE: _("Slip proposed"),
    SlipApproved.TYPE: _("Slip issued"),
    SlipDropped.TYPE: _("Slip not issued"),
    SlipAnswered.TYPE: _("Slip answered"),
    SlipSentBack.TYPE: _("Slip asked again"),
    SlipSettled.TYPE: _("Slip settled"),
    SlipWithdrawn.TYPE: _("Slip taken back"),
    SupervisionPlanned.TYPE: _("Supervision planned"),
    DeadlinesMoved.TYPE: _("Deadlines moved with the calendar"),
    SuccessorTookOver.TYPE: _("Successor took over"),
}
"""How each event is called in a timeline; every event has a name."""
