"""Meetings: until when papers are out, and who may do what when."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import meetings
from luoshi.rules.calendar import WeekCalendar, working_days_between
from luoshi.rules.meetings import MeetingAct
from luoshi.rules.permissions import Actor, Role, Seat
from luoshi.rules.refusals import Refused

REST = dt.date(2026, 5, 1)
CALENDAR = WeekCalendar(
    holidays=frozenset({REST, dt.date(2026, 5, 4), dt.date(2026, 5, 5)}),
    make_up=frozenset({dt.date(2026, 5, 9)}),
    years=frozenset({2026}),
)


@given(st.dates(dt.date(2026, 1, 20), dt.date(2026, 12, 20)), st.integers(1, 30))
def test_papers_are_out_so_many_working_days_before(held_on: dt.date, days: int) -> None:
    due = meetings.papers_due(held_on, days, CALENDAR)
    assert due.on < held_on
    assert CALENDAR.is_working(due.on)
    worked = working_days_between(due.on - dt.timedelta(days=1), held_on - dt.timedelta(days=1), CALENDAR)
    assert worked == days
    assert all(due.on < day < held_on and not CALENDAR.is_working(day) for day in due.rest)
    assert due.template % due.params


def test_holidays_and_make_up_days_are_told() -> None:
    due = meetings.papers_due(dt.date(2026, 5, 7), 3, CALENDAR)
    assert (due.on, len(due.rest)) == (dt.date(2026, 4, 29), 5)
    assert meetings.papers_due(dt.date(2026, 5, 11), 1, CALENDAR).on == dt.date(2026, 5, 9)
    assert meetings.papers_due(dt.date(2026, 5, 7), 0, CALENDAR).on == dt.date(2026, 5, 7)
    assert meetings.papers_due(dt.date(2027, 1, 7), 1, CALENDAR).provisional
    with pytest.raises(Refused, match="30 working days"):
        meetings.papers_due(dt.date(2026, 5, 7), 31, CALENDAR)


def actor(role: Role, unit: str, area: str) -> Actor:
    return Actor(1, "a", "a", Seat(1, "P", "p", role, 1, unit, area))


def test_the_side_that_calls_it_writes_and_nobody_else() -> None:
    area = "/1/"
    office, head = actor(Role.OFFICE, "/1/9/", area), actor(Role.HEAD, area, area)
    others = [
        actor(Role.HEAD, "/1/9/", area),
        elsewhere := actor(Role.HEAD, "/1/2/", "/1/2/"),
        actor(Role.HANDLER, area, area),
        actor(Role.AUDITOR, area, area),
    ]
    for act in MeetingAct:
        for stage in meetings.STAGE_NAMES:
            for who in (office, head):
                if stage in meetings.STAGES[act]:
                    meetings.decide_meeting(stage, area, act, actor=who)
                    assert act in meetings.possible(stage, area, actor=who)
                else:
                    with pytest.raises(Refused) as refused:
                        meetings.decide_meeting(stage, area, act, actor=who)
                    assert refused.value.code == "meeting_stage"
            for who in others:
                assert meetings.possible(stage, area, actor=who) == ()
    for who in others:
        with pytest.raises(Refused) as refused:
            meetings.decide_meeting("open", area, MeetingAct.RESOLVE, actor=who)
        assert refused.value.code == "meeting_not_yours"
        if who is not elsewhere:
            with pytest.raises(Refused):
                meetings.require_calling(who)
    meetings.require_calling(elsewhere)  # of its own area it may
    assert meetings.meeting_ref("YN-2026", 3) == "YN-2026-M0003"
