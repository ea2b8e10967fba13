"""What went upward and came down again（请示、报告、批示）."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


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
