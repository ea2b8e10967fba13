"""What goes into a decision and what comes out of it: small frozen values（事实）."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from luoshi.rules.lifecycle.acts import Act
from luoshi.rules.lifecycle.standing import Standing
from luoshi.rules.lifecycle.states import Kind, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Hand:
    """One of the three hands: who did an act, and who was too close to them at that moment."""

    user_id: int
    post_id: int
    kin: frozenset[int] = frozenset()

    def same_or_kin(self, actor: Actor) -> bool:
        """Whether ``actor`` is this person, or either was the other's deputy at the time."""
        return actor.user_id == self.user_id or actor.user_id in self.kin or self.user_id in actor.kin


@dataclass(frozen=True, slots=True)
class Asked:
    """The unit an open question lies with（批复责任单位）: its path, the path of its area, and its name."""

    unit_path: str
    area_path: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of one commitment; made by ``Commitment.facts()``, never by a door."""

    ref: str
    kind: Kind
    state: State
    lead_id: int
    lead_path: str
    lead_area_path: str
    issuer_id: int
    issuer_path: str
    issuer_area_path: str
    line_units: frozenset[int] = frozenset()
    supporting_units: frozenset[int] = frozenset()
    lead_receives: bool = True
    authority_from: date | None = None
    authority_until: date | None = None
    has_authority: bool = False
    programme_in_force: bool = True
    due_on: date | None = None
    has_term: bool = False
    frequency: str = ""
    insisted: bool = False
    reported: bool = False
    report_returned: bool = False
    report_on_behalf: bool = False
    said: int = 0
    reported_at: datetime | None = None
    verified: int = 0
    verified_how: str = ""
    open_children: int = 0
    children: int = 0
    reopened_parts: int = 0
    pending_extension: bool = False
    extensions_granted: int = 0
    extension_limit: int = 2
    open_requests: int = 0
    asked: tuple[Asked, ...] = ()
    unread_briefs: int = 0
    waiting_since: date | None = None
    open_findings: int = 0
    concluded_findings: int = 0
    open_objections: int = 0
    breakdown_approved: str = ""
    application: Hand | None = None
    application_digest: str = ""
    verification: Hand | None = None
    verification_passed: bool = False
    verification_digest: str = ""
    material_digest: str = ""
    took_part: frozenset[int] = frozenset()
    took_part_kin: frozenset[int] = frozenset()
    resume_state: State | None = None
    period_ends_on: date | None = None
    reviewed: bool = False
    last_conclusion_on: date | None = None
    object_until: date | None = None
    objected: bool = False
    off_system: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What the person says with the act; only what a guard looks at."""

    reason: str = ""
    opinion: str = ""
    favourable: bool = True
    new_due: date | None = None
    lead_id: int | None = None
    lead_receives: bool = True
    levels: int = 1
    proposal_digest: str = ""
    percent: int | None = None
    on_behalf: bool = False
    frozen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A permitted act: the state before and after, and in what standing it was done."""

    act: Act
    before: State
    after: State
    standing: Standing


@dataclass(frozen=True, slots=True)
class Possibility:
    """One line of “who may do what now, and why not”."""

    act: Act
    allowed: bool
    refusal: Refused | None = None
    who: tuple[Standing, ...] = ()
