"""The map beside the board（地图）: an approved one where the office has read one in, else our own schematic one."""

from __future__ import annotations

from typing import Any, Protocol

from django.utils.translation import gettext as _
from markupsafe import Markup

from luoshi.delivery.models import Matter
from luoshi.desk.queries.board import COUNTIES, Board, Row
from luoshi.desk.views import words
from luoshi.packs import tiles
from luoshi.ui import mapping
from luoshi.ui.jinja import drawn
from luoshi.units import queries as units

SHORT = 4
"""Characters of a name that fit a tile."""


class Links(Protocol):
    """The addresses a map leads to."""

    def unit(self, unit_id: int) -> str:
        """The board of a unit."""

    def here(self, **changed: object) -> str:
        """This board with something else chosen."""


def place(row: Row, matter: Matter | None, url: str, language: str) -> mapping.Place:
    """How one row stands, on a map."""
    assert row.unit is not None  # noqa: S101 - rows without a unit lie nowhere
    summary = row.summary(matter.pk if matter is not None else None)
    name = (row.unit.short_name or row.unit.name)[:SHORT]
    if not summary.items:
        return mapping.Place(name, "", "", None, None, url)
    return mapping.Place(
        name,
        summary.worst_light or "grey",
        words.summary_reason(summary, language),
        summary.said_percent,
        summary.verified_percent if summary.verified else None,
        url,
    )


def part(made: Board, matter: Matter | None, go: Links, language: str) -> Markup:
    """The drawing with what must be told of it, empty where there is nothing to draw; two statements.

    Only units that have a row are drawn, so the map shows nothing that the table hides.
    """
    told = _drawing(made, matter, go, language)
    if not told:
        return Markup()
    told |= {
        "large": made.view == COUNTIES,
        "matter": matter,
        "matters": [(one.number, str(one), go.here(matter=one.pk), one == matter) for one in made.matters],
        "all_url": go.here(matter=None),
    }
    return drawn("desk/board_map.html", told)


def _drawing(made: Board, matter: Matter | None, go: Links, language: str) -> dict[str, Any]:
    rows = {row.unit.pk: row for row in made.rows if row.unit is not None}
    if not rows:
        return {}
    places = {pk: place(row, matter, go.unit(pk) if row.open else "", language) for pk, row in rows.items()}
    label = _("Map of %(unit)s") % {"unit": made.unit.name}
    approved, shapes = units.shapes_for(list(rows))
    if approved is not None:
        drawing = mapping.shapes(
            [
                mapping.Shape(places[pk], shape.path, _box(shape.box), (shape.label_at[0], shape.label_at[1]))
                for pk, shape in shapes.items()
            ],
            label,
        )
        left = [row.unit.name for pk, row in rows.items() if row.unit is not None and pk not in shapes]
        return {"drawing": drawing, "approved": approved, "left": left}
    grid = tiles.places()
    found = [
        mapping.Tile(places[pk], *grid[row.unit.code])
        for pk, row in rows.items()
        if row.unit is not None and row.unit.code in grid
    ]
    if not found:
        return {}
    left = [row.unit.name for row in rows.values() if row.unit is not None and row.unit.code not in grid]
    return {"drawing": mapping.tiles(found, label), "approved": None, "left": left}


def _box(told: list[int]) -> tuple[int, int, int, int]:
    return told[0], told[1], told[2], told[3]
