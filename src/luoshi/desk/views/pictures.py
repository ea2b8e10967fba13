"""What is drawn once for everybody of an area（画面留存）: kept in the process while nothing it shows has changed.

The key holds what the mark of a page holds but for the person: a picture is never shown after an act, a light that
turned or a new day, nor to another area. Few are kept; the least used one goes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

KEPT = 24
"""Pictures a process keeps; the largest, all counties, takes about half a megabyte."""

Picture = dict[str, Any] | None
_kept: OrderedDict[Hashable, Picture] = OrderedDict()
_lock = Lock()


def kept(key: Hashable, make: Callable[[], Picture]) -> Picture:
    """The picture of ``key``, drawn now if it is not kept. The caller changes nothing in it."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = make()  # a refusal is raised from here and never kept
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Drop all of them, e.g. when the database behind the process is another one."""
    with _lock:
        _kept.clear()
