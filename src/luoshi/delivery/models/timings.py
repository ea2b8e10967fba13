"""计时规则: when lights turn and how terms are counted, per programme; frozen for a commitment when it is issued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, get_args

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.programmes import Programme
from luoshi.rules.calendar import Deadline, Kind, WorkCalendar, due_on
from luoshi.rules.lights import Thresholds
from luoshi.units.queries.calendars import calendar_for

KINDS: tuple[str, ...] = get_args(Kind)


class Counted(models.TextChoices):
    """Which days a term counts."""

    CALENDAR = "calendar", _("calendar days")
    WORKING = "working", _("working days")


class Palette(models.TextChoices):
    """In which colours lights are drawn; the shape and the word always say the same."""

    STANDARD = "standard", _("green, yellow, red")
    CLEAR = "clear", _("teal, amber, vermilion: told apart by most people who cannot tell red from green")
    PLAIN = "plain", _("shades of grey, for black-and-white printers")


FIELDS = (
    "warning_days", "warning_kind", "warning_percent", "grace_days", "grace_kind", "accept_kind", "due_kind",
    "reply_days", "reply_kind", "decide_days", "decide_kind", "palette",
)  # fmt: skip
"""What a programme may set."""


class Timing(models.Model):
    """计时规则: one set of thresholds and ways of counting. Never changed: a change is the programme's next one.

    A commitment points to the one that held when it was issued, so that no later change of the programme moves a light
    or a term under somebody's feet, and so that nothing is copied into every row.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="timings")
    number = models.PositiveSmallIntegerField()
    warning_days = models.PositiveSmallIntegerField(default=5)
    warning_kind = models.CharField(max_length=8, choices=Counted, default=Counted.CALENDAR)
    warning_percent = models.PositiveSmallIntegerField(default=20)
    grace_days = models.PositiveSmallIntegerField(default=3)
    grace_kind = models.CharField(max_length=8, choices=Counted, default=Counted.CALENDAR)
    accept_kind = models.CharField(max_length=8, choices=Counted, default=Counted.CALENDAR)
    due_kind = models.CharField(max_length=8, choices=Counted, default=Counted.CALENDAR)
    reply_days = models.PositiveSmallIntegerField(default=10)
    reply_kind = models.CharField(max_length=8, choices=Counted, default=Counted.WORKING)
    decide_days = models.PositiveSmallIntegerField(default=5)
    decide_kind = models.CharField(max_length=8, choices=Counted, default=Counted.WORKING)
    palette = models.CharField(max_length=8, choices=Palette, default=Palette.STANDARD)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["programme", "-number"]
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="timing_number_once")]

    def __str__(self) -> str:
        return f"{self.programme_id}/{self.number}"

    @property
    def thresholds(self) -> Thresholds:
        """When lights turn, as the rules see it."""
        return _thresholds(self.warning_days, self.warning_kind, self.warning_percent, self.grace_days, self.grace_kind)

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.timing:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"programme": self.programme_id, "number": self.number, **{name: getattr(self, name) for name in FIELDS}}


@lru_cache(maxsize=256)
def _thresholds(days: int, kind: Kind, percent: int, grace: int, grace_kind: Kind) -> Thresholds:
    """The same object for the same settings, so that facts that hold it are compared quickly."""
    return Thresholds(days, kind, percent, grace, grace_kind)


@lru_cache(maxsize=64)
def _before_timings(warning_days: int) -> Timing:
    """What held for everything issued before programmes had timings."""
    return Timing(number=0, warning_days=warning_days)


_kept: dict[int, Timing] = {}


def forget() -> None:
    """Read timings anew; when one is made, and between tests."""
    _kept.clear()


def timing_of(pk: int | None, warning_days: int) -> Timing:
    """The timing of that key, kept per process as it never changes; what held before there were any for ``None``.

    Args:
        pk: key of a timing.
        warning_days: the programme's warning window, in calendar days, for rows older than timings.
    """
    if pk is None:
        return _before_timings(warning_days)
    if (found := _kept.get(pk)) is None:
        found = _kept[pk] = Timing.objects.get(pk=pk)
    return found


def palette_of(timings: Iterable[tuple[int | None, int]]) -> str:
    """The palette in which lights of some programmes stand together: theirs if they share one, else the usual.

    Args:
        timings: of each programme the key of its timing and its warning window, as :func:`timing_of` takes them.
    """
    found = {timing_of(*one).palette for one in timings}
    return found.pop() if len(found) == 1 else Palette.STANDARD.value


def calendar_if(thresholds: Thresholds, lead_path: str) -> WorkCalendar | None:
    """The lead's calendar where the thresholds count working days; nothing is asked of the database otherwise."""
    return calendar_for(lead_path) if thresholds.needs_calendar else None


def term_ends(n: int, kind: str, event: str, event_on: date, unit_path: str) -> date:
    """The last day of a term of a unit, counted by that unit's calendar as it is at this moment."""
    counted: Kind = "working" if kind == "working" else "calendar"
    calendar = calendar_for(unit_path, fresh=True) if counted == "working" else None
    return due_on(Deadline(n, counted, event), event_on, calendar)
