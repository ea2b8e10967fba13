"""汇总: one cell for each unit and matter, and the deltas not yet folded into it.

A change appends a delta for each ancestor of the lead unit; a cell is its base plus its unfolded deltas; the tick
folds. The columns are those of :class:`luoshi.rules.rollup.Summary`, so the table follows the rule.
"""

from __future__ import annotations

from django.db import connection, models

from luoshi.rules import rollup
from luoshi.units.models import Level

KEPT_LEVELS = (Level.PROVINCE.value, Level.PREFECTURE.value, Level.COUNTY.value)
"""Levels whose areas are kept every day; below them a day would cost more rows than anybody looks at."""


class SummaryColumns(models.Model):
    """The integer columns of a summary."""

    class Meta:
        abstract = True


for _column in rollup.COLUMNS:
    SummaryColumns.add_to_class(_column, models.BigIntegerField(default=0))


class Cell(SummaryColumns):
    """The folded base of one unit and matter."""

    unit = models.ForeignKey("units.Unit", on_delete=models.CASCADE, related_name="+")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "matter"], name="cell_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} × {self.matter_id}"


class CellDelta(SummaryColumns):
    """One change to one cell, waiting to be folded."""

    unit = models.ForeignKey("units.Unit", on_delete=models.CASCADE, related_name="+")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["unit", "matter"], name="delta_cell")]

    def __str__(self) -> str:
        return f"{self.unit_id} × {self.matter_id}"


class CellVersion(models.Model):
    """How often the stored bases have changed（格版本）; one row: a reader knows whether a picture still holds."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def bump(cls) -> None:
        """Say within the transaction that changes bases that they have changed; one statement."""
        table = cls._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (id, number) VALUES (1, 1) "  # noqa: S608 - our own table's name
                f"ON CONFLICT (id) DO UPDATE SET number = {table}.number + 1"
            )


class Snapshot(models.Model):
    """A day on which the cells were kept（每日留数）. A day nobody was there to keep is absent and never invented."""

    on = models.DateField(unique=True)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-on"]

    def __str__(self) -> str:
        return str(self.on)


class SnapshotCell(models.Model):
    """One unit × matter as it stood on a day; kept down to the county, because a line is not drawn for villages."""

    COLUMNS = ("items", "weight", "said", "verified_desk", "verified_visited", "verified_sampled", "overdue")

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="cells")
    unit = models.ForeignKey("units.Unit", on_delete=models.CASCADE, related_name="+")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.CASCADE, related_name="+")
    items = models.BigIntegerField(default=0)
    weight = models.BigIntegerField(default=0)
    said = models.BigIntegerField(default=0)
    verified_desk = models.BigIntegerField(default=0)
    verified_visited = models.BigIntegerField(default=0)
    verified_sampled = models.BigIntegerField(default=0)
    overdue = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "matter", "snapshot"], name="snapshot_cell_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} × {self.matter_id} @ {self.snapshot_id}"
