"""A million deadlines, counted by the calendars that come with the program and told apart by area.

The limit is ten seconds of wall time, so the floor is one second and the ratio is the time. Beside it stands, as a
note, how long the same terms take day by day, extrapolated from a hundredth of them: what the prefix table saves.
"""

from __future__ import annotations

import random
import time
from datetime import date, timedelta

import chinese_calendar.constants as kept

from bench.harness import Outcome
from luoshi.rules.calendar import Deadline, WeekCalendar, due_on

DEADLINES = 1_000_000
LIMIT = 10.0
ROUNDS = 7
FIRST = date(2024, 1, 1)


class Plain:
    """The same calendar behind another face, so that the rule walks day by day."""

    def __init__(self, other: WeekCalendar) -> None:
        self.other = other

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return self.other.is_working(day)

    def is_provisional(self, day: date) -> bool:
        """Whether the year is not announced."""
        return self.other.is_provisional(day)


def calendars() -> list[WeekCalendar]:
    """The country's calendar of 2024 to 2026, and one of each of 16 prefectures with two local days of its own."""
    off = frozenset(day for day in kept.holidays if 2024 <= day.year <= 2026)
    work = frozenset(day for day in kept.workdays if 2024 <= day.year <= 2026)
    local = [frozenset({date(year, 7, 3 + place) for year in (2024, 2025, 2026)}) for place in range(16)]
    return [WeekCalendar(off | more, work, frozenset({2024, 2025, 2026})) for more in local]


def measure(url: str, small_url: str) -> list[Outcome]:
    """Count a million terms of 1 to 250 working days, seven times; the databases are not looked at."""
    chance, some = random.Random(5), calendars()
    terms = [
        (
            Deadline(chance.randint(1, 250), "working", "issued"),
            FIRST + timedelta(days=chance.randrange(900)),
            some[chance.randrange(len(some))],
        )
        for _number in range(DEADLINES)
    ]
    times = sorted(_timed(terms) for _round in range(ROUNDS))
    few = [(term, day, Plain(calendar)) for term, day, calendar in terms[: DEADLINES // 100]]
    started = time.perf_counter()
    walked = [due_on(*one) for one in few]
    naive = (time.perf_counter() - started) * 100
    assert walked == [due_on(*one) for one in terms[: DEADLINES // 100]], "day by day comes to the same"
    middle, upper = times[ROUNDS // 2], times[ROUNDS * 3 // 4]
    return [
        Outcome(
            "calendar_million",
            "s for a million deadlines in working days",
            LIMIT,
            ROUNDS,
            DEADLINES,
            round(middle, 2),
            1.0,
            round(middle, 2),
            round(upper, 2),
            upper <= LIMIT,
            unit="s",
            notes={"day_by_day_extrapolated_s": round(naive, 1)},
        )
    ]


def _timed(terms: list[tuple[Deadline, date, WeekCalendar]]) -> float:
    started = time.perf_counter()
    for one in terms:
        due_on(*one)
    return time.perf_counter() - started
