"""What happened about meetings, for the ledger: frozen, pure, versioned. No fractions, days as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class MeetingPlanned:
    """A meeting was called; how many open points of the last one came with it."""

    TYPE: ClassVar[str] = "meetings.MeetingPlanned"
    V: ClassVar[int] = 1
    ref: str
    programme: str
    kind: str
    title: str
    held_on: str
    papers_due_on: str
    carried: int


@dataclass(frozen=True, slots=True)
class MeetingChanged:
    """Title, day, place or the time for papers were changed before the meeting."""

    TYPE: ClassVar[str] = "meetings.MeetingChanged"
    V: ClassVar[int] = 1
    ref: str
    title: str
    place: str
    held_on: str
    papers_due_on: str


@dataclass(frozen=True, slots=True)
class PostsInvited:
    """Posts were asked to come, or taken off the list."""

    TYPE: ClassVar[str] = "meetings.PostsInvited"
    V: ClassVar[int] = 1
    ref: str
    posts: tuple[str, ...]
    off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PapersSent:
    """The agenda went out to everybody asked, with the newest book where one was compiled for the meeting."""

    TYPE: ClassVar[str] = "meetings.PapersSent"
    V: ClassVar[int] = 1
    ref: str
    posts: int
    items: int
    book: str
    due_on: str


@dataclass(frozen=True, slots=True)
class ItemsPutOn:
    """Proposals were put on the agenda, each with the rule that named it."""

    TYPE: ClassVar[str] = "meetings.ItemsPutOn"
    V: ClassVar[int] = 1
    ref: str
    commitments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemsLeftOut:
    """Proposals or items were left out of the agenda."""

    TYPE: ClassVar[str] = "meetings.ItemsLeftOut"
    V: ClassVar[int] = 1
    ref: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """An item was added by a person."""

    TYPE: ClassVar[str] = "meetings.ItemAdded"
    V: ClassVar[int] = 1
    ref: str
    kind: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class MeetingOpened:
    """A meeting was opened."""

    TYPE: ClassVar[str] = "meetings.MeetingOpened"
    V: ClassVar[int] = 1
    ref: str


@dataclass(frozen=True, slots=True)
class AttendanceRecorded:
    """Which posts came."""

    TYPE: ClassVar[str] = "meetings.AttendanceRecorded"
    V: ClassVar[int] = 1
    ref: str
    came: int
    asked: int


@dataclass(frozen=True, slots=True)
class ItemSettled:
    """What came of an item, and whether it is settled or goes on."""

    TYPE: ClassVar[str] = "meetings.ItemSettled"
    V: ClassVar[int] = 1
    ref: str
    title: str
    outcome: str
    settled: bool


@dataclass(frozen=True, slots=True)
class ResolutionTyped:
    """A decision was typed: what, who leads, by when."""

    TYPE: ClassVar[str] = "meetings.ResolutionTyped"
    V: ClassVar[int] = 1
    ref: str
    number: int
    text: str
    lead: int
    due_on: str


@dataclass(frozen=True, slots=True)
class ResolutionTakenBack:
    """A decision was taken back before it was issued."""

    TYPE: ClassVar[str] = "meetings.ResolutionTakenBack"
    V: ClassVar[int] = 1
    ref: str
    number: int


@dataclass(frozen=True, slots=True)
class MinutesWritten:
    """The minutes were written or written anew."""

    TYPE: ClassVar[str] = "meetings.MinutesWritten"
    V: ClassVar[int] = 1
    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """A meeting ended: how many decisions were issued, and how many points go on to the next."""

    TYPE: ClassVar[str] = "meetings.MeetingEnded"
    V: ClassVar[int] = 1
    ref: str
    resolutions: int
    open_points: int
    next_meeting: str


@dataclass(frozen=True, slots=True)
class MeetingCancelled:
    """A meeting was cancelled."""

    TYPE: ClassVar[str] = "meetings.MeetingCancelled"
    V: ClassVar[int] = 1
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class BookCompiled:
    """A review book was compiled: of which days, the digest of its content, and of each of its files."""

    TYPE: ClassVar[str] = "meetings.BookCompiled"
    V: ClassVar[int] = 1
    ref: str
    programme: str
    since_on: str
    as_on: str
    digest: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CircularDrafted:
    """A circular or letter was written: of which kind, to which units."""

    TYPE: ClassVar[str] = "meetings.CircularDrafted"
    V: ClassVar[int] = 1
    ref: str
    kind: str
    title: str
    words: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CircularChanged:
    """A draft was written anew."""

    TYPE: ClassVar[str] = "meetings.CircularChanged"
    V: ClassVar[int] = 1
    ref: str
    kind: str
    title: str
    words: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CircularIssued:
    """A circular was approved and went out under its number, to so many units."""

    TYPE: ClassVar[str] = "meetings.CircularIssued"
    V: ClassVar[int] = 1
    ref: str
    number: str
    kind: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CircularSigned:
    """A unit signed for a circular."""

    TYPE: ClassVar[str] = "meetings.CircularSigned"
    V: ClassVar[int] = 1
    ref: str
    number: str
    unit: int


@dataclass(frozen=True, slots=True)
class CircularReminded:
    """The units that had not signed were reminded."""

    TYPE: ClassVar[str] = "meetings.CircularReminded"
    V: ClassVar[int] = 1
    ref: str
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CircularWithdrawn:
    """A circular was taken back."""

    TYPE: ClassVar[str] = "meetings.CircularWithdrawn"
    V: ClassVar[int] = 1
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class LogCommented:
    """The holder of a post wrote beside his decision log; the words themselves are not told, their digest is."""

    TYPE: ClassVar[str] = "meetings.LogCommented"
    V: ClassVar[int] = 1
    post: str
    holding: int
    matter: int | None
    words_digest: str


@dataclass(frozen=True, slots=True)
class LogLaidOpen:
    """Who left a post laid his decision log open to the successor."""

    TYPE: ClassVar[str] = "meetings.LogLaidOpen"
    V: ClassVar[int] = 1
    post: str
    holding: int


@dataclass(frozen=True, slots=True)
class PracticeWritten:
    """A verified result was written up for others, under the matter of its commitment."""

    TYPE: ClassVar[str] = "meetings.PracticeWritten"
    V: ClassVar[int] = 1
    ref: str
    commitment: str
    matter: int
    title: str
    context: str
    done: str
    cost: str
    failed: str
    proof: str


@dataclass(frozen=True, slots=True)
class PracticeAmended:
    """A write-up was amended; what it said before is kept under its number."""

    TYPE: ClassVar[str] = "meetings.PracticeAmended"
    V: ClassVar[int] = 1
    ref: str
    number: int
    title: str
    context: str
    done: str
    cost: str
    failed: str
    proof: str


@dataclass(frozen=True, slots=True)
class PracticeWithdrawn:
    """A write-up was withdrawn, and why."""

    TYPE: ClassVar[str] = "meetings.PracticeWithdrawn"
    V: ClassVar[int] = 1
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class AuthorAsked:
    """A unit asked the author of a write-up."""

    TYPE: ClassVar[str] = "meetings.AuthorAsked"
    V: ClassVar[int] = 1
    ref: str
    unit: int
    posts: tuple[str, ...]
    question: str


EVENT_NAMES: dict[str, str] = {
    MeetingPlanned.TYPE: _("Meeting called"),
    MeetingChanged.TYPE: _("Meeting changed"),
    PostsInvited.TYPE: _("Posts asked to a meeting"),
    ItemsPutOn.TYPE: _("Items put on the agenda"),
    ItemsLeftOut.TYPE: _("Items left out of the agenda"),
    ItemAdded.TYPE: _("Item added to the agenda"),
    MeetingOpened.TYPE: _("Meeting opened"),
    AttendanceRecorded.TYPE: _("Attendance recorded"),
    ItemSettled.TYPE: _("Outcome of an item recorded"),
    ResolutionTyped.TYPE: _("Decision typed"),
    ResolutionTakenBack.TYPE: _("Decision taken back"),
    MinutesWritten.TYPE: _("Minutes written"),
    MeetingEnded.TYPE: _("Meeting ended, decisions issued"),
    MeetingCancelled.TYPE: _("Meeting cancelled"),
    BookCompiled.TYPE: _("Review book compiled"),
    CircularDrafted.TYPE: _("Circular written"),
    CircularChanged.TYPE: _("Draft of a circular changed"),
    CircularIssued.TYPE: _("Circular issued"),
    CircularSigned.TYPE: _("Circular signed for"),
    CircularReminded.TYPE: _("Reminded to sign for a circular"),
    CircularWithdrawn.TYPE: _("Circular taken back"),
    LogCommented.TYPE: _("Written beside a decision log"),
    LogLaidOpen.TYPE: _("Decision log laid open to the successor"),
    PracticeWritten.TYPE: _("Result written up"),
    PracticeAmended.TYPE: _("Write-up amended"),
    PracticeWithdrawn.TYPE: _("Write-up withdrawn"),
    AuthorAsked.TYPE: _("Author of a write-up asked"),
}
"""Event type → its name for people."""
