"""Said and verified since the last meeting（复盘以来）: the days that were kept, and now; nothing is made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Matter
from luoshi.delivery.models.cells import KEPT_LEVELS
from luoshi.desk.queries.board import Board
from luoshi.rules import rollup
from luoshi.rules.calendar import local_day

POINTS = 60
"""Most days that are drawn; of more every second, third … is left out, never the first and the last."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A line of days with what stood then; the last one is now."""

    since: date
    meeting: bool
    """Whether ``since`` is the last meeting, not the programme's start."""
    kept: bool
    """Whether days are kept for this unit at all: they are down to the county."""
    points: tuple[tuple[date, rollup.Summary], ...]
    step: int = 1
    """Every how manieth kept day is drawn."""

    @property
    def first(self) -> rollup.Summary | None:
        """What stood on the first kept day; ``None`` while there is nothing to compare with."""
        return self.points[0][1] if len(self.points) > 1 else None


def trend(board: Board, today: date, matter: Matter | None = None) -> Trend:
    """What the viewer of a board may see of its past（走势）; two statements at most.

    Inside one's own subtree it is the line of the unit itself; of units beside one's own it is the sum of the totals
    that are shown, and nothing of what is led above them.
    """
    programme = board.programme
    since, meeting = programme.last_meeting_on, programme.last_meeting_on is not None
    if since is None:
        since = delivery.first_authority_on(programme) or local_day(programme.created_at)
    if board.unit.level not in KEPT_LEVELS:
        return Trend(since, meeting, kept=False, points=())
    ids = [board.unit.pk] if board.inside else [unit.pk for unit in board.shown]
    matters = [matter.pk] if matter is not None else [one.pk for one in board.matters]
    found = [(on, summary) for on, summary in delivery.kept_totals(ids, matters, since) if on < today]
    step = max(1, -(-len(found) // POINTS))
    drawn = found[::step]
    if found and drawn[-1] != found[-1]:
        drawn.append(found[-1])
    now = board.summary(matter.pk if matter is not None else None)
    return Trend(since, meeting, True, (*drawn, (today, now)) if now else tuple(drawn), step)
