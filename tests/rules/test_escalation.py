"""阶梯: never skips a rung, waits its grace at each, catches up one step at a time, never stops because it is late."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.calendar import WeekCalendar, due_moment, local_day
from luoshi.rules.escalation import (
    LEVELS,
    ORDINARY,
    RUNGS,
    Facts,
    Ladder,
    Level,
    Rung,
    Step,
    levels_between,
    look_at,
    next_step,
    on_working_day,
    read_ladder,
    skips_level,
)
from luoshi.rules.paths import segment
from luoshi.rules.refusals import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
SPRING = WeekCalendar(
    holidays=frozenset(dt.date(2026, 2, 15) + dt.timedelta(days=n) for n in range(9)),
    make_up=frozenset({dt.date(2026, 2, 14), dt.date(2026, 2, 28)}),
    years=frozenset({2026}),
)
WEEKS = WeekCalendar()
CALENDARS = st.sampled_from([WEEKS, SPRING])
DAYS = st.dates(dt.date(2025, 11, 1), dt.date(2027, 2, 1))


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), SHANGHAI)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Any ladder that may be written: rungs without a gap, days that grow, levels that rise."""
    top = draw(st.integers(1, len(RUNGS)))
    steps: list[Step] = []
    day = draw(st.integers(-20, 3))
    for rung in RUNGS[:top]:
        least = 0
        for _number in range(draw(st.integers(1, 2))):
            least = draw(st.integers(least, len(LEVELS) - 1))
            steps.append(Step(rung, LEVELS[least], day, draw(st.booleans())))
            day += draw(st.integers(1, 9))
    return Ladder(tuple(steps), draw(st.integers(1, 20)))


@pytest.mark.principle(5)
@given(ladders(), DAYS, CALENDARS, st.lists(st.integers(0, 40), min_size=1, max_size=40))
def test_however_the_clock_runs_no_rung_is_skipped_and_each_has_its_grace(
    ladder: Ladder, due: dt.date, calendar: WeekCalendar, pauses: list[int]
) -> None:
    """The clock looks at any days, after any outage; at each look it takes what is due, as the sweep does."""
    facts = Facts(due_on=due, since=due - dt.timedelta(days=60))
    today, taken = due - dt.timedelta(days=59), []
    for pause in pauses:
        today += dt.timedelta(days=pause)
        for _look in range(3):  # looking again at the same moment takes nothing more
            found = next_step(facts, ladder, calendar, noon(today))
            assert found is not None, "it never stops because it is late"
            assert found.due == (found.day <= today)
            if not found.due:
                continue
            taken.append((found.number, today))
            facts = replace(facts, told=found.number + 1, told_on=today)
    assert [number for number, _day in taken] == list(range(len(taken)))
    heights = [ladder.step(number).rung.height for number, _day in taken if number < len(ladder.steps)]
    assert all(0 <= after - before <= 1 for before, after in itertools.pairwise(heights))
    for (number, day), (_one, before) in zip(taken[1:], taken, strict=False):
        worked = sum(calendar.is_working(before + dt.timedelta(days=n + 1)) for n in range((day - before).days))
        assert worked >= ladder.grace(number) >= 1, "two steps are never told on one day"


@given(ladders(), DAYS, CALENDARS)
def test_a_clock_that_runs_every_day_takes_each_step_on_its_own_day(
    ladder: Ladder, due: dt.date, calendar: WeekCalendar
) -> None:
    facts = Facts(due_on=due, since=due - dt.timedelta(days=150))
    today = due - dt.timedelta(days=60)
    for number, step in enumerate(ladder.steps):
        while not (found := next_step(facts, ladder, calendar, noon(today))).due:  # type: ignore[union-attr]
            today += dt.timedelta(days=1)
        assert found is not None
        own = on_working_day(due, step.days, calendar)
        assert (found.number, found.step) == (number, step)
        if number == 0 or step.days > 0:
            assert today >= own
        if number == 0:
            assert today == own
        facts = replace(facts, told=number + 1, told_on=today)


@given(DAYS, CALENDARS, st.integers(1, 60))
def test_after_an_outage_the_steps_come_one_by_one(due: dt.date, calendar: WeekCalendar, late: int) -> None:
    today = due + dt.timedelta(days=late)
    facts = Facts(due_on=due, since=due - dt.timedelta(days=60))
    first = next_step(facts, ORDINARY, calendar, noon(today))
    assert first is not None
    assert (first.due, first.step.rung) == (True, Rung.REMIND)
    again = next_step(replace(facts, told=1, told_on=today), ORDINARY, calendar, noon(today))
    assert again is not None
    assert not again.due


@given(ladders(), DAYS, CALENDARS)
def test_the_stored_moment_is_never_late(ladder: Ladder, due: dt.date, calendar: WeekCalendar) -> None:
    found = next_step(Facts(due_on=due), ladder, calendar, noon(due))
    stored = look_at(due)
    assert found is not None
    assert stored is not None
    assert stored <= found.at


@given(DAYS, st.integers(-30, 30), CALENDARS)
def test_working_days_agree_with_counting_them(day: dt.date, days: int, calendar: WeekCalendar) -> None:
    found = on_working_day(day, days, calendar)
    assert calendar.is_working(found)
    low, high = min(day, found), max(day, found)
    between = [low + dt.timedelta(days=n) for n in range((high - low).days + 1)]
    worked = sum(calendar.is_working(one) for one in between if one != day)
    assert worked == abs(days) if days else worked == int(found != day)


@pytest.mark.principle(4)
def test_a_stopped_clock_and_an_undecided_proposal_take_no_step() -> None:
    late = Facts(due_on=dt.date(2026, 3, 2), told=4, told_on=dt.date(2026, 3, 6))
    at = noon(dt.date(2026, 9, 1))
    assert next_step(late, ORDINARY, WEEKS, at) is not None
    for still in ({"stopped": True}, {"waits": True}, {"owes": False}, {"due_on": None}):
        assert next_step(replace(late, **still), ORDINARY, WEEKS, at) is None  # type: ignore[arg-type]
    assert look_at(None) is None


def test_spring_festival_and_the_end_of_the_year() -> None:
    due = dt.date(2026, 2, 13)
    facts = Facts(due_on=due, told=2, told_on=due)
    first = next_step(facts, ORDINARY, SPRING, noon(due))
    assert first is not None
    assert first.day == dt.date(2026, 2, 14), "a make-up Saturday is worked"
    third = next_step(replace(facts, told=3, told_on=first.day), ORDINARY, SPRING, noon(due))
    assert third is not None
    assert third.day == dt.date(2026, 2, 25), "ten days of holiday are nobody's grace"
    turn = next_step(Facts(due_on=dt.date(2026, 12, 31), told=2), ORDINARY, WEEKS, noon(due))
    assert turn is not None
    assert (turn.day, turn.at) == (dt.date(2027, 1, 1), due_moment(dt.date(2026, 12, 31)))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_the_day_begins_in_shanghai_wherever_the_clock_is_read(zone: str) -> None:
    """Also while clocks elsewhere are put forward or back."""
    for day in (dt.date(2026, 3, 27), dt.date(2026, 10, 23), dt.date(2026, 11, 2), dt.date(2026, 4, 6)):
        found = next_step(Facts(due_on=day, told=1), ORDINARY, WEEKS, noon(day))
        assert found is not None
        there = found.at.astimezone(ZoneInfo(zone))
        assert local_day(there) == found.day
        for seconds, due in ((-1, False), (0, True)):
            looked = next_step(Facts(due_on=day, told=1), ORDINARY, WEEKS, there + dt.timedelta(seconds=seconds))
            assert looked is not None
            assert looked.due is due


@given(DAYS, CALENDARS, st.integers(1, 100))
def test_of_a_short_term_only_the_last_fifth_is_for_reminding(due: dt.date, calendar: WeekCalendar, term: int) -> None:
    found = next_step(Facts(due_on=due, since=due - dt.timedelta(days=term)), ORDINARY, calendar, noon(due))
    assert found is not None
    assert found.day >= on_working_day(due, -max(1, min(5, term // 5)), calendar)
    assert found.day > due - dt.timedelta(days=term), "never on the day it was handed over"


def test_after_the_last_step_urging_goes_on() -> None:
    facts = Facts(due_on=dt.date(2026, 3, 2), told=len(ORDINARY.steps), told_on=dt.date(2026, 6, 1))
    found = next_step(facts, ORDINARY, WEEKS, noon(dt.date(2027, 1, 4)))
    assert found is not None
    assert (found.step.rung, found.step.to, found.due) == (Rung.URGE, Level.ABOVE_HEAD, True)
    assert found.day == on_working_day(dt.date(2026, 6, 1), 7, WEEKS)


def step(rung: str, days: int, to: str = "head") -> dict[str, object]:
    return {"rung": rung, "to": to, "days": days}


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([], "ladder_empty"),
        ([step("urge", 1)], "ladder_skips"),
        ([step("remind", 0), step("supervise", 5)], "ladder_skips"),
        ([step("remind", 0), step("urge", 2), step("remind", 5)], "ladder_skips"),
        ([step("remind", 3), step("urge", 3)], "ladder_order"),
        ([step("remind", -2, "above"), step("remind", 0, "handler")], "ladder_level"),
        ([step("remind", 400)], "ladder_days"),
        ([step("shame", 1)], "ladder_word"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(steps: list[dict[str, object]], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_ladder({"steps": steps})
    assert refused.value.code == code
    assert str(refused.value)


def test_a_ladder_is_its_json_and_back() -> None:
    assert read_ladder(ORDINARY.told()) == replace(
        ORDINARY, steps=tuple(replace(one, by_person=one.needs_person) for one in ORDINARY.steps)
    )
    with pytest.raises(Refused, match="repeated"):
        Ladder(ORDINARY.steps, 0)


@pytest.mark.principle(5)
def test_praise_and_blame_are_never_the_clocks() -> None:
    for rung in (Rung.INTERVIEW, Rung.CIRCULATE):
        assert Step(rung, Level.HEAD, 3).needs_person
    assert not Step(Rung.SUPERVISE, Level.HEAD, 3).needs_person


def test_a_level_that_is_jumped_over_is_seen() -> None:
    province, prefecture, county = (segment(1), segment(1) + segment(2), segment(1) + segment(2) + segment(3))
    assert [levels_between(province, area) for area in (province, prefecture, county)] == [0, 1, 2]
    assert skips_level(province, county)
    assert not skips_level(prefecture, county)
    assert not skips_level(county, prefecture)
