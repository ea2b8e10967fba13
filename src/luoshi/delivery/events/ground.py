"""What every event of this application tells（事件公用）."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """The common ground: which record of the register the act was about."""

    TYPE: ClassVar[str] = ""
    V: ClassVar[int] = 1
    ref: str
