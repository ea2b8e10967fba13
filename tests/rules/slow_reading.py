"""The reading of verdicts as it is written down, without any short way: what the fast one is held against."""

from __future__ import annotations

import math

from luoshi.rules import sampling


def log_seen(size: int, wrong: int, visits: int, false: int, se: float) -> float:
    """The chance of the verdicts when ``wrong`` are false: every number that may have been missed, added up."""
    terms = []
    for met in range(false, min(visits, wrong) + 1):
        if visits - met > size - wrong:
            continue
        missed = met - false
        if missed and se == 1:
            break
        terms.append(
            log_falling(wrong, met)
            + log_falling(size - wrong, visits - met)
            - log_falling(size, visits)
            + math.log(math.comb(visits - false, missed))
            + false * math.log(se)
            + (missed * math.log(1 - se) if missed else 0.0)
        )
    if not terms:
        return -math.inf
    most = max(terms)
    return most + math.log(math.fsum(math.exp(one - most) for one in terms))


def log_falling(x: int, k: int) -> float:
    return math.lgamma(x + 1) - math.lgamma(x - k + 1)


def log_bet(visits: int, false: int) -> float:
    """Half on none false, half on Beta(½, 40)."""
    a, b = 0.5, 40.0
    beta = math.lgamma(a + false) + math.lgamma(b + visits - false) - math.lgamma(a + b + visits)
    mixed = beta - math.lgamma(a) - math.lgamma(b) + math.lgamma(a + b)
    return mixed + math.log(0.5) if false else math.log(0.5 * math.exp(mixed) + 0.5)


def log_certifying(size: int, limit: int, visits: int, false: int, se: float) -> float:
    """The prior mixture over the likelihood at the worst truth, found by asking every truth."""
    bet = log_bet(visits, false)
    worst = max(log_seen(size, wrong, visits, false, se) for wrong in range(limit, size + 1))
    told = math.inf if worst == -math.inf else bet - worst
    return min(told, 0.0) if se < 1 and false * size >= limit * visits else told


def certified_at(size: int, p0: float, alpha: float, false: int, se: float) -> int | None:
    """The stop table by walking: the first number of visits that certifies."""
    limit, bar = sampling.boundary(size, p0), -math.log(alpha)
    if false >= limit:
        return None
    walked = (visits for visits in range(false, size + 1) if log_certifying(size, limit, visits, false, se) >= bar)
    return next(walked, None)


def at_most(size: int, visits: int, false: int, alpha: float, se: float) -> int:
    """The greatest number of false ones that is not refused, by asking each from above."""
    bar = -math.log(alpha)
    tail = [log_seen(size, wrong, visits, false, se) for wrong in range(size + 1)]
    bet = log_bet(visits, false)
    worst = -math.inf
    for wrong in range(size, false, -1):
        worst = max(worst, tail[wrong])
        capped = se < 1 and false * size >= wrong * visits
        if worst > -math.inf and (capped or bet - worst < bar):
            return wrong
    return false
