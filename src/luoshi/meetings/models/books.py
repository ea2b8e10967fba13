"""复盘册: what was laid before a review, as it was compiled: its parts as plain data, its digest, its files."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Book(models.Model):
    """复盘册: one compilation, never changed; the next one is another book.

    A book that is being compiled is a job; it becomes a row when it is whole. ``digest`` is over the content alone, so
    that the same book made again has the same; the ledger's checkpoint says what stood behind it.
    """

    ref = models.CharField(_("number"), max_length=40, unique=True)
    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="books")
    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.PROTECT, null=True, blank=True, related_name="books"
    )
    """The meeting it is laid before, when it was made for one."""
    since_on = models.DateField(_("since"))
    """The day of the last meeting, else the first day of the programme's authority; what came after it counts."""
    as_on = models.DateField(_("as of"))
    digest = models.CharField(_("digest of the content"), max_length=64)
    ledger_size = models.BigIntegerField(_("entries"), default=0)
    ledger_root = models.CharField(_("root of the ledger"), max_length=64, blank=True)
    """Of the newest checkpoint when it was compiled; empty before the first one."""
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    compiled_at = models.DateTimeField(_("compiled at"))

    class Meta:
        verbose_name = _("review book")
        verbose_name_plural = _("review books")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["programme", "-id"], name="book_programme")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(as_on__gte=models.F("since_on")), name="book_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.book:{self.ref}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "programme": self.programme_id,
            "meeting": self.meeting_id,
            "since_on": self.since_on.isoformat(),
            "as_on": self.as_on.isoformat(),
            "digest": self.digest,
            "ledger_size": self.ledger_size,
            "ledger_root": self.ledger_root,
            "by_post": self.by_post_id,
        }


class BookPart(models.Model):
    """册内部分: the resolutions of the last meeting, the whole, one matter, one unit, or the annex; plain data."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField(_("place in the book"))
    kind = models.CharField(max_length=12)
    key = models.BigIntegerField(default=0)
    """The unit or the matter it is about; 0 for a part about everything."""
    content = models.JSONField()

    class Meta:
        verbose_name = _("part of a review book")
        verbose_name_plural = _("parts of review books")
        ordering: ClassVar[list[str]] = ["book", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["book", "kind", "key"], name="book_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.book_id}/{self.number}"


class BookFile(models.Model):
    """册的文件: the full annex, or the book as it is printed, by the digest of its bytes."""

    class Kind(models.TextChoices):
        """What a file holds."""

        ANNEX = "xlsx", _("full annex")
        PDF = "pdf", _("to print")
        DOCX = "docx", _("to edit")

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=4, choices=Kind)
    language = models.CharField(max_length=10, blank=True)
    """Of a printed book; the annex is in both."""
    file = models.ForeignKey("office.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("file of a review book")
        verbose_name_plural = _("files of review books")
        ordering: ClassVar[list[str]] = ["book", "kind", "language"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["book", "kind", "language"], name="book_file_once"),
        ]

    def __str__(self) -> str:
        return self.name
