"""Who may verify a unit, and every way round it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luoshi.rules import eligibility
from luoshi.rules.eligibility import A_DAY, Bar, Candidate, Paid, Seated, Spot, Target, Tie
from luoshi.rules.lifecycle import Facts, Kind, State
from luoshi.rules.lifecycle.reading import independent
from luoshi.rules.paths import ids, segment, within
from luoshi.rules.permissions import Role, Seat

DAY = date(2026, 11, 26)
SEED = "20260101123456789012"

#: unit → (its parent, kind); a province of two prefectures of two counties of two villages, offices at every level
TREE: dict[int, tuple[int, str]] = {1: (0, "area")}
for _prefecture in (2, 3):
    TREE[_prefecture] = (1, "area")
    for _county in (_prefecture * 10, _prefecture * 10 + 1):
        TREE[_county] = (_prefecture, "area")
        for _village in (_county * 10, _county * 10 + 1):
            TREE[_village] = (_county, "area")
AREAS = sorted(TREE)
for _area in AREAS:
    if len(str(_area)) < 3:
        TREE[1000 + _area * 2] = TREE[1001 + _area * 2] = (_area, "department")
VILLAGES = [unit for unit in AREAS if unit > 99]


def path(unit: int) -> str:
    return (path(TREE[unit][0]) if TREE[unit][0] else "") + segment(unit)


def area(unit: int) -> int:
    return unit if TREE[unit][1] == "area" else TREE[unit][0]


def spot(unit: int, until: date | None = None) -> Spot:
    return Spot(path(unit), path(area(unit)), until)


def post(unit: int, number: int = 1, *others: Seated, kin: frozenset[int] = frozenset()) -> Candidate:
    return Candidate(unit * 10 + number, f"P-{unit}-{number}", unit * 100 + number, spot(unit), others, kin)


def target(unit: int, closing: int = 1, line: frozenset[int] = frozenset(), **more: frozenset[int]) -> Target:
    return Target(unit, str(unit), (spot(unit),), path(closing), line, **more)


def paid(by: Candidate, unit: int, on: date) -> Paid:
    return Paid(by.post_id, by.user_id, by.spot, unit, path(unit), on)


def bar(candidate: Candidate, of: Target, *past: Paid, day: date = DAY) -> Bar | None:
    return eligibility.bar(candidate, of, past, day)


BUREAU, OTHER = 1002, 1003  # two departments of the province
COUNTY_DEPARTMENT, SISTER = 1040, 1041  # two departments of county 20


def test_a_bureau_of_the_level_that_strikes_off_may_look_unless_it_ordered_it() -> None:
    assert bar(post(BUREAU), target(200)) is None
    assert bar(post(BUREAU), target(200, line=frozenset({BUREAU}))) is Bar.LINE


@pytest.mark.parametrize(
    ("seat", "unit", "why"),
    [
        (200, 200, Bar.OWN),
        (20, 200, Bar.LINE),
        (2, 200, Bar.LINE),
        (1, 200, Bar.LINE),
        (COUNTY_DEPARTMENT, 200, Bar.LINE),  # answers to the county, which is on the line
        (1004, 200, Bar.LINE),  # a department of the prefecture above
        (SISTER, COUNTY_DEPARTMENT, Bar.SAME_AREA),
        (200, 20, Bar.SAME_AREA),  # below the unit
        (20, COUNTY_DEPARTMENT, Bar.SAME_AREA),
        (201, 200, None),  # a neighbour, not of the line
        (1042, 200, None),  # a department of another county
    ],
)
def test_nobody_of_the_unit_its_area_or_its_line(seat: int, unit: int, why: Bar | None) -> None:
    assert bar(post(seat), target(unit)) is why


def test_the_line_ends_at_the_level_that_strikes_off() -> None:
    """The prefecture strikes off: its departments may look, those of the county between may not, the province's may."""
    assert bar(post(1004), target(200, closing=2)) is None
    assert bar(post(COUNTY_DEPARTMENT), target(200, closing=2)) is Bar.LINE
    assert bar(post(BUREAU), target(200, closing=2)) is None


@pytest.mark.parametrize("tied", [200, 20, 2, 1, COUNTY_DEPARTMENT])
def test_a_deputy_of_either_is_as_close_as_the_post_itself(tied: int) -> None:
    assert bar(post(BUREAU, 1, Seated(spot(tied), Tie.DEPUTY)), target(200)) is Bar.DEPUTY


def test_whoever_left_such_a_post_waits_a_year() -> None:
    gone = DAY - timedelta(days=300)
    assert bar(post(BUREAU, 1, Seated(spot(200, gone), Tie.EARLIER)), target(200)) is Bar.MOVED
    long_gone = DAY - timedelta(days=366)
    assert bar(post(BUREAU, 1, Seated(spot(200, long_gone), Tie.EARLIER)), target(200)) is None


def test_a_unit_that_moved_keeps_its_old_line_for_a_year() -> None:
    """Village 200 moved from county 20 to county 30 in the time: neither county's people look at it."""
    moved = Target(200, "200", (Spot(path(30) + segment(200), path(30) + segment(200)), spot(200, DAY)), path(1))
    assert bar(post(COUNTY_DEPARTMENT), moved) is Bar.LINE
    assert bar(post(1060), moved) is Bar.LINE  # a department of county 30
    long_ago = replace(moved, spots=(moved.spots[0], spot(200, DAY - timedelta(days=400))))
    assert bar(post(COUNTY_DEPARTMENT), long_ago) is None


def test_whoever_took_part_or_is_tied_to_somebody_who_did() -> None:
    mine = target(200, took_part=frozenset({post(BUREAU).user_id}))
    assert bar(post(BUREAU), mine) is Bar.TOOK_PART
    assert bar(post(OTHER, kin=frozenset({post(BUREAU).user_id})), mine) is Bar.TOOK_PART
    assert bar(post(OTHER), mine) is None


def test_no_pair_within_twelve_months_by_post_by_person_or_by_unit() -> None:
    last = paid(post(BUREAU), 200, DAY - timedelta(days=200))
    assert bar(post(BUREAU), target(200), last) is Bar.PAIR
    assert bar(post(BUREAU, 2), target(200), last) is Bar.PAIR  # a colleague of the same unit
    elsewhere = replace(post(OTHER), user_id=post(BUREAU).user_id)
    assert bar(elsewhere, target(200), last) is Bar.PAIR  # the same person in another post
    assert bar(post(BUREAU), target(201), last) is None
    assert bar(post(BUREAU), target(200), replace(last, on=DAY - timedelta(days=365))) is None


def test_nobody_returns_a_visit_within_twelve_months() -> None:
    """County 20's department looked at a village of county 30; nobody of county 30 looks at county 20 for a year."""
    theirs = paid(post(COUNTY_DEPARTMENT), 300, DAY - timedelta(days=100))
    assert bar(post(1060), target(200), theirs) is Bar.RECIPROCAL
    assert bar(post(1062), target(200), theirs) is None  # another county of the same prefecture was not looked at
    assert bar(post(1060), target(210), theirs) is None  # and county 21 did not look
    assert bar(post(1060), target(200), replace(theirs, on=DAY - timedelta(days=365))) is None


def test_a_visit_of_one_bureau_is_not_a_visit_of_the_whole_province() -> None:
    assert bar(post(OTHER), target(200), paid(post(BUREAU), 300, DAY)) is None


def test_moving_to_another_post_is_no_way_round_returned_visits() -> None:
    theirs = paid(post(COUNTY_DEPARTMENT), 300, DAY - timedelta(days=100))
    moved = post(OTHER, 1, Seated(spot(1060, DAY - timedelta(days=10)), Tie.EARLIER))
    assert bar(moved, target(200), theirs) is Bar.RECIPROCAL


UNITS = st.sampled_from(sorted(TREE))
POOLS = st.lists(st.tuples(UNITS, st.integers(1, 2)), min_size=1, max_size=12, unique=True).map(
    lambda rows: [post(unit, number) for unit, number in rows]
)


@settings(max_examples=300, deadline=None)
@given(UNITS, UNITS, st.sampled_from([1, 2, 20]))
def test_whoever_may_look_is_independent_for_the_act_as_well(seat: int, unit: int, closing: int) -> None:
    """The lot never falls on somebody whom the act of verifying would refuse."""
    if not within(path(unit), path(closing)):
        return
    one, chain = post(seat), frozenset(ids(path(unit))[:-1]) & set(ids(path(closing)))
    if bar(one, target(unit, closing, chain)) is not None:
        return
    facts = Facts(
        ref="x",
        kind=Kind.TASK,
        state=State.APPLIED,
        lead_id=unit,
        lead_path=path(unit),
        lead_area_path=path(area(unit)),
        issuer_id=closing,
        issuer_path=path(closing),
        issuer_area_path=path(closing),
        line_units=chain,
    )
    assert independent(facts, Seat(1, "P", "t", Role.VERIFIER, seat, path(seat), path(area(seat))))


@settings(max_examples=150, deadline=None)
@given(POOLS, st.permutations(VILLAGES), st.integers(1, 4), st.randoms())
def test_the_lot_can_be_drawn_again_by_anybody(pool, villages, a_day, random) -> None:  # type: ignore[no-untyped-def]
    targets = [target(unit) for unit in villages]
    first = eligibility.assign(pool, targets, past=[], seed=SEED, day=DAY, a_day=a_day)
    shuffled = list(pool)
    random.shuffle(shuffled)
    assert first == eligibility.assign(shuffled, targets, past=[], seed=SEED, day=DAY, a_day=a_day)
    load: dict[int, int] = {}
    told: list[Paid] = []
    for one in first:  # by hand, from the printed seed
        may = [c for c in pool if bar(c, one.target, *told) is None and load.get(c.post_id, 0) < a_day]
        assert sum(one.barred.values()) == len(pool) - len(may)
        if not may:
            assert one.candidate is None
            continue
        fewest = min(load.get(c.post_id, 0) for c in may)
        tickets = {
            hashlib.sha256(f"{SEED},2026-11-26,{one.target.code},{c.post_ref}".encode()).hexdigest(): c
            for c in may
            if load.get(c.post_id, 0) == fewest
        }
        assert one.candidate == tickets[min(tickets)]
        load[one.candidate.post_id] = load.get(one.candidate.post_id, 0) + 1
        told.append(paid(one.candidate, one.target.unit_id, DAY))
    assert max(load.values(), default=0) <= a_day


@settings(max_examples=60, deadline=None)
@given(POOLS, st.lists(st.tuples(st.sampled_from(VILLAGES), st.integers(0, 40)), min_size=2, max_size=40))
def test_over_a_year_no_pair_repeats_and_nobody_returns_a_visit(
    pool: list[Candidate], wanted: list[tuple[int, int]]
) -> None:
    """However the days fall: checked with plain sets of counties, not with the code under test."""
    past: list[Paid] = []
    day = DAY
    for unit, later in wanted:
        day += timedelta(days=later)
        [one] = eligibility.assign(pool, [target(unit)], past=past, seed=SEED, day=day, a_day=A_DAY)
        if one.candidate is None:
            continue
        seat = ids(one.candidate.spot.unit_path)[-1]
        assert area(seat) not in ids(path(unit))[1:] or area(seat) == 1
        for before in past:
            if (day - before.on).days >= 365:
                continue
            their = ids(before.spot.unit_path)[-1]
            assert not (before.unit_id == unit and their == seat)
            ours, theirs = area(seat), area(their)
            if ours != 1 and theirs != 1:
                assert not (theirs in ids(path(unit)) and ours in ids(path(before.unit_id)))
        past.append(paid(one.candidate, unit, day))


def test_second_visits_are_a_tenth_and_can_be_computed_again() -> None:
    drawn = [str(code) for code in range(20_000) if eligibility.looked_at_twice(SEED, "s", str(code), 1000)]
    assert 1_870 <= len(drawn) <= 2_130  # three standard deviations about a tenth
    assert not any(eligibility.looked_at_twice(SEED, "s", str(code), 0) for code in range(200))
    assert all(eligibility.looked_at_twice(SEED, "s", str(code), 10_000) for code in range(200))
    by_hand = int.from_bytes(hashlib.sha256(f"{SEED},s,{drawn[0]}".encode()).digest())
    assert by_hand / 2**256 < 0.1


def test_the_29th_of_february() -> None:
    assert eligibility.a_year_before(date(2028, 2, 29)) == date(2027, 2, 28)
