"""批量办理: a plan of one act on many subjects, what it would do to each, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.commitments import Commitment


class Bulk(models.Model):
    """One bulk act（批量办理）: planned, looked at, confirmed, then done as one act with one ledger entry.

    It governs nothing: the entry is the record. ``digest`` is what the person looked at and confirmed.
    """

    class State(models.TextChoices):
        """Where a bulk act stands."""

        PLANNING = "planning", _("being planned")
        PLANNED = "planned", _("planned, waiting to be confirmed")
        CONFIRMED = "confirmed", _("confirmed, being done")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled, nothing was done")
        FAILED = "failed", _("refused, nothing was done")

    act = models.CharField(_("act"), max_length=20)
    args = models.JSONField(_("arguments"), default=dict)
    refs = models.JSONField(_("list as it was given"), default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    post_ref = models.CharField(_("post"), max_length=64)
    principal_ref = models.CharField(_("for the post"), max_length=64, blank=True)
    unit_path = models.CharField(_("unit"), max_length=255)
    named = models.BooleanField(_("subjects are named"), default=False)
    total = models.PositiveIntegerField(_("subjects"), default=0)
    eligible = models.PositiveIntegerField(_("can be done"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    price = models.JSONField(_("price for the units below"), default=dict)
    digest = models.CharField(_("digest of the plan"), max_length=64, blank=True)
    refusal = models.JSONField(_("why nothing was done"), default=dict)
    plan_job = models.ForeignKey("office.Job", on_delete=models.PROTECT, null=True, related_name="+")
    do_job = models.ForeignKey("office.Job", on_delete=models.PROTECT, null=True, related_name="+")
    entry_id = models.BigIntegerField(_("ledger entry"), null=True)
    created_at = models.DateTimeField(_("asked for at"))
    planned_at = models.DateTimeField(_("planned at"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("bulk act")
        verbose_name_plural = _("bulk acts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="bulk_user"),
            models.Index(fields=["unit_path", "-id"], name="bulk_unit"),
            models.Index(fields=["state", "created_at"], name="bulk_state_created"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {self.State.DONE, self.State.CANCELLED, self.State.FAILED}


class BulkSubject(models.Model):
    """One subject of a bulk act: a commitment, or a unit that is to receive a part; in, or refused and why."""

    class Outcome(models.TextChoices):
        """What the plan says of a subject."""

        OPEN = "", _("not looked at yet")
        IN = "in", _("in")
        REFUSED = "refused", _("refused")

    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="subjects")
    place = models.PositiveIntegerField()
    ref = models.CharField(max_length=40, blank=True)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default=Outcome.OPEN)
    late = models.BooleanField(default=False, help_text="refused only when it was to be done")
    refusal = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["bulk", "place"], name="bulk_place_once")]
        indexes = [models.Index(fields=["bulk", "outcome", "place"], name="bulk_outcome")]

    def __str__(self) -> str:
        return f"{self.bulk_id}/{self.place} {self.ref}"

    @property
    def code(self) -> str:
        """The code of the refusal, if there is one."""
        found: dict[str, Any] = self.refusal
        return str(found.get("code", ""))
