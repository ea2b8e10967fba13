"""Collecting（回收）: the search for cyclic garbage held back while very much is made that lives.

A reading of ten megabytes, or a batch of thousands of rows, makes very many small values and no cycles. Each time
another few hundred stand, the collector looks through them again and finds nothing: about a seventh of the time.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LOCK: Final = threading.Lock()
_held: list[bool] = []
"""One mark for each work under way: whether the collector ran before the first of them."""


@contextmanager
def held_back() -> Iterator[None]:
    """Hold the collector back; it runs again, if it ran before, when the last of several works ends."""
    with _LOCK:
        _held.append(_held[0] if _held else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _LOCK:
            if _held.pop() and not _held:
                gc.enable()
