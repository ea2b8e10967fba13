"""How a commitment came to whoever delivers it（任务）: drafted, issued, accepted, assigned, broken down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


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
class LinkIssued(DeliveryEvent):
    """A short link was made."""

    TYPE: ClassVar[str] = "delivery.LinkIssued"
    post: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class LinkRevoked(DeliveryEvent):
    """A short link was cancelled."""

    TYPE: ClassVar[str] = "delivery.LinkRevoked"
