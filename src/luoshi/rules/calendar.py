"""日历与时限: deadlines that explain themselves, and the periods of a standing duty.

Principle 4: every deadline is (n, calendar or working days, from an event). The day of the event does not count and
the last day counts in full: a term in days begins on the day after it starts (民法典 2020, Art 201), and a moment
falls due when the last day ends in Asia/Shanghai. A day here is a date in Shanghai; a moment is an aware UTC datetime.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, Protocol, get_args
from zoneinfo import ZoneInfo

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

Kind = Literal["calendar", "working"]

MAX_DAYS: Final = 3660
"""The longest term a deadline may have, in days: ten years and a little."""

declare(
    422,
    deadline_days=_("A deadline is a whole number of days between 0 and %(most)s, not %(n)s."),
    deadline_kind=_("A deadline counts calendar days or working days, not “%(kind)s”."),
    deadline_event=_("A deadline must say what it counts from; “%(event)s” is no event it can count from."),
    calendar_missing=_("Working days cannot be counted here: this programme has no calendar yet. Use calendar days."),
    frequency_unknown=_("“%(frequency)s” is no frequency: use weekly, monthly, quarterly, half-yearly or yearly."),
)

_CALENDAR: Final[dict[str, str]] = {
    "issued": _("%(n)s calendar days after it was issued on %(event_on)s: by the end of %(due_on)s."),
    "accepted": _("%(n)s calendar days after it was accepted on %(event_on)s: by the end of %(due_on)s."),
    "declined": _("%(n)s calendar days after it was declined on %(event_on)s: by the end of %(due_on)s."),
    "returned": _("%(n)s calendar days after it was sent back on %(event_on)s: by the end of %(due_on)s."),
    "applied": _("%(n)s calendar days after closure was applied for on %(event_on)s: by the end of %(due_on)s."),
    "verified": _("%(n)s calendar days after it was verified on %(event_on)s: by the end of %(due_on)s."),
    "closed": _("%(n)s calendar days after it was closed on %(event_on)s: by the end of %(due_on)s."),
    "asked": _("%(n)s calendar days after it was asked on %(event_on)s: by the end of %(due_on)s."),
    "period_end": _("%(n)s calendar days after the period ended on %(event_on)s: by the end of %(due_on)s."),
    "counted": _("%(n)s calendar days from %(event_on)s: by the end of %(due_on)s."),
}
_WORKING: Final[dict[str, str]] = {
    "issued": _("%(n)s working days after it was issued on %(event_on)s: by the end of %(due_on)s."),
    "accepted": _("%(n)s working days after it was accepted on %(event_on)s: by the end of %(due_on)s."),
    "declined": _("%(n)s working days after it was declined on %(event_on)s: by the end of %(due_on)s."),
    "returned": _("%(n)s working days after it was sent back on %(event_on)s: by the end of %(due_on)s."),
    "applied": _("%(n)s working days after closure was applied for on %(event_on)s: by the end of %(due_on)s."),
    "verified": _("%(n)s working days after it was verified on %(event_on)s: by the end of %(due_on)s."),
    "closed": _("%(n)s working days after it was closed on %(event_on)s: by the end of %(due_on)s."),
    "asked": _("%(n)s working days after it was asked on %(event_on)s: by the end of %(due_on)s."),
    "period_end": _("%(n)s working days after the period ended on %(event_on)s: by the end of %(due_on)s."),
    "counted": _("%(n)s working days from %(event_on)s: by the end of %(due_on)s."),
}

EVENTS: Final = tuple(_CALENDAR)
"""What a deadline may count from."""


class WorkCalendar(Protocol):
    """Which days are worked（工作日历）."""

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""

    def is_provisional(self, day: date) -> bool:
        """Whether the year of ``day`` is not announced yet, so that the answer is Monday to Friday only."""


@dataclass(frozen=True, slots=True)
class DayName:
    """What a day off or a make-up day is called, in both languages, as the notice calls it."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class WeekCalendar:
    """Monday to Friday, less the announced holidays, plus the announced make-up days（调休）.

    ``years`` are the years whose arrangement the State Council office has announced; other years are provisional, and
    their answer is Monday to Friday only: nothing is guessed. ``names`` says what a special day is called.

    Beside the sets stands a prefix table of the days that differ from the plain week, so that counting from any day to
    any other, and its inverse, costs one search among them, however long the term.
    """

    holidays: frozenset[date] = field(default_factory=frozenset)
    make_up: frozenset[date] = field(default_factory=frozenset)
    years: frozenset[int] = field(default_factory=frozenset)
    names: Mapping[date, DayName] = field(default_factory=dict, compare=False, repr=False)
    _at: tuple[int, ...] = field(init=False, default=(), compare=False, repr=False)
    _sum: tuple[int, ...] = field(init=False, default=(0,), compare=False, repr=False)
    _worked: tuple[int, ...] = field(init=False, default=(), compare=False, repr=False)
    _hash: int = field(init=False, default=0, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Lay down the prefix table: where the week is broken, by how much so far, and how much is worked up to there.

        Raises:
            ValueError: when no day is worked for longer than a year; no calendar is like that.
        """
        steps = {day.toordinal(): 1 for day in self.make_up if day.weekday() > 4}
        steps |= {day.toordinal(): -1 for day in self.holidays - self.make_up if day.weekday() < 5}
        at = tuple(sorted(steps))
        sums, worked, total = [0], [], 0
        for ordinal in at:
            total += steps[ordinal]
            sums.append(total)
            worked.append(_weekdays(ordinal) + total)
        for name, value in (("_at", at), ("_sum", tuple(sums)), ("_worked", tuple(worked))):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_hash", hash((self.holidays, self.make_up, self.years)))
        if _longest_rest(self) > MAX_REST:
            raise ValueError("the calendar has no working day within a year")

    def __hash__(self) -> int:
        """Computed once: facts that hold a calendar are kept in caches."""
        return self._hash

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return day in self.make_up or (day.weekday() < 5 and day not in self.holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether nothing was announced for the year of ``day``."""
        return day.year not in self.years

    def worked_to(self, ordinal: int) -> int:
        """How many days are worked from the year 1 up to and with the day of that ordinal."""
        return _weekdays(ordinal) + self._sum[bisect_right(self._at, ordinal)]

    def nth_worked(self, count: int) -> int:
        """The ordinal of the ``count``-th worked day since the year 1: the inverse of :meth:`worked_to`."""
        place = bisect_left(self._worked, count)
        ordinal = _nth_weekday(count - self._sum[place])
        return ordinal if place == len(self._at) else min(ordinal, self._at[place])


MAX_REST: Final = 366
"""Days without work in a row that no real calendar has."""


def _longest_rest(calendar: WeekCalendar) -> int:
    """The most days in a row that are not worked, in days; holidays are what makes a rest long."""
    longest, before = 0, date.min
    for holiday in sorted(calendar.holidays):
        if holiday <= before or holiday in calendar.make_up:
            continue
        start = holiday.toordinal()
        end = calendar.nth_worked(calendar.worked_to(start) + 1)
        longest, before = max(longest, end - start), date.fromordinal(end)
    return longest


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays among the days 1 … ``ordinal``; day 1 of the proleptic calendar is a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + (rest if rest < 5 else 5)


def _nth_weekday(count: int) -> int:
    """The ordinal of the ``count``-th Monday-to-Friday day."""
    weeks, rest = divmod(count - 1, 5)
    return weeks * 7 + rest + 1


def add_working(day: date, n: int, calendar: WorkCalendar) -> date:
    """The ``n``-th working day after ``day`` (before it when ``n`` is negative; ``day`` itself when it is 0).

    ``day`` does not count, whether it is worked or not. One search in the calendar's prefix table, however great ``n``.
    """
    if n == 0:
        return day
    if isinstance(calendar, WeekCalendar):
        ordinal = day.toordinal()
        before = calendar.worked_to(ordinal if n > 0 else ordinal - 1)
        return date.fromordinal(calendar.nth_worked(before + n if n > 0 else before + n + 1))
    step, left, idle = (1 if n > 0 else -1), abs(n), 0
    while left:
        day += timedelta(days=step)
        idle = 0 if calendar.is_working(day) else idle + 1
        left -= not idle
        if idle > MAX_REST:
            raise ValueError("the calendar has no working day within a year")
    return day


def working_days_between(first: date, last: date, calendar: WorkCalendar) -> int:
    """How many days are worked after ``first`` up to and with ``last``; negative when ``last`` lies before ``first``.

    The inverse of :func:`add_working`: ``working_days_between(day, add_working(day, n, calendar), calendar) == n`` for
    every ``n`` of 0 and more.
    """
    if isinstance(calendar, WeekCalendar):
        return calendar.worked_to(last.toordinal()) - calendar.worked_to(first.toordinal())
    if last < first:
        return -working_days_between(last, first, calendar)
    return sum(calendar.is_working(date.fromordinal(n)) for n in range(first.toordinal() + 1, last.toordinal() + 1))


def shifted(day: date, n: int, kind: Kind, calendar: WorkCalendar | None = None) -> date:
    """``day`` moved by ``n`` calendar or working days, either way.

    Raises:
        Refused: ``calendar_missing``.
    """
    if kind == "calendar":
        return day + timedelta(days=n)
    if calendar is None:
        raise Refused("calendar_missing")
    return add_working(day, n, calendar)


def days_between(first: date, last: date, kind: Kind, calendar: WorkCalendar | None = None) -> int:
    """Calendar or working days after ``first`` up to and with ``last``.

    Raises:
        Refused: ``calendar_missing``.
    """
    if kind == "calendar":
        return (last - first).days
    if calendar is None:
        raise Refused("calendar_missing")
    return working_days_between(first, last, calendar)


@dataclass(frozen=True, slots=True)
class Deadline:
    """时限: ``n`` calendar or working days from an event.

    Raises:
        Refused: ``deadline_days``, ``deadline_kind``, ``deadline_event``.
    """

    n: int
    kind: Kind
    event: str

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if not 0 <= self.n <= MAX_DAYS:
            raise Refused("deadline_days", n=self.n, most=MAX_DAYS)
        if self.kind not in get_args(Kind):
            raise Refused("deadline_kind", kind=self.kind)
        if self.event not in _CALENDAR:
            raise Refused("deadline_event", event=self.event)


def due_on(deadline: Deadline, event_on: date, calendar: WorkCalendar | None = None) -> date:
    """The last day of the term（到期日）; the day of the event itself does not count.

    Raises:
        Refused: ``calendar_missing`` when working days are to be counted without a calendar.
    """
    return shifted(event_on, deadline.n, deadline.kind, calendar)


def is_provisional(deadline: Deadline, event_on: date, calendar: WorkCalendar | None = None) -> bool:
    """Whether the date may still move because a year it runs through has no announced calendar."""
    if deadline.kind == "calendar" or calendar is None:
        return False
    return bool(_unannounced(event_on, due_on(deadline, event_on, calendar), calendar))


def _unannounced(first: date, last: date, calendar: WorkCalendar) -> tuple[int, ...]:
    """The years from ``first`` to ``last`` whose arrangement nobody has announced."""
    years = range(first.year, last.year + 1)
    return tuple(year for year in years if calendar.is_provisional(date(year, 1, 1)))


def explain(
    deadline: Deadline, event_on: date, calendar: WorkCalendar | None = None
) -> tuple[str, dict[str, int | date]]:
    """One sentence for a deadline: an untranslated template and its places ``n``, ``event_on``, ``due_on``."""
    told = account(deadline, event_on, calendar)
    return told.template, told.params


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row that are off for one reason（假期）, weekends within them included."""

    first: date
    last: date
    name: DayName


@dataclass(frozen=True, slots=True)
class Account:
    """How a deadline comes to its day（时限说明）: the term, what is off within it, what is made up, what is unknown.

    ``waited``: working days by which it moved because the clock stood still. ``off`` names only days off that are
    no plain weekend; ``make_up`` only weekends that are worked; ``provisional`` the years not announced yet.
    """

    deadline: Deadline
    event_on: date
    due_on: date
    waited: int = 0
    off: tuple[Span, ...] = ()
    make_up: tuple[tuple[date, DayName], ...] = ()
    provisional: tuple[int, ...] = ()

    @property
    def template(self) -> str:
        """The untranslated sentence of the term, with its places."""
        return (_CALENDAR if self.deadline.kind == "calendar" else _WORKING)[self.deadline.event]

    @property
    def params(self) -> dict[str, int | date]:
        """What stands in the places of :attr:`template`."""
        return {"n": self.deadline.n, "event_on": self.event_on, "due_on": self.due_on}


NOBODY: Final = DayName("放假", "a day off")
"""What a day is called that a notice takes off without a name."""


def account(deadline: Deadline, event_on: date, calendar: WorkCalendar | None = None, *, waited: int = 0) -> Account:
    """Tell how a deadline comes to its day, with everything out of the ordinary on the way.

    Args:
        deadline: the term.
        event_on: the day it counts from.
        calendar: the working calendar; needed for working days, or when the clock stood still.
        waited: working days the clock stood still.

    Raises:
        Refused: ``calendar_missing``.
    """
    due = due_on(deadline, event_on, calendar)
    if waited:
        due = shifted(due, waited, "working", calendar)
    if calendar is None or (deadline.kind == "calendar" and not waited):
        return Account(deadline, event_on, due, waited)
    first = event_on + timedelta(days=1)
    names = getattr(calendar, "names", {})
    return Account(
        deadline,
        event_on,
        due,
        waited,
        _spans(first, due, calendar, names),
        tuple(
            (day, names.get(day, NOBODY)) for day in _days(first, due) if day.weekday() > 4 and calendar.is_working(day)
        ),
        _unannounced(event_on, due, calendar),
    )


def _days(first: date, last: date) -> Iterable[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _spans(first: date, last: date, calendar: WorkCalendar, names: Mapping[date, DayName]) -> tuple[Span, ...]:
    """Days off from ``first`` to ``last`` that the plain week does not take off, grown to the weekends they touch.

    A span keeps the whole festival even where the term begins or ends within it.
    """
    found: list[Span] = []
    for day in _days(first, last):
        if day.weekday() > 4 or calendar.is_working(day) or (found and day <= found[-1].last):
            continue
        name = names.get(day, NOBODY)
        start, end = day, day
        while names.get(before := start - timedelta(days=1)) == name and not calendar.is_working(before):
            start = before
        while names.get(after := end + timedelta(days=1)) == name and not calendar.is_working(after):
            end = after
        found.append(Span(start, end, name))
    return tuple(found)


@lru_cache(maxsize=4096)
def due_moment(day: date) -> datetime:
    """The moment at which ``day`` is over: midnight after it in Asia/Shanghai, as aware UTC.

    Something due on ``day`` is in time while ``at < due_moment(day)``.
    """
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def local_day(at: datetime) -> date:
    """The date in Asia/Shanghai at the moment ``at`` (aware)."""
    if at.tzinfo is None:
        raise ValueError("a moment must be aware")
    return at.astimezone(SHANGHAI).date()


class Frequency(StrEnum):
    """How often a standing duty（长期任务）comes round."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


_MONTHS: Final = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.HALF_YEARLY: 6, Frequency.YEARLY: 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period of a standing duty（期次）: first day, last day (both inside) and a label that sorts by time."""

    start: date
    end: date
    label: str


def frequency(text: str) -> Frequency:
    """The frequency of that name.

    Raises:
        Refused: ``frequency_unknown``.
    """
    try:
        return Frequency(text)
    except ValueError:
        raise Refused("frequency_unknown", frequency=text) from None


def period_of(freq: Frequency | str, day: date) -> Period:
    """The period that ``day`` falls in（期次）.

    Labels: ``2026-W47`` (ISO 8601), ``2026-11``, ``2026-Q4``, ``2026-H2``, ``2026``.

    Raises:
        Refused: ``frequency_unknown``.
    """
    freq = frequency(freq)
    if freq is Frequency.WEEKLY:
        start = day - timedelta(days=day.weekday())
        year, week, _weekday = day.isocalendar()
        return Period(start, start + timedelta(days=6), f"{year}-W{week:02d}")
    months = _MONTHS[freq]
    index = (day.month - 1) // months
    start = date(day.year, index * months + 1, 1)
    after = start.month + months
    end = date(start.year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
    label = {
        Frequency.MONTHLY: f"{day.year}-{day.month:02d}",
        Frequency.QUARTERLY: f"{day.year}-Q{index + 1}",
        Frequency.HALF_YEARLY: f"{day.year}-H{index + 1}",
        Frequency.YEARLY: f"{day.year}",
    }[freq]
    return Period(start, end, label)


def next_period(freq: Frequency | str, period: Period) -> Period:
    """The period right after ``period``."""
    return period_of(freq, period.end + timedelta(days=1))


def periods_between(freq: Frequency | str, first: date, last: date) -> Iterable[Period]:
    """Every period that touches ``first`` … ``last``, in order; none when ``last`` is before ``first``."""
    period = period_of(freq, first)
    while period.start <= last and first <= last:
        yield period
        period = next_period(freq, period)
