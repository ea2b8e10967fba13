"""决策记录: which of a head's acts count as planning, deploying and seeing through in person, and who reads the log.

亲自谋划、亲自部署、亲自抓落实 are told by acts the ledger holds, never by a form that asks for them. Every kind of act
is sorted here under one of the three words or left out for a reason; nothing is counted and nobody is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    log_not_of_head=_("A decision log is kept for the post of a head. Choose such a seat of yours at the top first."),
    log_in_person=_("A decision log belongs to the holder alone. Choose the seat in which you act in your own name."),
)
declare(
    409,
    log_is_closed=_("This log is the successor's from %(on)s on. Nothing is added to it any more."),
    log_laid_open=_("Your successor reads this log from %(on)s on; that is settled already."),
    log_nobody_follows=_("Nobody follows you in this post yet. A log is laid open to whom the post was handed over."),
    handover_sheet_waits=_(
        "Page one of the sheet, the decision log, lies with the one who left until %(on)s. Download the sheet from that"
        " day on, or ask the one who left to lay it open."
    ),
)
declare(422, log_comment_wordless=_("Write what you want to say beside the log."))

LONGEST_COMMENT: Final = 2000
"""Characters of one comment."""
DAYS_TO_LOOK: Final = 7
"""Days for the one who left to look and comment, where somebody else handed the post over."""


class Word(StrEnum):
    """The three words, in the order in which they are read."""

    PLANNED = "planned"
    DEPLOYED = "deployed"
    SEEN_THROUGH = "seen-through"


WORD_NAMES: Final[Mapping[Word, str]] = MappingProxyType(
    {
        Word.PLANNED: _("Planned in person"),
        Word.DEPLOYED: _("Deployed in person"),
        Word.SEEN_THROUGH: _("Seen through in person"),
    }
)
"""亲自谋划、亲自部署、亲自抓落实."""

_PLANNED = (
    "delivery.ProgrammeCreated",
    "delivery.ProgrammeSettingsChanged",
    "delivery.AuthorityRecorded",
    "delivery.CommitmentDrafted",
    "delivery.CommitmentEdited",
    "delivery.LadderChanged",
    "delivery.SlipProposed",
    "delivery.SupervisionPlanned",
    "intake.DraftShared",
    "intake.ArticleDrafted",
    "assurance.CampaignProposed",
    "assurance.LookBackRuleSet",
    "meetings.MeetingPlanned",
    "meetings.MeetingChanged",
    "meetings.MeetingCancelled",
    "meetings.PostsInvited",
    "meetings.ItemsPutOn",
    "meetings.ItemAdded",
    "meetings.ItemsLeftOut",
    "meetings.BookCompiled",
    "meetings.CircularDrafted",
    "meetings.CircularChanged",
)
"""Set up, called, drafted."""
_DEPLOYED = (
    "delivery.ProgrammeIssued",
    "delivery.CommitmentIssued",
    "delivery.CommitmentReissued",
    "delivery.CommitmentInsistedOn",
    "delivery.CommitmentBrokenDown",
    "delivery.BreakdownApproved",
    "delivery.CommitmentAssigned",
    "delivery.WorkHandedOver",
    "delivery.LeadChanged",
    "delivery.CommitmentInstructed",
    "delivery.SlipApproved",
    "intake.DraftIssued",
    "meetings.PapersSent",
    "meetings.CircularIssued",
)
"""Issued, broken down, instructed, approved for issue."""
_SEEN_THROUGH = (
    "delivery.RequestReplied",
    "delivery.RequestForwarded",
    "delivery.ExtensionDecided",
    "delivery.CommitmentReDated",
    "delivery.CommitmentsReDated",
    "delivery.CommitmentVerified",
    "delivery.CommitmentReturned",
    "delivery.CommitmentClosed",
    "delivery.CommitmentsClosed",
    "delivery.CommitmentsCertified",
    "delivery.CommitmentReopened",
    "delivery.ClosureUpheld",
    "delivery.CommitmentLookedBack",
    "delivery.CommitmentSuspended",
    "delivery.CommitmentResumed",
    "delivery.CommitmentWithdrawn",
    "delivery.FindingRecorded",
    "delivery.FindingConcluded",
    "delivery.ObjectionDecided",
    "delivery.CommitmentReminded",
    "delivery.UnitsReminded",
    "delivery.SlipDropped",
    "delivery.SlipSentBack",
    "delivery.SlipSettled",
    "delivery.SlipWithdrawn",
    "delivery.DutyReviewed",
    "delivery.DutyEnded",
    "assurance.VisitsApproved",
    "assurance.VisitRecorded",
    "assurance.VisitCorrected",
    "assurance.CampaignConcluded",
    "assurance.CampaignStopped",
    "assurance.CertificateGiven",
    "assurance.CertificateExcepted",
    "assurance.CertificateWithdrawn",
    "meetings.MeetingOpened",
    "meetings.ItemSettled",
    "meetings.MeetingEnded",
    "meetings.CircularReminded",
    "meetings.CircularWithdrawn",
)
"""Decided, replied, visited, ended with resolutions."""

SORTED: Final[Mapping[str, Word]] = MappingProxyType(
    dict.fromkeys(_PLANNED, Word.PLANNED)
    | dict.fromkeys(_DEPLOYED, Word.DEPLOYED)
    | dict.fromkeys(_SEEN_THROUGH, Word.SEEN_THROUGH)
)
"""The word each kind of act stands under."""

OWED: Final = frozenset(
    {
        "delivery.CommitmentAccepted",
        "delivery.CommitmentsAccepted",
        "delivery.CommitmentDeclined",
        "delivery.CommitmentReported",
        "delivery.CommitmentsReported",
        "delivery.ShareReported",
        "delivery.ReportDisputed",
        "delivery.ClosureApplied",
        "delivery.ApplicationRecalled",
        "delivery.ExtensionAsked",
        "delivery.RequestRaised",
        "delivery.RequestTakenBack",
        "delivery.SuperiorBriefed",
        "delivery.FindingAnswered",
        "delivery.ObjectionRaised",
        "delivery.SlipAnswered",
        "meetings.CircularSigned",
    }
)
"""Left out: what the leading side owes, asks for or claims; a log of claims would praise itself."""
READ_OR_TYPED: Final = frozenset(
    {
        "delivery.BriefRead",
        "delivery.LinkIssued",
        "delivery.LinkRevoked",
        "intake.DocumentReceived",
        "intake.DocumentRead",
        "intake.ReadingAsked",
        "intake.DocumentRemoved",
        "intake.ItemEdited",
        "intake.ItemsEdited",
        "intake.ItemsMerged",
        "intake.ItemSplit",
        "intake.ItemDropped",
        "intake.ItemAdded",
        "intake.UnitsNamed",
        "intake.ChangeTaken",
        "intake.PagePasted",
        "intake.ArticlePutAside",
        "intake.SourcesAsked",
        "meetings.AttendanceRecorded",
        "meetings.ResolutionTyped",
        "meetings.ResolutionTakenBack",
        "meetings.MinutesWritten",
        "meetings.LogCommented",
        "meetings.LogLaidOpen",
    }
)
"""Left out: reading, typing and passing on; what was typed counts when it is issued or ended."""
LOTS: Final = frozenset(
    {
        "assurance.PoolJoined",
        "assurance.PoolLeft",
        "assurance.DayHandedOut",
        "assurance.VisitAssigned",
        "assurance.VisitWithdrawn",
        "assurance.FrameFrozen",
        "assurance.OrderDrawn",
    }
)
"""Left out: steps of drawing by lot, which nobody may steer."""
BY_THE_CLOCK: Final = frozenset(
    {
        "delivery.PeriodOpened",
        "delivery.PeriodFinished",
        "delivery.PeriodMissed",
        "delivery.DatesPassed",
        "delivery.DeadlinesMoved",
        "delivery.ObjectionsChased",
        "delivery.StepsTaken",
        "delivery.SuccessorTookOver",
        "intake.DocumentConverted",
        "intake.ReadingRefused",
        "intake.NewsForgotten",
        "assurance.LookBacksDrawn",
    }
)
"""Left out: nobody's act."""
HOUSEKEEPING: Final = frozenset({"intake.NewsSourceAdded", "intake.NewsSourceChanged"})
"""Left out: what keeps the system in order; so is everything of the applications named below."""
HOUSEKEEPING_APPS: Final = frozenset({"accounts", "office", "units"})
"""Accounts, channels, the tree and its posts: no decision about a matter."""

LEFT_OUT: Final = OWED | READ_OR_TYPED | LOTS | BY_THE_CLOCK | HOUSEKEEPING
"""Every kind that stands under none of the words."""


def known(kind: str) -> bool:
    """Whether a kind of act is sorted or left out on purpose."""
    return kind in SORTED or kind in LEFT_OUT or kind.partition(".")[0] in HOUSEKEEPING_APPS


def require_in_person(actor: Actor) -> None:
    """A log is read and written in one's own name.

    Raises:
        Refused: ``log_in_person``.
    """
    if actor.principal is not None:
        raise Refused("log_in_person")


def require_head(role: Role) -> None:
    """Only the posts of heads have a log.

    Raises:
        Refused: ``log_not_of_head``.
    """
    if role is not Role.HEAD:
        raise Refused("log_not_of_head")


@dataclass(frozen=True, slots=True)
class Handing:
    """What opening depends on: the first day of the successor, when and by whom it was handed over, what was opened."""

    on: date
    done_on: date
    by_holder: bool
    laid_open_on: date | None = None


def opens_on(handing: Handing) -> date:
    """The first day on which the successor reads the log（公开日）; from then on nothing is added to it.

    Who hands over himself has it before him when he does so, and it goes over with the post. Where somebody else did
    it, the one who left looks first: until he lays it open, at most :data:`DAYS_TO_LOOK` days.
    """
    if handing.by_holder:
        return handing.on
    latest = max(handing.on, handing.done_on) + timedelta(days=DAYS_TO_LOOK)
    if handing.laid_open_on is None:
        return latest
    return min(latest, max(handing.on, handing.laid_open_on))
