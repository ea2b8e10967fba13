"""What the clock noticed, and who was reminded（提醒、催办）."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class CommitmentReminded(DeliveryEvent):
    """提醒: units that have not taken one step on a commitment or its parts were reminded; the subjects say which."""

    TYPE: ClassVar[str] = "delivery.CommitmentReminded"
    step: str
    units: int
    commitments: int


@dataclass(frozen=True, slots=True)
class UnitsReminded(DeliveryEvent):
    """提醒 across a programme or matter: units that have not taken one step were reminded; the subjects say which."""

    TYPE: ClassVar[str] = "delivery.UnitsReminded"
    step: str
    within: int
    matter: int | None
    units: int
    commitments: int


@dataclass(frozen=True, slots=True)
class DatesPassed(DeliveryEvent):
    """The clock noticed that dates passed: these commitments are missed from now on, and stay visible as such."""

    TYPE: ClassVar[str] = "delivery.DatesPassed"
    missed: int


@dataclass(frozen=True, slots=True)
class StepsTaken(DeliveryEvent):
    """逐级催办: the clock took steps of the ladders, one each; ``rungs``: how many of which."""

    TYPE: ClassVar[str] = "delivery.StepsTaken"
    steps: int
    rungs: dict[str, int]
    slips: int
