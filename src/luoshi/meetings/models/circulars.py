"""通报与函件: a paper that goes out to units, and which of them has signed for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.meetings.models.meetings import Meeting
from luoshi.rules import circulars
from luoshi.rules.circulars import KIND_NAMES, STATE_NAMES, CircularKind, CircularState


class Circular(models.Model):
    """通报、督办函: written, approved, issued under a number, and perhaps taken back; addressed to units.

    ``ref`` is how a draft is called; ``number`` is the paper's own number（发文字号）, given when it is issued.
    """

    ref = models.CharField(_("reference"), max_length=60, unique=True)
    number = models.CharField(_("number"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=[(one.value, name) for one, name in KIND_NAMES.items()])
    title = models.CharField(_("title"), max_length=200)
    words = models.TextField(_("text"), help_text="a paragraph a line")
    state = models.CharField(max_length=10, choices=[(one.value, name) for one, name in STATE_NAMES.items()])
    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="circulars")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="circulars")
    """The meeting it came out of, when it came out of one."""
    issuer = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="circulars_issued")
    drafted_at = models.DateTimeField()
    drafted_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    drafted_by_user = models.BigIntegerField()
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, related_name="+")
    reminded_on = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, related_name="+")
    withdraw_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("circular")
        verbose_name_plural = _("circulars")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["issuer", "state"], name="circular_issuer_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="circular_number_once"),
            models.CheckConstraint(
                condition=~models.Q(state="issued") | (~models.Q(number="") & models.Q(issued_at__isnull=False)),
                name="circular_numbered_when_issued",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.ref} {self.title}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.circular:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "ref": self.ref,
            "number": self.number,
            "kind": self.kind,
            "title": self.title,
            "words": self.words,
            "state": self.state,
            "programme": self.programme_id,
            "meeting": self.meeting_id,
            "issuer": self.issuer_id,
            "reminded_on": self.reminded_on.isoformat() if self.reminded_on else None,
            "withdraw_reason": self.withdraw_reason,
            "version": self.version,
        }

    def facts(self) -> circulars.Facts:
        """What the rules need to know of it; needs ``issuer`` with its area."""
        return circulars.Facts(
            kind=CircularKind(self.kind),
            state=CircularState(self.state),
            issuer_path=self.issuer.path,
            issuer_area_path=self.issuer.area.path,
            drafted_by_user=self.drafted_by_user,
        )


class Receipt(models.Model):
    """签收: one unit that a circular is addressed to, when it signed for it, and from which post."""

    circular = models.ForeignKey(Circular, on_delete=models.PROTECT, related_name="receipts")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="receipts")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, related_name="+")
    off = models.BooleanField(default=False, help_text="taken off the list while it was a draft")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["circular", "unit"], name="receipt_once"),
            models.CheckConstraint(
                condition=models.Q(signed_at__isnull=True, signed_by_post__isnull=True)
                | models.Q(signed_at__isnull=False, signed_by_post__isnull=False),
                name="receipt_signed_by_a_post",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit"], name="receipt_unsigned", condition=models.Q(signed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.circular_id}: {self.unit_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.receipt:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "circular": self.circular_id,
            "unit": self.unit_id,
            "signed": self.signed_at is not None,
            "signed_by": self.signed_by_post_id,
            "off": self.off,
        }

    def addressee(self) -> circulars.Addressee:
        """Who speaks for the unit; needs ``unit`` with its area."""
        return circulars.Addressee(self.unit.path, self.unit.area.path)
