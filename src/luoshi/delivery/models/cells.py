"""汇总: one cell for each unit and matter, and the deltas not yet folded into it.

A change appends a delta for each ancestor of the lead unit; a cell is its base plus its unfolded deltas; the tick
folds. The columns are those of :class:`luoshi.rules.rollup.Summary`, so the table follows the rule.
"""

from __future__ import annotations

from django.db import models

from luoshi.rules import rollup


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
