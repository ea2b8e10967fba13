"""抽样认证: what visits drawn by lot say about a claim, whenever somebody looks.

The claim is about a frozen list of N places reported complete: fewer than D0 of them are false, where
D0 = ⌊share · N⌋ + 1. Visits follow a public order. After each verdict an e-value tells how strongly the verdicts speak
against "D0 or more are false"; as it is one at most in expectation whatever the truth is there and whenever one stops,
certifying at 1 / α is wrong with a chance of at most α (Ville's inequality), however often one has looked before.

    E = [½·1{s = 0} + ½·B(½ + s, 40 + t − s) / B(½, 40)] / max over D ≥ D0 of (D)ₛ (N − D)ₜ₋ₛ / (N)ₜ

after t visits with s false; (x)ₖ is the falling factorial. While s / t < D0 / N the maximum lies at D0 itself. The
refuting side tests "fewer than D0 are false" in the same way with the prior B(1, 6). Everything is counted in
logarithms of factorials; no simulation, no table.

Sources: anytime-valid e-values (Vovk and Wang; Waudby-Smith and others, "RiLACS"), the public order of election audits
(SHA-256 of a seed rolled in public, then the code of the place); lot quality: WHO manuals on LQAS.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import ceil, exp, floor, inf, lgamma, log, sqrt
from typing import Final

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(422, seed_digits=_("A seed is exactly twenty digits, rolled in public; this has %(digits)s."))

BP: Final = 10_000
"""Basis points in one."""
SEED_DIGITS: Final = 20
PRIOR: Final = (0.5, 40.0)
"""Beta prior of the share of false ones on the certifying side, beside an equal weight on "none is false"."""
REFUTING_PRIOR: Final = (1.0, 6.0)
LQAS_VISITS: Final = 19
LQAS_GOOD: Final = 13
"""Lot quality: of 19 visits at least 13 good."""
SHOWN_PLANS: Final = (0, 1, 2, 5, 10)
"""Numbers of false ones accepted for which fixed plans are shown."""


class Verdict(StrEnum):
    """What the verdicts say（结论）."""

    CERTIFIED = "certified"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Lot(StrEnum):
    """What 19 visits say of an area on a map（批质量）; never a certificate."""

    GOOD = "good"
    WEAK = "weak"
    OPEN = "open"


# --- The public order -------------------------------------------------------------------------------------------------


def read_seed(text: str) -> str:
    """The twenty digits in what somebody typed; spaces, dashes and full-width digits are understood.

    Raises:
        Refused: ``seed_digits``.
    """
    told = re.sub(r"[\s,，、-]", "", unicodedata.normalize("NFKC", text[:200]))
    if not re.fullmatch(r"[0-9]{20}", told):
        raise Refused("seed_digits", digits=sum(one in "0123456789" for one in told))
    return told


def order(seed: str, codes: Iterable[str]) -> list[str]:
    """The codes in the order in which they are visited（公开次序）: by SHA-256 of ``seed,code``.

    The digests are the keys of one sort and nothing is paired with them: two different codes do not share a digest.
    """
    begin = hashlib.sha256(f"{seed},".encode()).copy

    def mark(code: str) -> bytes:
        told = begin()
        told.update(code.encode())
        return told.digest()

    return sorted(codes, key=mark)


def frame_text(rows: Iterable[tuple[str, str, str]]) -> str:
    """The frozen list as it is published: CSV of code, number of the commitment and name, sorted by code."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "ref", "name"))
    writer.writerows(sorted(rows))
    return out.getvalue()


def frame_digest(rows: Iterable[tuple[str, str, str]]) -> str:
    """SHA-256 (hex) of the published list in UTF-8: what is frozen before the seed is known（抽样框摘要）."""
    return hashlib.sha256(frame_text(rows).encode()).hexdigest()


# --- The e-values -----------------------------------------------------------------------------------------------------


def boundary(size: int, p0: float) -> int:
    """D0: the least number of false ones among ``size`` at which a claim of fewer than ``p0`` (0–1) is wrong."""
    return round(p0 * BP) * size // BP + 1


def log_certifying(size: int, limit: int, visits: int, false: int, se: float = 1.0) -> float:
    """The logarithm of the e-value against "``limit`` or more are false"; infinite when that is impossible.

    With ``se`` below 1 each false one is recognised with that chance only, so a verdict "true" speaks less. Who
    finds at least as large a share false as the claim denies never speaks for it: were more found than ``se`` allows,
    every number of false ones would be unlikely, and all be refused at once.
    """
    prior = _log_prior(visits, false)
    if se < 1:
        told = _over(prior, _summit(size, limit, visits, false, se)[1])
        return min(told, 0.0) if false * size >= limit * visits else told
    return _over(prior, _log_likelihood(size, max(limit, _likeliest(size, visits, false)), visits, false))


def log_refuting(size: int, limit: int, visits: int, false: int) -> float:
    """The logarithm of the e-value against "fewer than ``limit`` are false"; infinite when that is impossible.

    It holds as it is when verifiers miss some: what they miss can only make the false ones look fewer.
    """
    prior = _log_beta_ratio(*REFUTING_PRIOR, visits, false)
    return _over(prior, _log_likelihood(size, min(limit - 1, _likeliest(size, visits, false)), visits, false))


def _log_prior(visits: int, false: int) -> float:
    """What the certifying side bets on: half on none false, half on the Beta prior."""
    mixed = _log_beta_ratio(*PRIOR, visits, false)
    return mixed + log(0.5) if false else log(0.5 + 0.5 * exp(mixed))


def _over(prior: float, likelihood: float) -> float:
    return inf if likelihood == -inf else prior - likelihood


def _likeliest(size: int, visits: int, false: int) -> int:
    """The number of false ones among all that makes what was seen likeliest."""
    return min(size, false * (size + 1) // visits) if visits else 0


def _log_beta_ratio(a: float, b: float, visits: int, false: int) -> float:
    return (
        lgamma(a + false) + lgamma(b + visits - false) - lgamma(a + b + visits) - lgamma(a) - lgamma(b) + lgamma(a + b)
    )


def _log_falling(x: int, k: int) -> float:
    return lgamma(x + 1) - lgamma(x - k + 1) if 0 <= k <= x else -inf


def _log_likelihood(size: int, wrong: int, visits: int, false: int) -> float:
    """The logarithm of the chance of one sequence of verdicts when ``wrong`` of ``size`` are false."""
    if not 0 <= wrong <= size:
        return -inf
    return _log_falling(wrong, false) + _log_falling(size - wrong, visits - false) - _log_falling(size, visits)


def _log_seen(size: int, wrong: int, visits: int, false: int, se: float) -> float:
    """The same when each false one met is recognised with chance ``se``: summed over how many were missed.

    The terms rise to one summit and fall; they are added from the summit outwards until they weigh nothing. Each is
    the one before it times ``(visits − met) / (k + 1) · (wrong − met) / (rest + met + 1) · (1 − se)``.
    """
    rest = size - wrong - visits
    least = max(0, -rest - false)  # so many places more than there are true ones were passed
    most = min(visits, wrong) - false
    if most < least or not 0 <= wrong <= size:
        return -inf
    missing = 1 - se
    low, high = least, most
    while low < high:
        k = (low + high) // 2
        met = false + k
        if (visits - met) / (k + 1) * (wrong - met) / (rest + met + 1) * missing > 1:
            low = k + 1
        else:
            high = k
    total = term = 1.0
    for k in range(low, most):
        met = false + k
        term *= (visits - met) / (k + 1) * (wrong - met) / (rest + met + 1) * missing
        total += term
        if term < total * 1e-16:
            break
    term = 1.0
    for k in range(low - 1, least - 1, -1):
        met = false + k
        term /= (visits - met) / (k + 1) * (wrong - met) / (rest + met + 1) * missing
        total += term
        if term < total * 1e-16:
            break
    summit = _log_likelihood(size, wrong, visits, false + low) + _log_choose(visits - false, low)
    return summit + false * log(se) + (low * log(missing) if low else 0.0) + log(total)


def _summit(size: int, limit: int, visits: int, false: int, se: float) -> tuple[int, float]:
    """Which number of false ones, ``limit`` or more, makes what was seen likeliest when some are missed; how likely.

    The likelihood rises to one summit and falls. It lies near the share seen, taken for the share that can be seen: the
    search begins there and doubles its steps, so that it looks at a few numbers only.
    """
    known: dict[int, float] = {}

    def seen(wrong: int) -> float:
        if wrong not in known:
            known[wrong] = _log_seen(size, wrong, visits, false, se)
        return known[wrong]

    def rises(wrong: int) -> bool:
        return seen(wrong + 1) > seen(wrong)

    low, high = max(limit, false), size
    if low >= high or not rises(low):
        return low, seen(low)
    guess = min(max(low + 1, round(false * size / (visits * se)) if visits else low), high - 1)
    step = 1
    if rises(guess):
        low = guess + 1
        while low + step < high and rises(low + step):
            low, step = low + step + 1, 2 * step
        high = min(high, low + step)
    else:
        high = guess
        while high - step > low and not rises(high - step):
            high, step = high - step, 2 * step
        low = max(low, high - step)
    while low < high:
        middle = (low + high) // 2
        if rises(middle):
            low = middle + 1
        else:
            high = middle
    return low, seen(low)


def _first(low: int, high: int, value: Callable[[int], float], guess: int = 0) -> int:
    """The least number above ``low`` and up to ``high`` at which ``value`` is not negative.

    The value grows, is negative at ``low`` and not at ``high``, which is never asked. Each step looks where a straight
    line between the ends meets nought, or just beside it; every third one halves, so that a crooked value costs little.
    """
    under, over, lowered = value(low), inf, False
    for turn in itertools.count():
        if high - low <= 1:
            return high
        middle = guess if not turn and low < guess < high else (low + high) // 2
        if over < inf and turn % 3:
            meets = low + (high - low) * under / (under - over)
            middle = min(max(floor(meets) if lowered else ceil(meets), low + 1), high - 1)
        told = value(middle)
        lowered = told >= 0
        if lowered:
            high, over = middle, told
        else:
            low, under = middle, told
    raise AssertionError("unreachable")


# --- Reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """How many more visits certify if that many more turn out false; ``None``: then it cannot be certified."""

    more_false: int
    visits: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the verdicts so far say（判读）; counts, never a bare percentage.

    ``low`` and ``high`` enclose the true number of false ones with 95 % (for α = 5 %) at all times together;
    ``surely`` and ``at_most`` are the bounds each verdict rests on, each alone at α.
    """

    size: int
    limit: int
    visits: int
    false: int
    unknown: int
    verdict: Verdict
    certifying: float
    refuting: float
    low: int
    high: int
    surely: int
    at_most: int
    needs: tuple[Need, ...]

    @property
    def holds(self) -> int:
        """Visits at which what was reported was found."""
        return self.visits - self.false - self.unknown

    @property
    def left(self) -> int:
        """Places nobody has been to yet."""
        return self.size - self.visits


def read(
    size: int, p0: float, alpha: float, visits: int, false: int, se: float = 1.0, *, unknown: int = 0, more: int = 4
) -> Reading:
    """Read the verdicts of the first ``visits`` places of the order（判读）.

    An unknown place counts as false where the claim is certified and as true where it is refuted: nobody gains by not
    being met, and nobody is called false for it.

    Args:
        size: N, the places of the frozen frame; at least 1.
        p0: the share of false ones that the claim denies, 0–1.
        alpha: the risk limit, 0–1.
        visits: how many places of the order have been to.
        false: how many of them were found false.
        se: the share of false ones that verifiers recognise, 0–1.
        unknown: how many of them could not be reached.
        more: for how many further false ones to say what would be needed.

    Raises:
        ValueError: counts that cannot be.
    """
    if size < 1 or not 0 <= false + unknown <= visits <= size or min(false, unknown) < 0:
        raise ValueError(f"{visits} visits with {false} false and {unknown} unknown cannot be of {size}")
    limit = boundary(size, p0)
    against = false + unknown
    certifying = log_certifying(size, limit, visits, against, se)
    refuting = log_refuting(size, limit, visits, false)
    at_most, high = _highs(size, visits, against, alpha, se)
    return Reading(
        size=size,
        limit=limit,
        visits=visits,
        false=false,
        unknown=unknown,
        verdict=_decided(certifying, refuting, alpha),
        certifying=certifying,
        refuting=refuting,
        low=_low(size, visits, false, alpha / 2),
        high=high,
        surely=_low(size, visits, false, alpha),
        at_most=at_most,
        needs=tuple(_need(size, limit, alpha, visits, against, n, se) for n in range(more)),
    )


def verdict(
    size: int, p0: float, alpha: float, visits: int, false: int, se: float = 1.0, *, unknown: int = 0
) -> Verdict:
    """The verdict alone, as :func:`read` gives it: what a table of many strata needs."""
    limit = boundary(size, p0)
    certifying = log_certifying(size, limit, visits, false + unknown, se)
    return _decided(certifying, log_refuting(size, limit, visits, false), alpha)


def _decided(certifying: float, refuting: float, alpha: float) -> Verdict:
    if certifying >= -log(alpha):
        return Verdict.CERTIFIED
    return Verdict.REFUTED if refuting >= -log(alpha) else Verdict.UNDECIDED


def _need(size: int, limit: int, alpha: float, visits: int, false: int, more: int, se: float) -> Need:
    at = certified_at(size, limit, alpha, false + more, se)
    return Need(more, None if at is None or visits + more > size else max(at - visits, more))


def _highs(size: int, visits: int, false: int, alpha: float, se: float) -> tuple[int, int]:
    """The greatest numbers of false ones that are not refused, at ``alpha`` and at half of it.

    Up to the likeliest number none is refused; if more were found than verifiers can find, none up to the share found.
    Beyond it the likelihood falls about as the square of the distance; so it is searched along the root.
    """
    prior = _log_prior(visits, false)
    if se < 1:
        top, most = _summit(size, false, visits, false, se)
    else:
        top = _likeliest(size, visits, false)
        most = _log_likelihood(size, top, visits, false)
    spread = size * sqrt(2 * (false + 1)) / (visits * se) if visits else size
    found, low = [], top
    for bar in (-log(alpha), -log(alpha / 2)):
        if prior - most >= bar:
            found.append(max(false, false * size // visits))
            continue
        far = sqrt(most - prior + bar)

        def over(wrong: int, bar: float = bar, far: float = far) -> float:
            like = _log_seen(size, wrong, visits, false, se) if se < 1 else _log_likelihood(size, wrong, visits, false)
            return inf if like == -inf else (prior - like - bar) / (sqrt(max(0.0, most - like)) + far)

        least = _first(low, size + 1, over, guess=top + int(far * spread))
        found.append(max(false, least - 1))
        low = least - 1
    return found[0], found[1]


def _low(size: int, visits: int, false: int, alpha: float) -> int:
    """The least number of false ones that is not refused at ``alpha``."""
    bar, low, high = -log(alpha), false, max(false, size - (visits - false))
    while low < high:
        middle = (low + high) // 2
        if log_refuting(size, middle + 1, visits, false) >= bar:
            low = middle + 1
        else:
            high = middle
    return low


@lru_cache(maxsize=4096)
def certified_at(size: int, limit: int, alpha: float, false: int, se: float = 1.0) -> int | None:
    """After how many visits with that many false ones the claim is certified（停止表）; ``None``: never."""
    bar = -log(alpha)
    if false >= limit or log_certifying(size, limit, size, false, se) < bar:
        return None

    def over(visits: int) -> float:
        return log_certifying(size, limit, visits, false, se) - bar

    low, high = false, min(size, max(64, int((false + 2) * size / (limit * se))))
    if over(low) >= 0:
        return low
    while high < size and over(high) < 0:
        low, high = high, min(size, 2 * high)
    return _first(low, high, over)


# --- Beside it: fixed plans and lot quality ---------------------------------------------------------------------------


def fixed_plan(size: int, p0: float, alpha: float, accept: int) -> int | None:
    """The least number of visits of a plan fixed beforehand that certifies with at most ``accept`` false ones.

    It is valid only when the number is fixed before the first visit and the verdict read once, at its end.
    """
    limit = boundary(size, p0)
    if accept >= limit:
        return None
    low, high = accept, size
    while low < high:
        middle = (low + high) // 2
        if chance_of_at_most(accept, size, limit, middle) <= alpha:
            high = middle
        else:
            low = middle + 1
    return low


def chance_of_at_most(accept: int, size: int, wrong: int, visits: int) -> float:
    """The chance to meet at most ``accept`` false ones in ``visits`` draws, when ``wrong`` of ``size`` are false."""
    whole = _log_choose(size, visits)
    return min(
        1.0,
        sum(
            exp(_log_choose(wrong, k) + _log_choose(size - wrong, visits - k) - whole)
            for k in range(max(0, visits - (size - wrong)), min(accept, wrong, visits) + 1)
        ),
    )


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) if 0 <= k <= n else -inf


def lot(visits: int, bad: int) -> Lot:
    """Lot quality of an area by the first 19 visits in it（批质量抽样）: good, weak, or not known yet.

    An area in which 80 % are true is called good with a chance of 0.93, one in which 50 % are with 0.08. It makes a
    map of where to look; it never supports "95 % are true".
    """
    if bad > LQAS_VISITS - LQAS_GOOD:
        return Lot.WEAK
    return Lot.GOOD if visits - bad >= LQAS_GOOD else Lot.OPEN


def first_nineteen(verdicts: Sequence[bool | None]) -> tuple[int, int]:
    """Visits and bad ones among the first 19 verdicts of an area, in order; an unknown one is bad here."""
    some = verdicts[:LQAS_VISITS]
    return len(some), sum(one is not True for one in some)
