"""Programmes and the stored cells of units × matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from luoshi.delivery.models import Cell, CellDelta, CellVersion, Matter, Programme, SnapshotCell
from luoshi.rules import paths, rollup
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


def programmes(actor: Actor) -> QuerySet[Programme]:
    """Programmes that reach the actor: owned by an area on the actor's line or within its subtree."""
    area = actor.effective.area_path
    rows = Programme.objects.select_related("owner")
    if not area:
        return rows
    return rows.filter(Q(owner__area__path__in=paths.line(area)) | Q(**paths.subtree("owner__path", area)))


def programme_for(actor: Actor, key: str) -> Programme:
    """One programme within reach.

    Raises:
        Refused: ``not_found``.
    """
    found = programmes(actor).filter(key=key).first()
    if found is None:
        raise Refused("not_found")
    return found


_COLUMNS = ", ".join(rollup.COLUMNS)
_PART = "SELECT unit_id, matter_id, {columns} FROM {table} WHERE unit_id IN ({{units}}) AND matter_id IN ({{matters}})"
_ALL = "SELECT unit_id, matter_id, {sums} FROM ({base} UNION ALL {deltas}) AS parts GROUP BY unit_id, matter_id"
_SUMS = _ALL.format(  # names of our own tables and columns only; every value is a parameter
    sums=", ".join(f"CAST(SUM({column}) AS bigint)" for column in rollup.COLUMNS),
    base=_PART.format(columns=_COLUMNS, table=Cell._meta.db_table),
    deltas=_PART.format(columns=_COLUMNS, table=CellDelta._meta.db_table),
)
"""Written once instead of composed for every board: composing it cost more than running it."""


def cells(unit_ids: Iterable[int], matters: Iterable[Matter]) -> dict[tuple[int, int], rollup.Summary]:
    """The summary of each unit × matter: stored base plus deltas not folded yet. One statement, whatever the size.

    One statement sees one moment: a fold that commits meanwhile can neither hide a delta nor count it twice. The
    caller has already limited ``unit_ids`` to what the actor may see; empty cells are absent.
    """
    units, matter_ids = list(unit_ids), [matter.pk for matter in matters]
    if not units or not matter_ids:
        return {}
    places = _SUMS.format(
        units=", ".join(["%s"] * len(units)),
        matters=", ".join(["%s"] * len(matter_ids)),
    )
    with connection.cursor() as cursor:
        cursor.execute(places, [*units, *matter_ids, *units, *matter_ids])
        return {(row[0], row[1]): rollup.Summary(*row[2:]) for row in cursor.fetchall()}


_STATE = (
    f"SELECT COALESCE((SELECT MAX(number) FROM {CellVersion._meta.db_table}), 0), COUNT(*), COALESCE(MAX(id), 0) "  # noqa: S608
    f"FROM {CellDelta._meta.db_table}"
)


def cells_state() -> tuple[int, int, int]:
    """What a picture of the cells is valid for: version of the bases, unfolded deltas, the highest of them（格状态）.

    Two equal states mean equal cells: a fold raises the version, and without a fold deltas only become more. Ids may
    commit out of order, which is why they are counted, too. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        version, count, highest = cursor.fetchone()
    return int(version), int(count), int(highest)


def kept_totals(unit_ids: Sequence[int], matter_ids: Sequence[int], since: date) -> list[tuple[date, rollup.Summary]]:
    """The sum of some cells on every day that was kept since ``since``, oldest first（历日合计）; one statement.

    Only the columns of :attr:`SnapshotCell.COLUMNS` are filled. Days that were not kept are absent.
    """
    rows = (
        SnapshotCell.objects.filter(unit__in=unit_ids, matter__in=matter_ids, snapshot__on__gte=since)
        .values_list("snapshot__on")
        .annotate(*(Sum(name) for name in SnapshotCell.COLUMNS))
        .order_by("snapshot__on")
    )
    return [(on, rollup.Summary(**dict(zip(SnapshotCell.COLUMNS, map(int, sums), strict=True)))) for on, *sums in rows]
