"""Once a day the cells are kept（每日留数）, so that a line of said and verified can be drawn."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from luoshi.delivery.models import Cell, CellDelta, Snapshot, SnapshotCell
from luoshi.delivery.models.cells import KEPT_LEVELS
from luoshi.rules.calendar import local_day
from luoshi.units.models import Kind, Unit

_NAMES = ", ".join(SnapshotCell.COLUMNS)
_KEEP = (
    "INSERT INTO {kept} (snapshot_id, unit_id, matter_id, {names}) "
    "SELECT %s, unit_id, matter_id, {sums} FROM ("
    "SELECT unit_id, matter_id, {names} FROM {base} UNION ALL SELECT unit_id, matter_id, {names} FROM {deltas}"
    ") AS parts WHERE unit_id IN (SELECT id FROM {units} WHERE kind = %s AND level IN (%s, %s, %s)) "
    "GROUP BY unit_id, matter_id"
)
_INSERT = _KEEP.format(  # names of our own tables and columns only; every value is a parameter
    kept=SnapshotCell._meta.db_table,
    base=Cell._meta.db_table,
    deltas=CellDelta._meta.db_table,
    units=Unit._meta.db_table,
    names=_NAMES,
    sums=", ".join(f"CAST(SUM({name}) AS bigint)" for name in SnapshotCell.COLUMNS),
)


def take_snapshot(*, at: datetime) -> int:
    """Keep the cells of today, once（留数）; one statement reads them, so it sees one moment.

    A reading of what is stored, not an act: no entry is appended, and a rebuild leaves it alone, because the past
    cannot be computed again. A day on which no clock ran is absent; it is not filled in afterwards.

    Returns:
        1 when today was kept now, 0 when it was kept before or there is nothing to keep.
    """
    today = local_day(at)
    if Snapshot.objects.filter(on=today).exists():
        return 0
    with transaction.atomic():
        if not Cell.objects.exists() and not CellDelta.objects.exists():
            return 0
        _made, first = Snapshot.objects.get_or_create(on=today, defaults={"taken_at": at})
        if not first:  # another tick was faster
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [_made.pk, Kind.AREA.value, *KEPT_LEVELS])
    return 1
