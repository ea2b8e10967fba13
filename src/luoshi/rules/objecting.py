"""申辩的期限与催办: until when a unit may object, until when it is decided, and who is told when that day nears.

政府督查工作条例 (2021) Art 20: within 30 days of the conclusion, decided within 30 days, and whoever took part recuses.
A term whose last day is no working day ends on the next one (民法典 Art 203).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from luoshi.rules.calendar import WorkCalendar

OBJECTION_DAYS = 30
"""Days in which a unit may object to a conclusion."""
DECISION_DAYS = 30
"""Days in which an objection is decided."""
SOON_BEFORE = 7
"""Days before the last one on which whoever decides is reminded."""
ABOVE_AFTER = 7
"""Days after the last one on which the unit above is told."""


class Chase(StrEnum):
    """What the clock does about an objection that waits（催办申辩）."""

    SOON = "soon"  # whoever decides is reminded that the day is near
    LATE = "late"  # whoever decides is told that the day has passed
    ABOVE = "above"  # the unit above is told that it has not been decided


@dataclass(frozen=True, slots=True)
class Due:
    """The step that is due now, how many steps are done with it, and the day of the next (``None``: no more)."""

    chase: Chase | None
    told: int
    next_on: date | None


def last_day(event_on: date, days: int, calendar: WorkCalendar | None = None) -> date:
    """The last day of a term of ``days`` calendar days after an event; moved on while it is no working day.

    Without a calendar nothing is moved.
    """
    day = event_on + timedelta(days=days)
    while calendar is not None and not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def steps(decide_by_on: date) -> tuple[tuple[Chase, date], ...]:
    """Every step for an objection to be decided by that day, with the day on which it is taken."""
    return (
        (Chase.SOON, decide_by_on - timedelta(days=SOON_BEFORE)),
        (Chase.LATE, decide_by_on + timedelta(days=1)),
        (Chase.ABOVE, decide_by_on + timedelta(days=ABOVE_AFTER + 1)),
    )


def due(decide_by_on: date, told: int, today: date) -> Due:
    """The step due on ``today`` when ``told`` steps are done.

    After an outage only the last of several missed steps is taken: nobody is told twice on one day.
    """
    ladder = steps(decide_by_on)
    reached = max((number for number, (_step, on) in enumerate(ladder, 1) if on <= today), default=0)
    done = max(told, reached)
    following = ladder[done][1] if done < len(ladder) else None
    return Due(ladder[reached - 1][0] if reached > told else None, done, following)
