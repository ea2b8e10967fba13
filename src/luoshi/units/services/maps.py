"""Approved maps（审定地图）: read in with source, licence and approval number, or not at all; taken away again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from luoshi.ledger import services as ledger
from luoshi.rules import outlines
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import events
from luoshi.units.models import AreaMap, Kind, MapShape, Unit
from luoshi.units.services._acts import after_of, require_administrator

MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class MapReport:
    """What reading a map in did, or would do (``dry_run``), or why it did nothing (``errors``)."""

    areas: int
    errors: tuple[outlines.RowError, ...]
    dry_run: bool
    map: AreaMap | None = None
    missing: tuple[str, ...] = ()
    """Sisters of the areas drawn that the file leaves out, by name; they are shown beside the map."""


def import_map(
    *,
    actor: Actor,
    at: dt.datetime,
    content: bytes,
    name: str,
    source: str,
    licence: str,
    approval_no: str,
    dry_run: bool = False,
) -> MapReport:
    """Read an approved GeoJSON in（导入地图）: every area or none; the same file twice changes nothing.

    Args:
        actor: the machine's owner or an administrator of the whole tree.
        at: when it is recorded.
        content: GeoJSON in UTF-8, longitudes and latitudes in degrees, a unit's code on every feature.
        name: of the file.
        source: who made the map.
        licence: under which terms it may be shown.
        approval_no: 审图号 as it stands on the map.
        dry_run: only say what would be done.

    Raises:
        Refused: ``administrators_only``, ``map_source_missing``, ``map_approval_bad`` and those of
            :func:`luoshi.rules.outlines.read`.
    """
    require_administrator(actor, None)
    source, licence = source.strip()[:MAX_WORDS], licence.strip()[:MAX_WORDS]
    if not source or not licence or not approval_no.strip():
        raise Refused("map_source_missing")
    approved = outlines.approval(approval_no)
    units = {
        unit.code: unit
        for unit in Unit.objects.filter(kind=Kind.AREA, valid_until__isnull=True)
        .exclude(code="")
        .only("pk", "code", "name", "parent_id")
    }
    features, errors = outlines.read(content, set(units))
    if errors:
        return MapReport(0, tuple(errors), dry_run)
    drawn = outlines.draw(features)
    missing = _left_out(units, {one.code for one in drawn})
    if dry_run:
        return MapReport(len(drawn), (), dry_run, missing=missing)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        kept = AreaMap.objects.filter(
            digest=digest, source=source, licence=licence, approval_no=approved, removed_at=None
        ).first()
        if kept is not None:
            return MapReport(len(drawn), (), dry_run, kept, missing)
        made = AreaMap.objects.create(
            name=name[:MAX_WORDS],
            source=source,
            licence=licence,
            approval_no=approved,
            digest=digest,
            areas=len(drawn),
            imported_at=at,
        )
        MapShape.objects.bulk_create(
            [
                MapShape(
                    area_map=made,
                    unit=units[one.code],
                    path=one.path,
                    box=list(one.box),
                    label_at=list(one.label),
                    geometry=one.geometry,
                )
                for one in drawn
            ],
            batch_size=200,
        )
        ledger.append(
            events.MapImported(
                map=made.pk, source=source, licence=licence, approval_no=approved, digest=digest, areas=len(drawn)
            ),
            actor=actor,
            at=at,
            after=after_of([made]),
            subjects=(made.ledger_key,),
        )
    return MapReport(len(drawn), (), dry_run, made, missing)


def require_clean_map(report: MapReport) -> None:
    """Refuse when an area was wrong.

    Raises:
        Refused: ``map_rows_bad``, naming the first.
    """
    if report.errors:
        first = report.errors[0]
        raise Refused(
            "map_rows_bad", count=len(report.errors), row=first.row, problem=first.template % dict(first.params)
        )


def remove_map(*, actor: Actor, at: dt.datetime, map_id: int) -> AreaMap:
    """Take a map away（移除地图）; the map before it, or the schematic one, is shown again.

    Raises:
        Refused: ``administrators_only``, ``not_found``.
    """
    require_administrator(actor, None)
    with transaction.atomic():
        found = AreaMap.objects.select_for_update().filter(pk=map_id, removed_at=None).first()
        if found is None:
            raise Refused("not_found")
        found.removed_at = at
        found.save(update_fields=["removed_at"])
        found.shapes.all().delete()
        ledger.append(
            events.MapRemoved(map=found.pk), actor=actor, at=at, after=after_of([found]), subjects=(found.ledger_key,)
        )
    return found


def _left_out(units: dict[str, Unit], drawn: set[str]) -> tuple[str, ...]:
    """Standing sisters of what is drawn that the map does not hold."""
    parents = {units[code].parent_id for code in drawn}
    left: Sequence[Unit] = [
        unit for code, unit in units.items() if unit.parent_id in parents and code not in drawn and unit.parent_id
    ]
    return tuple(unit.name for unit in sorted(left, key=lambda unit: unit.code))
