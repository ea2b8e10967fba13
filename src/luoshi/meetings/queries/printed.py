"""复盘册的纸面内容: a book as lines of text in one language, as far as it is printed; no layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from luoshi.meetings.queries import contents, wording
from luoshi.meetings.queries.contents import Part
from luoshi.ui.components import light_word

TITLE = 34
"""Characters of a title in a list on paper."""
_COLUMNS = (
    ("items", gettext_noop("Tasks")),
    ("said", gettext_noop("Said")),
    ("verified", gettext_noop("Verified")),
    ("gap", gettext_noop("Gap")),
    ("promised", gettext_noop("Promised")),
    ("closed_since", gettext_noop("Struck off")),
    ("overdue", gettext_noop("Overdue")),
    ("extended", gettext_noop("Extended")),
    ("foreseen", gettext_noop("Likely to miss")),
)


def printed(parts: Sequence[Part]) -> dict[str, Any]:
    """The parts of a book in the active language, ready to be laid out（纸面内容）."""
    by_kind: dict[str, list[Part]] = {}
    for part in parts:
        by_kind.setdefault(part["kind"], []).append(part)
    (whole,) = by_kind[contents.WHOLE]
    names = wording.names_of(whole)
    return {
        "words": _words(),
        "resolutions": _resolved(by_kind[contents.RESOLUTIONS][0]),
        "whole": {
            **_part(whole, names, whole["unit"]["name"]),
            "bars": _bars(whole["matters"], "matter"),
            "tables": [_table(whole["matters"], "matter"), _table(whole["units"], "unit")],
        },
        "matters": [
            {
                **_part(part, names, _numbered(part["matter"], "name")),
                "source": part["source"]["quote"],
                "bars": _bars(part["units"], "unit"),
                "tables": [_table(part["units"], "unit")],
            }
            for part in by_kind.get(contents.MATTER, ())
        ],
        "units": [
            {
                **_part(part, names, part["unit"]["name"]),
                "bars": _bars(part["matters"], "matter"),
                "tables": [_table(part["matters"], "matter")],
                "near": _near(part),
            }
            for part in by_kind.get(contents.UNIT, ())
        ],
        "annex": _annex(by_kind[contents.ANNEX][0]),
    }


def _words() -> dict[str, str]:
    return {
        "title": _("Review book"),
        "questions": _("Questions worth asking"),
        "no_questions": _("No rule raised a question."),
        "rule": _("Rule"),
        "resolved": _("What the last meeting resolved, and what became of it"),
        "counted": _("Since the last meeting"),
        "near": _("Units most like this one"),
        "near_note": _(
            "Chosen by these figures alone, in the order of the tree; they say nothing about how well anybody does."
        ),
        "annex": _("Annex"),
        "said": _("said"),
        "verified": _("verified"),
        "bars": _("Said and verified"),
        "trend": _("Said and verified since the meeting"),
        "checkpoint": _("Checkpoint of the ledger"),
        "no_checkpoint": _("none had been set yet"),
        "digest": _("Digest of the content"),
        "demo": _("Demonstration: every figure is invented"),
        "table_note": _(
            "Promised: first due since the meeting. Struck off and extended: since the meeting. The order is that of"
            " the tree; nobody is ranked."
        ),
    }


def _numbered(matter: Mapping[str, Any], name: str) -> str:
    return f"{matter['number']} {wording.spoken(matter[name])}"


def _part(part: Part, names: Mapping[str, str], title: str) -> dict[str, Any]:
    figures = part["figures"]
    return {
        "title": title,
        "headline": wording.headline(figures),
        "moved": wording.moved(figures),
        "groups": [[group.title, [[words, n] for _name, words, n in group.lines]] for group in wording.groups(figures)],
        "questions": [
            {
                "about": asked.about,
                "sentence": asked.sentence,
                "rule": asked.rule,
                "rows": [f"{row['ref']} {row['lead']}" for row in asked.rows],
            }
            for asked in wording.questions(part["questions"], {**wording.names_of(part), **names})
        ],
        "trend": [[on.isoformat(), said, verified] for on, said, verified in wording.trend(part)],
        "lists": _lists(part),
    }


def _lists(part: Part) -> list[dict[str, Any]]:
    found = [
        {
            "title": _(wording.LIST_NAMES[name]),
            "rows": [
                [
                    _cut(f"{row['lead']} · {row['title'] or row['ref']}"),
                    f"{row['said']} / {row['verified']}",
                    row["day"] or "",
                ]
                for row in rows
            ],
        }
        for name, rows in part["lists"].items()
    ]
    found.append(
        {
            "title": _("What the upper level owes"),
            "rows": [
                [_cut(f"{row['lead']} · {row['question'] or row['ref']}"), row["lies_with"], row["reply_by_on"] or ""]
                for row in part.get("requests", ())
            ],
        }
    )
    found.append(
        {
            "title": _("Findings"),
            "rows": [
                [_cut(f"{row['lead']} · {row['words'] or row['ref']}"), wording.concluded(row), row["on"]]
                for row in part.get("findings", ())
            ],
        }
    )
    return [one for one in found if one["rows"]]


def _cut(text: str) -> str:
    return text if len(text) <= TITLE else text[: TITLE - 1] + "…"


def _bars(rows: Sequence[Mapping[str, Any]], kind: str) -> list[list[Any]]:
    """Said and verified of each matter or unit that carries weight."""
    return [
        [
            _numbered(row, "short") if kind == "matter" else row["short"],
            row["figures"]["said"],
            row["figures"]["verified"],
        ]
        for row in rows
        if row["figures"]["said"] is not None
    ]


def _table(rows: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any]:
    return {
        "title": _("Matter by matter") if kind == "matter" else _("Unit by unit"),
        "head": [_("Matter") if kind == "matter" else _("Unit"), *(_(words) for _name, words in _COLUMNS)],
        "rows": [
            [
                _numbered(row, "short") if kind == "matter" else row["short"],
                *("–" if row["figures"][name] is None else str(row["figures"][name]) for name, _title in _COLUMNS),
            ]
            for row in rows
        ],
    }


def _near(part: Part) -> dict[str, Any]:
    near = part["nearest"]
    names = wording.variables(near)
    return {
        "head": [_("Unit"), *(words for _name, words in names)],
        "rows": [
            [part["unit"]["short"], *(str(near["own"][name]) for name, _w in names)],
            *([one["short"], *(str(one["values"][name]) for name, _w in names)] for one in near["units"]),
        ],
    }


def _resolved(part: Part) -> dict[str, Any]:
    if not part["rows"]:
        empty = (
            _("The last meeting resolved nothing that was issued as a task.")
            if part["meeting"]
            else _("No meeting has been recorded before this book, so there are no resolutions to look back at.")
        )
        return {"empty": empty, "rows": []}
    return {
        "empty": "",
        "rows": [
            [
                f"{row['lead']} · {row['title'] or row['ref']}",
                f"{row['said']} / {row['verified']}",
                row["due_on"] or "",
                _("not begun") if row["idle"] else "",
            ]
            for row in part["rows"]
        ],
    }


def _annex(part: Part) -> dict[str, Any]:
    head = [_("Number"), _("Lead"), _("Title"), _("Light"), _("said / verified"), _("Due now")]
    return {
        "full": _("The full annex has %(rows)s rows and is a file of its own.") % {"rows": part["full"]["rows"]}
        + " SHA-256 "
        + part["full"]["digest"],
        "head": head,
        "tables": [
            {
                "title": title,
                "rows": [
                    [
                        row["ref"],
                        row["lead"],
                        row["title"],
                        light_word(row["light"]),
                        f"{row['said']} / {'–' if row['verified'] is None else row['verified']}",
                        row["due_on"] or "",
                    ]
                    for row in part[name]
                ],
                "none": _("None."),
                "count": part[f"{name}_count"],
            }
            for name, title in (
                ("items", _("Items of the province and the prefectures")),
                ("exceptions", _("Exceptions below: overdue, late at some time, extended more than once")),
            )
        ],
    }
