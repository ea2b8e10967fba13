"""What happened in assurance, for the ledger: frozen, pure, versioned. No fractions, days as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from luoshi.rules.refusals import gettext_noop as _


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


EVENT_NAMES: dict[str, str] = {
    VisitRecorded.TYPE: _("Visit recorded"),
    VisitCorrected.TYPE: _("Record of a visit corrected"),
}
"""Event type → its name for people."""
