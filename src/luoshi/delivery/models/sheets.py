"""台账: how an office's own ledger is read, and which of its rows have become commitments."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SheetMap(models.Model):
    """How the columns of one office's ledger are read（列对照）; set once, used whenever those headings come again."""

    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="sheet_maps")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    signature = models.CharField(max_length=64)
    columns = models.JSONField(default=dict, help_text="field → heading")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "unit", "signature"], name="sheet_map_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.signature[:8]}"


class ImportedRow(models.Model):
    """A row of a ledger that has become a commitment（已导入的行）; the same row never becomes another."""

    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=64, blank=True, help_text="the digest of title and lead")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.PROTECT, related_name="imported_rows")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "unit", "digest"], name="imported_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.digest[:8]}"
