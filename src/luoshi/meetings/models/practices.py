"""先进做法: a verified result as its unit wrote it up for others, and what it said before it was amended."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.rules import practices
from luoshi.rules.practices import PracticeState


class Words(models.Model):
    """What a write-up says: none of its parts is left out, the link is."""

    title = models.CharField(_("title"), max_length=200)
    context = models.TextField(_("what it was like before"))
    done = models.TextField(_("what was done"))
    cost = models.TextField(_("what it cost"))
    failed = models.TextField(_("what did not work"))
    proof = models.URLField(_("link"), max_length=500, blank=True)

    class Meta:
        abstract = True

    def words(self) -> dict[str, str]:
        """Its parts by name."""
        return {name: getattr(self, name) for name in (*practices.PARTS, "proof")}


class Practice(Words):
    """做法: one verified result, written up by the unit that led it; tagged to the matter of its commitment.

    Whether it still is verified is never kept here: it is read from the commitment whenever somebody looks.
    """

    ref = models.CharField(_("reference"), max_length=60, unique=True)
    state = models.CharField(max_length=10, default=PracticeState.SHOWN)
    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="practices")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.PROTECT, related_name="practices")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.PROTECT, related_name="practices")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="practices")
    written_at = models.DateTimeField()
    written_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    amended_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, related_name="+")
    withdraw_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("write-up")
        verbose_name_plural = _("write-ups")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["commitment"], condition=models.Q(state="shown"), name="practice_once_for_a_result"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def stands(self) -> bool:
        """Whether its result is verified now; needs ``commitment``."""
        return self.commitment.state in practices.VERIFIED

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.practice:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "ref": self.ref,
            "state": self.state,
            "commitment": self.commitment_id,
            "matter": self.matter_id,
            "unit": self.unit_id,
            **self.words(),
            "withdraw_reason": self.withdraw_reason,
            "version": self.version,
        }

    def facts(self) -> practices.Facts:
        """What the rules need to know of it; needs ``unit`` and ``programme.owner`` with their areas."""
        return practices.Facts(
            state=PracticeState(self.state),
            unit_path=self.unit.path,
            area_path=self.unit.area.path,
            village=self.unit.level == "village",
            owner_path=self.programme.owner.path,
            owner_area_path=self.programme.owner.area.path,
        )


class PracticeEdition(Words):
    """做法旧稿: what a write-up said until it was amended."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    until_at = models.DateTimeField()
    amended_by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("earlier write-up")
        verbose_name_plural = _("earlier write-ups")
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["practice", "number"], name="practiceedition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}/{self.number}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.practiceedition:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"practice": self.practice_id, "number": self.number, **self.words()}
