"""Terms of objections and what the clock does about them."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.objecting import Chase, due, last_day, steps

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


class Weekdays:
    """Monday to Friday are worked."""

    def is_working(self, day: dt.date) -> bool:
        return day.weekday() < 5

    def is_provisional(self, day: dt.date) -> bool:
        return False


@given(DAYS)
def test_a_term_never_ends_on_a_day_of_rest_nor_early_nor_much_later(day: dt.date) -> None:
    end = last_day(day, 30, Weekdays())
    assert end.weekday() < 5
    assert dt.timedelta(days=30) <= end - day <= dt.timedelta(days=32)
    assert last_day(day, 30) == day + dt.timedelta(days=30)


def test_a_term_that_ends_within_a_feast_ends_after_it() -> None:
    assert last_day(dt.date(2026, 3, 5), 30, Weekdays()) == dt.date(2026, 4, 6)  # 4 April 2026 is a Saturday


@given(DAYS, st.lists(st.integers(0, 5), min_size=1, max_size=80))
def test_whenever_the_clock_looks_each_step_is_taken_once_and_in_order(day: dt.date, jumps: list[int]) -> None:
    told, today, taken = 0, day - dt.timedelta(days=30), []
    for jump in [*jumps, 90]:
        today += dt.timedelta(days=jump)
        found = due(day, told, today)
        if found.chase is not None:
            taken.append(found.chase)
        assert found.told >= told
        assert found.next_on is None or found.next_on > today
        told = found.told
    assert len(set(taken)) == len(taken)
    assert taken == [step for step, _on in steps(day) if step in taken]
    assert taken[-1] is Chase.ABOVE
    assert told == 3
