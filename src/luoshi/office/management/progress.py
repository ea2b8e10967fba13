"""How far a long command is（进度）: one line on a terminal that is written over; nothing when nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from django.utils.translation import gettext as _


def shown_on(stream: IO[str]) -> Callable[[str, int, int], None]:
    """A function to be told what is worked on, how much is done and how much there is (0: not known)."""
    if not stream.isatty():
        return lambda _what, _done, _total: None

    def say(what: str, done: int, total: int) -> None:
        names = {"files": _("files"), "check": _("checking"), "compare": _("comparing"), "audit": _("audit")}
        told = f"{done:,} / {total:,}" if total else f"{done:,}" if done else "…"
        stream.write(f"\r\x1b[K{names.get(what, what)}  {told}")
        stream.flush()

    return say


def cleared(stream: IO[str]) -> None:
    """Take the line away before something else is said."""
    if stream.isatty():
        stream.write("\r\x1b[K")
