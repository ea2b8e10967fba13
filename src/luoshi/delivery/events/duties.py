"""Standing duties and their periods（长期任务、期次）."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class PeriodOpened(DeliveryEvent):
    """期次 was opened."""

    TYPE: ClassVar[str] = "delivery.PeriodOpened"
    period: str
    from_on: str
    until_on: str


@dataclass(frozen=True, slots=True)
class PeriodFinished(DeliveryEvent):
    """期次 was finished."""

    TYPE: ClassVar[str] = "delivery.PeriodFinished"


@dataclass(frozen=True, slots=True)
class PeriodMissed(DeliveryEvent):
    """期次 was missed."""

    TYPE: ClassVar[str] = "delivery.PeriodMissed"


@dataclass(frozen=True, slots=True)
class DutyReviewed(DeliveryEvent):
    """A standing duty was reviewed."""

    TYPE: ClassVar[str] = "delivery.DutyReviewed"
    opinion: str


@dataclass(frozen=True, slots=True)
class DutyEnded(DeliveryEvent):
    """A standing duty was ended."""

    TYPE: ClassVar[str] = "delivery.DutyEnded"
    opinion: str
