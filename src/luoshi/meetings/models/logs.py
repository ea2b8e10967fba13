"""决策记录的附言: what the holder of a post says beside his decision log, and that he laid it open.

The log itself is no table: it is what the ledger holds of the post.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.rules.calendar import local_day


class LogComment(models.Model):
    """附言: words beside the log of one holding, about one matter or the whole; rows are only ever added.

    The ledger keeps the digest of the words and not the words: nobody but the holder and his successor reads them.
    """

    holding = models.ForeignKey("units.Holding", on_delete=models.PROTECT, related_name="log_comments")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    words = models.TextField(_("words"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("comment on a decision log")
        verbose_name_plural = _("comments on decision logs")
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.holding_id} {local_day(self.at)}"

    @property
    def digest(self) -> str:
        """SHA-256 of the words, in hexadecimal."""
        return hashlib.sha256(self.words.encode()).hexdigest()

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.logcomment:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"holding": self.holding_id, "matter": self.matter_id, "words": self.digest}


class LogOpening(models.Model):
    """公开: the one who left laid his log open to the successor, once."""

    holding = models.OneToOneField("units.Holding", on_delete=models.PROTECT, related_name="log_opening")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("opening of a decision log")
        verbose_name_plural = _("openings of decision logs")

    def __str__(self) -> str:
        return f"{self.holding_id} {local_day(self.at)}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.logopening:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"holding": self.holding_id}
