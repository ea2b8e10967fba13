"""来文: a document that came in, its text as found and what a reading of it gave."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.units.models import PathField


class Document(models.Model):
    """来文: one document, with the text as found; every span of a draft counts characters of that text."""

    class Kind(models.TextChoices):
        """What a document is（文种）."""

        NOTICE = "notice", _("Notice")
        OPINION = "opinion", _("Opinion")
        PLAN = "plan", _("Plan or division of work")
        MINUTES = "minutes", _("Minutes of a meeting")
        NEWS = "news", _("Report on a meeting")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        """Where the reading stands."""

        READING = "reading", _("Being read")
        READ = "read", _("Read")
        REFUSED = "refused", _("Not read")

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)
    number = models.CharField(max_length=100, blank=True, help_text="as written")
    doc_on = models.DateField()
    received_at = models.DateTimeField()
    post_ref = models.CharField(max_length=64, help_text="the post that handed it in")
    owner = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", help_text="the area it is for")
    owner_path = PathField(max_length=240)
    file = models.ForeignKey(
        "office.StoredFile", on_delete=models.PROTECT, null=True, related_name="+", help_text="none before conversion"
    )
    file_name = models.CharField(max_length=150)
    text = models.TextField()
    tree = models.JSONField(default=list, help_text="the reading: branches in the order of the text")
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    refusal = models.JSONField(default=dict, help_text="why it was not read: code, message id and its values")
    removed = models.BooleanField(default=False, help_text="taken off the list; it stays on record")
    revision_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="revisions")
    job = models.ForeignKey("office.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["owner_path", "-id"], name="document_owner")]

    def __str__(self) -> str:
        return self.title

    @property
    def not_read(self) -> bool:
        """Whether nobody reads it any more and nothing came of it: refused, or its job ended without an outcome."""
        if self.state == self.State.READING:
            return self.job is None or self.job.finished
        return self.state == self.State.REFUSED

    @property
    def standing(self) -> str:
        """The state as a reader sees it: what waits for a job that has ended is not being read."""
        return self.State.REFUSED.value if self.not_read else str(self.state)

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"intake.document:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields; the text by its digest."""
        return {
            "title": self.title,
            "kind": self.kind,
            "number": self.number,
            "doc_on": self.doc_on.isoformat(),
            "post": self.post_ref,
            "owner": self.owner_id,
            "file": self.file_id,
            "text": hashlib.sha256(self.text.encode()).hexdigest(),
            "state": self.state,
            "refusal": self.refusal.get("code", ""),
            "removed": self.removed,
            "revision_of": self.revision_of_id,
            "version": self.version,
        }


class WaitingPaper(models.Model):
    """待转换: an old Word file that nobody has read yet, not even for a secrecy mark.

    It waits outside the store of files and is gone as soon as its text is taken out, or refused.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="waiting")
    content = models.BinaryField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.document_id)
