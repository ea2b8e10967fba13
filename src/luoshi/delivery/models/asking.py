"""请示、批复、批示: questions upward, replies, and a leader's notes downward."""

from __future__ import annotations

from typing import Any

from django.db import models

from luoshi.delivery.models.commitments import Commitment


class Request(models.Model):
    """请示: a question to the issuing side, with the day by which a reply is needed, and its reply（批复）."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="requests")
    question = models.TextField()
    reply_by_on = models.DateField(null=True, blank=True)
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

    def __str__(self) -> str:
        return self.question[:40]

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.request:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        told = {"commitment": self.commitment_id, "question": self.question, "reply": self.reply}
        return told | {"withdrawn": True} if self.withdrawn_at else told


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
