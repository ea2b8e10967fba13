"""What the API takes and gives of the pool and of handing out（派员的接口数据）; no figure about one verifier."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from luoshi.assurance.models import Campaign, Verifier, Visit, VisitApproval
from luoshi.assurance.queries.blind import Own
from luoshi.assurance.queries.handing import DayLine
from luoshi.assurance.services.approving import ToApprove
from luoshi.assurance.services.handing import MOST
from luoshi.rules.sensitivity import Sensitivity

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Ref = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Count = Annotated[int, Field(ge=0, le=MOST)]


class Strict(Schema):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class JoinIn(Strict):
    """Posts that come into the pool."""

    posts: Annotated[list[Ref], Field(max_length=200)]


class LeaveIn(Strict):
    """A post that leaves it, and why."""

    post: Ref
    reason: Reason = ""


class HandOutIn(Strict):
    """A day, and how many places of the order."""

    day: date
    count: Count


class ApproveIn(HandOutIn):
    """Units of the next places that may be met again, and perhaps second visits; why."""

    seconds: bool = False
    reason: Reason = ""


class ApproveUnitIn(Strict):
    """One unit that may be met again, and why."""

    unit: Annotated[int, Field(ge=1, le=2**53)]
    day: date
    reason: Reason = ""


class WithdrawIn(Strict):
    """Why a visit is taken back."""

    reason: Reason = ""


class MemberOut(Schema):
    """A post in the pool."""

    post: str
    title: str
    unit: str
    since: date

    @classmethod
    def of(cls, row: Verifier) -> MemberOut:
        """From the row."""
        return cls(post=row.post.ref, title=row.post.title, unit=row.post.unit.name, since=row.since_on)


class FoundOut(Schema):
    """What the pool as a whole finds, in basis points, and on how many pairs of visits that rests."""

    mean_bp: int
    low_bp: int
    high_bp: int
    pairs: int
    learnt: bool

    @classmethod
    def of(cls, found: Sensitivity) -> FoundOut:
        """From the estimate."""
        return cls(
            mean_bp=found.mean_bp, low_bp=found.low_bp, high_bp=found.high_bp, pairs=found.pairs, learnt=found.learnt
        )


class PoolOut(Schema):
    """The pool of a programme."""

    programme: str
    members: list[MemberOut]
    found: FoundOut


class DayOut(Schema):
    """One day handed out."""

    day: date
    visits: int
    over: int

    @classmethod
    def of(cls, line: DayLine) -> DayOut:
        """From the line."""
        return cls(day=line.day, visits=line.visits, over=line.over)


class ApprovalOut(Schema):
    """One approval of another visit; without a unit it is that of the second visits."""

    unit_id: int | None
    unit: str
    last_on: date | None
    many_headed: bool
    reason: str
    by_post: str
    used: bool

    @classmethod
    def of(cls, row: VisitApproval) -> ApprovalOut:
        """From the row."""
        return cls(
            unit_id=row.unit_id,
            unit=row.unit.name if row.unit else "",
            last_on=row.last_on,
            many_headed=row.many_headed,
            reason=row.reason,
            by_post=row.by_post.title,
            used=row.visit_id is not None,
        )


class ToApproveOut(Schema):
    """A unit of the next places that was met within the period."""

    unit_id: int
    unit: str
    last_on: date
    many_headed: bool

    @classmethod
    def of(cls, one: ToApprove) -> ToApproveOut:
        """From what waits."""
        return cls(
            unit_id=one.unit.pk, unit=one.unit.name, last_on=one.again.last_on, many_headed=one.again.many_headed
        )


class HandingOut(Schema):
    """How far the order of a campaign has been handed out; places and verifiers are not told."""

    campaign: str
    version: int
    handed_out: int
    left: int
    days: list[DayOut]
    approvals: list[ApprovalOut]
    seconds_approved: bool
    sealed: str
    secret: str
    """Shown when the campaign is over."""


class HandedOut(Schema):
    """A day handed out."""

    campaign: str
    version: int
    day: date
    visits: int
    waiting: int
    minutes: int
    entry: int

    @classmethod
    def of(cls, campaign: Campaign, day: date, **told: Any) -> HandedOut:
        """From what was done."""
        return cls(campaign=campaign.ref, version=campaign.version, day=day, **told)


class ApprovedOut(Schema):
    """What was approved."""

    campaign: str
    version: int
    approvals: list[ApprovalOut]


class WithdrawnOut(Schema):
    """A visit taken back."""

    key: UUID
    version: int
    state: str

    @classmethod
    def of(cls, visit: Visit) -> WithdrawnOut:
        """From the row."""
        return cls(key=visit.key, version=visit.version, state=visit.state)


class OwnOut(Schema):
    """The caller's own figures; nobody else can ask for them."""

    visits: int
    reached: int
    found: int
    pairs: int
    missed: int
    alone: int

    @classmethod
    def of(cls, own: Own) -> OwnOut:
        """From the figures."""
        return cls(
            visits=own.visits, reached=own.reached, found=own.found, pairs=own.pairs, missed=own.missed, alone=own.alone
        )
