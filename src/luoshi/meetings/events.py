"""What happened about meetings, for the ledger: frozen, pure, versioned. No fractions, days as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class BookCompiled:
    """A review book was compiled: of which days, the digest of its content, and of each of its files."""

    TYPE: ClassVar[str] = "meetings.BookCompiled"
    V: ClassVar[int] = 1
    ref: str
    programme: str
    since_on: str
    as_on: str
    digest: str
    files: tuple[str, ...]


EVENT_NAMES: dict[str, str] = {
    BookCompiled.TYPE: _("Review book compiled"),
}
"""Event → what a page calls it."""
