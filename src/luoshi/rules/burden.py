"""减负: what asking costs the units below, known before it is asked.

A price is counted in answers and fields, never in money or points. Source: 整治形式主义为基层减负若干规定 (2024):
the same material at most once, frequency and number of asks limited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: Fields a person must fill in one report: how much is done, and what was done.
REQUIRED_FIELDS = 2

#: Answers a year that a cadence asks of one unit.
ANSWERS_A_YEAR = {"weekly": 52, "monthly": 12, "quarterly": 4, "half_yearly": 2, "yearly": 1}

#: “When something changes” asks nothing by the calendar; at least the acceptance and one report come of it.
ANSWERS_ON_CHANGE = 2


@dataclass(frozen=True, slots=True)
class Price:
    """Units × fields × frequency（代价）.

    ``answers`` is the number of answers until the end date (or within a year without one), ``fields`` the number of
    fields filled in all.
    """

    units: int
    answers_each: int
    fields_each: int = REQUIRED_FIELDS

    @property
    def answers(self) -> int:
        """Answers asked in all."""
        return self.units * self.answers_each

    @property
    def fields(self) -> int:
        """Fields to be filled in all."""
        return self.answers * self.fields_each


def price(*, units: int, cadence: str, from_on: date, until_on: date | None) -> Price:
    """The price of one handing-down.

    Args:
        units: how many units are asked (≥ 0).
        cadence: ``on_change`` or a key of :data:`ANSWERS_A_YEAR`.
        from_on: the day from which it is asked.
        until_on: the last day; without one, one year is priced.

    Raises:
        ValueError: for an unknown cadence or a negative number of units.
    """
    if units < 0:
        raise ValueError("units cannot be negative")
    if cadence == "on_change":
        return Price(units, ANSWERS_ON_CHANGE)
    if cadence not in ANSWERS_A_YEAR:
        raise ValueError(f"unknown cadence {cadence!r}")
    days = 365 if until_on is None else max((until_on - from_on).days, 0)
    return Price(units, max(1, round(ANSWERS_A_YEAR[cadence] * days / 365)))
