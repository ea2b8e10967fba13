"""Ours and the floor in turn, A B A B …; what counts is the upper quartile of the ratios."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Outcome:
    """One comparison: milliseconds a step on either side, and the ratios round by round."""

    name: str
    what: str
    limit: float
    rounds: int
    steps_a_round: int
    ours_ms: float
    floor_ms: float
    ratio_median: float
    ratio_upper_quartile: float
    met: bool
    notes: dict[str, Any]


def compare(
    name: str,
    what: str,
    ours: Callable[[int], None],
    floor: Callable[[int], None],
    *,
    limit: float,
    rounds: int = 9,
    steps: int = 40,
    notes: dict[str, Any] | None = None,
) -> Outcome:
    """Run both in turn and compare wall time; the first round of each warms up and is not counted."""
    ours_ms: list[float] = []
    floor_ms: list[float] = []
    counter = 0
    for round_ in range(rounds + 1):
        for side, kept in ((ours, ours_ms), (floor, floor_ms)):
            start = time.perf_counter()
            for _step in range(steps):
                side(counter)
                counter += 1
            if round_:
                kept.append((time.perf_counter() - start) / steps * 1000)
    ratios = sorted(a / b for a, b in zip(ours_ms, floor_ms, strict=True))
    upper = statistics.quantiles(ratios, n=4)[2]
    return Outcome(
        name=name,
        what=what,
        limit=limit,
        rounds=rounds,
        steps_a_round=steps,
        ours_ms=round(statistics.median(ours_ms), 3),
        floor_ms=round(statistics.median(floor_ms), 3),
        ratio_median=round(statistics.median(ratios), 2),
        ratio_upper_quartile=round(upper, 2),
        met=upper <= limit,
        notes=notes or {},
    )


def write(outcomes: list[Outcome], file: str) -> None:
    """Print and keep the outcomes, with what they were measured on."""
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    RESULTS.mkdir(exist_ok=True)
    body = {"machine": machine, "outcomes": [asdict(one) for one in outcomes]}
    (RESULTS / file).write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    for one in outcomes:
        verdict = "met" if one.met else "NOT met"
        print(
            f"{one.name}: {one.ours_ms} ms against {one.floor_ms} ms, ratio {one.ratio_median} "
            f"(upper quartile {one.ratio_upper_quartile}, limit {one.limit}: {verdict})"
        )
