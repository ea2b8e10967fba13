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


@dataclass(frozen=True, slots=True)
class CertificateWithdrawnFor:
    """A certificate no longer speaks for one commitment: it was opened again after it had been struck off."""

    TYPE: ClassVar[str] = "assurance.CertificateWithdrawnFor"
    V: ClassVar[int] = 1
    certificate: str
    ref: str
    reason: str


EVENT_NAMES: dict[str, str] = {
    PoolJoined.TYPE: _("Verifiers joined the pool"),
    PoolLeft.TYPE: _("Verifier left the pool"),
    DayHandedOut.TYPE: _("Visits of a day handed out"),
    VisitAssigned.TYPE: _("Visit assigned"),
    VisitWithdrawn.TYPE: _("Visit withdrawn"),
    VisitsApproved.TYPE: _("Another visit approved"),
    VisitRecorded.TYPE: _("Visit recorded"),
    VisitCorrected.TYPE: _("Record of a visit corrected"),
    LookBackRuleSet.TYPE: _("Look-backs set"),
    LookBacksDrawn.TYPE: _("Look-backs drawn"),
    CertificateWithdrawnFor.TYPE: _("Certificate withdrawn for one task"),
}
"""Event type → its name for people."""
