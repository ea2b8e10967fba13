"""汇总: the summary of many commitments as a commutative monoid.

A board cell is its base plus its unfolded deltas. That is exact only while adding is associative and commutative,
has a zero, and every summand can be taken away again; so everything here is a whole number and nothing is a ratio.
Ratios are made when a summary is read. Said and verified are kept apart (principle 2), and verified says how.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import add, neg, sub
from typing import Final, NamedTuple

STATES: Final = (
    "issued",
    "declined",
    "accepted",
    "applied",
    "verified",
    "closed",
    "suspended",
    "finished",
    "missed",
    "ended",
)
"""States of a live commitment, in the order in which it passes through them."""

NOT_LIVE: Final = frozenset({"draft", "withdrawn"})
"""States that count nowhere: not yet said to anybody, or taken back."""

LIGHTS: Final = ("grey", "green", "yellow", "red", "blue")
"""亮灯, as in :mod:`luoshi.rules.lights`."""

HOWS: Final = ("desk", "visited", "sampled")
"""How a verified percent came about: by desk check（书面）, by visit（走访）, by a sampling certificate（抽样）."""

COLUMNS: Final[tuple[str, ...]] = (
    "items",
    *(f"state_{state}" for state in STATES),
    *(f"light_{light}" for light in LIGHTS),
    "weight",
    "said",
    *(f"verified_{how}" for how in HOWS),
    "overdue",
    "open_findings",
    "missed",
)
"""The flat whole-number columns of a summary; a table of cells or deltas builds its fields from this list."""


@dataclass(frozen=True, slots=True)
class CommitmentFacts:
    """What a summary needs to know of one commitment.

    ``said`` and ``verified`` are percents (0–100) and ``weight`` a whole number ≥ 0; the three count only for a
    ``leaf`` (a commitment without live children), so that a parent never counts its children's work twice.
    ``verified_how`` is one of :data:`HOWS` or empty while nothing has been verified. ``overdue`` may be left out: a
    commitment whose light is red is overdue.
    """

    state: str
    light: str
    leaf: bool = True
    weight: int = 1
    said: int = 0
    verified: int = 0
    verified_how: str = ""
    overdue: bool | None = None
    open_findings: int = 0
    missed: bool = False


class Summary(NamedTuple):
    """Counts and weighted points of a set of commitments（汇总）.

    ``said`` and the three ``verified_*`` are points: the sum of weight × percent. A *delta* is a summary too and may
    hold negative numbers; a summary of real commitments never does.
    """

    items: int = 0
    state_issued: int = 0
    state_declined: int = 0
    state_accepted: int = 0
    state_applied: int = 0
    state_verified: int = 0
    state_closed: int = 0
    state_suspended: int = 0
    state_finished: int = 0
    state_missed: int = 0
    state_ended: int = 0
    light_grey: int = 0
    light_green: int = 0
    light_yellow: int = 0
    light_red: int = 0
    light_blue: int = 0
    weight: int = 0
    said: int = 0
    verified_desk: int = 0
    verified_visited: int = 0
    verified_sampled: int = 0
    overdue: int = 0
    open_findings: int = 0
    missed: int = 0

    def __add__(self, other: Summary) -> Summary:  # type: ignore[override]
        """Both together, column by column."""
        return Summary._make(map(add, self, other))

    def __neg__(self) -> Summary:
        """What takes this summary away again."""
        return Summary._make(map(neg, self))

    def __sub__(self, other: Summary) -> Summary:
        """The change from ``other`` to this one: the delta that an act appends for each ancestor."""
        return Summary._make(map(sub, self, other))

    def __bool__(self) -> bool:
        """Whether anything differs from zero (a zero delta need not be written)."""
        return any(self)

    @property
    def verified(self) -> int:
        """Verified points, however they were verified."""
        return self.verified_desk + self.verified_visited + self.verified_sampled

    @property
    def said_percent(self) -> int | None:
        """The weighted mean of what was said, in whole percents, half to even; ``None`` when nothing carries weight."""
        return _ratio(self.said, self.weight)

    @property
    def verified_percent(self) -> int | None:
        """The weighted mean of what was verified, in whole percents, half to even; ``None`` without weight."""
        return _ratio(self.verified, self.weight)

    @property
    def verified_ways(self) -> tuple[int, int, int]:
        """The verified percent by desk, visit and sample, in whole points that add up to it; all 0 without any."""
        whole = self.verified_percent
        if not whole:
            return 0, 0, 0
        parts = (self.verified_desk, self.verified_visited, self.verified_sampled)
        points = [part // self.weight for part in parts]
        for n in sorted(range(3), key=lambda n: (-(parts[n] % self.weight), n))[: max(0, whole - sum(points))]:
            points[n] += 1
        return points[0], points[1], points[2]

    @property
    def gap(self) -> int | None:
        """Percentage points between said and verified, of the rounded figures a reader sees side by side."""
        said, verified = self.said_percent, self.verified_percent
        return None if said is None or verified is None else said - verified

    @property
    def states(self) -> dict[str, int]:
        """Commitments by state."""
        return {state: getattr(self, f"state_{state}") for state in STATES}

    @property
    def lights(self) -> dict[str, int]:
        """Commitments by light."""
        return {light: getattr(self, f"light_{light}") for light in LIGHTS}

    @property
    def worst_light(self) -> str | None:
        """The most urgent light present: red, yellow, green, grey, then blue; ``None`` when empty."""
        if self.light_red > 0:
            return "red"
        if self.light_yellow > 0:
            return "yellow"
        if self.light_green > 0:
            return "green"
        if self.light_grey > 0:
            return "grey"
        return "blue" if self.light_blue > 0 else None

    def as_row(self) -> dict[str, int]:
        """The summary as flat columns, keys in the order of :data:`COLUMNS`."""
        return dict(zip(COLUMNS, self, strict=True))

    @classmethod
    def from_row(cls, row: Mapping[str, int | None]) -> Summary:
        """A summary from columns; a missing or null column (a SUM over no rows) is zero, other keys are ignored."""
        return cls(*(row.get(name) or 0 for name in COLUMNS))


ZERO: Final = Summary()
"""The summary of nothing."""


def total(summaries: Iterable[Summary]) -> Summary:
    """All of them together（合计）; the zero for none."""
    columns = list(zip(*summaries, strict=True))
    return Summary._make(map(sum, columns)) if columns else ZERO


@lru_cache(maxsize=4096)
def contribution(facts: CommitmentFacts) -> Summary:
    """What one commitment adds to each of its ancestors' summaries（一项任务的贡献）.

    Every live commitment counts in items, state and light; only leaves carry weight, said and verified. Many thousands
    have the same facts, so what was worked out for one is remembered for the others.

    Raises:
        ValueError: for an unknown state, light or way of verifying, a percent outside 0–100, or a negative count.
    """
    if facts.state in NOT_LIVE:
        return ZERO
    if facts.state not in STATES:
        raise ValueError(f"unknown state {facts.state!r}")
    if facts.light not in LIGHTS:
        raise ValueError(f"unknown light {facts.light!r}")
    if not (0 <= facts.said <= 100 and 0 <= facts.verified <= 100):
        raise ValueError("a percent lies between 0 and 100")
    if facts.weight < 0 or facts.open_findings < 0:
        raise ValueError("a weight or a count is never negative")
    if facts.verified and facts.verified_how not in HOWS:
        raise ValueError(f"a verified percent says how: one of {', '.join(HOWS)}, not {facts.verified_how!r}")
    weight = facts.weight if facts.leaf else 0
    row = {
        "items": 1,
        f"state_{facts.state}": 1,
        f"light_{facts.light}": 1,
        "weight": weight,
        "said": weight * facts.said,
        "overdue": int(facts.light == "red" if facts.overdue is None else facts.overdue),
        "open_findings": facts.open_findings,
        "missed": int(facts.missed),
    }
    if facts.verified:
        row[f"verified_{facts.verified_how}"] = weight * facts.verified
    return Summary.from_row(row)


def _ratio(points: int, weight: int) -> int | None:
    """``points / weight`` as a whole number, half to even; exact, without floats."""
    if weight == 0:
        return None
    whole, rest = divmod(points, weight)
    twice = 2 * rest
    if twice > weight or (twice == weight and whole % 2):
        whole += 1
    return whole
