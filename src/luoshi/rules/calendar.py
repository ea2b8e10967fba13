"""日历与时限: deadlines that explain themselves, and the periods of a standing duty.

Principle 4: every deadline is (n, calendar or working days, from an event). The day of the event does not count and
the last day counts in full: a term in days begins on the day after it starts (民法典 2020, Art 201), and a moment
falls due when the last day ends in Asia/Shanghai. A day here is a date in Shanghai; a moment is an aware UTC datetime.
"""

from __future__ import annotations

from collections.abc import Iterable
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
class WeekCalendar:
    """Monday to Friday, less the announced holidays, plus the announced make-up days（调休）.

    ``years`` are the years whose arrangement the State Council office has announced; other years are provisional.
    """

    holidays: frozenset[date] = field(default_factory=frozenset)
    make_up: frozenset[date] = field(default_factory=frozenset)
    years: frozenset[int] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return day in self.make_up or (day.weekday() < 5 and day not in self.holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether nothing was announced for the year of ``day``."""
        return day.year not in self.years


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
    if deadline.kind == "calendar":
        return event_on + timedelta(days=deadline.n)
    if calendar is None:
        raise Refused("calendar_missing")
    day, left, idle = event_on, deadline.n, 0
    while left:
        day += timedelta(days=1)
        if calendar.is_working(day):
            left, idle = left - 1, 0
        else:
            idle += 1
            if idle > 366:
                raise ValueError("the calendar has no working day within a year")
    return day


def is_provisional(deadline: Deadline, event_on: date, calendar: WorkCalendar | None = None) -> bool:
    """Whether the date may still move because a year it runs through has no announced calendar."""
    if deadline.kind == "calendar" or calendar is None:
        return False
    last = due_on(deadline, event_on, calendar)
    return any(calendar.is_provisional(date(year, 1, 1)) for year in range(event_on.year, last.year + 1))


def explain(
    deadline: Deadline, event_on: date, calendar: WorkCalendar | None = None
) -> tuple[str, dict[str, int | date]]:
    """One sentence for a deadline: an untranslated template and its places ``n``, ``event_on``, ``due_on``."""
    templates = _CALENDAR if deadline.kind == "calendar" else _WORKING
    params: dict[str, int | date] = {
        "n": deadline.n,
        "event_on": event_on,
        "due_on": due_on(deadline, event_on, calendar),
    }
    return templates[deadline.event], params


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
