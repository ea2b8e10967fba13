"""短链接: a signed way to report on one commitment for one post, without an account, for a while."""

from __future__ import annotations

from typing import Any

from django.db import models

from luoshi.delivery.models.commitments import Commitment


class ShortLink(models.Model):
    """短链接: only the digest of the secret is kept; it expires and can be cancelled."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="links")
    post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.commitment_id} → {self.post_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.shortlink:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "post": self.post_id,
            "digest": self.digest,
            "revoked": self.revoked_at is not None,
        }
