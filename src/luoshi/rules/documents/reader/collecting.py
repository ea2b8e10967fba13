"""Collecting（回收）: the search for cyclic garbage held back while a text is read.

A reading of ten megabytes makes over a million small values and no cycles. Each time another few hundred stand, the
collector looks through them again and finds nothing: about a seventh of the time of a long table.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LOCK: Final = threading.Lock()
_held: list[bool] = []
"""One mark for each reading under way: whether the collector ran before the first of them."""


@contextmanager
def held_back() -> Iterator[None]:
    """Hold the collector back; it runs again, if it ran before, when the last of several readings ends."""
    with _LOCK:
        _held.append(_held[0] if _held else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            if _held.pop() and not _held:
                gc.enable()
