"""The API of the board（总览的接口）: cells, the line since the last meeting, the map, what needs one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Query, Router
from pydantic import BaseModel

from luoshi.assurance.queries.looking_back import relapses
from luoshi.assurance.schemas.after import RelapseOut
from luoshi.delivery.models import Matter, Programme
from luoshi.delivery.queries.asking import late_replies
from luoshi.delivery.queries.objecting import late_decisions
from luoshi.delivery.schemas.answers import BoardOut, CellOut, MatterName, UnitName
from luoshi.delivery.schemas.findings import LateDecisionOut, LateDecisionsOut
from luoshi.desk.queries import board as queries
from luoshi.desk.queries import needs as wants
from luoshi.desk.queries import trend as trends
from luoshi.desk.queries.board import Board
from luoshi.desk.schemas import board as schemas
from luoshi.desk.views import fresh
from luoshi.desk.views.board_words import need_line
from luoshi.packs import tiles
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import Unit

router = Router(tags=["board"])

Key = Annotated[str, Query(max_length=60, pattern=r"^[-0-9A-Za-z_]*$")]
Number = Annotated[int | None, Query(ge=1, le=2**53)]
View = Literal["units", "counties", "own"]
LISTED = 200
"""Late replies in one answer."""
Answer = TypeVar("Answer", bound=BaseModel)


def _fresh(
    request: HttpRequest, response: HttpResponse, make: Callable[[Actor, datetime], Answer]
) -> Answer | HttpResponseBase:
    """The answer with its entity tag, or 304 when the caller holds it."""
    at = timezone.now()
    actor = units.actor_for_request(request, at)
    tag = fresh.digest(fresh.shared(actor, fresh.state(at)), request.get_full_path())
    known = fresh.unchanged(request, tag)
    if known is not None:
        return known
    answer = make(actor, at)
    fresh.mark(response, tag)
    return answer


def _board(actor: Actor, key: str, unit: int | None, view: str) -> Board:
    """The board asked for.

    Raises:
        Refused: ``not_found`` for a programme, a unit or a view out of reach.
    """
    found = queries.choose_programme(actor, key)
    if found is None:
        raise Refused("not_found")
    return queries.board(actor, found, queries.area_for(actor, found, unit), view)


def _inside(actor: Actor, key: str, unit: int | None) -> tuple[Programme, Unit]:
    """The programme asked for and the area within which is listed what only those inside may read.

    Raises:
        Refused: ``not_found`` for a programme or a unit out of reach.
    """
    found = queries.choose_programme(actor, key)
    if found is None:
        raise Refused("not_found")
    place = queries.area_for(actor, found, unit)
    if not queries.reaches(actor, place):
        raise Refused("not_found")
    return found, place


def _matter(programme: Programme, matters: list[Matter], wanted: int | None) -> Matter | None:
    if wanted is None:
        return None
    found = next((one for one in matters if one.pk == wanted), None)
    if found is None:
        raise Refused("not_found")
    return found


@router.get("/board", response=BoardOut, operation_id="get_board")
def get_board(
    request: HttpRequest, response: HttpResponse, programme: Key, unit: Number = None, view: View = "units"
) -> Any:
    """Units one level below ``unit`` (the caller's area by default), all counties, or its own row, × the matters.

    The cells of ``unit`` itself are among them where everything below it may be seen.
    """

    def make(actor: Actor, at: datetime) -> BoardOut:
        made = _board(actor, programme, unit, view)
        cells = [(made.unit.pk, key, one) for key, one in made.by_matter.items() if made.inside and one]
        cells += [
            (row.unit.pk, key, one)
            for row in made.rows
            if row.unit is not None
            for key, one in row.cells.items()
            if one
        ]
        return BoardOut(
            unit=UnitName.of(made.unit),
            units=[UnitName.of(one) for one in made.shown],
            matters=[MatterName(id=one.pk, number=one.number, name=one.short) for one in made.matters],
            cells=[CellOut.of(*cell) for cell in sorted(cells, key=lambda cell: cell[:2])],
        )

    return _fresh(request, response, make)


@router.get("/board/trend", response=schemas.TrendOut, operation_id="get_board_trend")
def get_trend(
    request: HttpRequest, response: HttpResponse, programme: Key, unit: Number = None, matter: Number = None
) -> Any:
    """Said and verified on every kept day since the last meeting, and now; days that were not kept are absent."""

    def make(actor: Actor, at: datetime) -> schemas.TrendOut:
        made = _board(actor, programme, unit, "units")
        found = trends.trend(made, local_day(at), _matter(made.programme, made.matters, matter))
        return schemas.TrendOut.of(made.unit, found)

    return _fresh(request, response, make)


@router.get("/board/map", response=schemas.MapOut, operation_id="get_board_map")
def get_map(
    request: HttpRequest,
    response: HttpResponse,
    programme: Key,
    unit: Number = None,
    matter: Number = None,
    view: View = "units",
) -> Any:
    """The areas of a board as GeoJSON: of the approved map where there is one, else squares of the schematic one.

    Squares carry ``column`` and ``row`` and no geometry: they lie nowhere on the earth.
    """

    def make(actor: Actor, at: datetime) -> schemas.MapOut:
        made = _board(actor, programme, unit, view)
        chosen = _matter(made.programme, made.matters, matter)
        approved, shapes = units.shapes_for([one.pk for one in made.shown], geometry=True)
        return schemas.MapOut.of(
            [row for row in made.rows if row.unit is not None],
            chosen.pk if chosen is not None else None,
            approved,
            {pk: shape.geometry for pk, shape in shapes.items()},
            tiles.places(),
        )

    return _fresh(request, response, make)


@router.get("/board/replies", response=schemas.LateRepliesOut, operation_id="list_late_replies")
def list_late_replies(
    request: HttpRequest, response: HttpResponse, programme: Key, unit: Number = None, matter: Number = None
) -> Any:
    """Replies that superiors owe units within ``unit`` (the caller's area by default) and are late with."""

    def make(actor: Actor, at: datetime) -> schemas.LateRepliesOut:
        found, place = _inside(actor, programme, unit)
        chosen = _matter(found, list(found.matters.all()), matter)
        late = late_replies(actor, found, place, local_day(at), chosen, limit=LISTED)
        return schemas.LateRepliesOut(total=late.total, items=[schemas.LateReplyOut.of(one) for one in late.rows])

    return _fresh(request, response, make)


@router.get("/board/objections", response=LateDecisionsOut, operation_id="list_late_decisions")
def list_late_decisions(
    request: HttpRequest, response: HttpResponse, programme: Key, unit: Number = None, matter: Number = None
) -> Any:
    """Objections of units within ``unit`` (the caller's area by default) that were not decided within 30 days."""

    def make(actor: Actor, at: datetime) -> LateDecisionsOut:
        found, place = _inside(actor, programme, unit)
        chosen = _matter(found, list(found.matters.all()), matter)
        late = late_decisions(actor, found, place, local_day(at), chosen, limit=LISTED)
        return LateDecisionsOut(total=late.total, items=[LateDecisionOut.of(one) for one in late.rows])

    return _fresh(request, response, make)


@router.get("/board/relapses", response=list[RelapseOut], operation_id="list_relapses")
def list_relapses(request: HttpRequest, response: HttpResponse, programme: Key, unit: Number = None) -> Any:
    """Matter by matter how many look-backs that fell by lot were made within ``unit``, and how many did not hold."""

    def make(actor: Actor, at: datetime) -> list[RelapseOut]:
        found, place = _inside(actor, programme, unit)
        return [RelapseOut.of(one) for one in relapses(found, place)]

    return _fresh(request, response, make)


@router.get("/board/needs", response=list[schemas.NeedOut], operation_id="get_board_needs")
def get_needs(
    request: HttpRequest, response: HttpResponse, programme: Key, unit: Number = None, matter: Number = None
) -> Any:
    """What needs the caller within a unit of his: what we owe and what others owe, each with the rule that named it."""
    at = timezone.now()
    actor = units.actor_for_request(request, at)
    tag = fresh.digest(fresh.shared(actor, fresh.state(at)), request.get_full_path())
    known = fresh.unchanged(request, tag)
    if known is not None:
        return known
    found = queries.choose_programme(actor, programme)
    if found is None:
        raise Refused("not_found")
    place = queries.area_for(actor, found, unit)
    if not queries.reaches(actor, place):
        raise Refused("not_found")
    chosen = _matter(found, list(found.matters.all()), matter)
    fresh.mark(response, tag)
    return [schemas.NeedOut.of(need, need_line(need, at)) for need in wants.needs(actor, found, place, at, chosen)]
