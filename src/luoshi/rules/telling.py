"""何时通知: quiet hours, working days, the digest, how long to wait after a failure, and when a channel is dead.

Pure: a moment, a person's hours and a calendar in, a moment out. Alarms ask nothing of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from luoshi.rules.calendar import SHANGHAI, WorkCalendar
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

DAY: Final = 24 * 60
"""Minutes."""
LOOK: Final = 400
"""Days looked ahead for one on which a message may be sent; no calendar rests longer."""
STEPS: Final = (1, 2, 5, 15, 30, 60, 120, 240, 360)
"""Minutes to wait after each failure; the last step repeats."""
FAILURES: Final = 12
"""Failures in a row after which a channel may be called dead …"""
FAILING: Final = timedelta(hours=72)
"""… when it has failed for this long: a mail server may be down for a weekend."""
REFUSING: Final = timedelta(hours=1)
"""… or only this long, when each time it said that it does not know us any more."""
REFUSED_TIMES: Final = 3

declare(422, hours_unreadable=_("Write quiet hours like 20:00-08:00, or “none”; not “%(text)s”."))


@dataclass(frozen=True, slots=True)
class Hours:
    """When nobody is disturbed（免打扰时段）.

    ``start`` and ``end`` are minutes of the day in Shanghai, over midnight when ``start`` is the later one; the same
    twice: no quiet hours. With ``working_days`` messages wait for the next working day, too.
    """

    start: int = 20 * 60
    end: int = 8 * 60
    working_days: bool = True

    def quiet(self, minute: int) -> bool:
        """Whether the minute of the day (0 … 1439) is a quiet one."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


ALWAYS: Final = Hours(0, 0, working_days=False)
"""Any time."""


def hours(text: str, *, working_days: bool) -> Hours:
    """Hours as they are written: ``20:00-08:00``, or ``none``.

    Raises:
        Refused: ``hours_unreadable``.
    """
    told = text.strip().lower()
    if told in {"none", ""}:
        return Hours(0, 0, working_days)
    try:
        start, end = (time.fromisoformat(part.strip()) for part in told.split("-"))
    except ValueError:
        raise Refused("hours_unreadable", text=text[:40]) from None
    return Hours(start.hour * 60 + start.minute, end.hour * 60 + end.minute, working_days)


def may_send(at: datetime, hours: Hours, calendar: WorkCalendar) -> bool:
    """Whether a message that is not urgent may be sent at ``at`` (aware)."""
    local = at.astimezone(SHANGHAI)
    return not hours.quiet(local.hour * 60 + local.minute) and (
        not hours.working_days or calendar.is_working(local.date())
    )


def next_allowed(at: datetime, hours: Hours, calendar: WorkCalendar) -> datetime:
    """The first moment from ``at`` on at which a message that is not urgent may be sent; ``at`` itself if it may.

    Raises:
        ValueError: the calendar has no working day for more than a year.
    """
    if may_send(at, hours, calendar):
        return at
    local = at.astimezone(SHANGHAI)
    starts = sorted({0, hours.end})
    for days in range(LOOK):
        day = local.date() + timedelta(days=days)
        if hours.working_days and not calendar.is_working(day):
            continue
        for minute in starts:
            moment = datetime.combine(day, time(minute // 60, minute % 60), SHANGHAI)
            if moment > local and not hours.quiet(minute):
                return moment.astimezone(at.tzinfo)
    raise ValueError("the calendar has no working day within a year")


def digest_at(at: datetime, hour: int, hours: Hours, calendar: WorkCalendar) -> datetime:
    """The moment of the next daily digest（汇总）: ``hour`` o'clock in Shanghai, later when that is a quiet time."""
    local = at.astimezone(SHANGHAI)
    moment = datetime.combine(local.date(), time(hour), SHANGHAI)
    if moment <= local:
        moment += timedelta(days=1)
    return next_allowed(moment, hours, calendar).astimezone(at.tzinfo)


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row (at least one)."""
    return timedelta(minutes=STEPS[min(max(failures, 1), len(STEPS)) - 1])


def is_dead(failures: int, since: datetime, at: datetime, *, refusing: bool = False) -> bool:
    """Whether a channel that failed so often in a row since ``since`` is to be disabled（渠道失效）.

    Args:
        failures: of the channel itself, not of single recipients.
        since: the first of them.
        at: now.
        refusing: the receiver answered, and said that it does not take anything from us.
    """
    if refusing and failures >= REFUSED_TIMES and at - since >= REFUSING:
        return True
    return failures >= FAILURES and at - since >= FAILING
