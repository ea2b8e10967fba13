"""亮灯: the light of a commitment, from its facts and the clock, with one sentence of reason.

A light is computed, never set: no forecast and no person colours it. Principle 4: a past miss stays visible; what
catches up late is yellow, never green again. :func:`next_change` names the next moment at which time alone changes the
light, so that a stored due moment replaces every sweep over all rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from luoshi.rules.calendar import Kind, WorkCalendar, due_moment, shifted
from luoshi.rules.refusals import gettext_noop as _

Colour = Literal["grey", "green", "yellow", "red", "blue"]

WARNING_DAYS: Final = 5
"""Default warning window: at most this many days before the due date …"""
WARNING_PERCENT: Final = 20
"""… and at most this share of the term, in percent, whichever is smaller; never less than one day."""
ACCEPT_GRACE_DAYS: Final = 3
"""Days after the accept-by date for which a late acceptance is yellow; then it is red."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a light turns（亮灯阈值）: the programme's settings, frozen for a commitment when it is issued.

    ``warning_days`` before the due date, counted as ``warning_kind`` says, but at most ``warning_percent`` of the term
    in calendar days; ``grace_days`` after the accept-by date, counted as ``grace_kind`` says.
    """

    warning_days: int = WARNING_DAYS
    warning_kind: Kind = "calendar"
    warning_percent: int = WARNING_PERCENT
    grace_days: int = ACCEPT_GRACE_DAYS
    grace_kind: Kind = "calendar"

    @property
    def needs_calendar(self) -> bool:
        """Whether working days are counted, so that the unit's calendar must be known."""
        return "working" in (self.warning_kind, self.grace_kind)


DEFAULT: Final = Thresholds()

REASONS: Final[Mapping[str, tuple[Colour, str]]] = {
    "draft": ("grey", _("Not issued yet.")),
    "withdrawn": ("grey", _("Withdrawn: nothing is owed.")),
    "suspended": ("grey", _("Suspended: the clock stands still until it is resumed.")),
    "ended": ("grey", _("This standing duty has been reviewed and ended.")),
    "closed_plain": ("blue", _("Closed.")),
    "closed": ("blue", _("Closed on %(closed_on)s.")),
    "closed_part_open": (
        "yellow",
        _("Closed on %(closed_on)s, but a part of it was reopened since; it is to be weighed."),
    ),
    "closed_late": ("blue", _("Closed on %(closed_on)s, after missing its first date %(first_due_on)s.")),
    "waiting_accept": ("grey", _("Issued; waiting to be accepted by the end of %(accept_by)s.")),
    "waiting_accept_open": ("grey", _("Issued; waiting to be accepted.")),
    "declined": ("grey", _("Declined; the issuer must place it elsewhere or insist.")),
    "accept_late": ("yellow", _("Not accepted by %(accept_by)s.")),
    "accept_overdue": ("red", _("Not accepted by %(accept_by)s, and the grace after it is over too.")),
    "overdue": ("red", _("It was due on %(due_on)s and is not done.")),
    "due_soon": ("yellow", _("Due on %(due_on)s; the warning began on %(warn_on)s.")),
    "missed_extended": (
        "yellow",
        _("It missed %(first_due_on)s and now runs to %(due_on)s; what catches up late does not turn green."),
    ),
    "missed_open": ("yellow", _("It missed a date before; what catches up late does not turn green.")),
    "period_missed": ("red", _("This period is over and was not done.")),
    "period_finished": ("green", _("This period was finished in time.")),
    "period_finished_late": ("yellow", _("This period was finished late; what catches up late does not turn green.")),
    "done_late": ("yellow", _("Reported complete on %(completed_on)s, after it was due on %(first_due_on)s.")),
    "done": ("green", _("Reported complete in time; whether it is so is for the verifier to say.")),
    "on_course": ("green", _("Due on %(due_on)s, and nothing warns yet.")),
    "on_course_open": ("green", _("No date has been set; it is under way.")),
}
"""code → colour and sentence; the whole vocabulary of lights."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the light of a commitment depends on.

    ``said`` is the percent last reported and ``completed_on`` the day 100 % was reported or closure applied for; a
    claim that was sent back no longer stands once ``said`` is lower or ``completed_on`` cleared. ``missed``: a date
    passed undone at some time, whatever happened since. ``part_reopened``: a part is open again under a closed whole.
    ``waiting_since``: the day its clock stopped because a superior owes a reply. ``thresholds`` are the programme's
    settings as they were when it was issued; ``calendar`` is the lead's working calendar, needed where they count
    working days.
    """

    state: str
    issued_on: date | None = None
    accept_by: date | None = None
    accepted_on: date | None = None
    first_due_on: date | None = None
    due_on: date | None = None
    said: int = 0
    completed_on: date | None = None
    missed: bool = False
    closed_on: date | None = None
    part_reopened: bool = False
    waiting_since: date | None = None
    thresholds: Thresholds = DEFAULT
    calendar: WorkCalendar | None = None

    @property
    def waits_for_acceptance(self) -> bool:
        """Whether it was issued and nobody has taken it on yet."""
        return self.state == "issued" and self.accepted_on is None

    @property
    def claims(self) -> bool:
        """Whether it stands as reported complete."""
        return self.state in {"applied", "verified"} or (self.said >= 100 and self.completed_on is not None)

    @property
    def late(self) -> bool:
        """Whether a date was missed, by the record or by the dates themselves; an extension in time is no miss."""
        if self.missed:
            return True
        allowed = self.due_on or self.first_due_on
        done = self.completed_on or self.closed_on
        if self.waiting_since is not None and allowed is not None and self.waiting_since <= allowed:
            return False  # its clock stopped before the date
        return done is not None and allowed is not None and done > allowed


@dataclass(frozen=True, slots=True)
class Light:
    """A colour with its reason: an untranslated template by ``code`` and its places (dates)."""

    colour: Colour
    code: str
    params: Mapping[str, date] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The untranslated sentence, with its places."""
        return REASONS[self.code][1]


def warn_on(facts: Facts) -> date | None:
    """The first day of the warning window, or ``None`` without a due date.

    The programme's warning days (default 5) before the due date, but at most its share (20 %) of the term.
    """
    if facts.due_on is None:
        return None
    told = facts.thresholds
    begins = shifted(facts.due_on, -max(0, told.warning_days), told.warning_kind, facts.calendar)
    start = facts.issued_on or facts.accepted_on
    if start is not None:
        share = max(1, (facts.due_on - start).days * told.warning_percent // 100)
        begins = max(begins, facts.due_on - timedelta(days=share))
    return begins


def light(facts: Facts, at: datetime) -> Light:
    """The light at the moment ``at`` (aware)（亮灯）. Total: every state, known or not, has one."""
    if facts.state in {"draft", "withdrawn", "suspended", "ended"}:
        return _lit(facts.state)
    if facts.state == "closed":
        return _closed(facts)
    if facts.state == "missed":
        return _lit("period_missed")
    if facts.state == "finished":
        return _lit("period_finished_late" if facts.late else "period_finished")
    return _running(facts, _clock(facts, at))


def next_change(facts: Facts, at: datetime) -> datetime | None:
    """The first moment after ``at`` at which time alone changes the light, or ``None`` if it never does."""
    now = light(facts, at)
    for moment in sorted(_boundaries(facts)):
        if moment > at and light(facts, moment) != now:
            return moment
    return None


@lru_cache(maxsize=4096)
def turn(facts: Facts, at: datetime) -> tuple[Light, datetime | None]:
    """The light at ``at`` and the moment of its next change; the parts of one act share it, so it is remembered."""
    return light(facts, at), next_change(facts, at)


def _closed(facts: Facts) -> Light:
    if facts.closed_on is None:
        return _lit("closed_plain")
    if facts.part_reopened:
        return _lit("closed_part_open", closed_on=facts.closed_on)
    first = facts.first_due_on or facts.due_on
    if facts.late and first is not None:
        return _lit("closed_late", closed_on=facts.closed_on, first_due_on=first)
    return _lit("closed", closed_on=facts.closed_on)


def _running(facts: Facts, at: datetime) -> Light:
    done = facts.claims
    if facts.due_on is not None and not done and at >= due_moment(facts.due_on):
        return _lit("overdue", due_on=facts.due_on)
    waiting = facts.waits_for_acceptance and not done
    if waiting and facts.accept_by is not None and at >= due_moment(facts.accept_by):
        over = at >= due_moment(_grace_ends(facts, facts.accept_by))
        return _lit("accept_overdue" if over else "accept_late", accept_by=facts.accept_by)
    begins = warn_on(facts)
    if not done and begins is not None and facts.due_on is not None and at >= _start_of(begins):
        return _lit("due_soon", due_on=facts.due_on, warn_on=begins)
    if facts.late:
        return _late(facts)
    if done:
        return _lit("done")
    if waiting:
        return _lit("waiting_accept", accept_by=facts.accept_by) if facts.accept_by else _lit("waiting_accept_open")
    if facts.state == "declined":
        return _lit("declined")
    return _lit("on_course", due_on=facts.due_on) if facts.due_on else _lit("on_course_open")


def _late(facts: Facts) -> Light:
    first = facts.first_due_on or facts.due_on
    if facts.completed_on is not None and first is not None and facts.completed_on > first:
        return _lit("done_late", completed_on=facts.completed_on, first_due_on=first)
    if first is not None and facts.due_on is not None and facts.due_on > first:
        return _lit("missed_extended", first_due_on=first, due_on=facts.due_on)
    return _lit("missed_open")


def _lit(code: str, **params: date) -> Light:
    return Light(REASONS[code][0], code, params)


def _grace_ends(facts: Facts, accept_by: date) -> date:
    """The last day on which a late acceptance is only yellow."""
    told = facts.thresholds
    return shifted(accept_by, max(0, told.grace_days), told.grace_kind, facts.calendar)


def _start_of(day: date) -> datetime:
    return due_moment(day - timedelta(days=1))


def _clock(facts: Facts, at: datetime) -> datetime:
    """``at``, or the moment the clock was stopped if that is earlier (principle 4)."""
    return at if facts.waiting_since is None else min(at, _start_of(facts.waiting_since))


def _boundaries(facts: Facts) -> list[datetime]:
    """Every moment with which :func:`light` compares the clock."""
    moments = []
    if facts.due_on is not None:
        moments.append(due_moment(facts.due_on))
    begins = warn_on(facts)
    if begins is not None:
        moments.append(_start_of(begins))
    if facts.accept_by is not None:
        moments += [due_moment(facts.accept_by), due_moment(_grace_ends(facts, facts.accept_by))]
    return moments
