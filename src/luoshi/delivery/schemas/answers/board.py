"""The cells of the board over the API（总览）."""

from __future__ import annotations

from pydantic import BaseModel

from luoshi.delivery.schemas.answers.marks import UnitName
from luoshi.rules.rollup import Summary


class CellOut(BaseModel):
    """One unit × matter: per cent said and verified, and the points of it by desk, visit and sample."""

    unit: int
    matter: int
    items: int
    said: int | None
    verified: int | None
    desk: int
    visited: int
    sampled: int
    light: str | None
    overdue: int
    missed: int
    open_findings: int
    states: dict[str, int]
    lights: dict[str, int]

    @staticmethod
    def of(unit: int, matter: int, summary: Summary) -> CellOut:
        """The cell of a summary."""
        desk, visited, sampled = summary.verified_ways
        return CellOut(
            unit=unit,
            matter=matter,
            items=summary.items,
            said=summary.said_percent,
            verified=summary.verified_percent,
            desk=desk,
            visited=visited,
            sampled=sampled,
            light=summary.worst_light,
            overdue=summary.overdue,
            missed=summary.missed,
            open_findings=summary.open_findings,
            states=summary.states,
            lights=summary.lights,
        )


class MatterName(BaseModel):
    """A matter by its id, number and short name in the reader's language."""

    id: int
    number: int
    name: str


class BoardOut(BaseModel):
    """The board: a unit and those one level below × the matters of a programme; empty cells are absent."""

    unit: UnitName
    units: list[UnitName]
    matters: list[MatterName]
    cells: list[CellOut]
