"""疑点、申辩: a reason to look, never a verdict; the unit answers and may object."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.commitments import Commitment
from luoshi.delivery.models.reporting import Evidence


class Finding(models.Model):
    """疑点: shows its evidence; the unit answers; a person concludes with a reason."""

    class Conclusion(models.TextChoices):
        """How it ended."""

        OPEN = "", _("open")
        UPHELD = "upheld", _("upheld")
        DISMISSED = "dismissed", _("dismissed")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="findings")
    words = models.TextField()
    evidence = models.TextField(blank=True)
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    by_user = models.BigIntegerField()
    kin = models.JSONField(default=list, help_text="deputies and principals of whoever found, at that moment")
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.CharField(max_length=10, choices=Conclusion, blank=True, default=Conclusion.OPEN)
    reason = models.TextField(blank=True)
    concluded_by_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    concluded_by_user = models.BigIntegerField(null=True, blank=True)
    concluded_kin = models.JSONField(default=list, help_text="the same of whoever concluded")
    concluded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.words[:40]

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.finding:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "words": self.words,
            "answer": self.answer,
            "conclusion": self.conclusion,
            "reason": self.reason,
        }


class FindingEvidence(models.Model):
    """疑点依据: what a finding rests on: a piece handed in by the unit, a file of whoever found, or an address."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="shown")
    piece = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey("office.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    url = models.CharField(max_length=500, blank=True, help_text="an address elsewhere, or a page of this site")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(digest="", url=""), name="finding_evidence_is_something"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.findingevidence:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"finding": self.finding_id, "digest": self.digest, "name": self.name, "url": self.url}


class Objection(models.Model):
    """申辩: raised within 30 days, decided within 30 by somebody who took no part (条例 Art 20)."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="objections")
    words = models.TextField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decide_by_on = models.DateField()
    upheld = models.BooleanField(null=True, blank=True)
    decision = models.TextField(blank=True)
    decided_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    told = models.PositiveSmallIntegerField(default=0, help_text="steps the clock has taken")
    next_step_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["decide_by_on"], name="objection_owed", condition=models.Q(upheld__isnull=True)),
            models.Index(
                fields=["next_step_at"], name="objection_next_step", condition=models.Q(next_step_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.words[:40]

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.objection:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "words": self.words,
            "upheld": self.upheld,
            "decision": self.decision,
        }
