"""延期与分解审批: asked and decided changes that need a row of their own."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.commitments import Commitment, iso
from luoshi.rules import escalation, lifecycle

DECIDED_IN = frozenset({lifecycle.State.ACCEPTED, lifecycle.State.SUSPENDED})
"""States in which an extension is decided."""


class Extension(models.Model):
    """延期: asked before the date with a reason and a new date; decided by the issuing side; counted."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="extensions")
    old_due_on = models.DateField()
    new_due_on = models.DateField()
    reason = models.TextField()
    asked_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True, blank=True)
    decision = models.TextField(blank=True)
    decided_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decide_by_on = models.DateField(null=True, blank=True, help_text="until when the issuing side should decide")
    told = models.PositiveSmallIntegerField(default=0, help_text="steps taken to chase the decision")
    told_on = models.DateField(null=True, blank=True)
    next_step_at = models.DateTimeField(null=True, blank=True)
    """When the clock looks again whether it is decided; a moment that may be early and is never late."""

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_step_at"], name="extension_next_step", condition=models.Q(next_step_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment"], condition=models.Q(granted__isnull=True), name="one_pending_extension"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.old_due_on} → {self.new_due_on}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.extension:{self.pk}"

    def waiting(self) -> escalation.Facts:
        """What the clock needs to know of it while nobody has decided（待决）; needs ``commitment``."""
        owes = self.granted is None and lifecycle.State(self.commitment.state) in DECIDED_IN
        return escalation.Facts(self.decide_by_on, self.told, self.told_on, owes=owes)

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "old_due_on": self.old_due_on.isoformat(),
            "new_due_on": self.new_due_on.isoformat(),
            "reason": self.reason,
            "granted": self.granted,
            "decision": self.decision,
        }


class Stop(models.Model):
    """停表: the clock of a commitment stood still, why, from when until when, and by how much its date moved."""

    class Cause(models.TextChoices):
        """Why a clock stands still; not one of them is the fault of the unit that is waited for."""

        REQUEST = "request", _("a superior owed a reply")
        SUSPENSION = "suspension", _("it was suspended")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="stops")
    cause = models.CharField(max_length=10, choices=Cause)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="working days it stood still")
    old_due_on = models.DateField(null=True, blank=True)
    new_due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment"], condition=models.Q(until_on__isnull=True), name="one_open_stop"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.from_on} – {self.until_on or '…'}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.stop:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "cause": self.cause,
            "from_on": self.from_on.isoformat(),
            "until_on": iso(self.until_on),
            "days": self.days,
            "old_due_on": iso(self.old_due_on),
            "new_due_on": iso(self.new_due_on),
        }


class Merging(models.Model):
    """并入: instead of a further part, a live commitment of the unit that says the same stands for it."""

    whole = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="mergings")
    live = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="merged_into")
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["whole", "live"], name="merging_once")]

    def __str__(self) -> str:
        return f"{self.whole_id} ← {self.live_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.merging:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"whole": self.whole_id, "live": self.live_id}


class BreakdownApproval(models.Model):
    """A recorded approval to break down by more than one level, bound to exactly the units proposed."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="breakdown_approvals")
    levels = models.PositiveSmallIntegerField()
    proposal_digest = models.CharField(max_length=64)
    units_count = models.PositiveIntegerField()
    opinion = models.TextField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    used = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.levels}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.breakdownapproval:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "levels": self.levels,
            "proposal_digest": self.proposal_digest,
            "used": self.used,
        }
