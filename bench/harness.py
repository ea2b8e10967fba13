"""Ours and the floor in turn, A B A B …; what counts is the upper quartile of the ratios."""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results"
TURN = 5
"""Steps that one side does before it is the other's turn."""


@dataclass(frozen=True)
class Outcome:
    """One comparison: what a step costs on either side, and the ratios round by round.

    ``unit`` says what ``ours`` and ``floor`` are counted in: ``ms`` a step, ``ms of CPU`` a step, ``MiB``, ``a second``
    … For a plain limit (no floor) the ratio is ours divided by ``floor``, the number that must not be passed.
    """

    name: str
    what: str
    limit: float
    rounds: int
    steps_a_round: int
    ours: float
    floor: float
    ratio_median: float
    ratio_upper_quartile: float
    met: bool
    unit: str = "ms"
    notes: dict[str, Any] = field(default_factory=dict)


def plain_static() -> None:
    """Let pages name static files as they lie in the source, before the first is shown: none are gathered here."""
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def outcome(
    name: str,
    what: str,
    ours: Sequence[float],
    floor: Sequence[float],
    *,
    limit: float,
    steps: int = 1,
    unit: str = "ms",
    notes: dict[str, Any] | None = None,
) -> Outcome:
    """The outcome of rounds measured elsewhere; both sides in the same unit, round by round."""
    ratios = sorted(a / b for a, b in zip(ours, floor, strict=True))
    upper = statistics.quantiles(ratios, n=4)[2] if len(ratios) > 1 else ratios[0]
    return Outcome(
        name=name,
        what=what,
        limit=limit,
        rounds=len(ratios),
        steps_a_round=steps,
        ours=round(statistics.median(ours), 3),
        floor=round(statistics.median(floor), 3),
        ratio_median=round(statistics.median(ratios), 3),
        ratio_upper_quartile=round(upper, 3),
        met=upper <= limit,
        unit=unit,
        notes=notes or {},
    )


def bound(
    name: str, what: str, value: float, limit: float, *, unit: str, notes: dict[str, Any] | None = None
) -> Outcome:
    """A plain number that must not pass a limit; ``limit`` of the outcome is then 1."""
    return outcome(name, what, [value], [limit], limit=1.0, unit=unit, notes=notes)


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
    between: Callable[[], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Outcome:
    """Run both in turn and compare wall time; the first round of each warms up and is not counted.

    Within a round they change places after every few steps: on a machine that others share, half a second of one side
    can be slow by itself.

    Args:
        name: of the outcome.
        what: is compared with what.
        ours: one step; given a running number.
        floor: one step of the bare work.
        limit: the ratio that the upper quartile must not pass.
        rounds: how many are counted; at least seven.
        steps: in a round.
        notes: kept with the outcome.
        clock: seconds; that of the process's own CPU where both sides only compute.
        between: run before each turn of each side, not timed (to fold, to put back what a step changed).
    """
    ours_ms: list[float] = []
    floor_ms: list[float] = []
    counter = 0
    for round_ in range(rounds + 1):
        gc.collect()
        spent = {ours: 0.0, floor: 0.0}
        for first in range(0, steps, TURN):
            for side in spent:
                if between is not None:
                    between()
                start = clock()
                for _step in range(first, min(first + TURN, steps)):
                    side(counter)
                    counter += 1
                spent[side] += clock() - start
        if round_:
            ours_ms.append(spent[ours] / steps * 1000)
            floor_ms.append(spent[floor] / steps * 1000)
    return outcome(name, what, ours_ms, floor_ms, limit=limit, steps=steps, notes=notes)


# --- The same work in two worlds --------------------------------------------------------------------------------------


def same_cpu(
    name: str,
    what: str,
    make: str,
    url: str,
    small_url: str,
    *,
    limit: float = 1.25,
    rounds: int = 9,
    steps: int = 40,
    turns: int = 8,
    notes: dict[str, Any] | None = None,
) -> Outcome:
    """The CPU of a step in the full world against the same step in the small one, in turn.

    Two processes, one a world, each set up once. CPU is that of the process and of its own database backend together
    (the backend's is read from ``/proc`` and needs the server on this machine; it moves in steps of 10 ms, so a round
    should take a second).

    Args:
        name: of the outcome.
        what: the step is.
        make: ``package.module:function``; called in the process with Django set up on its world, gives the step, a
            function of a running number. It may fold or warm up beforehand.
        url: of the full world.
        small_url: of the small one.
        limit: of the ratio.
        rounds: counted.
        steps: in a round.
        turns: in which the two take a round's steps, so that a machine that slows down does so for both.
        notes: kept with the outcome.
    """
    full, small = Twin(make, url), Twin(make, small_url)
    try:
        large_ms: list[float] = []
        small_ms: list[float] = []
        counter = 0
        for round_ in range(rounds + 1):
            seconds = [0.0, 0.0]
            for _turn in range(turns):
                for place, twin in enumerate((full, small)):
                    spent = twin.run(counter, steps // turns)
                    counter += steps // turns
                    seconds[place] += spent["process"] + spent["backend"]
            if round_:
                for place, kept in enumerate((large_ms, small_ms)):
                    kept.append(seconds[place] / (steps // turns * turns) * 1000)
        parts = {"process_share": full.share(), **(notes or {})}
        return outcome(name, what, large_ms, small_ms, limit=limit, steps=steps, unit="ms of CPU", notes=parts)
    finally:
        full.close()
        small.close()


class Twin:
    """A process that does steps in one world and says how much CPU they took."""

    def __init__(self, make: str, url: str) -> None:
        """Start it and wait until it is set up."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.twin", make, url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.spent = {"process": 0.0, "backend": 0.0}
        self._answer()

    def _answer(self) -> dict[str, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the twin ended with {self.process.wait()}")
        found: dict[str, float] = json.loads(line)
        return found

    def run(self, start: int, steps: int) -> dict[str, float]:
        """Do ``steps`` steps from number ``start``; gives seconds of CPU of the process and of its backend."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{start} {steps}\n")
        self.process.stdin.flush()
        spent = self._answer()
        for name in self.spent:
            self.spent[name] += spent[name]
        return spent

    def share(self) -> float:
        """The share of the process in all CPU so far; the rest is the database's."""
        whole = sum(self.spent.values())
        return round(self.spent["process"] / whole, 2) if whole else 1.0

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def write(outcomes: Sequence[Outcome], file: str) -> None:
    """Print and keep the outcomes, with what they were measured on."""
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    machine["load"] = round(os.getloadavg()[0], 1)  # type: ignore[assignment]
    RESULTS.mkdir(exist_ok=True)
    body = {"machine": machine, "outcomes": [asdict(one) for one in outcomes]}
    (RESULTS / file).write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    for one in outcomes:
        verdict = "met" if one.met else "NOT met"
        print(
            f"{one.name}: {one.ours} against {one.floor} {one.unit}, ratio {one.ratio_median} "
            f"(upper quartile {one.ratio_upper_quartile}, limit {one.limit}: {verdict})",
            flush=True,
        )
