"""Saved views（常用视图）."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A page with its filters, kept under a name（常用视图）; when shared, the whole unit sees it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("kept by")
    )
    post_ref = models.CharField(_("post"), max_length=64)
    unit_path = models.CharField(_("unit"), max_length=255)
    page = models.CharField(_("page"), max_length=64)
    name = models.CharField(_("name"), max_length=64)
    query = models.CharField(_("filters"), max_length=2000, blank=True)
    shared = models.BooleanField(_("shared with the unit"), default=False)
    opens = models.BooleanField(_("opens with the page"), default=False)
    created_at = models.DateTimeField(_("kept at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["user", "page"], condition=models.Q(opens=True), name="saved_view_opens_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["page", "unit_path"], name="saved_view_page")]

    def __str__(self) -> str:
        return self.name
