"""复盘册的内容: every part of a book as plain data, the same for the same rows, whatever the language of its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from luoshi.delivery.models import Commitment, Matter
from luoshi.meetings.queries import figures, named
from luoshi.meetings.queries.figures import ABOVE, Counts, Ground, Kept, Table
from luoshi.rules import book, rollup
from luoshi.rules.book import Cell, Facts, Row
from luoshi.units.models import Level, Unit

Part = dict[str, Any]
WHOLE, RESOLUTIONS, UNIT, MATTER, ANNEX = "whole", "resolutions", "unit", "matter", "annex"
ANNEX_FILE = "xlsx"
"""The kind of the file that holds the full annex."""
ITEMS, EXCEPTIONS = 400, 300
"""Rows of the printed annex at most: items of province and prefectures, and exceptions; the full annex has all."""
HIGH = (Level.PROVINCE.value, Level.PREFECTURE.value)


def contents(on: Ground, resolutions: Mapping[str, Any]) -> list[Part]:
    """The parts of a book in their order（册内各部分）; some thirty statements, whatever the size of the province.

    Args:
        on: what the book is about.
        resolutions: the last meeting and what became of what it resolved: ``meeting`` (or ``None``) and ``rows``.
    """
    made = _Making(on, resolutions)
    return [
        {"kind": RESOLUTIONS, "key": 0, **resolutions},
        made.whole(),
        *(made.matter(matter) for matter in on.matters),
        *(made.unit(unit) for unit in on.units),
        {"kind": ANNEX, "key": 0, **annex(on)},
    ]


class _Making:
    """What was read once and goes into several parts."""

    def __init__(self, on: Ground, resolutions: Mapping[str, Any]) -> None:
        self.on = on
        self.cells = figures.standing(on)
        self.kept: Kept = figures.kept(on)
        self.counts: Table = figures.happened(on)
        self.rows = named.named(on)
        self.requests = named.requests(on)
        self.findings = named.findings(on)
        self.values = figures.values_of(on, self.cells)
        self.resolutions: Sequence[Mapping[str, Any]] = resolutions["rows"]

    # --- the parts ------------------------------------------------------------------------------------------------

    def whole(self) -> Part:
        """All units and matters together."""
        on, area = self.on, self.on.area.pk
        rows = {code: found.whole for code, found in self.rows.items()}
        keys = [(unit, matter.pk) for unit in (ABOVE, *on.keys) for matter in on.matters]
        figure = self._figures([(area, matter.pk) for matter in on.matters], keys)
        gaps = self.rows[book.GAP]
        cells = [self._cell(_matter_key(one), (area, one.pk), gaps.by_matter.get(one.pk, ())) for one in on.matters]
        return {
            "kind": WHOLE,
            "key": 0,
            "unit": _unit(on.area),
            "figures": figure,
            "matters": [
                {**_matter(one), "figures": self._figures([(area, one.pk)], [(u, one.pk) for u in (ABOVE, *on.keys)])}
                for one in on.matters
            ],
            "units": [{**_unit(unit), "figures": self._of_unit(unit)} for unit in on.units],
            "trend": self._trend([(area, matter.pk) for matter in on.matters]),
            "lists": self._lists(rows),
            "requests": _first(self.requests, (*on.keys, ABOVE), "reply_by_on"),
            "findings": _first(self.findings, (*on.keys, ABOVE), "conclusion"),
            "questions": self._questions(figure, cells, rows, self.resolutions, len(rows[book.LATE_JUMP])),
        }

    def unit(self, unit: Unit) -> Part:
        """One unit: two pages of what was promised, said, verified and owed to it."""
        on = self.on
        rows = {code: found.by_unit.get(unit.pk, []) for code, found in self.rows.items()}
        figure = self._of_unit(unit)
        keys = [(unit.pk, matter.pk) for matter in on.matters]
        gaps = self.rows[book.GAP].by_both
        cells = [
            self._cell(_matter_key(one), key, gaps.get(key, ())) for one, key in zip(on.matters, keys, strict=True)
        ]
        names = figures.varying(self.values)
        near = book.nearest(unit.pk, self.values, names) if names else ()
        by_key = {one.pk: one for one in on.units}
        resolved = [row for row in self.resolutions if row.get("unit") == unit.pk]
        return {
            "kind": UNIT,
            "key": unit.pk,
            "unit": _unit(unit),
            "figures": figure,
            "matters": [
                {**_matter(one), "figures": self._figures([(unit.pk, one.pk)], [(unit.pk, one.pk)])}
                for one in on.matters
            ],
            "trend": self._trend([(unit.pk, matter.pk) for matter in on.matters]),
            "lists": self._lists(rows),
            "requests": list(self.requests.get(unit.pk, [])),
            "findings": list(self.findings.get(unit.pk, [])),
            "nearest": {
                "variables": list(names),
                "own": {name: self.values[unit.pk][name] for name in names},
                "units": [
                    {**_unit(by_key[key]), "values": {name: self.values[key][name] for name in names}} for key in near
                ],
            },
            "questions": self._questions(figure, cells, rows, resolved, len(rows[book.LATE_JUMP])),
        }

    def matter(self, matter: Matter) -> Part:
        """One matter on one page: how it stands with every unit."""
        on, area = self.on, self.on.area.pk
        rows = {code: found.by_matter.get(matter.pk, []) for code, found in self.rows.items()}
        figure = self._figures([(area, matter.pk)], [(unit, matter.pk) for unit in (ABOVE, *on.keys)])
        keys = [(unit.pk, matter.pk) for unit in on.units]
        gaps = self.rows[book.GAP].by_both
        cells = [self._cell(f"unit:{key[0]}", key, gaps.get(key, ())) for key in keys]
        resolved = [row for row in self.resolutions if row.get("matter") == matter.pk]
        return {
            "kind": MATTER,
            "key": matter.pk,
            "matter": _matter(matter),
            "source": {"quote": matter.source_quote, "place": matter.source_place},
            "figures": figure,
            "units": [
                {**_unit(unit), "figures": self._figures([(unit.pk, matter.pk)], [(unit.pk, matter.pk)])}
                for unit in on.units
            ],
            "trend": self._trend([(area, matter.pk)]),
            "lists": self._lists(rows),
            "questions": self._questions(figure, cells, rows, resolved, len(rows[book.LATE_JUMP])),
        }

    # --- what they are made of ------------------------------------------------------------------------------------

    def _of_unit(self, unit: Unit) -> dict[str, Any]:
        keys = [(unit.pk, matter.pk) for matter in self.on.matters]
        return self._figures(keys, keys)

    def _figures(self, cells: Sequence[tuple[int, int]], counts: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Everything that is told of a part in figures; percentages are whole or ``None``."""
        now = rollup.total(self.cells[key] for key in cells if key in self.cells)
        then = rollup.total(self.kept.then[key] for key in cells if key in self.kept.then)
        desk, visited, sampled = now.verified_ways
        happened: Counts = figures.added(self.counts[key] for key in counts if key in self.counts)
        return {
            "items": now.items,
            "weight": now.weight,
            "said": now.said_percent,
            "verified": now.verified_percent,
            "desk": desk,
            "by_visit": visited,
            "sampled": sampled,
            "gap": now.gap,
            "overdue": now.overdue,
            "missed": now.missed,
            "at_risk": now.light_yellow,
            "closed": now.state_closed,
            "open_findings": now.open_findings,
            "then": None
            if self.kept.on is None or not then
            else {
                "on": self.kept.on.isoformat(),
                "items": then.items,
                "said": then.said_percent,
                "verified": then.verified_percent,
                "overdue": then.overdue,
            },
            **{name: happened.get(name, 0) for name in COUNTED},
        }

    def _cell(self, about: str, key: tuple[int, int], rows: Sequence[Row]) -> Cell:
        now = rollup.total([self.cells[key]] if key in self.cells else [])
        return Cell(about, now.said_percent, now.verified_percent, rows)

    def _trend(self, keys: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
        """Said and verified on the kept days since the meeting, and today."""
        line = []
        for day, cells in self.kept.days:
            told = rollup.total(cells[key] for key in keys if key in cells)
            if told:
                line.append({"on": day.isoformat(), "said": told.said_percent, "verified": told.verified_percent})
        now = rollup.total(self.cells[key] for key in keys if key in self.cells)
        if now:
            today = self.on.today.isoformat()
            line.append({"on": today, "said": now.said_percent, "verified": now.verified_percent})
        return line

    def _lists(self, rows: Mapping[str, Sequence[Row]]) -> dict[str, list[dict[str, Any]]]:
        return {name: [_row(row) for row in rows[name][: named.SHOWN]] for name in named.LISTS}

    def _questions(
        self,
        figure: Mapping[str, Any],
        cells: Sequence[Cell],
        rows: Mapping[str, Sequence[Row]],
        resolved: Sequence[Mapping[str, Any]],
        leaps: int,
    ) -> list[dict[str, Any]]:
        idle = [one for one in resolved if one.get("idle")]
        told = Facts(
            cells=cells,
            visited=figure["visited_said"],
            visited_failed=figure["visited_said_failed"],
            late_jumps=leaps,
            silent=figure["silent"],
            extended_again=figure["extended_again"],
            owed_late=figure["owed_late"],
            relapsed=figure["relapsed"],
            asked_complete=figure["asked_complete"],
            asked_minutes=figure["asked_minutes"],
            resolutions=len(resolved),
            resolutions_idle=len(idle),
            rows={
                **rows,
                book.RESOLUTION: [Row(one["ref"], one["title"], one["lead"]) for one in idle],
            },
        )
        return [question.plain() for question in book.questions(told)]


COUNTED = (
    "promised", "promised_said", "promised_closed", "closed_since", "extended", "extended_again", "foreseen", "silent",
    "visited", "visited_failed", "visited_said", "visited_said_failed", "unreachable",
    "findings_open", "findings_unanswered", "findings_raised", "findings_answered", "findings_upheld",
    "owed", "owed_late", "looked_back", "drawn_back", "held", "relapsed",
    "asks", "asked_complete", "weekly_minutes", "asked_minutes",
)  # fmt: skip
"""What is counted and not kept in cells."""


def _unit(unit: Unit) -> dict[str, Any]:
    return {"id": unit.pk, "name": unit.name, "short": unit.short_name or unit.name, "code": unit.code}


def _matter_key(matter: Matter) -> str:
    return f"matter:{matter.pk}"


def _matter(matter: Matter) -> dict[str, Any]:
    return {
        "id": matter.pk,
        "number": matter.number,
        "name": {"zh": matter.name_zh, "en": matter.name_en},
        "short": {"zh": matter.short_zh or matter.name_zh, "en": matter.short_en or matter.name_en},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "title": row.title,
        "lead": row.lead,
        "day": row.day.isoformat() if row.day else None,
        "said": row.said,
        "verified": row.verified,
    }


def _first(found: Mapping[int, Sequence[dict[str, Any]]], keys: Sequence[int], by: str) -> list[dict[str, Any]]:
    """The first of all units together, in one order."""
    rows = [row for key in keys for row in found.get(key, ())]
    return sorted(rows, key=lambda row: (str(row[by] or "9999"), row["ref"]))[: named.SHOWN]


def annex(on: Ground) -> dict[str, Any]:
    """The printed annex（印附）: items of province and prefectures, and exceptions of any level; four statements.

    An exception is overdue, was missed, or was extended more than once.
    """
    columns = ("ref", "title", "lead__name", "matter__number", "said", "verified", "verified_how", "due_on", "light")
    live = figures.live(on).select_related(None)
    items = live.filter(lead__level__in=HIGH)
    exceptions = live.exclude(lead__level__in=HIGH).filter(figures.extended_again() | _late())
    told: dict[str, Any] = {}
    for name, rows, order, most in (
        ("items", items, ("matter__number", "lead_path", "ref"), ITEMS),
        ("exceptions", exceptions, ("due_key", "ref"), EXCEPTIONS),
    ):
        shown = [
            {
                "ref": row["ref"],
                "title": row["title"],
                "lead": row["lead__name"],
                "matter": row["matter__number"],
                "said": row["said"],
                "verified": row["verified"] if row["verified_how"] else None,
                "how": row["verified_how"],
                "due_on": row["due_on"].isoformat() if row["due_on"] else None,
                "light": row["light"],
            }
            for row in rows.order_by(*order).values(*columns)[:most]
        ]
        told[name] = shown
        told[f"{name}_count"] = rows.order_by().count()
    return told


def _late() -> Q:
    return Q(light="red") | Q(missed=True)


def all_items(on: Ground) -> QuerySet[Commitment]:
    """Every commitment of the book, for the full annex, in the order of matters and of the tree."""
    return figures.live(on).order_by("matter__number", "lead_path", "ref")
