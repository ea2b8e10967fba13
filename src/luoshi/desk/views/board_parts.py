"""The parts of a board that are the same for everybody of an area（总览画面）: table and line, drawn, and addresses."""

from __future__ import annotations

import json
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markupsafe import Markup

from luoshi.delivery.models import Matter
from luoshi.desk.queries import board as queries
from luoshi.desk.queries.board import Board, Row
from luoshi.desk.queries.trend import Trend
from luoshi.desk.views import words
from luoshi.rules import rollup
from luoshi.ui.jinja import drawn

SORTS = ("order", "gap", "late")


class Addresses:
    """The addresses of one board; what is chosen goes along, so that each holds the whole state."""

    def __init__(self, made: Board, matter: Matter | None, by: str) -> None:
        """Prepare what every link begins with: a board has more than a thousand of them."""
        key = made.programme.key  # a slug: nothing in it needs escaping
        self.made, self.matter, self.by = made, matter, by
        self._list = f"{reverse('desk:register')}?programme={key}"
        self._page = reverse("desk:board")
        self._board = f"{self._page}?programme={key}"
        self._chosen = f"&matter={matter.pk}" if matter is not None else ""
        self._heres: dict[tuple[tuple[str, object], ...], str] = {}

    def listed(self, unit_id: int, matter_id: int | None = None, *, own: bool = False) -> str:
        """The list behind a cell."""
        part = f"&matter={matter_id}" if matter_id is not None else ""
        return f"{self._list}&unit={unit_id}{part}{'&own=1' if own else ''}"

    def foreseen(self) -> str:
        """The list of what will probably miss its date, of the matter chosen here."""
        return f"{reverse('desk:foreseen')}?programme={self.made.programme.key}&unit={self.made.unit.pk}{self._chosen}"

    def unit(self, unit_id: int) -> str:
        """The board of a unit, for the matter chosen here."""
        return f"{self._board}&unit={unit_id}{self._chosen}"

    def here(self, **changed: object) -> str:
        """This board with something else chosen; table and map ask for the same ones."""
        asked = tuple(changed.items())
        if asked not in self._heres:
            self._heres[asked] = self._made_here(changed)
        return self._heres[asked]

    def _made_here(self, changed: dict[str, object]) -> str:
        kept: dict[str, object] = {
            "programme": self.made.programme.key,
            "unit": self.made.unit.pk,
            "view": self.made.view if self.made.view != queries.UNITS else None,
            "matter": self.matter.pk if self.matter is not None else None,
            "sort": self.by if self.by != "order" else None,
        }
        told = {**kept, **changed}  # keys and words of our own: nothing in them needs escaping, either
        return f"{self._page}?{'&'.join(f'{name}={value}' for name, value in told.items() if value is not None)}"


def _sorted(rows: list[Row], by: str, matter_id: int | None) -> list[Row]:
    """Rows in the order of the units' codes, by the widest gap, or by most overdue; the own level stays last."""
    if by == "gap":
        return sorted(rows, key=lambda row: (row.unit is None, -(row.summary(matter_id).gap or 0)))
    if by == "late":
        return sorted(rows, key=lambda row: (row.unit is None, -row.summary(matter_id).overdue))
    return rows


def cell(summary: rollup.Summary, url: str, language: str) -> tuple[Any, ...] | None:
    """One cell for the renderer: light, reason, said, verified, address, and the points by way of verifying."""
    if not summary.items:
        return None
    worst = summary.worst_light or "grey"
    reason = words.summary_reason(summary, language)
    if not summary.verified:
        return worst, reason, summary.said_percent, None, url
    return worst, reason, summary.said_percent, summary.verified_percent, url, summary.verified_ways


def table(made: Board, go: Addresses, language: str) -> tuple[list[tuple[str, str]], list[tuple[str, str, list[Any]]]]:
    """Columns and rows for the compiled renderer: all matters together first, then each."""
    columns = [(_("All"), go.here(matter=None))]
    columns += [(f"{matter.number} {matter.short}", go.here(matter=matter.pk)) for matter in made.matters]
    keys = [matter.pk for matter in made.matters]
    rows: list[tuple[str, str, list[Any]]] = []
    for row in _sorted(made.rows, go.by, go.matter.pk if go.matter is not None else None):
        unit_id = row.unit.pk if row.unit is not None else made.unit.pk
        own = row.unit is None
        cells = [cell(row.total, go.listed(unit_id, own=own) if row.open else "", language)]
        for key in keys:
            found = row.cells.get(key)
            url = go.listed(unit_id, key, own=own) if row.open else ""
            cells.append(cell(found, url, language) if found is not None else None)
        rows.append((*_name(made, row, go), cells))
    return columns, rows


def _name(made: Board, row: Row, go: Addresses) -> tuple[str, str]:
    if row.unit is None:
        if made.view == queries.COUNTIES:
            return _("Led above the counties"), ""
        return (_("Led at this level") if made.shown else _("This unit itself")), go.listed(made.unit.pk, own=True)
    name = f"{row.above} · {row.unit.short_name or row.unit.name}" if row.above else row.unit.name
    return name, go.unit(row.unit.pk) if row.open else ""


def heat(made: Board, go: Addresses, views: list[tuple[str, str, bool]], query: str, language: str) -> Markup:
    """The table with what stands around it: other views and orders, the legend, the way to take it away.

    ``views`` are those of the same page as label, address, chosen; ``query`` is what was asked for, for the files.
    """
    if not made.rows:
        return Markup()
    columns, rows = table(made, go, language)
    orders = zip(SORTS, (_("order of units"), _("widest gap"), _("most overdue")), strict=True)
    told = {"unit": made.unit.name, "programme": made.programme}
    return drawn(
        "desk/board_heat.html",
        {
            "counties": made.view == queries.COUNTIES,
            "views": views,
            "sorts": [(name, label, go.here(sort=name if name != "order" else None)) for name, label in orders],
            "sort": go.by,
            "columns": columns,
            "rows": rows,
            "caption": _("%(unit)s: units below and matters of %(programme)s") % told,
            "corner": "",
            "chosen": 1 + made.matters.index(go.matter) if go.matter is not None else None,
            "take_away": render_to_string("office/take_away.html", {"list": "board", "query": query}),
        },
    )


def line(found: Trend) -> Markup:
    """The line since the last meeting with its table and what the chart library is told."""
    points = [
        (on, summary.said_percent, summary.verified_percent if summary.verified else None)
        for on, summary in found.points
    ]
    series = [
        (pgettext("way", "Said"), "dashed", [[on.isoformat(), said] for on, said, _verified in points]),
        (_("Verified"), "solid", [[on.isoformat(), verified] for on, _said, verified in points]),
    ]
    colours = {"dashed": "#8fa3ba", "solid": "#1d4f8c"}
    told = {
        "grid": {"left": 34, "right": 12, "top": 28, "bottom": 24},
        "legend": {"top": 0, "left": 0, "icon": "roundRect", "itemHeight": 4},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True, "formatter": "{MM}-{dd}"}},
        "yAxis": {"type": "value", "min": 0, "max": 100, "splitNumber": 2},
        "series": [
            {
                "name": name,
                "type": "line",
                "data": data,
                "showSymbol": len(points) < 20,
                "itemStyle": {"color": colours[kind]},
                "lineStyle": {"type": kind, "width": 2},
            }
            for name, kind, data in series
        ],
    }
    option = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    safe = Markup(option)  # noqa: S704 - it cannot end the script it stands in
    return drawn("desk/board_trend.html", {"trend": found, "points": points, "option": safe})
