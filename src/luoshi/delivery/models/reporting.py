"""反馈、佐证: what the lead says, and what stands behind it. Never overwritten: a correction is a new report."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.commitments import Commitment


class Report(models.Model):
    """反馈: percent, words, problems, next step; by a post, perhaps on behalf of a unit below."""

    class Via(models.TextChoices):
        """By which door it came."""

        PAGE = "page", _("page")
        API = "api", _("API")
        LINK = "link", _("short link")
        COMMAND = "command", _("command line")
        IMPORT = "import", _("import")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="reports")
    percent = models.PositiveSmallIntegerField()
    words = models.TextField()
    problems = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    for_unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=8, choices=Via, default=Via.PAGE)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(blank=True)
    return_by_on = models.DateField(null=True, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_reason = models.TextField(blank=True)

    known: tuple[str, ...] = ()
    """Names of files just handed in that this unit had handed in before; empty on rows read back."""
    twice: tuple[str, ...] = ()
    """Names of files that were offered twice with this report and are kept once; empty on rows read back."""

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(percent__lte=100), name="report_percent")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.percent}%"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.report:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "percent": self.percent,
            "words": self.words,
            "problems": self.problems,
            "next_step": self.next_step,
            "by_post": self.by_post_id,
            "for_unit": self.for_unit_id,
            "returned": self.returned_at is not None,
            "disputed": self.disputed_at is not None,
        }


class Evidence(models.Model):
    """佐证: a file by its digest, or a link. Optional, and never enough to close.

    A corrected file supersedes（取代）the earlier one: both stay, and the chain is shown. The same file behind another
    report is another row with the same digest; the content is kept once.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey("office.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    url = models.URLField(max_length=500, blank=True)
    added_at = models.DateTimeField()
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["digest"], name="evidence_digest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(supersedes__isnull=True) | ~models.Q(supersedes=models.F("id")),
                name="evidence_not_own_correction",
            ),
            models.UniqueConstraint(fields=["supersedes"], name="evidence_corrected_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.evidence:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        state = {"report": self.report_id, "digest": self.digest, "name": self.name, "url": self.url}
        return {**state, "supersedes": self.supersedes_id} if self.supersedes_id else state
