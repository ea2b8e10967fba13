"""复盘册: the questions worth asking of what was said and what was verified, and which units are near one another.

A question is raised by a rule from figures that stand in the book, names the rows it is about, and says so; where no
rule fires there is no question. Nobody is ranked: questions stand in the order of their rules, units in the order of
the tree, and nothing here is about a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from luoshi.rules import chain
from luoshi.rules.refusals import gettext_noop as _

GAP, VISITED, LATE_JUMP, SILENT, EXTENDED, OWED, RELAPSE, BURDEN, RESOLUTION = CODES = (
    "gap",
    "visited",
    "late_jump",
    "silent",
    "extended",
    "owed",
    "relapse",
    "burden",
    "resolution",
)
"""Rules, in the order in which their questions stand."""

RULE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        GAP: _("More said than verified"),
        VISITED: _("Visited and not done"),
        LATE_JUMP: _("A leap at the end"),
        SILENT: _("Silence"),
        EXTENDED: _("Extended more than once"),
        OWED: _("Replies the upper level owes"),
        RELAPSE: _("Relapsed after it was struck off"),
        BURDEN: _("Asked though it says 100 %"),
        RESOLUTION: _("Resolved and not begun"),
    }
)
QUESTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        GAP: _("Said %(said)s %%, verified %(verified)s %%: what do the %(gap)s points in between rest on?"),
        VISITED: _("Said 100 %% since %(since)s, %(failed)s of %(visited)s visited not done: what was counted?"),
        LATE_JUMP: _(
            "%(count)s leapt to 100 %% in the last days before the date, one of them from %(before)s %%: what was done"
            " in those days?"
        ),
        SILENT: _(
            "%(count)s are under way and were not heard of for more than %(days)s days, one of them since %(since)s:"
            " how do they stand?"
        ),
        EXTENDED: _(
            "%(count)s were extended more than once, one of them from %(first)s to %(now)s: what is different this"
            " time?"
        ),
        OWED: _(
            "The upper level owes %(count)s replies beyond their day, the oldest since %(since)s: when do they come?"
        ),
        RELAPSE: _("%(count)s were struck off and no longer held when looked back at: what makes them last this time?"),
        BURDEN: _(
            "%(count)s say 100 %% and are still asked by the calendar, about %(minutes)s minutes a week: what are the"
            " answers needed for?"
        ),
        RESOLUTION: _("%(count)s of %(whole)s resolved at the last meeting have not begun: what stands in the way?"),
    }
)
"""code → sentence; its places are filled from :attr:`Question.params`, days as text."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is worth a question."""

    gap_points: int = 20
    """Points between said and verified."""
    gaps_named: int = 3
    """Cells whose gap is asked about, one question each."""
    silent_days: int = 60
    """Days without a word while work should go on."""
    rows: int = 5
    """Rows a question names at most; how many there are stands in its sentence."""


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Row:
    """One commitment a question names, with what the rule saw of it."""

    ref: str
    title: str = ""
    lead: str = ""
    day: date | None = None
    """The day the rule looked at: said complete, last heard, first due, asked, looked back at."""
    until: date | None = None
    """Of what was extended: the day it is due now."""
    percent: int | None = None
    """Of a leap: what was said before."""
    said: int | None = None
    verified: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """Said and verified of one part of what is looked at; ``about`` names it (a unit or a matter by its key).

    ``rows`` are those of this part that are furthest apart, the widest first.
    """

    about: str
    said: int | None
    verified: int | None
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the book holds about a unit, a matter or the whole, as far as a question may come of it.

    Counts are whole numbers ≥ 0. ``rows`` are the rows named for a rule, the most telling first, perhaps fewer than
    the count.
    """

    cells: Sequence[Cell] = ()
    visited: int = 0
    visited_failed: int = 0
    late_jumps: int = 0
    silent: int = 0
    extended_again: int = 0
    owed_late: int = 0
    relapsed: int = 0
    asked_complete: int = 0
    asked_minutes: int = 0
    resolutions: int = 0
    resolutions_idle: int = 0
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A question（该问的）: the rule that raised it, its figures, what it is about, the rows it names."""

    code: str
    params: Mapping[str, Any]
    about: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def template(self) -> str:
        """The untranslated sentence."""
        return QUESTIONS[self.code]

    def plain(self) -> dict[str, Any]:
        """As the book keeps it: whole numbers and text only."""
        return {
            "code": self.code,
            "params": {name: _plain(value) for name, value in self.params.items()},
            "about": self.about,
            "rows": [
                {
                    "ref": row.ref,
                    "title": row.title,
                    "lead": row.lead,
                    "day": _plain(row.day),
                    "until": _plain(row.until),
                    "percent": row.percent,
                    "said": row.said,
                    "verified": row.verified,
                }
                for row in self.rows
            ],
        }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def questions(facts: Facts, limits: Limits = LIMITS) -> tuple[Question, ...]:
    """The questions worth asking（该问的问题）, in the order of the rules; none where none fires.

    A rule that counts something but has no row to name does not fire: what cannot be pointed at is not asked.
    """
    found: list[Question] = [*_gaps(facts, limits)]
    failed = _named(facts, VISITED, limits)
    if facts.visited_failed and failed:
        since = min((row.day for row in failed if row.day), default=None)
        if since is not None:
            params = {"since": since, "failed": facts.visited_failed, "visited": facts.visited}
            found.append(Question(VISITED, params, rows=failed))
    found += _plural(facts, limits)
    idle = _named(facts, RESOLUTION, limits)
    if facts.resolutions_idle and idle:
        params = {"count": facts.resolutions_idle, "whole": facts.resolutions}
        found.append(Question(RESOLUTION, params, rows=idle))
    return tuple(found)


def _named(facts: Facts, code: str, limits: Limits) -> tuple[Row, ...]:
    return tuple(facts.rows.get(code, ())[: limits.rows])


def _gaps(facts: Facts, limits: Limits) -> list[Question]:
    wide = []
    for place, cell in enumerate(facts.cells):
        if cell.said is None or cell.verified is None or not cell.rows:
            continue
        if cell.said - cell.verified >= limits.gap_points:
            wide.append((cell.verified - cell.said, place))
    return [
        Question(
            GAP,
            {"said": facts.cells[place].said, "verified": facts.cells[place].verified, "gap": -less},
            about=facts.cells[place].about,
            rows=tuple(facts.cells[place].rows[: limits.rows]),
        )
        for less, place in sorted(sorted(wide)[: limits.gaps_named], key=lambda one: one[1])
    ]


def _plural(facts: Facts, limits: Limits) -> list[Question]:
    """The rules that count rows and tell of one of them."""
    found: list[Question] = []
    for code, count in (
        (LATE_JUMP, facts.late_jumps),
        (SILENT, facts.silent),
        (EXTENDED, facts.extended_again),
        (OWED, facts.owed_late),
        (RELAPSE, facts.relapsed),
        (BURDEN, facts.asked_complete),
    ):
        rows = _named(facts, code, limits)
        if not count or not rows:
            continue
        days = [row.day for row in rows if row.day is not None]
        params: dict[str, Any] = {"count": count}
        if code == LATE_JUMP:
            params["before"] = min(row.percent or 0 for row in rows)
        elif code == SILENT:
            params |= {"days": limits.silent_days, "since": min(days, default=None)}
        elif code == EXTENDED:
            params |= {"first": rows[0].day, "now": rows[0].until}
        elif code == OWED:
            params["since"] = min(days, default=None)
        elif code == BURDEN:
            params["minutes"] = facts.asked_minutes
        if None not in params.values():
            found.append(Question(code, params, rows=rows))
    return found


# --- Units that are near ----------------------------------------------------------------------------------------------

VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "counties": _("Counties"),
        "townships": _("Townships"),
        "villages": _("Villages"),
        "tasks": _("Tasks"),
        "weight": _("Weight of tasks"),
    }
)
"""What units are compared by: what is known of every one of them today."""
NEAREST: Final = 5


def apart(one: Mapping[str, int], other: Mapping[str, int], variables: Collection[str]) -> Fraction:
    """How far two units are apart（差异）: the mean of the relative differences, 0 (alike) to 1; exact.

    Args:
        one: its values; a missing one is 0.
        other: those of the other unit.
        variables: by which they are compared; none means alike.
    """
    if not variables:
        return Fraction(0)
    whole = Fraction(0)
    for name in variables:
        a, b = one.get(name, 0), other.get(name, 0)
        if a != b:
            whole += Fraction(abs(a - b), max(abs(a), abs(b), abs(a - b)))
    return whole / len(variables)


def nearest(
    unit: int, values: Mapping[int, Mapping[str, int]], variables: Collection[str], count: int = NEAREST
) -> tuple[int, ...]:
    """The units most like one by the stated variables（可比单位）, in the order of ``values`` and not of likeness.

    Args:
        unit: the key of the unit.
        values: key → its values, in the order in which units are to stand.
        variables: names of the values that count.
        count: how many at most.

    Raises:
        KeyError: the unit has no values.
    """
    own = values[unit]
    order = {key: place for place, key in enumerate(values)}
    others = sorted((apart(own, told, variables), order[key], key) for key, told in values.items() if key != unit)[
        : max(0, count)
    ]
    return tuple(sorted((key for _far, _place, key in others), key=order.__getitem__))


# --- The book itself --------------------------------------------------------------------------------------------------


def thinned(days: Sequence[date], most: int = 12) -> tuple[date, ...]:
    """Of many days at most so many, evenly, always the first and the last（取点）."""
    if len(days) <= most:
        return tuple(days)
    if most < 2:
        return (days[-1],)
    last = len(days) - 1
    return tuple(days[n * last // (most - 1)] for n in range(most))


def digest(parts: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of a book's content（册内容摘要）: of its parts as canonical JSON, without language, fonts or moment.

    Raises:
        ValueError: for what canonical JSON cannot hold, such as fractions.
    """
    return hashlib.sha256(chain.canonical(list(parts))).hexdigest()
