"""The lot of look-backs: every strike-off has its days, its chance, and a draw anybody can redo."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import looking_back
from luoshi.rules.looking_back import (
    LINKS,
    Drawn,
    Rate,
    anchor,
    anniversary,
    closed_between,
    day_seed,
    draw,
    falls,
    link,
    proves,
    require,
    wider,
)
from luoshi.rules.refusals import Refused

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
MONTHS = st.integers(1, 60)
SEED = hashlib.sha256(b"seed").hexdigest()


@given(DAYS, MONTHS)
def test_every_strike_off_has_exactly_one_day_for_each_setting(closed_on: dt.date, months: int) -> None:
    on = anniversary(closed_on, months)
    assert (on.year * 12 + on.month) - (closed_on.year * 12 + closed_on.month) == months
    found = closed_between(on, months)
    assert found is not None
    assert found[0] <= closed_on <= found[1]


@given(DAYS, MONTHS)
def test_a_day_draws_among_just_those_whose_day_it_is(on: dt.date, months: int) -> None:
    found = closed_between(on, months)
    if found is None:
        return
    first, last = found
    assert {anniversary(first + dt.timedelta(n), months) for n in range((last - first).days + 1)} == {on}
    assert anniversary(first - dt.timedelta(1), months) != on
    assert anniversary(last + dt.timedelta(1), months) != on


def test_a_year_of_days_covers_a_year_of_strike_offs_once() -> None:
    closed = [dt.date(2026, 1, 1) + dt.timedelta(n) for n in range(365)]
    seen: list[dt.date] = []
    for n in range(800):
        on = dt.date(2026, 3, 1) + dt.timedelta(n)
        found = closed_between(on, 3)
        if found:
            seen += [day for day in closed if found[0] <= day <= found[1]]
    assert sorted(seen) == closed


@given(st.integers(1, LINKS), st.integers(1, LINKS))
def test_a_link_proves_itself_and_no_other_day(place: int, other: int) -> None:
    told = LINK[place]
    assert proves(told, place, ANCHOR)
    assert proves(told, other, ANCHOR) is (other == place)


LINK = {}
_walk = "a secret"
for _n in range(LINKS, -1, -1):
    LINK[_n] = _walk
    _walk = hashlib.sha256(_walk.encode()).hexdigest()
ANCHOR = LINK[0]


def test_the_chain_is_what_it_says() -> None:
    assert anchor("a secret") == ANCHOR
    assert link("a secret", 17) == LINK[17]
    assert hashlib.sha256(link("a secret", 18).encode()).hexdigest() == LINK[17]
    with pytest.raises(ValueError, match="links"):
        link("a secret", LINKS + 1)


def test_the_chance_is_the_chance() -> None:
    refs = [f"YN-2026-{n:05}" for n in range(40_000)]
    drawn = sum(falls(SEED, ref, 3, 500) for ref in refs)
    assert 1_830 <= drawn <= 2_170  # 2,000 within four standard deviations
    assert all(falls(SEED, ref, 3, 10_000) for ref in refs[:2_000])


@given(st.text(min_size=1, max_size=20), MONTHS, st.integers(500, 9_999))
def test_a_higher_chance_never_spares_anybody(ref: str, months: int, chance: int) -> None:
    assert falls(SEED, ref, months, chance) <= falls(SEED, ref, months, chance + 1)


@given(st.lists(st.text("0123456789", min_size=1, max_size=6), unique=True, max_size=60), st.integers(500, 10_000))
def test_the_draw_does_not_depend_on_the_order_and_an_independent_hand_finds_the_same(
    refs: list[str], chance: int
) -> None:
    found = draw(SEED, [(ref, 3) for ref in refs], chance)
    assert set(found) == set(draw(SEED, [(ref, 3) for ref in reversed(refs)], chance))
    by_hand = {
        ref
        for ref in refs
        if int.from_bytes(hashlib.sha256(f"{SEED},{ref},3".encode()).digest()[:8], "big") / 2**64 < chance / 10_000
    }
    assert {one.ref for one in found} == by_hand


@given(st.sets(st.text("0123456789", min_size=1, max_size=6), max_size=60), st.integers(500, 10_000))
def test_a_relapse_widens_the_draw_among_its_siblings(siblings: set[str], chance: int) -> None:
    found = wider(SEED, siblings, chance)
    assert {one.ref for one in found} <= siblings
    assert all(one.months == 0 for one in found)
    assert len(found) >= min(1, len(siblings))
    assert len(found) * 10_000 >= len(siblings) * min(10_000, 4 * chance)
    assert found == wider(SEED, sorted(siblings, reverse=True), chance)


def test_days_differ_and_so_do_digits() -> None:
    day = dt.date(2026, 3, 2)
    seeds = {day_seed("0" * 20, day, "x"), day_seed("0" * 20, day + dt.timedelta(1), "x"), day_seed("1" * 20, day, "x")}
    assert len(seeds) == 3
    assert Drawn("x", 0).months == 0


@pytest.mark.parametrize(
    ("chance", "months", "digits", "code"),
    [
        (499, (3, 12), "1" * 20, "look_back_chance"),
        (10_001, (3, 12), "1" * 20, "look_back_chance"),
        (500, (), "1" * 20, "look_back_months"),
        (500, (3, 3), "1" * 20, "look_back_months"),
        (500, (0, 3), "1" * 20, "look_back_months"),
        (500, (3, 61), "1" * 20, "look_back_months"),
        (500, (1, 2, 3, 4, 5, 6, 7), "1" * 20, "look_back_months"),
        (500, (3, 12), "1" * 19, "look_back_digits"),
        (500, (3, 12), "１" * 20, "look_back_digits"),
    ],
)
def test_a_setting_that_would_spare_somebody_is_refused(
    chance: int, months: tuple[int, ...], digits: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        require(chance, months, digits)
    assert refused.value.code == code


def test_the_usual_setting_stands() -> None:
    assert require(500, (12, 3), "12345678901234567890") == (3, 12)
    assert looking_back.MONTHS == (3, 12)


def test_few_looks_have_no_percent() -> None:
    assert Rate(29, 3).percent is None
    assert Rate(0, 0).percent is None
    assert Rate(40, 3).percent == 8
