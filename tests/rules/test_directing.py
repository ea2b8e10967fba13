"""Signs are reasons to look: each seen in the record, none without its cause."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.directing import TEMPLATES, History, Limits, Moved, Reason, Said, ending, signs

ISSUED, DUE = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
LIMITS = Limits()
TODAY = dt.date(2026, 12, 31)
PERCENTS = st.lists(st.tuples(st.integers(0, 364), st.integers(0, 100)), max_size=14)


def history(said: list[tuple[int, int]], moved: tuple[Moved, ...] = (), running: bool = False) -> History:
    told = tuple(Said(ISSUED + dt.timedelta(days=day), percent) for day, percent in sorted(said))
    heard = told[-1].on if told else ISSUED
    return History(issued_on=ISSUED, due_on=DUE, heard_on=heard, running=running, said=told, moved=moved)


def reasons(found: History, today: dt.date = TODAY) -> set[Reason]:
    return {one.reason for one in signs(found, LIMITS, today)}


def test_flat_and_then_everything_at_the_end() -> None:
    assert reasons(history([(60, 10), (200, 20), (360, 100)])) == {Reason.LATE_JUMP}
    assert reasons(history([(360, 100)])) == {Reason.LATE_JUMP}
    assert reasons(history([(60, 10), (200, 60), (330, 85), (360, 100)])) == set()
    assert reasons(history([(60, 10), (200, 20), (250, 100)])) == set(), "well before the end is no leap at the end"


@given(PERCENTS)
def test_a_leap_needs_a_leap(said: list[tuple[int, int]]) -> None:
    found = history(said)
    end = (ending(ISSUED, DUE, LIMITS) - ISSUED).days
    before = next((percent for day, percent in sorted(said, reverse=True) if day < end), 0)
    if Reason.LATE_JUMP in reasons(found):
        assert before <= 50
        assert any(day >= end and percent == 100 for day, percent in said)


@given(PERCENTS, st.integers(0, 340))
def test_saying_half_early_clears_it(said: list[tuple[int, int]], day: int) -> None:
    end = (ending(ISSUED, DUE, LIMITS) - ISSUED).days
    later = [one for one in said if one[0] >= end]
    assert Reason.LATE_JUMP not in reasons(history([(day, 60), *later]))


@given(st.integers(-5, 90), st.integers(-20, 60))
def test_a_date_moved_when_near(before: int, later: int) -> None:
    one = Moved(DUE - dt.timedelta(days=before), DUE, DUE + dt.timedelta(days=later))
    assert (Reason.NEAR_DATE in reasons(history([], (one,)))) is (0 <= before <= 30 and later > 0)


@given(st.integers(0, 364))
def test_silence_only_while_work_runs(day: int) -> None:
    quiet = (TODAY - ISSUED).days - day
    assert (Reason.SILENCE in reasons(history([(day, 40)], running=True))) is (quiet > 60)
    assert Reason.SILENCE not in reasons(history([(day, 40)]))


@given(PERCENTS, st.booleans())
def test_every_sign_fills_its_sentence(said: list[tuple[int, int]], running: bool) -> None:
    moved = (Moved(DUE - dt.timedelta(days=3), DUE, DUE + dt.timedelta(days=30)),)
    for one in signs(history(said, moved, running), LIMITS, TODAY):
        assert one.template % one.params
        assert one.template == TEMPLATES[one.reason]


def test_a_short_term_is_all_end_and_gives_no_sign() -> None:
    short = History(issued_on=DUE - dt.timedelta(days=3), due_on=DUE, said=(Said(DUE, 100),))
    assert signs(short, LIMITS, TODAY) == ()
