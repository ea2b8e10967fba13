"""谁来核: who may verify a unit, and which of them the lot falls on.

Nobody looks at his own unit, at one of his own area, at one he gives orders to or takes orders from up to the level
that strikes off; nor does whoever stands in for such a post, held one within the last year, or took part. Nobody meets
a unit twice in twelve months, and no two sides verify each other in that time. Among the rest the lot decides: a digest
of the public seed, the day, the unit and the post, which anybody can compute again.

Sources: 政府督查工作条例 (2021) on recusal; 回避: whoever is close to a case does not judge it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.paths import own_id, within
from luoshi.rules.refusals import declare, gettext_noop

_ = gettext_noop
declare(
    409,
    nobody_eligible=_(
        "Nobody of the pool may visit %(unit)s: %(why)s. Take verifiers of other units into the pool, and hand out"
        " again."
    ),
    nobody_eligible_yet=_(
        "Nobody of the pool may visit %(unit)s: %(why)s. The first of those who have met it may go again on %(day)s at"
        " the earliest; for an earlier day take verifiers of other units into the pool."
    ),
)

MONTHS: Final = 12
"""Months in which no pair meets again, nobody returns the visit, and an earlier post still counts."""
A_DAY: Final = 8
"""Visits one verifier is given for one day at most, where nobody says otherwise."""


class Bar(StrEnum):
    """Why somebody may not verify a unit（回避事由）, in the order in which it is asked."""

    TOOK_PART = "took_part"
    OWN = "own"
    SAME_AREA = "same_area"
    LINE = "line"
    DEPUTY = "deputy"
    MOVED = "moved"
    PAIR = "pair"
    RECIPROCAL = "reciprocal"
    FULL = "full"


BAR_NAMES: Mapping[Bar, str] = MappingProxyType(
    {
        Bar.TOOK_PART: _("took part in the matter"),
        Bar.OWN: _("sits in the unit itself"),
        Bar.SAME_AREA: _("sits in the same area"),
        Bar.LINE: _("sits on its line of command"),
        Bar.DEPUTY: _("stands in for one of these, or is stood in for by one"),
        Bar.MOVED: _("held such a post in the last twelve months"),
        Bar.PAIR: _("has met the unit, or handed back a visit to it, in the last twelve months"),
        Bar.RECIPROCAL: _("would return a visit of the last twelve months"),
        Bar.FULL: _("has enough visits for the day"),
    }
)


class Tie(StrEnum):
    """How a seat belongs to somebody."""

    OWN = "own"
    DEPUTY = "deputy"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a post or a unit stands or stood: its path and its area's; ``until`` (not included) when it is over."""

    unit_path: str
    area_path: str
    until: date | None = None

    def counts(self, since: date) -> bool:
        """Whether it still stands, or stood after ``since``."""
        return self.until is None or self.until > since


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat of somebody: his own, one tied to his by standing in, or one that was his or was elsewhere before."""

    spot: Spot
    tie: Tie = Tie.OWN


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post of the pool and its holder: where he sits, every seat tied to him, and the people tied to him."""

    post_id: int
    post_ref: str
    user_id: int
    spot: Spot
    others: tuple[Seated, ...] = ()
    kin: frozenset[int] = frozenset()

    def seats(self, since: date) -> list[Seated]:
        """His seat first, then those tied to it that count after ``since``."""
        return [Seated(self.spot), *(one for one in self.others if one.spot.counts(since))]


@dataclass(frozen=True, slots=True)
class Target:
    """A unit to be looked at: where it stands and stood, who orders it, and who took part.

    ``closing_path`` is the path of the area that strikes off; bodies of that area itself, and of those above it, may
    look, unless they stand in ``line``: the ids of the units on the chain that ordered it, the issuer among them.
    """

    unit_id: int
    code: str
    spots: tuple[Spot, ...]
    closing_path: str
    line: frozenset[int] = frozenset()
    took_part: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Paid:
    """A visit that was made or is handed out already: who, from where, to which unit, on which day."""

    post_id: int
    user_id: int
    spot: Spot
    unit_id: int
    unit_path: str
    on: date


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who goes to a unit; nobody when no one may, with how many are barred for which reason."""

    target: Target
    candidate: Candidate | None
    barred: Mapping[Bar, int] = field(default_factory=dict)


def a_year_before(day: date) -> date:
    """The same day twelve months before; the 28th for a 29th of February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def a_year_after(day: date) -> date:
    """The first day from whose year back a day is seen no more."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def _too_close(spot: Spot, target: Target, since: date) -> Bar | None:
    """What a seat has to do with the unit, wherever the unit stood in the time."""
    for stood in target.spots:
        if not stood.counts(since):
            continue
        if spot.unit_path == stood.unit_path:
            return Bar.OWN
        if within(spot.unit_path, stood.area_path):
            return Bar.SAME_AREA
        if within(stood.unit_path, spot.unit_path):
            return Bar.LINE
        if within(stood.area_path, spot.area_path) and not within(target.closing_path, spot.area_path):
            return Bar.LINE
    return Bar.LINE if own_id(spot.unit_path) in target.line else None


def _home(spot: Spot, closing_path: str) -> str:
    """Whose side a seat is: its area below the level that strikes off, else its unit alone.

    Otherwise one visit of one provincial department would be a visit of the whole province.
    """
    return spot.unit_path if not spot.area_path or within(closing_path, spot.area_path) else spot.area_path


def _same(paid: Paid, candidate: Candidate) -> bool:
    """Whether a visit was the person's, the post's or its unit's."""
    return (
        paid.post_id == candidate.post_id
        or paid.user_id == candidate.user_id
        or paid.spot.unit_path == candidate.spot.unit_path
    )


class History:
    """Visits of the last twelve months, laid out so that one question does not walk all of them（走访往来）."""

    def __init__(self, past: Iterable[Paid], day: date) -> None:
        """Keep those after the same day of the year before."""
        self.since = a_year_before(day)
        self._of_unit: dict[int, list[Paid]] = {}
        self._from: dict[Spot, set[str]] = {}
        for paid in past:
            self.add(paid)

    def add(self, paid: Paid) -> None:
        """One more; an older one makes no difference."""
        if paid.on > self.since:
            self._of_unit.setdefault(paid.unit_id, []).append(paid)
            self._from.setdefault(paid.spot, set()).add(paid.unit_path)

    def has_met(self, candidate: Candidate, target: Target) -> bool:
        """Whether the person, the post or its unit has met the unit."""
        return any(_same(paid, candidate) for paid in self._of_unit.get(target.unit_id, ()))

    def visited_from(self, target: Target) -> set[str]:
        """Paths of the units that the target's own side has looked at."""
        stood = [spot.unit_path for spot in target.spots if spot.counts(self.since)]
        found: set[str] = set()
        for spot, visited in self._from.items():
            side = _home(spot, target.closing_path)
            if any(within(path, side) or within(side, path) for path in stood):
                found |= visited
        return found


def bar(candidate: Candidate, target: Target, past: Iterable[Paid], day: date) -> Bar | None:
    """Why somebody may not look at a unit on a day; nothing when he may（回避）.

    Args:
        candidate: a post of the pool with its holder.
        target: the unit.
        past: visits made or handed out; those of more than twelve months ago make no difference.
        day: the day of the visit.
    """
    history = History(past, day)
    return _bar(candidate, target, history, history.visited_from(target))


def _bar(candidate: Candidate, target: Target, history: History, looked_at: Iterable[str]) -> Bar | None:
    """The same from what was laid out; ``looked_at`` is what the target's side has visited."""
    if not target.took_part.isdisjoint({candidate.user_id, *candidate.kin}):
        return Bar.TOOK_PART
    seats = candidate.seats(history.since)
    for one in seats:
        close = _too_close(one.spot, target, history.since)
        if close is not None:
            return {Tie.OWN: close, Tie.DEPUTY: Bar.DEPUTY, Tie.EARLIER: Bar.MOVED}[one.tie]
    if history.has_met(candidate, target):
        return Bar.PAIR
    homes = {_home(one.spot, target.closing_path) for one in seats if one.tie is not Tie.DEPUTY}
    returned = any(within(path, home) for path in looked_at for home in homes)
    return Bar.RECIPROCAL if returned else None


def may_again(
    pool: Iterable[Candidate], target: Target, *, past: Sequence[Paid], known: Sequence[Paid], day: date
) -> date | None:
    """The first day on which somebody who is barred only for having met the unit may go again（可再访日）.

    Args:
        pool: who stands in the pool.
        target: the unit.
        past: visits made or handed out; they bar.
        known: those of them of which whoever asks may know: the day is told from these alone.
        day: the day that was asked for.

    Returns:
        the earliest such day, or nothing where the reason is another or is not to be told.
    """
    days = []
    for one in pool:
        met = [paid.on for paid in known if paid.unit_id == target.unit_id and _same(paid, one)]
        if met and bar(one, target, past, day) is Bar.PAIR:
            days.append(a_year_after(max(met)))
    return min((found for found in days if found > day), default=None)


def lot(seed: str, day: date, code: str, post_ref: str) -> str:
    """The lot of a post for a unit on a day（抽签）: SHA-256 of ``seed,day,code,post`` in hex; the lowest goes.

    The day is written 2026-11-26; the four are joined by commas and encoded as UTF-8.
    """
    return hashlib.sha256(f"{seed},{day.isoformat()},{code},{post_ref}".encode()).hexdigest()


def assign(
    pool: Sequence[Candidate],
    targets: Sequence[Target],
    *,
    past: Sequence[Paid],
    seed: str,
    day: date,
    a_day: int = A_DAY,
    given: Mapping[int, int] | None = None,
) -> list[Assigned]:
    """Draw who goes to which unit（抽签派员）: one lot for each unit, in the order in which the units come.

    Of those who may go, the ones with the fewest visits on that day draw; so the work is even, and nobody chooses.
    A visit given here counts at once for pairs and returned visits of the next. Nothing but the arguments decides.

    Args:
        pool: who stands in the pool that day; its order makes no difference.
        targets: the units, in the order of the draw.
        past: visits made or handed out before.
        seed: the public seed.
        day: the day of the visits.
        a_day: visits of one verifier on one day at most (≥ 1).
        given: post → visits it has for the day already.
    """
    history = History(past, day)
    load: Counter[int] = Counter(given or {})
    found: list[Assigned] = []
    for target in targets:
        barred: Counter[Bar] = Counter()
        may: list[Candidate] = []
        looked_at = history.visited_from(target)
        for one in pool:
            why = _bar(one, target, history, looked_at) or (Bar.FULL if load[one.post_id] >= a_day else None)
            if why is None:
                may.append(one)
            else:
                barred[why] += 1
        drawn = min(
            may,
            key=lambda one: (load[one.post_id], lot(seed, day, target.code, one.post_ref), one.post_ref),
            default=None,
        )
        if drawn is not None:
            load[drawn.post_id] += 1
            history.add(Paid(drawn.post_id, drawn.user_id, drawn.spot, target.unit_id, target.spots[0].unit_path, day))
        found.append(Assigned(target, drawn, MappingProxyType(dict(barred))))
    return found


def looked_at_twice(seed: str, secret: str, code: str, share_bp: int) -> bool:
    """Whether a unit is looked at a second time, unannounced（盲复核）: by lot, so many of 10,000.

    The secret keeps the verifiers from knowing which; its digest is in the ledger from the start and it is shown at the
    end, so that anybody can compute the lot again.

    Args:
        seed: the public seed.
        secret: what is shown only at the end.
        code: the unit's code.
        share_bp: the share in basis points, 0–10,000.
    """
    drawn = int(hashlib.sha256(f"{seed},{secret},{code}".encode()).hexdigest(), 16)
    return drawn * 10_000 < share_bp << 256
