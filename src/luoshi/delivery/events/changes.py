"""What was changed of a commitment under way（变更）: its lead, its date, its hands, or whether it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


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
class DeadlinesMoved(DeliveryEvent):
    """A calendar changed, and the deadlines counted by it were moved in one act; the subjects say which."""

    TYPE: ClassVar[str] = "delivery.DeadlinesMoved"
    edition: int
    moved: int
    later: int
    reason: str


@dataclass(frozen=True, slots=True)
class SuccessorTookOver(DeliveryEvent):
    """After units were merged, their successor leads and issues what they led and issued."""

    TYPE: ClassVar[str] = "delivery.SuccessorTookOver"
    into: int
    commitments: int
