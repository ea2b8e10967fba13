"""What the API answers of the board（总览）."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from luoshi.delivery.queries.asking import LateReply
from luoshi.delivery.schemas.answers import UnitName
from luoshi.desk.queries.board import Row
from luoshi.desk.queries.needs import Need
from luoshi.desk.queries.trend import Trend
from luoshi.units.models import AreaMap, Unit


class DayOut(BaseModel):
    """How a unit stood on a day: whole per cents, and the points of the verified one by way of verifying."""

    on: dt.date
    items: int
    overdue: int
    said: int | None
    verified: int | None
    desk: int
    visited: int
    sampled: int


class TrendOut(BaseModel):
    """The kept days since the last meeting, or since the programme began; the last one is now."""

    unit: UnitName
    since: dt.date
    since_meeting: bool
    kept: bool
    days: list[DayOut]

    @staticmethod
    def of(unit: Unit, trend: Trend) -> TrendOut:
        """The answer for a trend."""
        return TrendOut(
            unit=UnitName.of(unit),
            since=trend.since,
            since_meeting=trend.meeting,
            kept=trend.kept,
            days=[
                DayOut(
                    on=on,
                    items=one.items,
                    overdue=one.overdue,
                    said=one.said_percent,
                    verified=one.verified_percent,
                    **dict(zip(("desk", "visited", "sampled"), one.verified_ways, strict=True)),
                )
                for on, one in trend.points
            ],
        )


class PlaceOut(BaseModel):
    """A feature: how an area stands, and where it lies; without a geometry on the schematic map."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class MapOut(BaseModel):
    """A GeoJSON of the areas of a board; an approved map says its source, licence and approval number."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    schematic: bool
    source: str | None
    licence: str | None
    approval_no: str | None
    features: list[PlaceOut]

    @staticmethod
    def of(
        rows: Sequence[Row],
        matter: int | None,
        approved: AreaMap | None,
        geometries: Mapping[int, dict[str, Any]],
        tiles: Mapping[str, tuple[int, int]],
    ) -> MapOut:
        """The answer for some rows of a board."""
        features = []
        for row in rows:
            unit, one = row.unit, row.summary(matter)
            if unit is None:
                continue
            properties: dict[str, Any] = {
                "unit": unit.pk,
                "code": unit.code,
                "name": unit.name,
                "items": one.items,
                "light": one.worst_light,
                "said": one.said_percent,
                "verified": one.verified_percent,
                "overdue": one.overdue,
            }
            if approved is None and unit.code in tiles:
                properties["column"], properties["row"] = tiles[unit.code]
            features.append(PlaceOut(id=unit.code, geometry=geometries.get(unit.pk), properties=properties))
        return MapOut(
            schematic=approved is None,
            source=approved.source if approved else None,
            licence=approved.licence if approved else None,
            approval_no=approved.approval_no if approved else None,
            features=features,
        )


class LateReplyOut(BaseModel):
    """A reply from above that is late: whose, to whom, since when."""

    ref: str
    title: str
    request: int
    owed_by: UnitName
    owed_to: UnitName
    due_on: dt.date
    days_late: int
    ours: bool

    @staticmethod
    def of(one: LateReply) -> LateReplyOut:
        """The answer for one late reply."""
        commitment = one.request.commitment
        return LateReplyOut.model_validate(
            {
                "ref": commitment.ref,
                "title": commitment.title,
                "request": one.request.pk,
                "owed_by": UnitName.of(one.unit),
                "owed_to": UnitName.of(commitment.lead),
                "due_on": one.request.reply_by_on,
                "days_late": one.days,
                "ours": one.ours,
            }
        )


class LateRepliesOut(BaseModel):
    """Replies that superiors owe and are late with, the oldest first, and how many there are."""

    total: int
    items: list[LateReplyOut]


class NeedOut(BaseModel):
    """One line of “what needs you”: the commitment, the rule that named it, why, and what we can do."""

    ref: str
    title: str
    lead: UnitName
    rule: Literal["decide", "overdue", "reply", "foreseen", "gap"]
    light: str
    said: int
    verified: int
    due_on: dt.date | None
    word: str
    reason: str
    act: str | None

    @staticmethod
    def of(need: Need, line: Mapping[str, Any]) -> NeedOut:
        """The answer for a need and its words."""
        one = need.commitment
        return NeedOut.model_validate(
            {
                "ref": one.ref,
                "title": one.title,
                "lead": UnitName.of(one.lead),
                "rule": need.rule,
                "light": line["colour"],
                "said": one.said,
                "verified": one.verified,
                "due_on": one.due_on,
                "word": line["word"],
                "reason": str(line["reason"]),
                "act": need.item.act.value if need.item is not None else None,
            }
        )
