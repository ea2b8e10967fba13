"""减负: what asking costs the units below, known before it is asked, and what is asked of them already.

A price is counted in answers, fields and files, and told as minutes of a clerk's time by a fixed rule of thumb, so that
different asks can be set beside one another; never in money or points, and never held against a person or a unit.
Source: 整治形式主义为基层减负若干规定 (2024): the same material at most once, frequency and number of asks limited,
photos and documents are no criteria.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from luoshi.rules.alike import figures, indicator, normal, other_part, quantity, unscaled
from luoshi.rules.documents.reader.targets import measured
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    asked_already=_(
        "%(unit)s is asked this already: %(ref)s “%(title)s”. Use that one again, or say why this one is different."
    ),
)
declare(
    409,
    figure_asked_already=_(
        "%(unit)s owes this figure already (%(measure)s), with %(ref)s “%(title)s”. Use that one again, or say why this"
        " one is different."
    ),
)
declare(
    409,
    figure_in_other_unit=_(
        "%(unit)s owes this figure already, in another measuring unit (%(measure)s here, %(other)s there; %(rate)s),"
        " with %(ref)s “%(title)s”. Use that one again, or say why this one is different."
    ),
)
declare(
    422,
    too_much_evidence=_(
        "At most %(files)s files and %(photos)s photos may be asked of one answer; neither is ever enough to close."
    ),
    asks_daily=_(
        "Nothing may be asked every day: choose “when something changes”, or at most every week. An alarm has its own"
        " place."
    ),
)

#: Fields a person must fill in one report: how much is done, and what was done.
REQUIRED_FIELDS = 2

#: Answers a year that a cadence asks of one unit.
ANSWERS_A_YEAR = {"weekly": 52, "monthly": 12, "quarterly": 4, "half_yearly": 2, "yearly": 1}

#: “When something changes” asks nothing by the calendar; at least the acceptance and one report come of it.
ANSWERS_ON_CHANGE = 2

MOST_FILES: Final = 3
MOST_PHOTOS: Final = 2
"""Of one answer; 整治形式主义为基层减负若干规定 (2024): photos and documents are no criteria."""

DAILY: Final = frozenset({"daily", "day", "every_day", "每日", "每天", "日报"})
"""Words for a rhythm that nothing may have."""

WEEKS_A_YEAR: Final = 52

MINUTES: Mapping[str, int] = MappingProxyType(
    {"request": 5, "answer": 5, "field": 3, "file": 10, "photo": 15, "visit": 60}
)
"""The rule of thumb（估算）, minutes each: reading a new request; opening and sending one answer; filling one field;
finding one file; going somewhere for one photo; showing a verifier what was done. They weigh asks against one another;
nobody's time is measured."""


def require_rhythm(cadence: str) -> None:
    """Nothing asks daily（不得每日索要）.

    Raises:
        Refused: ``asks_daily``.
    """
    if cadence.strip().lower() in DAILY:
        raise Refused("asks_daily")


def answer_minutes(*, fields: int = REQUIRED_FIELDS, files: int = 0, photos: int = 0) -> int:
    """Minutes of one answer with so many fields, files and photos; none may be negative.

    Raises:
        ValueError: for a negative number.
    """
    if min(fields, files, photos) < 0:
        raise ValueError("numbers cannot be negative")
    return MINUTES["answer"] + fields * MINUTES["field"] + files * MINUTES["file"] + photos * MINUTES["photo"]


def require_modest(files: int, photos: int) -> None:
    """No more kinds of evidence than one answer may be asked for（佐证有度）.

    Raises:
        Refused: ``too_much_evidence``.
    """
    if not (0 <= files <= MOST_FILES and 0 <= photos <= MOST_PHOTOS):
        raise Refused("too_much_evidence", files=MOST_FILES, photos=MOST_PHOTOS)


def visit_minutes(visits: int) -> int:
    """Minutes that so many visits take of the units visited（走访负担）; nothing is to be prepared for one.

    Raises:
        ValueError: for a negative number.
    """
    if visits < 0:
        raise ValueError("visits cannot be negative")
    return visits * MINUTES["visit"]


def weekly_minutes(cadence: str, *, files: int = 0, photos: int = 0) -> float:
    """Minutes a week that one live ask of this rhythm takes of one unit（每周负担）.

    Raises:
        ValueError: for an unknown cadence.
    """
    if cadence != "on_change" and cadence not in ANSWERS_A_YEAR:
        raise ValueError(f"unknown cadence {cadence!r}")
    answers = ANSWERS_A_YEAR.get(cadence, ANSWERS_ON_CHANGE)
    return answers * answer_minutes(files=files, photos=photos) / WEEKS_A_YEAR


@dataclass(frozen=True, slots=True)
class LevelPrice:
    """What one handing-down adds at one level: units, answers, minutes in all and a week for each unit."""

    level: str
    units: int
    answers: int
    minutes: int
    weekly_each: float


@dataclass(frozen=True, slots=True)
class Price:
    """Units × fields × frequency（代价）.

    ``answers`` is the number of answers until the end date (or within a year without one), ``fields`` the number of
    fields filled in all, ``minutes`` the whole as minutes by the rule of thumb. ``weekly_each`` is what one unit has to
    do in a week from now on.
    """

    units: int
    answers_each: int
    fields_each: int = REQUIRED_FIELDS
    weekly_each: float = 0.0
    files_each: int = 0
    photos_each: int = 0

    @property
    def answers(self) -> int:
        """Answers asked in all."""
        return self.units * self.answers_each

    @property
    def fields(self) -> int:
        """Fields to be filled in all."""
        return self.answers * self.fields_each

    @property
    def minutes_each(self) -> int:
        """Minutes of one unit: reading it, and every answer."""
        one = answer_minutes(fields=self.fields_each, files=self.files_each, photos=self.photos_each)
        return MINUTES["request"] + self.answers_each * one

    @property
    def minutes(self) -> int:
        """Minutes in all."""
        return self.units * self.minutes_each

    def at(self, level: str, units: int) -> LevelPrice:
        """The part of one level."""
        return LevelPrice(
            level, units, units * self.answers_each, units * self.minutes_each, self.weekly_each if units else 0.0
        )


def price(*, units: int, cadence: str, from_on: date, until_on: date | None, files: int = 0, photos: int = 0) -> Price:
    """The price of one handing-down.

    Args:
        units: how many units are asked (≥ 0).
        cadence: ``on_change`` or a key of :data:`ANSWERS_A_YEAR`.
        from_on: the day from which it is asked.
        until_on: the last day; without one, one year is priced.
        files: files asked of each answer.
        photos: photos asked of each answer.

    Raises:
        ValueError: for an unknown cadence or a negative number of units.
    """
    if units < 0:
        raise ValueError("units cannot be negative")
    weekly = weekly_minutes(cadence, files=files, photos=photos)
    if cadence == "on_change":
        return Price(units, ANSWERS_ON_CHANGE, weekly_each=weekly, files_each=files, photos_each=photos)
    days = 365 if until_on is None else max((until_on - from_on).days, 0)
    answers = max(1, round(ANSWERS_A_YEAR[cadence] * days / 365))
    return Price(units, answers, weekly_each=weekly, files_each=files, photos_each=photos)


# --- The same words --------------------------------------------------------------------------------------------------

ALIKE: Final = 0.8
"""Two asks say the same when they share this part of their terms …"""
ENOUGH: Final = 3
"""… and at least so many of them: of two short titles one shared word says nothing."""

Cut = Callable[[str], Iterable[str]]


def likeness(one: Collection[str], other: Collection[str]) -> float:
    """The shared part of two sets of terms, 0 to 1（Jaccard）; 0 when either is empty."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def says_the_same(one: str, other: str, cut: Cut) -> bool:
    """Whether two asks say the same（重复判定）: the same plain form, or nearly the same terms and the same figures.

    A first and a second phase, a quarter, lot, year or side that differs makes two asks of them.

    Args:
        one: the words of an ask.
        other: those of another.
        cut: cuts a text into terms; given from outside, because a dictionary is no rule.
    """
    left, right = normal(one), normal(other)
    if not left or not right:
        return False
    if left == right:
        return True
    if figures(one) != figures(other) or other_part([one], [other]):
        return False
    terms = [{normal(term) for term in cut(text)} - {""} for text in (one, other)]
    return min(map(len, terms)) >= ENOUGH and likeness(*terms) >= ALIKE


# --- The same figure -------------------------------------------------------------------------------------------------

_SHORT_FIGURE: Final = 3
"""An indicator of fewer signs (“数量”, “达标”) names nothing that could be told apart."""


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """What a unit has to measure（指标）: its plain words and the measuring unit; the target itself does not matter."""

    words: str
    uom: str

    def __str__(self) -> str:
        return f"{self.words}（{self.uom}）"

    @property
    def figure(self) -> tuple[str, str]:
        """What makes it the same figure as another: its words and the kind of quantity."""
        return self.words, quantity(self.uom)[0]


def measures(texts: Iterable[str]) -> frozenset[Measure]:
    """The figures that titles and criteria ask for: each indicator in plain form with its measuring unit（同一指标）.

    Two asks for one figure make a unit count it twice, whatever value each wants of it and by when.
    """
    found = set()
    for text in texts:
        plain = unicodedata.normalize("NFKC", text)
        for one in measured(plain, 0, len(plain)):
            words = indicator(plain[slice(*one.indicator)])
            if len(words) >= _SHORT_FIGURE:
                found.add(Measure(words, unscaled(one.uom)))
    return frozenset(found)


def same_figure(asked: Collection[Measure], there: Collection[Measure]) -> tuple[Measure, Measure] | None:
    """The first figure that both ask for, as each of them measures it（重复指标）; ``None`` when there is none.

    亩 here and 公顷 there are one figure in two measuring units; in the same unit comes first.
    """
    known: dict[tuple[str, str], Measure] = {}
    for one in sorted(there):
        known.setdefault(one.figure, one)
    pairs = [(one, one if one in there else known[one.figure]) for one in sorted(asked) if one.figure in known]
    return min(pairs, key=lambda pair: (pair[0] != pair[1], pair), default=None)
