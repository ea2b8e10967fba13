"""What the pool finds, the way of the day, and how often a unit is met."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import burden, frequency, routes, sensitivity
from luoshi.rules.frequency import Met
from luoshi.rules.paths import segment
from luoshi.rules.refusals import Refused
from luoshi.rules.routes import Stop
from luoshi.rules.sensitivity import Pair

DAY = date(2026, 11, 26)


# --- Sensitivity ------------------------------------------------------------------------------------------------------


def pairs(both: int, one: int, none: int = 0) -> list[Pair]:
    kinds = [(True, True)] * both + [(True, False)] * one + [(False, False)] * none
    return [Pair(n % 5, 5 + n % 4, *kind) for n, kind in enumerate(kinds)]


def test_without_pairs_one_in_twenty_is_taken_to_be_missed() -> None:
    found = sensitivity.estimate([])
    assert (found.mean_bp, found.learnt, found.pairs) == (9_500, False, 0)


def test_the_true_share_is_found_from_enough_pairs() -> None:
    rng = random.Random(7)
    for truth in (0.6, 0.8, 0.95):
        told = [
            Pair(rng.randrange(9), 9, rng.random() < truth, rng.random() < truth)
            if rng.random() < 0.2
            else Pair(rng.randrange(9), 9, False, False)
            for _ in range(20_000)
        ]
        found = sensitivity.estimate(told)
        assert found.low_bp / 10_000 - 0.01 <= truth <= found.high_bp / 10_000 + 0.01
        assert abs(found.mean_bp / 10_000 - truth) < 0.02


@given(st.integers(0, 60), st.integers(0, 60))
def test_more_that_one_alone_found_never_helps_and_more_that_both_found_never_harms(both: int, one: int) -> None:
    here = sensitivity.estimate(pairs(both, one, 9)).mean_bp
    assert (
        sensitivity.estimate(pairs(both, one + 1, 9)).mean_bp
        <= here
        <= sensitivity.estimate(pairs(both + 1, one, 9)).mean_bp
    )


def test_two_verifiers_are_no_pool_and_no_figure_is_made_of_them() -> None:
    found = sensitivity.estimate([Pair(1, 2, True, False)] * 40)
    assert (found.mean_bp, found.learnt, found.pairs, found.one) == (9_500, False, 0, 0)
    assert sensitivity.estimate([*[Pair(1, 2, True, False)] * 40, Pair(3, 1, False, False)]).mean_bp < 5_000


# --- The way of the day -----------------------------------------------------------------------------------------------

PLACE = st.tuples(st.floats(97, 106), st.floats(21, 29))


def test_the_nearest_comes_first_by_kilometres() -> None:
    start = Stop("s", segment(1), (102.7, 25.0))
    far, near, beyond = (Stop(c, segment(2), (x, 25.0)) for c, x in (("a", 104.0), ("b", 102.8), ("c", 104.1)))
    assert routes.nearest_first([far, near, beyond], start) == [near, far, beyond]
    assert routes.kilometres((102.7, 25.0), (102.7, 26.0)) == pytest.approx(111.2, abs=0.1)


def test_without_every_point_the_tree_says_what_is_near() -> None:
    start = Stop("s", segment(1) + segment(9))
    same = [Stop(code, segment(1) + segment(2) + segment(n)) for code, n in (("x", 5), ("z", 6))]
    other = Stop("y", segment(1) + segment(3) + segment(7), (102.7, 25.0))
    assert [one.code for one in routes.nearest_first([same[0], other, same[1]], start)] == ["x", "z", "y"]


@given(st.lists(PLACE, max_size=12), PLACE)
def test_nothing_is_lost_added_or_left_to_chance(points: list[tuple[float, float]], start: tuple[float, float]) -> None:
    stops = [Stop(f"{n:02}", segment(1) + segment(n + 2), point) for n, point in enumerate(points)]
    here = Stop("s", segment(1), start)
    found = routes.nearest_first(stops, here)
    assert sorted(found, key=lambda one: one.code) == stops
    assert found == routes.nearest_first(stops[::-1], here)


# --- How often a unit is met ------------------------------------------------------------------------------------------


def test_within_the_period_a_second_visit_needs_an_approval() -> None:
    met = [Met(7, DAY - timedelta(days=29), 1), Met(8, DAY - timedelta(days=30), 1)]
    again = frequency.met_again([7, 8, 9], met, day=DAY, days=30, by=1)
    assert set(again) == {7}
    assert not again[7].many_headed
    with pytest.raises(Refused) as refused:
        frequency.require_approval(again, (), names={7: "大树社区"}, day=DAY, days=30)
    assert refused.value.code == "visit_needs_approval"
    assert "大树社区" in str(refused.value)
    frequency.require_approval(again, [7], names={7: "大树社区"}, day=DAY, days=30)


def test_another_side_makes_it_many_headed_and_a_visit_still_to_come_counts() -> None:
    again = frequency.met_again([7], [Met(7, DAY + timedelta(days=3), 2)], day=DAY, days=30, by=1)
    assert again[7].many_headed


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-60, 60), st.integers(1, 2)), max_size=20), st.integers(1, 90))
def test_exactly_the_units_of_the_period_are_named(rows: list[tuple[int, int, int]], days: int) -> None:
    met = [Met(unit, DAY + timedelta(days=off), by) for unit, off, by in rows]
    again = frequency.met_again([1, 2, 3], met, day=DAY, days=days, by=1)
    assert set(again) == {unit for unit, off, _by in rows if unit in (1, 2, 3) and abs(off) < days}


# --- What a visit costs -----------------------------------------------------------------------------------------------


def test_a_visit_has_its_price() -> None:
    assert burden.visit_minutes(0) == 0
    assert burden.visit_minutes(63) == 63 * burden.MINUTES["visit"]
    with pytest.raises(ValueError, match="negative"):
        burden.visit_minutes(-1)
