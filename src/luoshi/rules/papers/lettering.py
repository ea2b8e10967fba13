"""字: which characters stand in which type, how days and numbers are written, and where a title turns over."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from types import MappingProxyType
from typing import Final

from luoshi.rules.papers.measures import TITLE_CHARACTERS

LATIN: Final = "[ -~\u00a0-\u00b6\u00b8-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
"""Letters, digits and signs that stand in the Latin face.

Quotation marks, dashes, dots and the signs × ÷ · are not among them: in a Chinese paper they are Chinese.
"""
_PIECES: Final = re.compile(f"({LATIN}+)")
_DIGITS: Final = "〇一二三四五六七八九"
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one face."""

    text: str
    latin: bool


def runs(text: str) -> tuple[Run, ...]:
    """Text in pieces of one face each（中西文分字体）; together they are the text."""
    found = []
    for at, piece in enumerate(_PIECES.split(text)):
        if piece:
            found.append(Run(piece, at % 2 == 1))
    return tuple(found)


def date_text(day: date, language: str = "zh") -> str:
    """A day in full in Arabic figures without zeros before them (7.3.5.4)."""
    if language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def han_number(number: int) -> str:
    """1 to 99 in Chinese: 一, 十二, 三十.

    Raises:
        ValueError: for other numbers.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"{number} heads nothing")
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


def heading_number(level: int, number: int, language: str = "zh") -> str:
    """What stands before a heading: 一、 （一） 1. （1） (7.3.3); in English 1. (a) and no more."""
    if not language.startswith("zh"):
        return {1: f"{number}. ", 2: f"({_letter(number)}) "}.get(level, "")
    if level == 1:
        return f"{han_number(number)}、"
    if level == 2:
        return f"（{han_number(number)}）"
    return f"{number}." if level == 3 else f"（{number}）"


def _letter(number: int) -> str:
    return chr(96 + number) if number <= 26 else str(number)


# --- Titles -----------------------------------------------------------------------------------------------------------

OPENING: Final = "（《〈“‘〔【("
CLOSING: Final = "）》〉”’〕】)、，。；：！？,.;:!?"
_PAIRS: Final[Mapping[str, str]] = MappingProxyType({"《": "》", "“": "”", "（": "）", "〔": "〕"})
NEVER: Final = 50.0
"""What it costs to turn over where nobody does."""
MOST_LOOKS: Final = 3_000
"""How many ways of turning over are looked at, so that no title takes long."""


def width(text: str) -> float:
    """How many full characters wide a text is; Latin ones count half."""
    return sum(len(run.text) / 2 if run.latin else len(run.text) for run in runs(text))


def title_lines(title: str, ends: Collection[int] = (), room: float = TITLE_CHARACTERS) -> tuple[str, ...]:
    """A title in lines（标题回行）: words whole, symmetrical, as a trapezium or a rhombus (7.3.1).

    A title that is broken by whoever wrote it stays as it is. ``ends`` are the places after words, where they are
    known. ``room`` is the width of a line in characters.
    """
    if "\n" in title:
        return tuple(line.strip() for line in title.split("\n") if line.strip())
    if width(title) <= room:
        return (title,)
    costs = {at: _cost(title, at, ends) for at in range(1, len(title))}
    upto = [width(title[:at]) for at in range(len(title) + 1)]
    count = ceil(upto[-1] / room)
    for lines in (count, count + 1, count + 2):
        for dearest in (3, NEVER):  # good places first: there are few of them
            places = [at for at, cost in costs.items() if cost < dearest]
            found = _best(places, costs, upto, lines, room)
            if found:
                edges = [0, *found, len(title)]
                return tuple(title[a:b] for a, b in itertools.pairwise(edges))
    return tuple(title[at : at + int(room)] for at in range(0, len(title), int(room)))


def _best(
    places: Sequence[int], costs: Mapping[int, float], upto: Sequence[float], lines: int, room: float
) -> tuple[int, ...] | None:
    """Where to turn over, at the least cost, so that every line fits; None when none does."""
    found: tuple[float, tuple[int, ...]] | None = None
    least = min(room, upto[-1] / lines) / 2
    stack: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    looked = 0
    while stack and looked < MOST_LOOKS:
        cuts, cost = stack.pop()
        looked += 1
        start, left = (upto[cuts[-1]] if cuts else 0.0), lines - len(cuts)
        if left == 1:
            if upto[-1] - start <= room:
                edges = [0.0, *(upto[at] for at in cuts), upto[-1]]
                whole = cost + _shape([b - a for a, b in itertools.pairwise(edges)])
                if found is None or whole < found[0]:
                    found = (whole, cuts)
            continue
        for at in places:
            size = upto[at] - start
            if least <= size <= room and upto[-1] - upto[at] <= (left - 1) * room:
                stack.append(((*cuts, at), cost + costs[at]))
    return found[1] if found else None


def _shape(sizes: list[float]) -> float:
    """How far lines are from a trapezium or a rhombus, and from one another."""
    cost = (max(sizes) - min(sizes)) * 0.25
    steps = [b - a for a, b in itertools.pairwise(sizes)]
    if any(a < 0 < b for a, b in itertools.pairwise(steps)):
        cost += 5  # an hour-glass
    if 0 in steps:
        cost += 1  # a rectangle
    return cost + (4 if sizes[-1] < 5 else 0)


def _cost(title: str, at: int, ends: Collection[int]) -> float:
    """What it costs to turn over before a place; at :data:`NEVER` it is not done."""
    before, after = title[at - 1], title[at]
    if before in OPENING or after in CLOSING or after in "的等之":
        return NEVER
    if re.match(LATIN, before) and re.match(LATIN, after):
        return NEVER
    cost = 0.0 if at in ends or not ends else 6.0
    if not ends:
        cost = 2.0
    if before in "、，；和与及的" or title[:at].endswith("关于"):
        cost -= 1.5
    for opening, closing in _PAIRS.items():
        if title[:at].count(opening) > title[:at].count(closing):
            cost += 6
    return cost
