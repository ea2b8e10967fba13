"""通报与函件: a paper that goes out, and who has signed for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.meetings.models.meetings import Meeting
from luoshi.rules.meetings import CIRCULAR_NAMES


class Circular(models.Model):
    """通报、函件、通知、纪要: the body is a list of blocks, from which papers are rendered."""

    ref = models.CharField(_("number"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=list(CIRCULAR_NAMES.items()))
    title = models.CharField(_("title"), max_length=200)
    body = models.JSONField(default=list)
    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="circulars")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="circulars")
    slip = models.ForeignKey("delivery.Slip", on_delete=models.PROTECT, null=True, blank=True, related_name="circulars")
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    answer_by_on = models.DateField(_("answer by"), null=True, blank=True)
    issued_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("circular")
        verbose_name_plural = _("circulars")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.circular:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "ref": self.ref,
            "kind": self.kind,
            "title": self.title,
            "body": self.body,
            "programme": self.programme_id,
            "meeting": self.meeting_id,
            "slip": self.slip_id,
            "answer_by_on": self.answer_by_on.isoformat() if self.answer_by_on else None,
            "version": self.version,
        }


class Receipt(models.Model):
    """签收: one post that a circular is addressed to, when it signed for it, and its answer."""

    circular = models.ForeignKey(Circular, on_delete=models.PROTECT, related_name="receipts")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="circulars")
    signed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["circular", "post"], name="receipt_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["post"], name="receipt_unsigned", condition=models.Q(signed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.circular_id}: {self.post_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.receipt:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "circular": self.circular_id,
            "unit": self.unit_id,
            "post": self.post_id,
            "signed": self.signed_at is not None,
            "answer": self.answer,
        }
