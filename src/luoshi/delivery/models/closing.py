"""申请销号、核查、回头看: the strike-off gate and what comes after it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.commitments import Commitment
from luoshi.rules.lifecycle import Hand


class ByHand(models.Model):
    """Who did it: person, post and who was too close to them at that moment（三手）."""

    by_user = models.BigIntegerField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    for_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kin = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        abstract = True

    def hand(self) -> Hand:
        """This hand, as the rules compare it."""
        return Hand(user_id=self.by_user, post_id=self.by_post_id, kin=frozenset(self.kin))


class Application(ByHand):
    """申请销号: the lead says it is done and asks to be struck off."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="applications")
    statement = models.TextField()
    material_digest = models.CharField(max_length=64)
    recalled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.at:%Y-%m-%d}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.application:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "by_post": self.by_post_id,
            "material_digest": self.material_digest,
            "recalled": self.recalled_at is not None,
        }


class Verification(ByHand):
    """核查: an independent verdict, criterion by criterion, bound to the digest of what was looked at."""

    class Method(models.TextChoices):
        """How it was looked at."""

        DESK = "desk", _("desk")
        VISITED = "visited", _("visited")
        SAMPLED = "sampled", _("sampled")

    class LookedAt(models.TextChoices):
        """What was looked at without going there（书面核查所据）."""

        DOCUMENT = "document", _("document")
        READING = "reading", _("reading")
        SECOND_SOURCE = "second_source", _("second source")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="verifications")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    method = models.CharField(max_length=8, choices=Method)
    passed = models.BooleanField()
    final = models.BooleanField(help_text="of an application; otherwise an interim look")
    percent = models.PositiveSmallIntegerField()
    verdicts = models.JSONField(default=list)
    looked_at = models.JSONField(default=list)
    """What a verdict at the desk rests on: ``[{"kind", "what"}]``; see :class:`LookedAt`."""
    words = models.TextField()
    fix_by_on = models.DateField(null=True, blank=True)
    material_digest = models.CharField(max_length=64, blank=True)
    certificate = models.CharField(max_length=40, blank=True)
    """The number of the certificate by which it was struck off; only of a sampled one."""

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(percent__lte=100), name="verification_percent")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.percent}%"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.verification:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "by_post": self.by_post_id,
            "method": self.method,
            "passed": self.passed,
            "percent": self.percent,
            "final": self.final,
            "material_digest": self.material_digest,
            **({"looked_at": self.looked_at} if self.looked_at else {}),
            **({"certificate": self.certificate} if self.certificate else {}),
        }

    @property
    def rests_on(self) -> list[tuple[str, str]]:
        """What it rests on, each with the word for its kind."""
        names = dict(self.LookedAt.choices)
        return [(str(names.get(one["kind"], "")), one["what"]) for one in self.looked_at]


class LookBack(ByHand):
    """回头看: does it still hold? A failed one reopens the same ref."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="look_backs")
    passed = models.BooleanField()
    percent = models.PositiveSmallIntegerField()
    words = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.percent}%"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.lookback:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "commitment": self.commitment_id,
            "by_post": self.by_post_id,
            "passed": self.passed,
            "percent": self.percent,
        }
