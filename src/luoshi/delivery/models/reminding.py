"""提醒: who was reminded of which step, when; at most once a day for the same thing."""

from __future__ import annotations

from typing import Any

from django.db import models

from luoshi.delivery.models.commitments import Commitment
from luoshi.rules.coverage import STEPS


class Reminder(models.Model):
    """提醒: one commitment's lead was reminded of one step on one day; the database itself refuses a second."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="reminders")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", help_text="the lead of that day")
    step = models.CharField(max_length=12, choices=[(step.value, step.value) for step in STEPS])
    on = models.DateField(help_text="the day in Shanghai")
    at = models.DateTimeField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["commitment", "unit", "step", "on"], name="reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.step} {self.on}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.reminder:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "unit": self.unit_id,
            "step": self.step,
            "on": self.on.isoformat(),
            "by_post": self.by_post_id,
        }
