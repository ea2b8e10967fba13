"""What was said of a commitment（反馈）, and sent back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class CommitmentReported(DeliveryEvent):
    """反馈."""

    TYPE: ClassVar[str] = "delivery.CommitmentReported"
    percent: int
    words: str
    problems: str
    next_step: str
    via: str
    for_unit: int | None
    evidence: list[str]
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentsReported(DeliveryEvent):
    """反馈, many in one act; what was said of each stands in the report's own state within the entry."""

    TYPE: ClassVar[str] = "delivery.CommitmentsReported"
    count: int
    via: str


@dataclass(frozen=True, slots=True)
class ShareReported(DeliveryEvent):
    """A supporting unit reported its share."""

    TYPE: ClassVar[str] = "delivery.ShareReported"
    unit: int
    percent: int
    words: str


@dataclass(frozen=True, slots=True)
class ReportDisputed(DeliveryEvent):
    """A unit disputed a report made on its behalf."""

    TYPE: ClassVar[str] = "delivery.ReportDisputed"
    reason: str


@dataclass(frozen=True, slots=True)
class CommitmentReturned(DeliveryEvent):
    """退回: a report or an application went back with a reason and a date."""

    TYPE: ClassVar[str] = "delivery.CommitmentReturned"
    reason: str
    by_on: str | None
