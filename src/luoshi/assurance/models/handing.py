"""派员: what stands behind a hand-out: an approved second meeting, and the sealed lot of blind second visits."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.assurance.models.campaigns import Campaign
from luoshi.assurance.models.visits import Visit


class VisitApproval(models.Model):
    """再访批准: the head of the area that has visits made lets one unit be met again in the period, and says why.

    It covers one visit, of ``unit``; without a unit it covers the blind second visits of its campaign, however many.
    """

    area = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    unit = models.ForeignKey(
        "units.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="visit_approvals"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="visit_approvals"
    )
    reason = models.TextField(_("reason"))
    last_on = models.DateField(_("last visit"), null=True, blank=True)
    many_headed = models.BooleanField(_("another side had it made"), default=False)
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="approval")
    """The visit that was made of it."""
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    by_user = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("approval of another visit")
        verbose_name_plural = _("approvals of another visit")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["area", "unit"], name="visitapproval_area_unit")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(unit__isnull=False) | models.Q(campaign__isnull=False, visit__isnull=True),
                name="visitapproval_names_something",
            ),
            models.UniqueConstraint(
                fields=["campaign"], condition=models.Q(unit__isnull=True), name="visitapproval_seconds_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id or self.campaign_id} {self.at:%Y-%m-%d}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.visitapproval:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "area": self.area_id,
            "unit": self.unit_id,
            "campaign": self.campaign_id,
            "reason": self.reason,
            "last_on": self.last_on.isoformat() if self.last_on else None,
            "many_headed": self.many_headed,
            "visit": self.visit_id,
            "by_post": self.by_post_id,
        }


class SealedLot(models.Model):
    """封存的签: the secret by which blind second visits are drawn; the ledger has its digest from the first hand-out.

    It is shown when the campaign is over, so that anybody can compute the lot again.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="sealed_lot")
    secret = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sealed lot")
        verbose_name_plural = _("sealed lots")

    def __str__(self) -> str:
        return self.digest

    @property
    def digest(self) -> str:
        """SHA-256 of the secret, in hex."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.sealedlot:{self.campaign_id}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them; never the secret itself."""
        return {"campaign": self.campaign_id, "digest": self.digest}
