"""What happened to a programme（方案）: its authority, settings, ladder, and plan of supervision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class ProgrammeCreated(DeliveryEvent):
    """方案 was set up."""

    TYPE: ClassVar[str] = "delivery.ProgrammeCreated"
    name: str
    matters: int


@dataclass(frozen=True, slots=True)
class ProgrammeIssued(DeliveryEvent):
    """方案 came into force."""

    TYPE: ClassVar[str] = "delivery.ProgrammeIssued"


@dataclass(frozen=True, slots=True)
class ProgrammeSettingsChanged(DeliveryEvent):
    """Settings of a 方案 were changed."""

    TYPE: ClassVar[str] = "delivery.ProgrammeSettingsChanged"
    visibility: str
    warning_days: int
    extension_limit: int
    last_meeting_on: str = ""
    signs: dict[str, int] = field(default_factory=dict)
    """From where on something is a sign; empty where all is as usual."""


@dataclass(frozen=True, slots=True)
class AuthorityRecorded(DeliveryEvent):
    """依据 was recorded."""

    TYPE: ClassVar[str] = "delivery.AuthorityRecorded"
    who: str
    document: str
    scope: str
    from_on: str
    until_on: str


@dataclass(frozen=True, slots=True)
class LadderChanged(DeliveryEvent):
    """阶梯 of a 方案 was written anew: what is issued from now on climbs this version."""

    TYPE: ClassVar[str] = "delivery.LadderChanged"
    number: int
    steps: int


@dataclass(frozen=True, slots=True)
class SupervisionPlanned(DeliveryEvent):
    """督查计划 was recorded."""

    TYPE: ClassVar[str] = "delivery.SupervisionPlanned"
    title: str
    document: str
    from_on: str
    until_on: str
    period_days: int
