"""按风险走访的信号: what in the record of a promise is reason enough to go and look, and never more than that.

A sign names what was seen and when. It is no score, nobody is ranked by it, and a visit it leads to says nothing about
any claim that is certified by lot: random visits certify, directed ones catch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(422, sign_limit=_("A limit of the signs lies outside what it may be: %(field)s from %(least)s to %(most)s."))


class Reason(StrEnum):
    """Why a visit is directed（走访缘由）."""

    LATE_JUMP = "late-jump"
    NEAR_DATE = "near-date"
    SILENCE = "silence"
    PERSON = "person"


REASON_NAMES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.LATE_JUMP: _("A leap at the end"),
        Reason.NEAR_DATE: _("The date was moved when it was near"),
        Reason.SILENCE: _("Silence"),
        Reason.PERSON: _("A reason somebody wrote"),
    }
)
TEMPLATES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.LATE_JUMP: _(
            "It said %(before)s %% until %(since)s and 100 %% on %(on)s, in the last %(days)s days before the date."
        ),
        Reason.NEAR_DATE: _("On %(on)s, %(days)s days before it, the date was moved from %(old)s to %(new)s."),
        Reason.SILENCE: _("Nothing has been heard since %(since)s, for %(days)s days."),
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is a sign（信号阈值）; a setting of the programme, set anew from what is seen."""

    jump_percent: int = 50
    """Points said at once at the end."""
    late_bp: int = 500
    """The end of a term, as a share of it in basis points."""
    late_least_days: int = 3
    """The end of a term is never shorter than so many days."""
    near_days: int = 30
    """So many days before a date it is near."""
    silent_days: int = 60
    """So many days without a word are silence."""


RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "jump_percent": (1, 100),
        "late_bp": (100, 5_000),
        "late_least_days": (1, 30),
        "near_days": (1, 90),
        "silent_days": (7, 365),
    }
)
"""Limit → the least and the most it may be set to."""


def limits_of(told: Mapping[str, int]) -> Limits:
    """The limits a programme has set, each within its range; what it has not set is as usual.

    Raises:
        Refused: ``sign_limit``.
        KeyError: a limit nobody knows.
    """
    for name, value in told.items():
        least, most = RANGES[name]
        if not least <= value <= most:
            raise Refused("sign_limit", field=name, least=least, most=most)
    return Limits(**told)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said on a day, 0–100."""

    on: date
    percent: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that was moved on a day."""

    on: date
    old_due_on: date
    new_due_on: date


@dataclass(frozen=True, slots=True)
class History:
    """The record of one promise, as far as it may hold a sign; ``said`` in the order of time."""

    issued_on: date | None = None
    due_on: date | None = None
    heard_on: date | None = None
    running: bool = False
    """Whether it is being worked on, its own clock runs, and it does not say that it is done."""
    said: Sequence[Said] = ()
    moved: Sequence[Moved] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: which, and what was seen; the sentence is ``TEMPLATES[reason] % params``."""

    reason: Reason
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The untranslated sentence."""
        return TEMPLATES[self.reason]


def ending(issued_on: date, due_on: date, limits: Limits) -> date:
    """The first day of the end of a term."""
    days = max(limits.late_least_days, (due_on - issued_on).days * limits.late_bp // 10_000)
    return due_on - timedelta(days=days)


def late_jump(history: History, limits: Limits) -> Sign | None:
    """Long little, then everything in the last days before the date."""
    if history.issued_on is None or history.due_on is None:
        return None
    since = ending(history.issued_on, history.due_on, limits)
    if since <= history.issued_on:
        return None  # so short a term is all end
    before = next((one.percent for one in reversed(history.said) if one.on < since), 0)
    whole = next((one for one in history.said if since <= one.on <= history.due_on and one.percent == 100), None)
    if whole is None or whole.percent - before < limits.jump_percent:
        return None
    days = (history.due_on - since).days
    return Sign(Reason.LATE_JUMP, {"before": before, "since": since, "on": whole.on, "days": days})


def near_date(history: History, limits: Limits) -> Sign | None:
    """The newest time that a date which was near was put off."""
    for one in sorted(history.moved, key=lambda one: one.on, reverse=True):
        left = (one.old_due_on - one.on).days
        if one.new_due_on > one.old_due_on and 0 <= left <= limits.near_days:
            return Sign(Reason.NEAR_DATE, {"on": one.on, "days": left, "old": one.old_due_on, "new": one.new_due_on})
    return None


def silence(history: History, limits: Limits, today: date) -> Sign | None:
    """Nothing heard for long while work should go on."""
    if not history.running or history.heard_on is None:
        return None
    days = (today - history.heard_on).days
    return Sign(Reason.SILENCE, {"since": history.heard_on, "days": days}) if days > limits.silent_days else None


def signs(history: History, limits: Limits, today: date) -> tuple[Sign, ...]:
    """Every sign of one promise on a day; none is the usual thing."""
    found = (late_jump(history, limits), near_date(history, limits), silence(history, limits, today))
    return tuple(one for one in found if one is not None)
