"""Slips（督办单）: proposed, issued, answered, settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class SlipProposed(DeliveryEvent):
    """督办单 was proposed by a person; the clock's proposals stand in the entry of its steps."""

    TYPE: ClassVar[str] = "delivery.SlipProposed"
    slip: str
    rung: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class SlipApproved(DeliveryEvent):
    """签发; ``earlier`` is the slip the unit already had in the period, and why it was met again all the same."""

    TYPE: ClassVar[str] = "delivery.SlipApproved"
    number: str
    opinion: str
    answer_by_on: str | None
    earlier: str
    repeat_reason: str


@dataclass(frozen=True, slots=True)
class SlipDropped(DeliveryEvent):
    """不予签发."""

    TYPE: ClassVar[str] = "delivery.SlipDropped"
    reason: str


@dataclass(frozen=True, slots=True)
class SlipAnswered(DeliveryEvent):
    """答复."""

    TYPE: ClassVar[str] = "delivery.SlipAnswered"
    answer: str


@dataclass(frozen=True, slots=True)
class SlipSentBack(DeliveryEvent):
    """退回重答."""

    TYPE: ClassVar[str] = "delivery.SlipSentBack"
    reason: str
    answer_by_on: str | None


@dataclass(frozen=True, slots=True)
class SlipSettled(DeliveryEvent):
    """办结."""

    TYPE: ClassVar[str] = "delivery.SlipSettled"
    reason: str


@dataclass(frozen=True, slots=True)
class SlipWithdrawn(DeliveryEvent):
    """撤回 of a slip."""

    TYPE: ClassVar[str] = "delivery.SlipWithdrawn"
    reason: str
