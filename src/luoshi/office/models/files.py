"""Files by digest（文件）."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """One content, kept once, under the SHA-256 of its bytes（文件）.

    Names are not kept here: the same content may be handed in under two names by two units, and neither may learn
    the other's. Whoever refers to a file keeps its name; ``name`` is only set on the instance that
    ``services.store_file`` returns.
    """

    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("type"), max_length=100)
    created_at = models.DateTimeField(_("stored at"))

    name: str = ""
    """The cleaned name of the upload just stored; empty on rows read back."""
    changes: tuple[str, ...] = ()
    """What was taken out before storing: ``metadata``, ``mobile_numbers``, ``encoding``; empty on rows read back."""

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_not_empty"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]
