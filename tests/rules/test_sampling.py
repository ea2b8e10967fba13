"""Certifying by lot: the e-values are honest at every truth, the tables are right, the order is anybody's to redo."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import slow_reading

from luoshi.rules import sampling
from luoshi.rules.refusals import Refused
from luoshi.rules.sampling import Lot, Verdict, read

BAR = math.log(20)


def stops(size: int, p0: float, count: int, se: float = 1.0) -> list[int | None]:
    limit = sampling.boundary(size, p0)
    return [sampling.certified_at(size, limit, 0.05, false, se) for false in range(count)]


# --- The tables of the method ---


@pytest.mark.parametrize(
    ("size", "p0", "table"),
    [
        (14_500, 0.05, [63, 144, 191, 233, 272, 308, 344, 378, 411, 443, 475]),
        (14_500, 0.02, [163, 376, 490, 591]),
        (14_500, 0.10, [30, 70, 95, 117]),
        (110, 0.05, [45, 81, 96]),
        (906, 0.05, [60, 133, 175]),
    ],
)
def test_the_stop_table(size: int, p0: float, table: list[int]) -> None:
    assert stops(size, p0, len(table)) == table
    for false, visits in enumerate(table):
        assert read(size, p0, 0.05, visits, false).verdict is Verdict.CERTIFIED
        assert read(size, p0, 0.05, visits - 1, false).verdict is Verdict.UNDECIDED


def test_the_stop_is_found_by_halving_as_by_walking() -> None:
    for size, p0 in [(20, 0.10), (110, 0.05), (300, 0.02)]:
        limit = sampling.boundary(size, p0)
        for false in range(limit):
            walked = [t for t in range(false, size + 1) if sampling.log_certifying(size, limit, t, false) >= BAR]
            assert sampling.certified_at(size, limit, 0.05, false) == walked[0]
            assert walked == list(range(walked[0], size + 1))


@pytest.mark.parametrize(
    ("p0", "alpha", "accept", "visits"),
    [
        *((0.01, 0.05, c, n) for c, n in [(0, 294), (1, 464), (2, 615), (5, 1022), (10, 1642)]),
        *((0.02, 0.05, c, n) for c, n in [(0, 148), (1, 234), (2, 310), (5, 517), (10, 832)]),
        *((0.05, 0.05, c, n) for c, n in [(0, 59), (1, 93), (2, 124), (5, 207), (10, 334)]),
        *((0.10, 0.05, c, n) for c, n in [(0, 29), (1, 46), (2, 61), (5, 103), (10, 166)]),
        (0.05, 0.10, 0, 45),
        (0.05, 0.01, 0, 90),
    ],
)
def test_fixed_plans(p0: float, alpha: float, accept: int, visits: int) -> None:
    assert sampling.fixed_plan(14_500, p0, alpha, accept) == visits


def test_lot_quality() -> None:
    def good(share: float) -> float:
        return sum(math.comb(19, k) * share**k * (1 - share) ** (19 - k) for k in range(13, 20))

    assert (round(good(0.8), 3), round(good(0.5), 3)) == (0.932, 0.084)
    assert [sampling.lot(*one) for one in [(19, 6), (19, 7), (13, 0), (12, 0), (8, 7), (18, 6)]] == [
        Lot.GOOD,
        Lot.WEAK,
        Lot.GOOD,
        Lot.OPEN,
        Lot.WEAK,
        Lot.OPEN,
    ]
    assert sampling.first_nineteen([True] * 12 + [None, False] + [True] * 10) == (19, 2)


# --- Honest at every truth: exact, by dynamic programming over visits and false ones ---


Plan = Callable[[int, int], bool]
"""Whether one stops after so many visits with so many false ones."""


def expected(size: int, wrong: int, e: Callable[[int, int], float], plan: Plan, recognised: float = 1.0) -> float:
    """The exact mean of an e-value where a plan stops, when ``wrong`` of ``size`` are false.

    The state is how many false ones were recognised (columns), and how many were missed (rows).
    """
    rows = wrong + 1 if recognised < 1 else 1
    chances = np.zeros((rows, wrong + 1))
    chances[0, 0] = 1.0
    met = np.arange(rows)[:, None] + np.arange(wrong + 1)[None, :]
    mean = 0.0
    for visits in range(size + 1):
        for seen in np.nonzero(chances.sum(axis=0))[0]:
            if visits == size or plan(visits, int(seen)):
                mean += float(chances[:, seen].sum()) * e(visits, int(seen))
                chances[:, seen] = 0
        if visits == size or not chances.any():
            return mean
        false = np.clip((wrong - met) / (size - visits), 0, 1)
        missed, found = chances * false * (1 - recognised), chances * false * recognised
        chances = chances * (1 - false)
        chances[1:] += missed[:-1]
        chances[:, 1:] += found[:, :-1]
    raise AssertionError("unreachable")


def capped(log_e: Callable[..., float], size: int, limit: int, *more: float) -> Callable[[int, int], float]:
    """The e-value itself; where it is infinite the truth in question is impossible."""
    known: dict[tuple[int, int], float] = {}

    def e(visits: int, false: int) -> float:
        key = visits, false
        if key not in known:
            known[key] = math.exp(min(700.0, log_e(size, limit, visits, false, *more)))
        return known[key]

    return e


def plans(size: int, bar: Callable[[int, int], float]) -> dict[str, Plan]:
    return {
        "after a third": lambda t, _s: t >= size // 3,
        "at the end": lambda t, _s: t >= size,
        "when certified": lambda t, s: bar(t, s) >= 20,
        "at the first false one": lambda _t, s: s > 0,
        "when it looks best": lambda t, s: t >= 5 and (s == 0 or bar(t, s) >= 3),
        "when it turns bad": lambda t, s: s >= 3 or bar(t, s) < 0.2,
    }


def truths(size: int, low: int, high: int) -> list[int]:
    """Every truth of a small frame; near and far from the boundary in a large one."""
    every = range(low, high + 1)
    if size <= 110:
        return list(every)
    return sorted({low, low + 1, (low + min(high, 200)) // 2, min(high, 200)})


@pytest.mark.parametrize(("size", "p0"), [(20, 0.05), (20, 0.20), (110, 0.05), (906, 0.05)])
def test_the_e_value_is_one_at_most_at_every_truth_and_plan(size: int, p0: float) -> None:
    limit = sampling.boundary(size, p0)
    certify = capped(sampling.log_certifying, size, limit)
    refute = capped(sampling.log_refuting, size, limit)
    for e, low, high in ((certify, limit, size), (refute, 0, limit - 1)):
        for name, plan in plans(size, e).items():
            for wrong in truths(size, low, high):
                mean = expected(size, wrong, e, plan)
                assert mean <= 1 + 1e-9, (name, wrong, mean)
    assert expected(size, limit, certify, plans(size, certify)["after a third"]) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("recognised", [0.6, 0.9])
def test_the_e_value_is_one_at_most_when_verifiers_miss_some(recognised: float) -> None:
    for size, p0 in [(20, 0.10), (60, 0.05)]:
        limit = sampling.boundary(size, p0)
        certify = capped(sampling.log_certifying, size, limit, recognised)
        refute = capped(sampling.log_refuting, size, limit)
        for plan in plans(size, certify).values():
            for wrong in truths(size, limit, size):
                assert expected(size, wrong, certify, plan, recognised) <= 1 + 1e-9
        for plan in plans(size, refute).values():
            for wrong in range(limit):
                assert expected(size, wrong, refute, plan, recognised) <= 1 + 1e-9


def test_the_chance_of_a_wrong_certificate_is_exactly_bounded() -> None:
    """Whoever looks after every verdict and stops as soon as it is certified is wrong with 5 % at most."""
    for size, p0 in [(20, 0.10), (110, 0.05), (906, 0.05)]:
        limit = sampling.boundary(size, p0)
        certify = capped(sampling.log_certifying, size, limit)
        stop = plans(size, certify)["when certified"]
        for wrong in truths(size, limit, min(size, limit + 9)):
            wrongly = expected(size, wrong, lambda t, s, e=certify: float(e(t, s) >= 20), stop)  # type: ignore[misc]
            assert wrongly <= 0.05 + 1e-12, (size, wrong, wrongly)


def test_ten_thousand_audits_at_the_boundary() -> None:
    """10,000 simulated audits of 14,500 places of which just too many are false, looked at after every visit."""
    size, runs, longest = 14_500, 10_000, 1_500
    limit = sampling.boundary(size, 0.05)
    stop = np.array([n or size + 1 for n in stops(size, 0.05, 120)])
    random = np.random.default_rng(20_260_302)
    false = np.zeros(runs, dtype=np.int64)
    certified = np.zeros(runs, dtype=bool)
    for visits in range(longest):
        false += random.random(runs) < (limit - false) / (size - visits)
        certified |= stop[np.minimum(false, len(stop) - 1)] <= visits + 1
    assert false.max() < len(stop)
    assert certified.mean() <= 0.05
    assert certified.mean() > 0.02, "it is not idle either"


def test_the_enclosure_holds_the_truth_at_all_times() -> None:
    size, runs = 400, 400
    random = np.random.default_rng(7)
    for wrong in (4, 20, 100):
        missed = 0
        for _run in range(runs // 4):
            drawn = random.permutation(size) < wrong
            false = np.cumsum(drawn)
            looks = [read(size, 0.05, 0.05, t, int(false[t - 1])) for t in range(5, size, 13)]
            missed += any(not look.low <= wrong <= look.high for look in looks)
        assert missed <= 0.05 * runs / 4 + 5


# --- Properties ---

frames = st.integers(1, 2000)
shares = st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.3])
risks = st.sampled_from([0.01, 0.05, 0.1])


@st.composite
def audits(draw: st.DrawFn) -> tuple[int, float, float, list[bool]]:
    size = draw(frames)
    verdicts = draw(st.lists(st.booleans() if draw(st.booleans()) else st.just(False), max_size=min(size, 60)))
    return size, draw(shares), draw(risks), verdicts


@given(audits(), st.randoms(use_true_random=False))
def test_the_order_of_verdicts_does_not_matter(audit: tuple[int, float, float, list[bool]], chance: object) -> None:
    """Multiplied up verdict by verdict, in any order, it is the same e-value as at once."""
    size, p0, _alpha, verdicts = audit
    shuffled = list(verdicts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    limit = sampling.boundary(size, p0)

    def step_by_step(some: list[bool]) -> float:
        like, a, b, none = 0.0, 0.5, 40.0, 0.5
        mixed, false = 0.0, 0
        for visits, is_false in enumerate(some):
            wrong = limit - false
            like += math.log(max(1e-300, (wrong if is_false else size - visits - wrong) / (size - visits)))
            mixed += math.log((a if is_false else b) / (a + b))
            a, b, false = a + is_false, b + (not is_false), false + is_false
            none = 0.0 if is_false else none
        return math.log(none + 0.5 * math.exp(mixed)) - like

    false = sum(verdicts)
    if (false * size < limit * len(verdicts) and len(verdicts) - false <= size - limit) or not verdicts:
        told = sampling.log_certifying(size, limit, len(verdicts), false)
        assert told == pytest.approx(step_by_step(verdicts), abs=1e-8)
        assert told == pytest.approx(step_by_step(shuffled), abs=1e-8)


@given(audits())
def test_another_false_one_never_helps(audit: tuple[int, float, float, list[bool]]) -> None:
    size, p0, alpha, verdicts = audit
    limit, visits, false = sampling.boundary(size, p0), len(verdicts), sum(verdicts)
    if false < visits:
        less, more = (sampling.log_certifying(size, limit, visits, n) for n in (false, false + 1))
        assert more <= less + 1e-9
        before, after = (read(size, p0, alpha, visits, n) for n in (false, false + 1))
        assert (before.verdict, after.verdict) != (Verdict.UNDECIDED, Verdict.CERTIFIED)
        assert after.at_most >= before.at_most


@given(audits(), st.sampled_from([1.0, 0.95, 0.7]))
@settings(max_examples=60, deadline=None)
def test_a_reading_is_of_one_piece(audit: tuple[int, float, float, list[bool]], se: float) -> None:
    size, p0, alpha, verdicts = audit
    visits, false = len(verdicts), sum(verdicts)
    unknown = min(visits - false, 2)
    told = read(size, p0, alpha, visits, false, se, unknown=unknown)
    assert told.holds + told.false + told.unknown == told.visits
    assert false <= told.low <= told.surely
    assert told.at_most <= told.high <= size
    assert (told.certifying >= -math.log(alpha)) == (told.at_most < told.limit)
    assert (told.refuting >= -math.log(alpha)) == (told.surely >= told.limit)
    assert told.visits + told.left == size
    for need in told.needs:
        if need.visits is not None and told.verdict is not Verdict.CERTIFIED:
            assert visits + need.visits <= size
            later = read(size, p0, alpha, visits + need.visits, false + need.more_false, se, unknown=unknown)
            assert later.verdict is Verdict.CERTIFIED


@given(shares, st.integers(0, 3), st.integers(200, 20_000))
@settings(deadline=None)
def test_a_larger_frame_never_needs_fewer_visits_at_the_same_share(p0: float, false: int, hundreds: int) -> None:
    """Compared where the boundary is the same share of both frames: whole multiples of 1 / share."""
    unit = round(1 / p0)
    small, large = unit * hundreds, unit * hundreds * 2
    few = sampling.certified_at(small, round(p0 * small), 0.05, false)
    many = sampling.certified_at(large, round(p0 * large), 0.05, false)
    assert few is not None
    assert many is not None
    assert few <= many


@st.composite
def states(draw: st.DrawFn) -> tuple[int, int, int]:
    """Small frames with any number of visits and of false ones."""
    size = draw(st.integers(1, 120))
    visits = draw(st.integers(0, size))
    return size, visits, draw(st.integers(0, visits) | st.integers(0, min(visits, 5)))


@given(states(), shares, risks, st.sampled_from([1.0, 0.99, 0.9, 0.6, 0.3]))
@settings(max_examples=150, deadline=None)
def test_the_short_way_reads_what_the_long_one_does(
    state: tuple[int, int, int], p0: float, alpha: float, se: float
) -> None:
    size, visits, false = state
    told = read(size, p0, alpha, visits, false, se)
    slow = slow_reading.log_certifying(size, told.limit, visits, false, se)
    assert told.certifying == pytest.approx(slow, abs=1e-8)
    assert told.at_most == slow_reading.at_most(size, visits, false, alpha, se)
    assert told.high == slow_reading.at_most(size, visits, false, alpha / 2, se)
    for need in told.needs[: 1 if size > 60 else 2]:
        at = slow_reading.certified_at(size, p0, alpha, false + need.more_false, se)
        possible = at is not None and visits + need.more_false <= size
        assert need.visits == (max((at or 0) - visits, need.more_false) if possible else None)


@pytest.mark.parametrize("se", [0.95, 0.8, 0.6])
def test_each_reading_looks_at_few_numbers(monkeypatch: pytest.MonkeyPatch, se: float) -> None:
    """A reading stays quick with many visits: the chances it asks for are few, and grow with nothing."""
    asked = 0
    once = sampling._log_seen

    def counting(*told: float) -> float:
        nonlocal asked
        asked += 1
        return once(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(sampling, "_log_seen", counting)
    for size, visits, false in [(14_500, 63, 0), (14_500, 2_467, 40), (620_573, 3_000, 40), (620_573, 5_000, 900)]:
        read(size, 0.05, 0.05, visits, false, se)
        asked = 0
        read(size, 0.05, 0.05, visits, false, se)
        assert asked <= 45, (size, visits, false)


def test_who_finds_more_than_can_be_found_certifies_nothing() -> None:
    """More found false than verifiers were thought to find refutes what was thought of them, not the false ones."""
    told = read(10_354, 0.10, 0.05, 412, 412, 0.6)
    assert (told.verdict, told.at_most) == (Verdict.REFUTED, 10_354)
    told = read(1_000, 0.10, 0.05, 400, 380, 0.6)
    assert told.verdict is Verdict.REFUTED
    assert told.low <= told.high


def test_an_unknown_place_counts_against_the_claim_and_never_as_false() -> None:
    all_met, one_not = read(14_500, 0.05, 0.05, 63, 0), read(14_500, 0.05, 0.05, 63, 0, unknown=1)
    assert (all_met.verdict, one_not.verdict) == (Verdict.CERTIFIED, Verdict.UNDECIDED)
    assert (one_not.false, one_not.unknown, one_not.low) == (0, 1, 0)
    many = read(100, 0.05, 0.05, 60, 0, unknown=60)
    assert many.verdict is Verdict.UNDECIDED, "not being met is no proof that it is false"
    assert read(100, 0.05, 0.05, 60, 60).verdict is Verdict.REFUTED


def test_when_everything_was_visited_there_is_no_doubt() -> None:
    assert read(110, 0.05, 0.05, 110, 5).verdict is Verdict.CERTIFIED
    assert read(110, 0.05, 0.05, 110, 6).verdict is Verdict.REFUTED
    assert (read(110, 0.05, 0.05, 110, 5).low, read(110, 0.05, 0.05, 110, 5).high) == (5, 5)
    doubtful = read(110, 0.05, 0.05, 110, 4, 0.8)
    assert doubtful.verdict is Verdict.UNDECIDED, "verifiers who miss every fifth may have missed two"


def test_verifiers_who_miss_some_need_more_visits() -> None:
    assert [stops(14_500, 0.05, 1, se)[0] for se in (1.0, 0.9, 0.8, 0.6)] == [63, 70, 79, 107]


def test_refuting() -> None:
    assert read(14_500, 0.05, 0.05, 15, 5).verdict is Verdict.REFUTED
    assert read(14_500, 0.05, 0.05, 3, 1).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(("visits", "false", "unknown"), [(5, 6, 0), (5, 3, 3), (11, 0, 0), (5, -1, 0)])
def test_counts_that_cannot_be(visits: int, false: int, unknown: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        read(10, 0.05, 0.05, visits, false, unknown=unknown)


# --- The public order ---

SEED = "31415926535897932384"


@given(st.sets(st.text("0123456789", min_size=1, max_size=12), max_size=50))
def test_the_order_is_that_of_the_digests(codes: set[str]) -> None:
    told = sampling.order(SEED, codes)
    assert told == sorted(codes, key=lambda code: (hashlib.sha256(f"{SEED},{code}".encode()).hexdigest(), code))
    assert sampling.order(SEED, reversed(told)) == told, "however the list was handed in"


def test_another_seed_is_another_order() -> None:
    codes = [str(530_000_000_000 + n) for n in range(200)]
    assert sampling.order(SEED, codes) != sampling.order(SEED[::-1], codes)
    firsts = {sampling.order(f"{n:020}", codes)[0] for n in range(400)}
    assert len(firsts) > 130, "any place may be the first"


@pytest.mark.parametrize("typed", [SEED, " 31415 92653 58979 32384 ", "３１４１５-92653-58979-32384"])
def test_a_seed_as_it_is_typed(typed: str) -> None:
    assert sampling.read_seed(typed) == SEED


@pytest.mark.parametrize("typed", ["", "1" * 19, "1" * 21, "abc", "一二三"])
def test_what_is_no_seed(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        sampling.read_seed(typed)
    assert refused.value.code == "seed_digits"


def test_the_frame_is_one_text() -> None:
    rows = [("530423100201", "YN-2026-03-0012", '大树社区"居委会"'), ("530423100200", "YN-2026-03-0011", "秀山,社区")]
    text = sampling.frame_text(rows)
    assert text.splitlines()[0] == "code,ref,name"
    assert sampling.frame_digest(rows) == sampling.frame_digest(rows[::-1]) == hashlib.sha256(text.encode()).hexdigest()
    assert sampling.frame_digest(rows[:1]) != sampling.frame_digest(rows)
