"""The search index（检索）: words apart from places.

A text is kept once however many things say it: the 16,495 parts of a cascade share one row of words. An entry is a
thing that can be found: it names its text and the place whose scope it lies in. The inverted words themselves stand in
``office_searchwords``, which no model holds: a full-text table of SQLite, a ``tsvector`` with GIN on PostgreSQL, both
filled with our own terms by :mod:`luoshi.office.services.search`.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.units.models import PathField


class SearchText(models.Model):
    """Title and words of something, once（检索文本）; never changed, only replaced by another."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=16)
    digest = models.CharField(_("digest"), max_length=32, unique=True)
    title = models.CharField(_("title"), max_length=300)
    body = models.TextField(_("text"), blank=True)
    names = models.TextField(_("exact names"), blank=True)

    class Meta:
        verbose_name = _("search text")
        verbose_name_plural = _("search texts")

    def __str__(self) -> str:
        return self.title


class SearchEntry(models.Model):
    """One thing that can be found（检索条目）: which text, and where.

    ``path`` is the place whose scope it lies in, ``rank`` what comes first among equals (the depth of the place: wholes
    before parts), ``subject`` the row whose rights decide, for those who see it from outside the subtree.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=16)
    ref = models.CharField(_("number"), max_length=64)
    number = PathField(_("number as searched"), max_length=64)
    # Not checked row by row: the index can be made again, and a cascade of 16,495 parts pays for every check.
    text = models.ForeignKey(
        SearchText, on_delete=models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    path = PathField(_("unit"), max_length=255)
    rank = models.PositiveSmallIntegerField(_("rank"))
    subject = models.BigIntegerField(_("subject"), default=0)
    url = models.CharField(_("page"), max_length=300)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "number"], name="search_entry_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-text", "rank", "path", "id"], name="search_entry_text"),
            models.Index(fields=["kind", "rank", "-text", "path", "id"], name="search_entry_order"),
            models.Index(fields=["kind", "path"], name="search_entry_path"),
            models.Index(fields=["subject"], condition=models.Q(subject__gt=0), name="search_entry_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class SearchLater(models.Model):
    """Something to be entered in the index at the next turn of the clock（待入检索）, written by the act itself."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=16)
    key = models.BigIntegerField(_("row"))

    class Meta:
        verbose_name = _("waiting for the search index")
        verbose_name_plural = _("waiting for the search index")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
