"""The search index（检索）: an inverted index in two plain tables, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.units.models import PathField


class SearchEntry(models.Model):
    """One thing that can be found（检索条目）; ``digest`` tells whether its terms must be remade."""

    kind = models.CharField(_("kind"), max_length=32)
    ref = models.CharField(_("number"), max_length=64)
    title = models.CharField(_("title"), max_length=300)
    body = models.TextField(_("beginning of the text"), blank=True)
    unit_path = PathField(_("unit"), max_length=255)
    url = models.CharField(_("page"), max_length=300)
    digest = models.CharField(_("digest"), max_length=32)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "ref"], name="search_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class SearchTerm(models.Model):
    """One term of one entry, with the entry's path, so that rights are a range in the same index（检索词）."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(SearchEntry, on_delete=models.CASCADE, related_name="terms", verbose_name=_("entry"))
    term = PathField(_("term"), max_length=66)
    unit_path = PathField(_("unit"), max_length=255)
    weight = models.PositiveSmallIntegerField(_("weight"))

    class Meta:
        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["term", "unit_path", "entry", "weight"], name="search_term_path"),
        ]

    def __str__(self) -> str:
        return self.term
