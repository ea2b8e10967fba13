"""When a message may leave: quiet hours, working days, the digest; and when a channel is dead."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import telling
from luoshi.rules.calendar import SHANGHAI, WeekCalendar
from luoshi.rules.refusals import Refused
from luoshi.rules.telling import ALWAYS, Hours, digest_at, hours, is_dead, may_send, next_allowed, wait_after

FESTIVAL = frozenset(dt.date(2026, 2, 15) + dt.timedelta(days=n) for n in range(9))
YEAR = WeekCalendar(FESTIVAL, frozenset({dt.date(2026, 2, 14), dt.date(2026, 2, 28)}), frozenset({2026}))
minutes = st.integers(0, 1439)
moments = st.integers(0, 364 * 24 * 3600).map(
    lambda n: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=n)
)
quiet = st.builds(Hours, minutes, minutes, st.booleans())


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-03-02 09:30", "2026-03-02 09:30"),  # a Monday morning
        ("2026-03-02 20:00", "2026-03-03 08:00"),
        ("2026-03-02 07:59", "2026-03-02 08:00"),
        ("2026-03-06 21:00", "2026-03-09 08:00"),  # Friday night: not before Monday
        ("2026-02-13 22:00", "2026-02-14 08:00"),  # a Saturday that is worked
        ("2026-02-14 20:30", "2026-02-24 08:00"),  # over the Spring Festival
    ],
)
def test_a_message_waits_for_the_next_working_hour(now: str, then: str) -> None:
    assert next_allowed(at(now), Hours(), YEAR) == at(then)


@given(moments, quiet)
def test_the_next_moment_is_allowed_and_none_before_it_is(now: dt.datetime, wanted: Hours) -> None:
    found = next_allowed(now, wanted, YEAR)
    assert found >= now
    assert may_send(found, wanted, YEAR)
    if found != now:
        assert not may_send(now, wanted, YEAR)
        step = (found - now) / 7
        assert not any(may_send(now + step * n, wanted, YEAR) for n in range(7))
        assert not may_send(found - dt.timedelta(seconds=1), wanted, YEAR)


@given(moments, st.integers(0, 23), quiet)
def test_the_digest_comes_later_and_at_an_allowed_moment(now: dt.datetime, hour: int, wanted: Hours) -> None:
    found = digest_at(now, hour, wanted, YEAR)
    assert found > now
    assert may_send(found, wanted, YEAR)
    assert digest_at(now, hour, ALWAYS, YEAR) - now <= dt.timedelta(days=1)


def test_hours_are_written_as_people_write_them() -> None:
    assert hours("20:00-08:00", working_days=True) == Hours(1200, 480, True)
    assert hours(" 22:30 - 06:15", working_days=False) == Hours(1350, 375, False)
    assert hours("none", working_days=True) == Hours(0, 0, True)
    for wrong in ("at night", "20:00", "8-20-22", "25:00-08:00"):
        with pytest.raises(Refused) as refused:
            hours(wrong, working_days=True)
        assert refused.value.code == "hours_unreadable"


def test_waits_grow_and_a_weekend_kills_no_channel() -> None:
    waits = [wait_after(n) for n in range(1, 14)]
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == dt.timedelta(hours=6)
    began = at("2026-03-06 18:00")
    assert not is_dead(40, began, began + dt.timedelta(hours=62))
    assert is_dead(40, began, began + telling.FAILING)
    assert not is_dead(telling.FAILURES - 1, began, began + dt.timedelta(days=9))
    assert is_dead(3, began, began + dt.timedelta(hours=1), refusing=True)
    assert not is_dead(2, began, began + dt.timedelta(hours=9), refusing=True)
