"""议程的规则: what deserves minutes of a meeting, and why; what is on its way is not presented（正常事项不上会）.

A rule names what it saw; several may fire for one promise. Nothing here sets a light or ranks anybody: the order is
that of the rules, then of what waits longest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from luoshi.rules.refusals import gettext_noop as _

Key = TypeVar("Key")

GAP_POINTS: Final = 20
"""Points between said and verified from which a promise is talked about."""
SILENT_DAYS: Final = 60
"""So many days without a word while work should go on."""

KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "matter": _("Matter"),
        "commitment": _("Commitment"),
        "finding": _("Finding"),
        "request": _("Request"),
        "slip": _("Slip"),
        "free": _("Other item"),
    }
)


class Reason(StrEnum):
    """Why something is put before a meeting（上会理由）; the order is that of the agenda."""

    RESOLUTION = "resolution"
    REQUEST = "request"
    RELAPSE = "relapse"
    LATE = "late"
    FINDING = "finding"
    GAP = "gap"
    SILENT = "silent"


REASON_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Reason.RESOLUTION.value: _("Decided last time, not done"),
        Reason.REQUEST.value: _("We owe a reply"),
        Reason.RELAPSE.value: _("No longer held"),
        Reason.LATE.value: _("Overdue"),
        Reason.FINDING.value: _("Open finding"),
        Reason.GAP.value: _("Said more than was verified"),
        Reason.SILENT.value: _("Silence"),
    }
)
TEMPLATES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.RESOLUTION: _("Decided at %(meeting)s under number %(number)s and not struck off yet."),
        Reason.REQUEST: _("A question of %(asked_on)s waits for our reply, for %(days)s days now."),
        Reason.RELAPSE: _("Times opened again after it was struck off: %(times)s."),
        Reason.LATE: _("Due on %(due_on)s and overdue for %(days)s days."),
        Reason.FINDING: _("Findings that are open: %(open)s."),
        Reason.GAP: _("Said %(said)s %%, verified %(verified)s %%; the rule asks from %(points)s points on."),
        Reason.SILENT: _("Nothing has been heard since %(since)s, for %(days)s days; the rule asks after %(after)s."),
    }
)
"""Reason → sentence; its places are the keys of :attr:`Why.params`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of one promise; made by the queries, never by a door."""

    open: bool = True
    """Whether it was issued and is neither struck off nor withdrawn."""
    running: bool = True
    """Whether its clock runs: taken on, not suspended, no question waiting above."""
    due_on: date | None = None
    said: int = 0
    verified: int = 0
    verified_how: str = ""
    """Empty: nobody has looked, so there is nothing to compare."""
    heard_on: date | None = None
    open_findings: int = 0
    reopened: int = 0
    asked_on: date | None = None
    """The day of the oldest question that waits for our reply."""
    decided_at: str = ""
    """The meeting of the same line that decided it, if one did."""
    decided_number: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """One rule that fired, and what it saw: JSON-safe, days as text."""

    reason: Reason
    params: Mapping[str, Any]

    @property
    def template(self) -> str:
        """The untranslated sentence."""
        return TEMPLATES[self.reason]


def reasons(facts: Facts, today: date) -> tuple[Why, ...]:
    """Every reason to give one promise minutes of a meeting on a day, in the order of the agenda; none is the usual.

    What is struck off or withdrawn has none, whatever it once was.
    """
    if not facts.open:
        return ()
    found: list[Why] = []
    if facts.decided_at:
        found.append(Why(Reason.RESOLUTION, {"meeting": facts.decided_at, "number": facts.decided_number}))
    if facts.asked_on is not None:
        days = max(0, (today - facts.asked_on).days)
        found.append(Why(Reason.REQUEST, {"asked_on": facts.asked_on.isoformat(), "days": days}))
    if facts.reopened:
        found.append(Why(Reason.RELAPSE, {"times": facts.reopened}))
    if facts.running and facts.due_on is not None and facts.due_on < today:
        found.append(Why(Reason.LATE, {"due_on": facts.due_on.isoformat(), "days": (today - facts.due_on).days}))
    if facts.open_findings:
        found.append(Why(Reason.FINDING, {"open": facts.open_findings}))
    if facts.verified_how and facts.said - facts.verified >= GAP_POINTS:
        found.append(Why(Reason.GAP, {"said": facts.said, "verified": facts.verified, "points": GAP_POINTS}))
    if facts.running and facts.heard_on is not None and (today - facts.heard_on).days > SILENT_DAYS:
        days = (today - facts.heard_on).days
        found.append(Why(Reason.SILENT, {"since": facts.heard_on.isoformat(), "days": days, "after": SILENT_DAYS}))
    return tuple(found)


_PLACE: Mapping[Reason, int] = MappingProxyType({reason: place for place, reason in enumerate(Reason)})


def in_order(proposed: Iterable[tuple[Key, tuple[Why, ...]]]) -> list[tuple[Key, tuple[Why, ...]]]:
    """What deserves minutes, in the order of its first rule, then of how many rules fired, then as it came.

    What no rule named is left out: it is on its way.
    """
    kept = [(key, why) for key, why in proposed if why]
    return sorted(kept, key=lambda one: (_PLACE[one[1][0].reason], -len(one[1])))


def kind_of(why: tuple[Why, ...]) -> str:
    """As what it is put on the agenda: as a question or a finding when that is its first reason, else as itself."""
    first = why[0].reason if why else None
    return {Reason.REQUEST: "request", Reason.FINDING: "finding"}.get(first, "commitment") if first else "commitment"
