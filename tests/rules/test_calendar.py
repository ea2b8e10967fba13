"""Deadlines explain themselves; periods tile time without gap or overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import calendar
from luoshi.rules.calendar import EVENTS, Deadline, Frequency, WeekCalendar, due_moment, due_on, next_period, period_of
from luoshi.rules.refusals import Refused

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
freqs = st.sampled_from(list(Frequency))


def test_the_day_of_the_event_does_not_count():
    assert due_on(Deadline(3, "calendar", "issued"), date(2024, 1, 5)) == date(2024, 1, 8)
    assert due_on(Deadline(0, "calendar", "issued"), date(2024, 1, 5)) == date(2024, 1, 5)


def test_working_days_skip_holidays_and_count_make_up_days():
    year = WeekCalendar(
        holidays=frozenset(date(2024, 10, d) for d in range(1, 8)),
        make_up=frozenset({date(2024, 9, 29), date(2024, 10, 12)}),
        years=frozenset({2024}),
    )
    deadline = Deadline(3, "working", "issued")
    assert due_on(deadline, date(2024, 9, 27), year) == date(2024, 10, 8)
    assert not calendar.is_provisional(deadline, date(2024, 9, 27), year)
    assert calendar.is_provisional(deadline, date(2024, 12, 31), year)
    assert not calendar.is_provisional(Deadline(3, "calendar", "issued"), date(2024, 12, 31), year)


def test_working_days_need_a_calendar_with_working_days():
    with pytest.raises(Refused) as refused:
        due_on(Deadline(3, "working", "issued"), date(2024, 1, 5))
    assert refused.value.code == "calendar_missing"
    with pytest.raises(ValueError, match="no working day"):
        WeekCalendar(holidays=frozenset(date(2024, 1, 1) + timedelta(days=n) for n in range(800)))


@given(days, st.integers(0, 60), st.sampled_from(EVENTS), st.sampled_from(["calendar", "working"]))
@pytest.mark.principle(4)
def test_every_deadline_explains_itself(day, n, event, kind):
    deadline = Deadline(n, kind, event)
    template, params = calendar.explain(deadline, day, WeekCalendar())
    assert params["due_on"] == due_on(deadline, day, WeekCalendar()) >= day
    sentence = template % params
    assert str(n) in sentence
    assert str(params["due_on"]) in sentence


@given(days, st.integers(0, 200))
def test_working_days_are_never_fewer_days_than_calendar_days(day, n):
    working = due_on(Deadline(n, "working", "issued"), day, WeekCalendar())
    assert working >= due_on(Deadline(n, "calendar", "issued"), day)
    counted = sum((day + timedelta(days=i)).weekday() < 5 for i in range(1, (working - day).days + 1))
    assert counted == n


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((-1, "calendar", "issued"), "deadline_days"),
        ((10**6, "calendar", "issued"), "deadline_days"),
        ((1, "lunar", "issued"), "deadline_kind"),
        ((1, "calendar", "someday"), "deadline_event"),
    ],
)
def test_bad_deadlines_are_refused(args, code):
    with pytest.raises(Refused) as refused:
        Deadline(*args)
    assert refused.value.code == code
    assert "%(" not in str(refused.value)


def test_a_day_ends_at_midnight_in_shanghai():
    assert due_moment(date(2024, 1, 5)) == datetime(2024, 1, 5, 16, tzinfo=UTC)
    assert calendar.local_day(datetime(2024, 1, 5, 15, 59, tzinfo=UTC)) == date(2024, 1, 5)
    assert calendar.local_day(datetime(2024, 1, 5, 16, tzinfo=UTC)) == date(2024, 1, 6)
    with pytest.raises(ValueError, match="aware"):
        calendar.local_day(datetime(2024, 1, 5))  # noqa: DTZ001


@given(st.dates(date(1986, 1, 1), date(1991, 12, 31)) | days)
def test_local_day_and_due_moment_agree(day):
    moment = due_moment(day)
    assert calendar.local_day(moment - timedelta(microseconds=1)) == day
    assert calendar.local_day(moment) == day + timedelta(days=1)


@given(freqs, days)
def test_periods_tile_time(freq, day):
    period = period_of(freq, day)
    after = next_period(freq, period)
    assert period.start <= day <= period.end
    assert after.start == period.end + timedelta(days=1)
    assert period_of(freq, period.start) == period_of(freq, period.end) == period
    assert period.label < after.label


def test_labels():
    day = date(2026, 11, 22)
    labels = [period_of(f, day).label for f in Frequency]
    assert labels == ["2026-W47", "2026-11", "2026-Q4", "2026-H2", "2026"]
    assert period_of("weekly", date(2027, 1, 1)).label == "2026-W53"


def test_periods_between():
    found = list(calendar.periods_between("quarterly", date(2025, 11, 2), date(2026, 4, 1)))
    assert [p.label for p in found] == ["2025-Q4", "2026-Q1", "2026-Q2"]
    assert list(calendar.periods_between("monthly", date(2026, 2, 1), date(2026, 1, 31))) == []


def test_unknown_frequency():
    with pytest.raises(Refused) as refused:
        period_of("daily", date(2026, 1, 1))
    assert refused.value.code == "frequency_unknown"
