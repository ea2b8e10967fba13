"""Paths of the unit tree（单位路径）: the one place that builds, cuts and compares them.

A path is a row of fixed-width steps, the root first, each the id of a unit in base 36 followed by a full stop
(``00001.0002a.``). So a string prefix is exactly a subtree, the order of strings is the order of the tree, and the
units above one are read from its path without a statement. The empty path is no unit: it contains nothing.
"""

from __future__ import annotations

WIDTH = 5
"""Base-36 digits of a step; 36⁵ − 1 is the highest id a path can hold."""

END = "~"
"""Sorts after every character of a path."""

STEP = WIDTH + 1
"""Characters of a step, full stop included."""

MAX_DEPTH = 40
"""Steps of the longest path the table of units can hold (240 characters)."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def segment(unit_id: int) -> str:
    """One step of a path: the id in base 36, padded to :data:`WIDTH`, with a full stop.

    Raises:
        ValueError: for an id that does not fit.
    """
    if not 0 < unit_id < 36**WIDTH:
        raise ValueError(f"{unit_id} does not fit into a path")
    digits = ""
    while unit_id:
        unit_id, rest = divmod(unit_id, 36)
        digits = _DIGITS[rest] + digits
    return digits.zfill(WIDTH) + "."


def ids(path: str) -> list[int]:
    """Ids of the units a path is made of, the root first, its own unit last."""
    return [int(path[start : start + WIDTH], 36) for start in range(0, len(path), STEP)]


def ids_above(path: str) -> list[int]:
    """Ids of the units above the last step, the root first."""
    return ids(parent(path))


def own_id(path: str) -> int:
    """The id of the unit at the end of a path; 0 for the empty path."""
    return int(path[-STEP:-1], 36) if path else 0


def parent(path: str) -> str:
    """The path of the unit directly above; empty for a root."""
    return path[:-STEP]


def line(path: str) -> list[str]:
    """The paths from the root down to this one, both included."""
    return [path[:end] for end in range(STEP, len(path) + 1, STEP)]


def depth(path: str) -> int:
    """How many steps a path has: 1 for a root, 0 for the empty path."""
    return len(path) // STEP


def within(path: str, ancestor: str) -> bool:
    """Whether the unit at ``path`` is ``ancestor`` itself or lies below it.

    The empty path contains nothing and is contained by nothing.
    """
    return bool(ancestor) and path.startswith(ancestor)


def directly_above(path: str, below: str) -> bool:
    """Whether ``path`` is the parent of the unit at ``below``."""
    return bool(path) and parent(below) == path


def span(path: str) -> tuple[str, str]:
    """The half-open range of the paths of a unit and everything below it; everything for the empty path."""
    return path, path + END


def subtree(field: str, path: str) -> dict[str, str]:
    """:func:`span` as conditions on a stored ``field``: a range, never LIKE（范围过滤）."""
    low, high = span(path)
    return {f"{field}__gte": low, f"{field}__lt": high}
