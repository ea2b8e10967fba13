"""The standard departments of an area（标准部门）, set up in bulk with their professional superiors（条块）."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from luoshi.ledger import services as ledger
from luoshi.rules import paths
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import events
from luoshi.units.models import Kind, Unit
from luoshi.units.services._acts import after_of, allocate_ids, day_of, require_administrator
from luoshi.units.services.tree import new_unit


def create_standard_departments(
    *,
    actor: Actor,
    at: dt.datetime,
    areas: Iterable[Unit],
    standards: Sequence[Mapping[str, Any]],
    on: dt.date | None = None,
) -> list[Unit]:
    """Set up the standard departments of areas（设立标准部门）; what is there already stays as it is.

    Args:
        actor: the clock or an administrator above every area.
        at: when it is recorded.
        areas: provinces, prefectures or counties; others get none.
        standards: ``{"key", "names": {level: name}, "aliases": […], "superior_key": bool}``; a level without a name has
            no such department. ``superior_key`` false: no professional superior.
        on: from which day; the day of ``at`` by default.

    Returns:
        The departments that were made, areas from the top down.

    Raises:
        Refused: ``administrators_only``, ``bad_input`` when a standard has no key or no names.
    """
    day = on or day_of(at)
    for standard in standards:
        if not standard.get("key") or not isinstance(standard.get("names"), Mapping):
            raise Refused("bad_input", field="departments", problem=str(standard.get("key", "?")))
    with transaction.atomic():
        ordered = sorted(
            {area.pk: area for area in areas if area.kind == Kind.AREA}.values(), key=lambda area: area.path
        )
        for area in ordered:
            require_administrator(actor, area)
        have: dict[tuple[int, str], int] = {
            (area_id, key): pk
            for area_id, key, pk in Unit.objects.filter(valid_until__isnull=True)
            .exclude(standard_key="")
            .values_list("area_id", "standard_key", "pk")
        }
        above = _areas_above(ordered)
        todo = [
            (area, standard)
            for area in ordered
            for standard in standards
            if standard["names"].get(area.level) and (area.pk, standard["key"]) not in have
        ]
        made: list[Unit] = []
        for unit_id, (area, standard) in zip(allocate_ids(len(todo)), todo, strict=True):
            key = str(standard["key"])
            superior = None
            if standard.get("superior_key", True):
                superior = next((have[up, key] for up in above[area.pk] if (up, key) in have), None)
            unit = new_unit(
                unit_id=unit_id,
                kind=Kind.DEPARTMENT,
                level=area.level,
                name=area.name + str(standard["names"][area.level])
                if standard.get("with_area_name")
                else str(standard["names"][area.level]),
                code="",
                parent=area,
                on=day,
                aliases=[str(alias) for alias in standard.get("aliases", ())],
                standard_key=key,
                superior_id=superior,
            )
            have[area.pk, key] = unit_id
            made.append(unit)
        if not made:
            return []
        Unit.objects.bulk_create(made, batch_size=2000)
        ledger.append(
            events.DepartmentsCreated(areas=len({unit.area_id for unit in made}), created=len(made)),
            actor=actor,
            at=at,
            after=after_of(made),
            subjects=tuple(unit.ledger_key for unit in made),
        )
    return made


def _areas_above(areas: Sequence[Unit]) -> dict[int, list[int]]:
    """For every area the ids of the areas above it, the nearest first, read from the paths."""
    return {area.pk: paths.ids_above(area.path)[::-1] for area in areas}
