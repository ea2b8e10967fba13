"""回头看的抽签: which strike-offs are looked at again on a day; redone by anybody from what is published.

Each strike-off is drawn with a set chance, so many months after it. The lot of a day comes from twenty digits thrown in
public, the date, and one link of a chain of digests whose end was published before the first day: nobody can compute
tomorrow's lot from what is published today, and nobody can choose it either, since every link proves the one before.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

LEAST_BP = 500
"""A strike-off is drawn with at least this chance, in basis points (5 %)."""
MONTHS = (3, 12)
"""How long after a strike-off it may be drawn, unless the programme says otherwise."""
MOST_MONTHS = 60
LINKS = 3_660
"""Days one chain lasts; then a new one is begun."""
TRIES = 3
"""So many visits are made where nobody could be reached; then it is unknown whether it holds, and stays so."""
WIDER = 4
"""After a relapse the chance among its siblings is so many times the usual one."""
FEW = 30
"""Below so many looks a rate is shown as counts only: one more or less would change it by points."""
_SPACE = 1 << 64

declare(
    422,
    look_back_chance=_("A strike-off is looked at again with a chance of at least 5 %% and at most 100 %%."),
    look_back_months=_("Name one to six different months, each from 1 to 60 after the strike-off."),
    look_back_digits=_("Type the twenty digits that were thrown in public, digits only."),
    look_back_period=_(
        "Name a half-year that has begun, like 2026-1 or 2026-2, or a first and a last day in this order."
    ),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One strike-off the lot fell on, and how many months after it was struck off; 0 for a wider draw."""

    ref: str
    months: int


@dataclass(frozen=True, slots=True)
class Half:
    """半年: the cycle after which a programme reports what its look-backs showed."""

    year: int
    second: bool

    @property
    def key(self) -> str:
        """How it is called in addresses, like ``2026-2``."""
        return f"{self.year}-{2 if self.second else 1}"

    @property
    def from_on(self) -> date:
        """Its first day."""
        return date(self.year, 7 if self.second else 1, 1)

    @property
    def until_on(self) -> date:
        """Its last day."""
        return date(self.year, 12, 31) if self.second else date(self.year, 6, 30)

    @property
    def before(self) -> Half:
        """The half-year before."""
        return Half(self.year if self.second else self.year - 1, not self.second)


def half_of(day: date) -> Half:
    """The half-year a day lies in."""
    return Half(day.year, day.month > 6)


def halves(first: date, last: date, most: int = 4) -> tuple[Half, ...]:
    """The half-years from ``first`` to ``last``, the newest first, at most so many; one at least."""
    found = [half_of(last)]
    while len(found) < most and found[-1].from_on > first:
        found.append(found[-1].before)
    return tuple(found)


def period(today: date, *, half: str = "", from_on: date | None = None, until_on: date | None = None) -> Period:
    """The days a report is about（报告期）: a half-year by its key, or two days; the present half-year by itself.

    It ends today at the latest: nothing is told of a day to come.

    Raises:
        Refused: ``look_back_period``.
    """
    if half and (from_on or until_on):
        raise Refused("look_back_period")
    if half:
        year, dash, number = half.partition("-")
        if not (year.isascii() and year.isdigit() and len(year) == 4 and dash and number in ("1", "2")):
            raise Refused("look_back_period")
        if not 2000 <= int(year) <= 9998:
            raise Refused("look_back_period")
    chosen = Half(int(half[:4]), half.endswith("-2")) if half else half_of(today)
    first, last = from_on or chosen.from_on, until_on or (today if from_on else chosen.until_on)
    if first > last or first > today:
        raise Refused("look_back_period")
    return Period(first, min(last, today))


class Period(NamedTuple):
    """The first and the last day of a report."""

    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Rate:
    """How often what was struck off no longer held: counts, and a percent only where they carry one."""

    looked: int
    relapsed: int

    @property
    def percent(self) -> int | None:
        """The share in whole per cents; nothing below :data:`FEW` looks."""
        return round(100 * self.relapsed / self.looked) if self.looked >= FEW else None


def require(chance_bp: int, months: Sequence[int], digits: str) -> tuple[int, ...]:
    """The months in order, when the setting is one that may be made.

    Raises:
        Refused: ``look_back_chance``, ``look_back_months``, ``look_back_digits``.
    """
    if not LEAST_BP <= chance_bp <= 10_000:
        raise Refused("look_back_chance")
    wanted = tuple(sorted(set(months)))
    if not 1 <= len(wanted) <= 6 or len(wanted) != len(months) or not 1 <= wanted[0] <= wanted[-1] <= MOST_MONTHS:
        raise Refused("look_back_months")
    if len(digits) != 20 or not digits.isascii() or not digits.isdigit():
        raise Refused("look_back_digits")
    return wanted


# --- The days ---------------------------------------------------------------------------------------------------------


def anniversary(closed_on: date, months: int) -> date:
    """The day so many months after; the last day of a month that is too short."""
    year, month = divmod(closed_on.year * 12 + closed_on.month - 1 + months, 12)
    return date(year, month + 1, min(closed_on.day, calendar.monthrange(year, month + 1)[1]))


def closed_between(on: date, months: int) -> tuple[date, date] | None:
    """The first and last day of closing whose anniversary is ``on``; none when no day leads there."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    if on.day > last:
        return None
    ends = on.day == calendar.monthrange(on.year, on.month)[1]
    return date(year, month + 1, on.day), date(year, month + 1, last if ends else on.day)


# --- The chain --------------------------------------------------------------------------------------------------------


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def link(secret: str, place: int) -> str:
    """The link of a day, counted from 1: the secret digested as often as links remain before it.

    Raises:
        ValueError: the chain has no such link.
    """
    if not 0 <= place <= LINKS:
        raise ValueError(f"a chain has the links 0 to {LINKS}, not {place}")
    found = secret
    for _n in range(LINKS - place):
        found = _digest(found)
    return found


def anchor(secret: str) -> str:
    """What is published before the first day: link 0."""
    return link(secret, 0)


def proves(told: str, place: int, published: str) -> bool:
    """Whether a link is the one that was bound by the published anchor."""
    found = told
    for _n in range(place):
        found = _digest(found)
    return found == published


# --- The lot ----------------------------------------------------------------------------------------------------------


def day_seed(digits: str, on: date, told: str) -> str:
    """The seed of a day: SHA-256 (hex) over the thrown digits, the date and the day's link."""
    return _digest(f"{digits},{on.isoformat()},{told}")


def falls(seed: str, ref: str, months: int, chance_bp: int) -> bool:
    """Whether the lot of a day falls on one strike-off: the first 64 bits of a digest beneath the chance."""
    return int(_digest(f"{seed},{ref},{months}")[:16], 16) * 10_000 < chance_bp * _SPACE


def draw(seed: str, due: Iterable[tuple[str, int]], chance_bp: int) -> tuple[Drawn, ...]:
    """The strike-offs the lot falls on; ``due`` are (number, months) of all whose anniversary the day is."""
    return tuple(Drawn(ref, months) for ref, months in due if falls(seed, ref, months, chance_bp))


def wider(seed: str, siblings: Iterable[str], chance_bp: int) -> tuple[Drawn, ...]:
    """The siblings of a relapse that are looked at, too: a wider share of them, and one at least where there is one."""
    order = sorted(siblings, key=lambda ref: (_digest(f"{seed},{ref}"), ref))
    share = min(10_000, WIDER * chance_bp)
    return tuple(Drawn(ref, 0) for ref in order[: -(-len(order) * share // 10_000)])
