"""草案: what is to be made of a document, as a tree of items; and what came of each."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.intake.models.documents import Document
from luoshi.rules.documents.drafts import HEADING, title_of

LABEL = 6
"""A longer step of a path is a heading, not a number."""


class Draft(models.Model):
    """草案: the tree read from one document, edited by people until it is issued as commitments of a programme."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="draft")
    shared = models.BooleanField(default=False, help_text="whether the unit's other posts see and edit it")
    programme = models.ForeignKey(
        "delivery.Programme", on_delete=models.PROTECT, null=True, blank=True, related_name="drafts"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"intake.draft:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "document": self.document_id,
            "shared": self.shared,
            "programme": self.programme_id,
            "issued": self.issued_at is not None,
            "version": self.version,
        }


class DraftItem(models.Model):
    """草案条目: one part of the tree. ``source_*`` says for ever where it was read, whatever is edited later.

    ``units``: role, words as written with their span, and the unit meant (``unit``), ``below`` for all areas one level
    down, or the candidates among which a person chooses. ``spans``: field → start and end in the source's text.
    """

    class Kind(models.TextChoices):
        """Where an item was found, or that a person added it."""

        HEADING = HEADING, _("Heading")
        NUMBERED = "numbered", _("Numbered part")
        TABLE = "table", _("Row of a table")
        PROSE = "prose", _("Sentence")
        CLOSING = "closing", _("Closing sentence")
        ADDED = "added", _("Added by hand")

    class Rhythm(models.TextChoices):
        """How often, as written; a duty can have all but the first and the last."""

        DAILY = "daily", _("daily")
        WEEKLY = "weekly", _("weekly")
        MONTHLY = "monthly", _("monthly")
        QUARTERLY = "quarterly", _("quarterly")
        HALF_YEARLY = "half_yearly", _("half-yearly")
        YEARLY = "yearly", _("yearly")
        CONTINUOUS = "continuous", _("kept up")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="items")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    place = models.PositiveIntegerField(help_text="order among all items of the draft")
    path = models.JSONField(default=list)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200, blank=True)
    requirement = models.TextField(blank=True)
    units = models.JSONField(default=list)
    due_on = models.DateField(null=True, blank=True)
    due_words = models.CharField(max_length=200, blank=True)
    frequency = models.CharField(max_length=12, choices=Rhythm, blank=True)
    targets = models.JSONField(default=list)
    spans = models.JSONField(default=dict)
    source = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    source_start = models.PositiveIntegerField()
    source_end = models.PositiveIntegerField()
    source_text = models.TextField(blank=True)
    sure = models.PositiveSmallIntegerField(default=100, help_text="0 to 100")
    doubts = models.JSONField(default=list)
    checked = models.BooleanField(default=False, help_text="a person has looked at the doubtful places")
    dropped = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        help_text="what it is now in",
    )

    class Meta:
        ordering = ["place", "id"]
        indexes = [models.Index(fields=["draft", "place"], name="draft_item_place")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source_end__gte=models.F("source_start")), name="draft_item_span_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title, else the first clause of what is asked."""
        return title_of(self.title, self.requirement)

    @property
    def number(self) -> str:
        """The numbers as written, from the outside in; headings that stand in their place are not repeated."""
        labels = [one for one in map(str, self.path) if not one.startswith("#") and len(one) <= LABEL]
        told = " ".join(one for one in labels if one not in self.title)
        return told.replace("(", "（").replace(")", "）").replace(" （", "（")

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"intake.draftitem:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "draft": self.draft_id,
            "parent": self.parent_id,
            "place": self.place,
            "title": self.title,
            "requirement": self.requirement,
            "units": [[one["role"], one["words"], one.get("unit"), bool(one.get("below"))] for one in self.units],
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "frequency": self.frequency,
            "source": [self.source_id, self.source_start, self.source_end],
            "dropped": self.dropped,
            "merged_into": self.merged_into_id,
        }


class Outcome(models.Model):
    """办理去向: a commitment that came of an item; an item for every area below has one for each of them."""

    item = models.ForeignKey(DraftItem, on_delete=models.PROTECT, related_name="outcomes")
    commitment = models.OneToOneField("delivery.Commitment", on_delete=models.PROTECT, related_name="came_of")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.item_id} → {self.commitment_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"intake.outcome:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"item": self.item_id, "commitment": self.commitment_id}
