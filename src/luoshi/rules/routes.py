"""行程: the order in which one verifier goes to the places of a day, the nearest first.

It changes the order of the day and never who is drawn nor for which day. Without points on the map the tree tells what
is near: places of one township, then of one county.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from luoshi.rules.paths import depth, line

EARTH_KM: Final = 6371.0088
"""Mean radius of the earth."""

Point = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the day: its code, its path in the tree, and its point where one is known."""

    code: str
    path: str
    point: Point | None = None


def kilometres(one: Point, other: Point) -> float:
    """The great-circle distance of two points, in kilometres."""
    (x, y), (u, v) = (tuple(map(math.radians, point)) for point in (one, other))
    half = math.sin((v - y) / 2) ** 2 + math.cos(y) * math.cos(v) * math.sin((u - x) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def steps_apart(one: str, other: str) -> int:
    """How many steps up and down the tree lie between two paths."""
    shared = sum(left == right for left, right in zip(line(one), line(other), strict=False))
    return depth(one) + depth(other) - 2 * shared


def nearest_first(stops: Sequence[Stop], start: Stop) -> list[Stop]:
    """The stops in the order in which they are gone to, each time the nearest of those left（就近排序）.

    Kilometres count when every stop and the start have a point, else steps of the tree; the code decides a tie.

    Args:
        stops: the places of one verifier and day.
        start: where the verifier sets out.
    """
    mapped = all(one.point is not None for one in (*stops, start))
    left, here, found = list(stops), start, []
    while left:
        at = here

        def apart(one: Stop, at: Stop = at) -> tuple[float, str]:
            if mapped and one.point is not None and at.point is not None:
                return kilometres(at.point, one.point), one.code
            return steps_apart(at.path, one.path), one.code

        here = min(left, key=apart)
        left.remove(here)
        found.append(here)
    return found
