"""What can happen to accounts（账户事件）: frozen, versioned, plain values; never a secret, never a person's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class TokenCreated:
    """A token was made（签发令牌）."""

    TYPE: ClassVar[str] = "accounts.TokenCreated"
    V: ClassVar[int] = 1
    user: int
    prefix: str
    post: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """A token was withdrawn（吊销令牌）."""

    TYPE: ClassVar[str] = "accounts.TokenRevoked"
    V: ClassVar[int] = 1
    user: int
    prefix: str


@dataclass(frozen=True, slots=True)
class DemoPersonsCreated:
    """Invented persons of a demonstration were added（建立演示人物）."""

    TYPE: ClassVar[str] = "accounts.DemoPersonsCreated"
    V: ClassVar[int] = 1
    count: int


EVENT_NAMES: dict[str, str] = {
    TokenCreated.TYPE: _("Token made"),
    TokenRevoked.TYPE: _("Token withdrawn"),
    DemoPersonsCreated.TYPE: _("Persons of the demonstration set up"),
}
"""How each event is called in a timeline; every event has a name."""
