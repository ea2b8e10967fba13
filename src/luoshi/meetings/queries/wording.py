"""复盘册的文字: how a book's plain data read in the reader's language, for pages and papers alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from luoshi.rules import book as rules

GROUPS: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    (
        gettext_noop("Promised for these days"),
        (
            ("promised", gettext_noop("first due since the meeting")),
            ("promised_said", gettext_noop("of them said to be done")),
            ("promised_closed", gettext_noop("of them struck off")),
        ),
    ),
    (
        gettext_noop("Late"),
        (
            ("overdue", gettext_noop("overdue now")),
            ("missed", gettext_noop("were late at some time")),
            ("extended", gettext_noop("extended since the meeting")),
            ("extended_again", gettext_noop("extended more than once")),
        ),
    ),
    (
        gettext_noop("Likely to miss"),
        (
            ("foreseen", gettext_noop("by clock and silence")),
            ("at_risk", gettext_noop("at risk")),
            ("silent", gettext_noop("not heard of for 60 days")),
        ),
    ),
    (
        gettext_noop("Looked at"),
        (
            ("visited", gettext_noop("visited since the meeting")),
            ("visited_failed", gettext_noop("of them not as reported")),
        ),
    ),
    (
        gettext_noop("Look-backs"),
        (
            ("looked_back", gettext_noop("looked back at")),
            ("drawn_back", gettext_noop("of them by lot")),
            ("held", gettext_noop("still held")),
            ("relapsed", gettext_noop("no longer held, opened again")),
        ),
    ),
    (
        gettext_noop("Findings"),
        (
            ("findings_open", gettext_noop("open")),
            ("findings_raised", gettext_noop("raised since the meeting")),
            ("findings_answered", gettext_noop("of them answered")),
        ),
    ),
    (
        gettext_noop("Owed by the upper level"),
        (
            ("owed", gettext_noop("replies")),
            ("owed_late", gettext_noop("of them beyond their day")),
        ),
    ),
    (
        gettext_noop("Burden asked"),
        (
            ("asks", gettext_noop("things asked")),
            ("weekly_minutes", gettext_noop("minutes a week by the rule of thumb")),
            ("asked_complete", gettext_noop("still asked though they say 100 %")),
        ),
    ),
)
"""What a page tells of a unit, a matter or the whole, in its order: group, and name and words of each figure."""
_ALSO: Mapping[str, str] = {
    "items": gettext_noop("All tasks"),
    "closed": gettext_noop("Struck off"),
    "closed_since": gettext_noop("Struck off since the meeting"),
    "gap": gettext_noop("Said at least 20 points more than verified"),
    "desk": gettext_noop("Verified at the desk"),
    "by_visit": gettext_noop("Verified by a visit"),
    "sampled": gettext_noop("Verified by a sampling certificate"),
}
"""Figures with a place of their own on a page."""
LINKED = frozenset({*_ALSO, *(name for _group, rows in GROUPS for name, _words in rows)}) - {"weekly_minutes"}
LIST_NAMES: Mapping[str, str] = {
    "overdue": gettext_noop("Overdue, the longest first"),
    "foreseen": gettext_noop("Will probably miss their date, the nearest first"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of figures: its name and its lines of name, words and figure."""

    title: str
    lines: Sequence[tuple[str, str, int]]


def groups(figures: Mapping[str, Any]) -> list[Group]:
    """The figures of a part in groups（分组数字）; a book tells those it was compiled with."""
    told = [
        (title, [(name, _(words), figures[name]) for name, words in rows if name in figures]) for title, rows in GROUPS
    ]
    return [Group(_(title), lines) for title, lines in told if lines]


def figure_title(name: str) -> str:
    """What a figure is called where it stands alone."""
    if name in _ALSO:
        return _(_ALSO[name])
    for group, rows in GROUPS:
        for one, words in rows:
            if one == name:
                return _("%(group)s: %(figure)s") % {"group": _(group), "figure": _(words)}
    return name


def spoken(told: Mapping[str, str]) -> str:
    """A name kept in both languages, in the reader's."""
    english = (get_language() or "").startswith("en")
    first, second = (told.get("en"), told.get("zh")) if english else (told.get("zh"), told.get("en"))
    return first or second or ""


def about(told: str, names: Mapping[str, str]) -> str:
    """What a question is about, by the key it carries."""
    return names.get(told, "")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is read: what it is about, its sentence, the rule that raised it, the rows it names."""

    about: str
    sentence: str
    rule: str
    rows: Sequence[Mapping[str, Any]]


def questions(told: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[Asked]:
    """The questions of a part as sentences（该问的）."""
    return [
        Asked(
            about(one["about"], names),
            _(rules.QUESTIONS[one["code"]]) % one["params"],
            _(rules.RULE_NAMES[one["code"]]),
            one["rows"],
        )
        for one in told
    ]


def names_of(part: Mapping[str, Any]) -> dict[str, str]:
    """Keys of units and matters in a part → their short names."""
    found: dict[str, str] = {}
    for unit in part.get("units", ()):
        found[f"unit:{unit['id']}"] = unit["short"]
    for matter in part.get("matters", ()):
        found[f"matter:{matter['id']}"] = spoken(matter["short"])
    return found


def variables(near: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The variables by which units are compared: name and words."""
    return [(name, _(rules.VARIABLES[name])) for name in near["variables"]]


def trend(part: Mapping[str, Any]) -> Iterator[tuple[date, int | None, int | None]]:
    """The line of a part: day, said, verified."""
    for point in part["trend"]:
        yield date.fromisoformat(point["on"]), point["said"], point["verified"]


def headline(figures: Mapping[str, Any]) -> str:
    """Said beside verified in one sentence（报核对照）."""
    if figures["said"] is None:
        return _("Nothing has been handed over here.")
    told = {name: figures[name] for name in ("said", "verified", "gap", "desk", "by_visit", "sampled")}
    return (
        _(
            "Said %(said)s %%, verified %(verified)s %% (%(desk)s at the desk, %(by_visit)s by visits,"
            " %(sampled)s by sampling): %(gap)s points apart."
        )
        % told
    )


def moved(figures: Mapping[str, Any]) -> str:
    """What stood on the first kept day since the meeting; empty without one."""
    then = figures["then"]
    if then is None or then["said"] is None:
        return ""
    return _("On %(day)s it was: said %(said)s %%, verified %(verified)s %%, %(overdue)s overdue.") % {
        "day": then["on"],
        "said": then["said"],
        "verified": then["verified"],
        "overdue": then["overdue"],
    }


def concluded(finding: Mapping[str, Any]) -> str:
    """How far a finding has come, in one word or two."""
    if finding["conclusion"] == "upheld":
        return _("upheld")
    if finding["conclusion"] == "dismissed":
        return _("dismissed")
    return _("answered, not concluded") if finding["answered"] else _("not answered yet")
