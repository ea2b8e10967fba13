"""Findings and objections（疑点、申辩）."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class FindingRecorded(DeliveryEvent):
    """疑点 was recorded: a reason to look, never a verdict; ``shown``: digests and addresses it rests on."""

    TYPE: ClassVar[str] = "delivery.FindingRecorded"
    V: ClassVar[int] = 2
    words: str
    shown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FindingAnswered(DeliveryEvent):
    """The unit answered a finding."""

    TYPE: ClassVar[str] = "delivery.FindingAnswered"
    answer: str


@dataclass(frozen=True, slots=True)
class FindingConcluded(DeliveryEvent):
    """A person concluded a finding."""

    TYPE: ClassVar[str] = "delivery.FindingConcluded"
    upheld: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectionRaised(DeliveryEvent):
    """申辩 was raised."""

    TYPE: ClassVar[str] = "delivery.ObjectionRaised"
    words: str
    decide_by_on: str


@dataclass(frozen=True, slots=True)
class ObjectionDecided(DeliveryEvent):
    """申辩 was decided."""

    TYPE: ClassVar[str] = "delivery.ObjectionDecided"
    upheld: bool
    decision: str


@dataclass(frozen=True, slots=True)
class ObjectionsChased(DeliveryEvent):
    """催办申辩: the clock reminded whoever decides, or told the unit above; ``steps``: how many of which."""

    TYPE: ClassVar[str] = "delivery.ObjectionsChased"
    steps: dict[str, int]
