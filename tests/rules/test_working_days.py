"""Working days: counted by a prefix table, and never otherwise than day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luoshi.rules.calendar import (
    DayName,
    Deadline,
    WeekCalendar,
    account,
    add_working,
    days_between,
    due_moment,
    local_day,
    shifted,
    working_days_between,
)
from luoshi.rules.refusals import Refused

SPRING = DayName("春节", "Spring Festival")
days = st.dates(date(2023, 6, 1), date(2027, 6, 1))
special = st.sets(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=60)


@st.composite
def calendars(draw: st.DrawFn) -> WeekCalendar:
    holidays = draw(special)
    make_up = {day for day in draw(special) if day.weekday() > 4 and day not in holidays}
    return WeekCalendar(frozenset(holidays), frozenset(make_up), frozenset({2024, 2025, 2026}))


class Naive:
    """A calendar the helpers know nothing of, so that they walk day by day."""

    def __init__(self, other: WeekCalendar) -> None:
        self.other = other

    def is_working(self, day: date) -> bool:
        return self.other.is_working(day)

    def is_provisional(self, day: date) -> bool:
        return self.other.is_provisional(day)


@settings(deadline=None)
@given(days, st.integers(-90, 260), calendars())
@pytest.mark.principle(4)
def test_it_agrees_with_a_count_day_by_day(day: date, n: int, calendar: WeekCalendar) -> None:
    assert add_working(day, n, calendar) == add_working(day, n, Naive(calendar))


@settings(deadline=None)
@given(days, days, calendars())
def test_the_days_between_agree_with_a_count_day_by_day(one: date, two: date, calendar: WeekCalendar) -> None:
    assert working_days_between(one, two, calendar) == working_days_between(one, two, Naive(calendar))
    assert working_days_between(one, two, calendar) == -working_days_between(two, one, calendar)


@settings(deadline=None)
@given(days, st.integers(0, 260), calendars())
def test_counting_back_is_the_inverse(day: date, n: int, calendar: WeekCalendar) -> None:
    due = add_working(day, n, calendar)
    assert working_days_between(day, due, calendar) == n
    assert n == 0 or calendar.is_working(due)


@settings(deadline=None)
@given(days, days, st.integers(0, 260), st.integers(0, 5), calendars())
def test_later_or_longer_never_ends_sooner(one: date, two: date, n: int, more: int, calendar: WeekCalendar) -> None:
    first, second = sorted((one, two))
    assert add_working(first, n, calendar) <= add_working(second, n, calendar)
    assert add_working(first, n, calendar) <= add_working(first, n + more, calendar)


@settings(deadline=None)
@given(days, st.integers(1, 120), calendars())
def test_the_account_names_all_that_is_out_of_the_ordinary(day: date, n: int, calendar: WeekCalendar) -> None:
    told = account(Deadline(n, "working", "issued"), day, calendar)
    within = [day + timedelta(days=i) for i in range(1, (told.due_on - day).days + 1)]
    off = [one for one in within if one.weekday() < 5 and not calendar.is_working(one)]
    assert all(any(span.first <= one <= span.last for span in told.off) for one in off)
    assert [one for one, _name in told.make_up] == [
        one for one in within if one.weekday() > 4 and calendar.is_working(one)
    ]
    assert len(within) == n + len(off) + sum(one.weekday() > 4 for one in within) - len(told.make_up)


def test_the_example_everybody_knows() -> None:
    calendar = WeekCalendar(
        holidays=frozenset(date(2024, 2, d) for d in range(10, 18)),
        make_up=frozenset({date(2024, 2, 4), date(2024, 2, 18)}),
        years=frozenset({2024}),
        names=dict.fromkeys([date(2024, 2, d) for d in (4, *range(10, 19))], SPRING),
    )
    told = account(Deadline(5, "working", "issued"), date(2024, 2, 9), calendar)
    assert told.due_on == date(2024, 2, 22)
    [span] = told.off
    assert (span.first, span.last, span.name) == (date(2024, 2, 10), date(2024, 2, 17), SPRING)
    assert told.make_up == ((date(2024, 2, 18), SPRING),)
    assert told.provisional == ()
    from_within = account(Deadline(1, "working", "issued"), date(2024, 2, 14), calendar)
    assert from_within.off[0].first == date(2024, 2, 10), "a festival is told whole even from within it"


def test_the_end_of_the_year_is_provisional_and_no_gap() -> None:
    calendar = WeekCalendar(years=frozenset({2026}))
    term = Deadline(3, "working", "issued")
    assert account(term, date(2026, 12, 24), calendar).provisional == ()
    told = account(term, date(2026, 12, 30), calendar)
    assert (told.due_on, told.provisional) == (date(2027, 1, 4), (2027,))
    assert add_working(date(2026, 12, 31), 1, calendar) == date(2027, 1, 1), "nothing is guessed"
    assert due_moment(date(2026, 12, 31)).isoformat() == "2026-12-31T16:00:00+00:00"
    assert local_day(due_moment(date(2026, 12, 31))) == date(2027, 1, 1)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24), date(2026, 7, 1), date(2026, 1, 1)])
def test_no_summer_time_moves_the_end_of_a_day_in_shanghai(day: date) -> None:
    assert (due_moment(day + timedelta(days=1)) - due_moment(day)).total_seconds() == 86_400


def test_calendar_days_need_no_calendar_and_working_days_do() -> None:
    assert shifted(date(2026, 1, 1), -3, "calendar") == date(2025, 12, 29)
    assert days_between(date(2026, 1, 1), date(2026, 1, 4), "calendar") == 3
    for count in (
        lambda: shifted(date(2026, 1, 1), 1, "working"),
        lambda: days_between(*[date(2026, 1, 1)] * 2, "working"),
    ):
        with pytest.raises(Refused) as refused:
            count()
        assert refused.value.code == "calendar_missing"


def test_clock_that_stood_still_is_told() -> None:
    told = account(Deadline(10, "calendar", "issued"), date(2026, 3, 2), WeekCalendar(), waited=4)
    assert told.due_on == date(2026, 3, 18), "10 calendar days, then 4 working days"
    with pytest.raises(Refused):
        account(Deadline(10, "calendar", "issued"), date(2026, 3, 2), None, waited=4)
