"""报告、已阅: papers upward that need no reply; whoever issued the commitment reads them, and no clock runs."""

from __future__ import annotations

from typing import Any

from django.db import models

from luoshi.delivery.models.commitments import Commitment


class Brief(models.Model):
    """报告: what the superior should know and need not answer; read（已阅）once by the issuing side."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="briefs")
    words = models.TextField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    read_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.words[:40]

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.brief:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"commitment": self.commitment_id, "words": self.words, "read": self.read_at is not None}
