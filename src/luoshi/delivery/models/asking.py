"""请示、批复、批示: questions upward, replies, and a leader's notes downward."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models

from luoshi.delivery.models.commitments import Commitment, iso
from luoshi.delivery.models.ladders import Climbing
from luoshi.rules import lifecycle
from luoshi.rules.calendar import local_day


class Request(Climbing):
    """请示: a question to the issuing side, with the day by which a reply is needed, and its reply（批复）."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="requests")
    question = models.TextField()
    reply_by_on = models.DateField(null=True, blank=True)
    lies_with = models.ForeignKey(
        "units.Unit",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="who owes the reply; moves up when the question is forwarded",
    )
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)
    counted_n = models.PositiveSmallIntegerField(null=True, blank=True, help_text="days the reply may take")
    counted_kind = models.CharField(max_length=8, default="working")
    counted_by = models.IntegerField(null=True, blank=True, help_text="edition of the calendar that counted them")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["reply_by_on"], name="request_owed", condition=models.Q(replied_at__isnull=True)),
            models.Index(
                fields=["next_step_at"], name="request_next_step", condition=models.Q(next_step_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.question[:40]

    def owed(self) -> tuple[date | None, bool]:
        """Until when the superior owes the reply, and whether he owes it still."""
        return self.reply_by_on, self.replied_at is None

    def asked(self) -> lifecycle.Asked:
        """With whom it lies, as the rules see it."""
        unit = self.lies_with or self.commitment.issuer
        return lifecycle.Asked(unit.path, unit.area.path, unit.name)

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.request:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        told: dict[str, Any] = {"commitment": self.commitment_id, "question": self.question, "reply": self.reply}
        if self.lies_with_id is not None:
            told |= {"lies_with": self.lies_with_id, "reply_by_on": iso(self.reply_by_on)}
        return told | {"withdrawn": True} if self.withdrawn_at else told


class Forwarding(models.Model):
    """转报: a question handed up to the unit above, with the reason and the term it had below."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="forwardings")
    from_unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    due_on = models.DateField(null=True, help_text="until when the unit that forwards owed the reply")
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.from_unit_id} → {self.to_unit_id}"

    @property
    def late(self) -> bool:
        """Whether it was forwarded after the term of the unit that forwards; that miss stays visible."""
        return self.due_on is not None and local_day(self.at) > self.due_on

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.forwarding:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "request": self.request_id,
            "from": self.from_unit_id,
            "to": self.to_unit_id,
            "reason": self.reason,
            "due_on": iso(self.due_on),
        }


class Instruction(models.Model):
    """批示: a note by a superior on one commitment."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="instructions")
    words = models.TextField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.words[:40]

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.instruction:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"commitment": self.commitment_id, "words": self.words}
