"""议程: what is put before a meeting, why it deserves minutes, and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.meetings.models.meetings import Meeting
from luoshi.rules.agenda import KIND_NAMES, REASON_NAMES


class AgendaItem(models.Model):
    """议题: a matter, a commitment, a finding, a request, a slip, or words of its own.

    ``reason_code`` and ``reason_params`` say which rule proposed it and what that rule saw; ``further`` holds the other
    rules that fired. A proposal left out stays as a row, so that it is not proposed to the same meeting again.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=list(KIND_NAMES.items()))
    matter = models.ForeignKey("delivery.Matter", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    commitment = models.ForeignKey(
        "delivery.Commitment", on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    finding = models.ForeignKey("delivery.Finding", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    request = models.ForeignKey("delivery.Request", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    slip = models.ForeignKey("delivery.Slip", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    reason_code = models.CharField(max_length=12, blank=True, choices=list(REASON_NAMES.items()))
    reason_params = models.JSONField(default=dict, blank=True)
    further = models.JSONField(default=list, blank=True)
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_to")
    minutes_planned = models.PositiveSmallIntegerField(default=5)
    outcome = models.TextField(blank=True)
    settled = models.BooleanField(default=False)
    left_out = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "commitment"],
                condition=models.Q(commitment__isnull=False),
                name="agenda_commitment_once",
            ),
            models.UniqueConstraint(
                fields=["meeting", "carried_from"],
                condition=models.Q(carried_from__isnull=False),
                name="agenda_carried_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.title}"

    @property
    def name(self) -> str:
        """What it is about, for the reader: a matter put on without words of its own has the name of his language."""
        matter = self.matter if self.kind == "matter" else None
        return str(matter) if matter is not None and self.title == matter.name_zh else self.title

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.agendaitem:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "meeting": self.meeting_id,
            "position": self.position,
            "kind": self.kind,
            "about": [self.matter_id, self.commitment_id, self.finding_id, self.request_id, self.slip_id],
            "title": self.title,
            "reason": [self.reason_code, self.reason_params, self.further],
            "carried_from": self.carried_from_id,
            "minutes_planned": self.minutes_planned,
            "outcome": self.outcome,
            "settled": self.settled,
            "left_out": self.left_out,
        }
