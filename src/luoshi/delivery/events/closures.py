"""The strike-off gate and after（销号）: applied for, verified, closed, reopened, looked back at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from luoshi.delivery.events.ground import DeliveryEvent


@dataclass(frozen=True, slots=True)
class ClosureApplied(DeliveryEvent):
    """申请销号."""

    TYPE: ClassVar[str] = "delivery.ClosureApplied"
    statement: str
    material_digest: str


@dataclass(frozen=True, slots=True)
class ApplicationRecalled(DeliveryEvent):
    """The application was taken back."""

    TYPE: ClassVar[str] = "delivery.ApplicationRecalled"


@dataclass(frozen=True, slots=True)
class CommitmentVerified(DeliveryEvent):
    """核查."""

    TYPE: ClassVar[str] = "delivery.CommitmentVerified"
    method: str
    passed: bool
    percent: int
    words: str
    final: bool
    material_digest: str
    looked_at: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class CommitmentClosed(DeliveryEvent):
    """销号."""

    TYPE: ClassVar[str] = "delivery.CommitmentClosed"
    opinion: str
    material_digest: str


@dataclass(frozen=True, slots=True)
class CommitmentReopened(DeliveryEvent):
    """重启."""

    TYPE: ClassVar[str] = "delivery.CommitmentReopened"
    reason: str


@dataclass(frozen=True, slots=True)
class ClosureUpheld(DeliveryEvent):
    """维持销号: a closing stands although a part was reopened since."""

    TYPE: ClassVar[str] = "delivery.ClosureUpheld"
    opinion: str
    open_parts: int


@dataclass(frozen=True, slots=True)
class CommitmentLookedBack(DeliveryEvent):
    """回头看; a failed one reopened the same ref."""

    TYPE: ClassVar[str] = "delivery.CommitmentLookedBack"
    passed: bool
    percent: int
    words: str


@dataclass(frozen=True, slots=True)
class CommitmentsClosed(DeliveryEvent):
    """批量销号: a list was struck off in one act; what was approved of each is bound by its digest."""

    TYPE: ClassVar[str] = "delivery.CommitmentsClosed"
    opinion: str
    commitments: int
    material_digests: list[list[str]]


@dataclass(frozen=True, slots=True)
class CommitmentsCertified(DeliveryEvent):
    """凭证书销号: a list was struck off because a certificate by random visits speaks for it.

    ``visited`` of the ``commitments`` were looked at on the spot; the others were sampled. ``subjects_digest`` is the
    SHA-256 (hex) of their numbers, one a line, in the order of the list.
    """

    TYPE: ClassVar[str] = "delivery.CommitmentsCertified"
    certificate: str
    digest: str
    opinion: str
    commitments: int
    visited: int
    subjects_digest: str = ""
