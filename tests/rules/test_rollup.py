"""The roll-up is a commutative monoid with inverses, and its ratios are exact."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import rollup
from luoshi.rules.rollup import COLUMNS, HOWS, LIGHTS, STATES, ZERO, CommitmentFacts, Summary, contribution

numbers = st.integers(-(10**9), 10**9)
summaries = st.builds(Summary, *(numbers for _ in COLUMNS))
facts = st.builds(
    CommitmentFacts,
    state=st.sampled_from(STATES),
    light=st.sampled_from(LIGHTS),
    leaf=st.booleans(),
    weight=st.integers(0, 1000),
    said=st.integers(0, 100),
    verified=st.integers(0, 100),
    verified_how=st.sampled_from(HOWS),
    overdue=st.none() | st.booleans(),
    open_findings=st.integers(0, 5),
    missed=st.booleans(),
)


def test_columns_are_the_fields():
    assert Summary._fields == COLUMNS


@given(summaries, summaries, summaries)
def test_laws(a, b, c):
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + ZERO == a
    assert a - a == ZERO
    assert a + b - b == a
    taken = -a
    assert -taken == a


@given(st.integers(1, 50), st.tuples(*[st.integers(0, 1600)] * 3))
def test_ways_add_up_to_the_verified_percent(weight, parts):
    desk, visited, sampled = (min(part, weight * 33) for part in parts)
    one = Summary(weight=weight, verified_desk=desk, verified_visited=visited, verified_sampled=sampled)
    assert sum(one.verified_ways) == one.verified_percent
    assert all(points >= 0 for points in one.verified_ways)
    assert Summary().verified_ways == (0, 0, 0)


@given(st.lists(summaries, max_size=5))
def test_total_is_the_sum(found):
    assert rollup.total(found) == sum(found, ZERO)
    assert isinstance(rollup.total(found), Summary)


@given(summaries)
def test_row_round_trip(a):
    assert Summary.from_row(a.as_row()) == a
    assert list(a.as_row()) == list(COLUMNS)


def test_from_row_reads_an_empty_sum_as_zero():
    assert Summary.from_row(dict.fromkeys(COLUMNS)) == ZERO
    assert Summary.from_row({"id": 7}) == ZERO
    assert not ZERO
    assert Summary(items=1)


@given(st.lists(facts, max_size=5), st.data())
def test_deltas_lead_to_the_same_as_counting_anew(before, data):
    after = [data.draw(facts) if data.draw(st.booleans()) else f for f in before]
    base = sum((contribution(f) for f in before), ZERO)
    deltas = [contribution(new) - contribution(old) for old, new in zip(before, after, strict=True)]
    anew = sum((contribution(f) for f in after), ZERO)
    for order in list(permutations(deltas))[:6]:
        assert sum(order, base) == anew


@given(st.lists(facts, max_size=8))
def test_counts_and_percents_hold_together(many):
    total = sum((contribution(f) for f in many), ZERO)
    assert total.items == len(many) == sum(total.states.values()) == sum(total.lights.values())
    leaves = [f for f in many if f.leaf]
    assert total.weight == sum(f.weight for f in leaves)
    if total.weight:
        assert total.said_percent == round(Fraction(sum(f.weight * f.said for f in leaves), total.weight))
        assert total.verified_percent == round(Fraction(sum(f.weight * f.verified for f in leaves), total.weight))
        assert total.gap == total.said_percent - total.verified_percent
    else:
        assert total.said_percent is None
        assert total.verified_percent is None
        assert total.gap is None
    assert (total.worst_light is None) == (not many)


def test_half_goes_to_even():
    assert Summary(weight=2, said=5).said_percent == 2
    assert Summary(weight=2, said=7).said_percent == 4


def test_a_parent_carries_no_weight_but_counts():
    parent = contribution(CommitmentFacts(state="accepted", light="green", leaf=False, weight=5, said=80))
    assert (parent.items, parent.weight, parent.said) == (1, 0, 0)


def test_red_is_overdue_unless_said_otherwise():
    assert contribution(CommitmentFacts(state="accepted", light="red")).overdue == 1
    assert contribution(CommitmentFacts(state="accepted", light="red", overdue=False)).overdue == 0
    assert contribution(CommitmentFacts(state="accepted", light="green")).overdue == 0


@pytest.mark.parametrize("state", sorted(rollup.NOT_LIVE))
def test_drafts_and_withdrawn_count_nowhere(state):
    assert contribution(CommitmentFacts(state=state, light="grey", said=50)) == ZERO


def test_worst_light_goes_from_red_to_blue():
    total = ZERO
    for light in ("blue", "grey", "green", "yellow", "red"):
        total += contribution(CommitmentFacts(state="accepted", light=light))
        assert total.worst_light == light


@pytest.mark.parametrize(
    "damage",
    [
        {"state": "nearly"},
        {"light": "orange"},
        {"said": 101},
        {"verified": -1},
        {"weight": -1},
        {"open_findings": -1},
        {"verified": 10, "verified_how": "by_photo"},
    ],
)
def test_nonsense_is_an_error(damage):
    with pytest.raises(ValueError):  # noqa: PT011 - any of the sentences
        contribution(CommitmentFacts(**({"state": "accepted", "light": "green"} | damage)))
