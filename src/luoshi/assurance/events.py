"""What happened in assurance, for the ledger: frozen, pure, versioned. No fractions, days as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class PoolJoined:
    """Posts came into a programme's pool of verifiers."""

    TYPE: ClassVar[str] = "assurance.PoolJoined"
    V: ClassVar[int] = 1
    programme: str
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoolLeft:
    """A post left the pool, and why."""

    TYPE: ClassVar[str] = "assurance.PoolLeft"
    V: ClassVar[int] = 1
    programme: str
    post: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayHandedOut:
    """Visits of one day were handed out by lot; places and posts stand in the rows, seconds are not told apart.

    ``sealed`` is the digest of the secret by which blind second visits are drawn.
    """

    TYPE: ClassVar[str] = "assurance.DayHandedOut"
    V: ClassVar[int] = 1
    campaign: str
    day: str
    visits: int
    seed: str
    sealed: str


@dataclass(frozen=True, slots=True)
class VisitAssigned:
    """One visit outside a campaign was given to whom the lot fell on."""

    TYPE: ClassVar[str] = "assurance.VisitAssigned"
    V: ClassVar[int] = 1
    visit: str
    kind: str
    day: str
    reason: str
    seed: str


@dataclass(frozen=True, slots=True)
class VisitWithdrawn:
    """A visit was taken back before it was made, and why."""

    TYPE: ClassVar[str] = "assurance.VisitWithdrawn"
    V: ClassVar[int] = 1
    visit: str
    reason: str


@dataclass(frozen=True, slots=True)
class VisitsApproved:
    """The head let units be met again within the period, and said why."""

    TYPE: ClassVar[str] = "assurance.VisitsApproved"
    V: ClassVar[int] = 1
    campaign: str
    units: tuple[int, ...]
    seconds: bool
    reason: str


@dataclass(frozen=True, slots=True)
class VisitRecorded:
    """A verifier recorded what was seen at one place, or that nobody could be reached."""

    TYPE: ClassVar[str] = "assurance.VisitRecorded"
    V: ClassVar[int] = 1
    visit: str
    kind: str
    ref: str
    state: str
    holds: bool | None
    criteria: list[dict[str, Any]]
    words: str
    place_said: str
    photos: list[str]
    not_carried: str


@dataclass(frozen=True, slots=True)
class VisitCorrected:
    """A verifier put another record in the place of the one that stood; both are kept, and why."""

    TYPE: ClassVar[str] = "assurance.VisitCorrected"
    V: ClassVar[int] = 1
    visit: str
    kind: str
    ref: str
    state: str
    holds: bool | None
    criteria: list[dict[str, Any]]
    words: str
    place_said: str
    photos: list[str]
    not_carried: str
    reason: str


@dataclass(frozen=True, slots=True)
class CampaignProposed:
    """A claim was put up for visits by lot; shares in basis points."""

    TYPE: ClassVar[str] = "assurance.CampaignProposed"
    V: ClassVar[int] = 1
    ref: str
    programme: str
    matter: int | None
    title: str
    under: int
    level: str
    claim_bp: int
    risk_bp: int
    second_visits_bp: int


@dataclass(frozen=True, slots=True)
class FrameFrozen:
    """The list of places was fixed: its length and the SHA-256 of its published text."""

    TYPE: ClassVar[str] = "assurance.FrameFrozen"
    V: ClassVar[int] = 1
    ref: str
    places: int
    frame_digest: str


@dataclass(frozen=True, slots=True)
class OrderDrawn:
    """The seed rolled in public was entered, and with it the order stands."""

    TYPE: ClassVar[str] = "assurance.OrderDrawn"
    V: ClassVar[int] = 1
    ref: str
    frame_digest: str
    seed: str


@dataclass(frozen=True, slots=True)
class CampaignConcluded:
    """The verdicts were read and the campaign ended; counts and bounds are numbers of places."""

    TYPE: ClassVar[str] = "assurance.CampaignConcluded"
    V: ClassVar[int] = 1
    ref: str
    outcome: str
    places: int
    limit: int
    visits: int
    false: int
    unknown: int
    low: int
    high: int
    sensitivity_bp: int
    opinion: str


@dataclass(frozen=True, slots=True)
class CampaignStopped:
    """A campaign was broken off, and why; nothing is said of its claim."""

    TYPE: ClassVar[str] = "assurance.CampaignStopped"
    V: ClassVar[int] = 1
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class CertificateGiven:
    """A certificate was given on a certified claim; the digest binds frame, order, verdicts and reading."""

    TYPE: ClassVar[str] = "assurance.CertificateGiven"
    V: ClassVar[int] = 1
    ref: str
    campaign: str
    digest: str
    claim: str
    opinion: str


@dataclass(frozen=True, slots=True)
class CertificateExcepted:
    """A certificate was withdrawn for one commitment, and why; it stands for the others."""

    TYPE: ClassVar[str] = "assurance.CertificateExcepted"
    V: ClassVar[int] = 1
    certificate: str
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class CertificateWithdrawn:
    """A certificate was withdrawn as a whole, and why; what was closed by it stays closed until somebody reopens it."""

    TYPE: ClassVar[str] = "assurance.CertificateWithdrawn"
    V: ClassVar[int] = 1
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class LookBackRuleSet:
    """A programme set how it looks back; ``reveals`` is the secret of the rule before, whose days are over."""

    TYPE: ClassVar[str] = "assurance.LookBackRuleSet"
    V: ClassVar[int] = 1
    programme: str
    number: int
    chance_bp: int
    months: tuple[int, ...]
    digits: str
    anchor: str
    from_on: str
    reveals: str


@dataclass(frozen=True, slots=True)
class LookBacksDrawn:
    """The clock drew the look-backs of a day: link and seed, how many had their day, on how many the lot fell."""

    TYPE: ClassVar[str] = "assurance.LookBacksDrawn"
    V: ClassVar[int] = 1
    programme: str
    on: str
    place: int
    link: str
    seed: str
    due: int
    drawn: int
    siblings: int
    wider: int
    visits: int


EVENT_NAMES: dict[str, str] = {
    PoolJoined.TYPE: _("Verifiers joined the pool"),
    PoolLeft.TYPE: _("Verifier left the pool"),
    DayHandedOut.TYPE: _("Visits of a day handed out"),
    VisitAssigned.TYPE: _("Visit assigned"),
    VisitWithdrawn.TYPE: _("Visit withdrawn"),
    VisitsApproved.TYPE: _("Another visit approved"),
    VisitRecorded.TYPE: _("Visit recorded"),
    VisitCorrected.TYPE: _("Record of a visit corrected"),
    CampaignProposed.TYPE: _("Campaign proposed"),
    FrameFrozen.TYPE: _("Frame frozen"),
    OrderDrawn.TYPE: _("Order drawn"),
    CampaignConcluded.TYPE: _("Campaign concluded"),
    CampaignStopped.TYPE: _("Campaign stopped"),
    CertificateGiven.TYPE: _("Certificate given"),
    CertificateExcepted.TYPE: _("Certificate withdrawn for one commitment"),
    CertificateWithdrawn.TYPE: _("Certificate withdrawn"),
    LookBackRuleSet.TYPE: _("Look-backs set"),
    LookBacksDrawn.TYPE: _("Look-backs drawn"),
}
"""Event type → its name for people."""
