"""A light says why, never forgives a miss, and knows when it will change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.calendar import WeekCalendar, due_moment
from luoshi.rules.lights import DEFAULT, REASONS, Facts, Thresholds, light, next_change, warn_on

STATES = ["draft", "issued", "declined", "accepted", "applied", "verified", "closed", "suspended", "withdrawn", "ended"]
PERIODS = ["finished", "missed"]
ISSUED = date(2026, 1, 5)

days = st.dates(date(2026, 1, 1), date(2026, 3, 31))
moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 5, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = st.none() | days
facts = st.builds(
    Facts,
    state=st.sampled_from([*STATES, *PERIODS, "something new"]),
    issued_on=maybe,
    accept_by=maybe,
    accepted_on=maybe,
    first_due_on=maybe,
    due_on=maybe,
    said=st.sampled_from([0, 60, 100]),
    completed_on=maybe,
    missed=st.booleans(),
    closed_on=maybe,
    waiting_since=maybe,
    thresholds=st.builds(
        Thresholds,
        warning_days=st.integers(0, 30),
        warning_kind=st.sampled_from(["calendar", "working"]),
        warning_percent=st.integers(1, 100),
        grace_days=st.integers(0, 10),
        grace_kind=st.sampled_from(["calendar", "working"]),
    ),
    calendar=st.sampled_from(
        [
            WeekCalendar(),
            WeekCalendar(
                holidays=frozenset(date(2026, 2, d) for d in range(15, 24)), make_up=frozenset({date(2026, 2, 14)})
            ),
        ]
    ),
)


def during(day: date) -> datetime:
    return due_moment(day) - timedelta(hours=12)


@given(facts, moments)
@pytest.mark.principle(9)
def test_total_deterministic_and_explained(f, at):
    lit = light(f, at)
    assert lit == light(f, at)
    assert lit.colour == REASONS[lit.code][0]
    assert "%(" not in lit.template % lit.params


@given(facts, moments)
@pytest.mark.principle(4)
def test_never_green_after_a_miss(f, at):
    if f.late:
        assert light(f, at).colour != "green"


@given(facts, moments, st.floats(0, 1))
def test_next_change_is_sound(f, at, share):
    after = next_change(f, at)
    now = light(f, at)
    if after is None:
        assert light(f, at + timedelta(days=400 * share)) == now
        return
    assert after > at
    assert light(f, after) != now
    assert light(f, at + (after - at) * share * 0.999) == now
    assert light(f, after - timedelta(microseconds=1)) == now


@given(facts, moments, moments)
def test_time_alone_never_makes_it_better_while_running(f, one, two):
    order = ["blue", "grey", "green", "yellow", "red"]
    early, late = sorted([one, two])
    assert order.index(light(f, early).colour) <= order.index(light(f, late).colour)


def accepted(**more):
    return Facts(
        **({"state": "accepted", "issued_on": ISSUED, "accepted_on": ISSUED, "due_on": date(2026, 3, 31)} | more)
    )


def test_the_life_of_one_commitment():
    issued = Facts("issued", issued_on=ISSUED, accept_by=date(2026, 1, 8), due_on=date(2026, 3, 31))
    assert light(Facts("draft"), during(ISSUED)).colour == "grey"
    assert light(issued, during(date(2026, 1, 8))).code == "waiting_accept"
    assert light(issued, during(date(2026, 1, 9))).code == "accept_late"
    assert light(issued, during(date(2026, 1, 12))).code == "accept_overdue"
    assert light(accepted(), during(date(2026, 3, 25))).code == "on_course"
    assert light(accepted(), during(date(2026, 3, 26))).code == "due_soon"
    assert light(accepted(), during(date(2026, 3, 31))).code == "due_soon"
    assert light(accepted(), during(date(2026, 4, 1))).code == "overdue"
    in_time = accepted(said=100, completed_on=date(2026, 3, 30))
    assert light(in_time, during(date(2026, 4, 9))).code == "done"
    too_late = accepted(said=100, completed_on=date(2026, 4, 2))
    assert light(too_late, during(date(2026, 4, 9))).code == "done_late"
    caught_up = accepted(first_due_on=date(2026, 3, 31), due_on=date(2026, 5, 31), missed=True)
    assert light(caught_up, during(date(2026, 4, 9))).code == "missed_extended"
    closed = accepted(state="closed", closed_on=date(2026, 3, 20))
    assert light(closed, during(date(2026, 6, 1))).code == "closed"
    assert light(accepted(state="closed", closed_on=date(2026, 4, 20)), during(date(2026, 6, 1))).code == "closed_late"


def test_an_extension_granted_in_time_is_no_miss():
    extended = accepted(
        first_due_on=date(2026, 3, 31), due_on=date(2026, 5, 31), said=100, completed_on=date(2026, 5, 1)
    )
    assert light(extended, during(date(2026, 5, 2))).colour == "green"


def test_the_clock_stands_still_while_a_superior_owes_a_reply():
    waiting = accepted(waiting_since=date(2026, 3, 10))
    assert light(waiting, during(date(2026, 6, 1))).code == "on_course"
    assert next_change(waiting, during(date(2026, 3, 11))) is None


def test_what_was_done_while_a_reply_was_owed_is_not_late():
    waiting = accepted(waiting_since=date(2026, 3, 10), said=100, completed_on=date(2026, 4, 20))
    assert light(waiting, during(date(2026, 4, 20))).colour == "green"
    overdue = accepted(waiting_since=date(2026, 4, 5), said=100, completed_on=date(2026, 4, 20))
    assert light(overdue, during(date(2026, 4, 20))).colour == "yellow", "it was late before it asked"


def test_warnings_and_grace_may_count_working_days():
    festival = WeekCalendar(holidays=frozenset(date(2026, 2, d) for d in range(16, 21)))
    told = Thresholds(warning_days=3, warning_kind="working", grace_days=2, grace_kind="working", warning_percent=100)
    counted = accepted(due_on=date(2026, 2, 24), thresholds=told, calendar=festival)
    assert warn_on(counted) == date(2026, 2, 12), "the week of the festival does not count"
    unanswered = Facts("issued", issued_on=ISSUED, accept_by=date(2026, 2, 13), thresholds=told, calendar=festival)
    assert light(unanswered, during(date(2026, 2, 24))).code == "accept_late"
    assert light(unanswered, during(date(2026, 2, 25))).code == "accept_overdue"


def test_a_period_is_finished_or_missed():
    assert light(accepted(state="missed"), during(ISSUED)).code == "period_missed"
    assert light(accepted(state="finished", completed_on=date(2026, 3, 31)), during(date(2026, 6, 1))).colour == "green"
    assert light(accepted(state="finished", completed_on=date(2026, 4, 1)), during(date(2026, 6, 1))).colour == "yellow"


def test_suspension_is_grey_even_after_the_date():
    assert light(accepted(state="suspended"), during(date(2026, 6, 1))).colour == "grey"


@pytest.mark.parametrize(
    ("issued_on", "warning_days", "expected"),
    [
        (date(2026, 1, 5), None, date(2026, 3, 26)),
        (date(2026, 3, 21), None, date(2026, 3, 29)),
        (date(2026, 3, 29), None, date(2026, 3, 30)),
        (None, None, date(2026, 3, 26)),
        (date(2026, 1, 5), 10, date(2026, 3, 21)),
        (date(2026, 1, 5), 0, date(2026, 3, 31)),
        (date(2026, 3, 21), 10, date(2026, 3, 29)),
    ],
)
def test_warning_window(issued_on, warning_days, expected):
    told = DEFAULT if warning_days is None else Thresholds(warning_days=warning_days)
    assert warn_on(Facts("accepted", issued_on=issued_on, due_on=date(2026, 3, 31), thresholds=told)) == expected
    assert warn_on(Facts("accepted")) is None
