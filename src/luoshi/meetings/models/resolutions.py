"""议定事项: what a meeting decided: what, who leads, by when; issued as a commitment when the meeting ends."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.meetings.models.agenda import AgendaItem
from luoshi.meetings.models.meetings import Meeting
from luoshi.rules.meetings import RESOLUTION_NAMES


class Resolution(models.Model):
    """议定事项: one decision in the words typed in the room."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="resolutions")
    number = models.PositiveSmallIntegerField(help_text="its running number within the meeting")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="resolutions")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("what"))
    lead = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("by when"))
    state = models.CharField(max_length=10, choices=list(RESOLUTION_NAMES.items()), default="typed")
    commitment = models.OneToOneField(
        "delivery.Commitment", on_delete=models.PROTECT, null=True, blank=True, related_name="resolution"
    )
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "number"], name="resolution_number_once"),
            models.CheckConstraint(
                condition=~models.Q(state="issued") | models.Q(commitment__isnull=False),
                name="resolution_issued_has_commitment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text[:40]}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.resolution:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "meeting": self.meeting_id,
            "number": self.number,
            "item": self.item_id,
            "matter": self.matter_id,
            "text": self.text,
            "lead": self.lead_id,
            "due_on": self.due_on.isoformat(),
            "state": self.state,
            "commitment": self.commitment_id,
            "version": self.version,
        }
