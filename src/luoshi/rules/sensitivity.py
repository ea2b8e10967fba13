"""核查灵敏度: how much of what is false the verifiers together find, learnt from blind second visits.

A tenth of the drawn places is looked at twice by people who do not know it. Where one of two looks finds something, it
was there: two who both found it against one alone says how often a look misses. The figure is the pool's and nobody's
own; below three verifiers it would be somebody's, and is not made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PRIOR: Final = (19.0, 1.0)
"""Beta prior of the share found: one in twenty is missed, as good as twenty looks' worth of knowledge."""
VERIFIERS: Final = 3
"""Verifiers whose pairs must be among those counted before a figure of the pool is made at all."""
STEPS: Final = 1000
"""Steps of the grid on which the posterior is summed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two looks at one place: who looked (posts, only to count them) and whether each found it false."""

    first_post: int
    second_post: int
    first_false: bool
    second_false: bool


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the pool finds（灵敏度）: mean and 90 % interval, in basis points, and how many pairs it rests on.

    Without enough verifiers it is the prior alone: ``learnt`` is false, and neither pairs nor findings are told.
    """

    mean_bp: int
    low_bp: int
    high_bp: int
    pairs: int
    both: int
    one: int
    learnt: bool


def _posterior(both: int, one: int) -> list[float]:
    """Weights of the grid: Beta prior × the chance of what was seen, given that somebody found something.

    With share ``s`` found and two independent looks: both find it with s², one alone with 2s(1−s), either with s(2−s).
    Places where nobody found anything say nothing of what was missed, because nobody knows what was there.
    """
    a, b = PRIOR
    logs = []
    for step in range(STEPS):
        s = (step + 0.5) / STEPS
        logs.append((a - 1 + both) * math.log(s) + (b - 1 + one) * math.log1p(-s) - (both + one) * math.log(2 - s))
    top = max(logs)
    weights = [math.exp(one_log - top) for one_log in logs]
    total = sum(weights)
    return [weight / total for weight in weights]


def _quantile(weights: Sequence[float], share: float) -> float:
    told = 0.0
    for step, weight in enumerate(weights):
        told += weight
        if told >= share:
            return (step + 0.5) / STEPS
    return 1.0


def estimate(pairs: Iterable[Pair]) -> Sensitivity:
    """The share of false ones that one look finds, for the pool as a whole（灵敏度估计）.

    Args:
        pairs: every finished blind pair of the pool.
    """
    found = list(pairs)
    learnt = len({post for pair in found for post in (pair.first_post, pair.second_post)}) >= VERIFIERS
    told = found if learnt else []
    both = sum(pair.first_false and pair.second_false for pair in told)
    one = sum(pair.first_false != pair.second_false for pair in told)
    weights = _posterior(both, one)
    mean = sum((step + 0.5) / STEPS * weight for step, weight in enumerate(weights))
    return Sensitivity(
        mean_bp=round(mean * 10_000),
        low_bp=round(_quantile(weights, 0.05) * 10_000),
        high_bp=round(_quantile(weights, 0.95) * 10_000),
        pairs=len(told),
        both=both,
        one=one,
        learnt=learnt,
    )
