"""Working calendars（工作日历）: which one holds for a unit, what it is made of, and what it was on an earlier day."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Max, Q, QuerySet

from luoshi.rules import paths
from luoshi.rules.calendar import DayName, WeekCalendar
from luoshi.units.models import CalendarDay, CalendarVersion

STEADY_SECONDS: Final = 5.0
"""For so long a process does not ask again whether another one has changed a calendar, in seconds.

Only lights and sentences are drawn from what may be that old; acts that set a date ask (``fresh``).
"""


@dataclass(slots=True)
class _Kept:
    """The calendars of one edition, made when first asked for; an edition never changes."""

    edition: int
    rows: dict[int | None, list[tuple[int, dt.date, bool, DayName]]]
    years: frozenset[int]
    made: dict[tuple[int, ...], WeekCalendar] = field(default_factory=dict)
    above: dict[str, WeekCalendar] = field(default_factory=dict)
    """Path of what stands above → calendar of everything directly below it that has no days of its own."""

    def of(self, path: str) -> WeekCalendar:
        """The calendar of the unit at ``path``: the country's, then that of each area above it, then its own."""
        if paths.own_id(path) in self.rows:
            return self._of(path)
        place = paths.parent(path)
        if (found := self.above.get(place)) is None:
            found = self.above[place] = self._of(place)
        return found

    def _of(self, path: str) -> WeekCalendar:
        scopes = tuple(unit for unit in paths.ids(path) if unit in self.rows)
        if (found := self.made.get(scopes)) is None:
            found = self.made[scopes] = self._make(scopes)
        return found

    def _make(self, scopes: Iterable[int]) -> WeekCalendar:
        days: dict[dt.date, tuple[bool, DayName]] = {}
        for scope in (None, *scopes):
            for _year, day, working, name in sorted(self.rows.get(scope, ()), key=lambda row: row[:2]):
                days[day] = working, name
        return WeekCalendar(
            holidays=frozenset(day for day, (working, _name) in days.items() if not working),
            make_up=frozenset(day for day, (working, _name) in days.items() if working),
            years=self.years,
            names={day: name for day, (_working, name) in days.items()},
        )


_kept: dict[int, _Kept] = {}
_newest: list[tuple[float, int]] = []


def forget() -> None:
    """Ask anew what the calendars are; after a change in this process, and between tests."""
    _newest.clear()
    _kept.clear()


def edition(*, fresh: bool = False) -> int:
    """The number of the newest calendar version, 0 without any; one small statement, at most every few seconds."""
    now = time.monotonic()
    if fresh or not _newest or now - _newest[0][0] > STEADY_SECONDS:
        newest = CalendarVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0
        _newest[:] = [(now, newest)]
    return _newest[0][1]


def calendar_for(unit_path: str, *, fresh: bool = False) -> WeekCalendar:
    """The working calendar of the unit at ``unit_path``: the country's days and the local ones of the areas above it.

    Kept per process by edition, so that a call costs a look into a dictionary.

    Args:
        unit_path: path of the unit; empty means the country's calendar alone.
        fresh: ask whether another process has changed a calendar just now; for acts that set a date.
    """
    return _read(edition(fresh=fresh)).of(unit_path)


def calendars() -> Callable[[str], WeekCalendar]:
    """The same for thousands of units of one batch: path → calendar."""
    return _read(edition()).of


def calendar_at(unit_path: str, edition: int) -> WeekCalendar:
    """The calendar as it was when ``edition`` was the newest version（当时的日历）; 0 knows nothing but the week."""
    return _read(edition).of(unit_path)


def local_depth() -> int:
    """How deep in the tree the lowest area with days of its own lies, in steps of a path; 0 without any."""
    held = CalendarVersion.objects.filter(unit__isnull=False).order_by().values_list("unit__path", flat=True)
    return max((paths.depth(path) for path in held.distinct()), default=0)


def edition_at(at: dt.datetime) -> int:
    """The edition in force at the moment ``at``."""
    return CalendarVersion.objects.filter(recorded_at__lte=at).aggregate(newest=Max("pk"))["newest"] or 0


def in_force(upto: int | None = None) -> QuerySet[CalendarVersion]:
    """The newest version of each area and year, perhaps as of an earlier edition; the country's first."""
    every = CalendarVersion.objects.all() if upto is None else CalendarVersion.objects.filter(pk__lte=upto)
    newest = every.order_by().values("unit", "year").annotate(newest=Max("pk")).values("newest")
    return CalendarVersion.objects.filter(pk__in=newest).select_related("unit").order_by("unit__path", "-year")


def _read(number: int) -> _Kept:
    if (kept := _kept.get(number)) is None:
        rows: dict[int | None, list[tuple[int, dt.date, bool, DayName]]] = {}
        versions = {pk: (unit, year) for pk, unit, year in in_force(number).values_list("pk", "unit_id", "year")}
        days = CalendarDay.objects.filter(calendar__in=versions) if versions else CalendarDay.objects.none()
        for version, day, working, zh, en in days.order_by().values_list(
            "calendar_id", "day", "working", "name_zh", "name_en"
        ):
            unit, year = versions[version]
            rows.setdefault(unit, []).append((year, day, working, DayName(zh, en or zh)))
        told = CalendarVersion.objects.filter(pk__lte=number, unit__isnull=True)
        years = frozenset(told.exclude(origin=CalendarVersion.Origin.OVERRIDE).values_list("year", flat=True))
        if len(_kept) > 32:
            _kept.clear()
        kept = _kept[number] = _Kept(number, rows, years)
    return kept


def versions_above(path: str, year: int) -> list[CalendarVersion]:
    """The versions in force of a year that hold for a unit, with their days: the country's, then the local ones."""
    found = in_force().filter(year=year).filter(Q(unit__isnull=True) | Q(unit__in=paths.ids(path)))
    return sorted(found.prefetch_related("days"), key=lambda one: one.unit.path if one.unit else "")
