"""抽查: a claim about many units, the frozen list it is about, and the certificate that may come of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.units.models import Level


class Campaign(models.Model):
    """抽查: of the units beneath one that are reported complete, fewer than so many are false; tested by lot.

    ``claim_bp`` is the share of false ones the claim denies and ``risk_bp`` the chance of certifying a wrong claim,
    both in basis points (500 = 5 %).
    """

    class Stage(models.TextChoices):
        """How far it has come."""

        PROPOSED = "proposed", _("proposed")
        FROZEN = "frozen", _("frame frozen")
        DRAWN = "drawn", _("drawn")
        CONCLUDED = "concluded", _("concluded")
        STOPPED = "stopped", _("stopped")

    class Outcome(models.TextChoices):
        """What the verdicts say at the end."""

        CERTIFIED = "certified", _("certified")
        REFUTED = "refuted", _("refuted")
        UNDECIDED = "undecided", _("undecided")

    ref = models.CharField(_("number"), max_length=40, unique=True)
    programme = models.ForeignKey(
        "delivery.Programme", on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("programme")
    )
    matter = models.ForeignKey(
        "delivery.Matter",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("matter"),
    )
    title = models.CharField(_("title"), max_length=200)
    under = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("beneath"))
    level = models.CharField(_("level of the places"), max_length=12, choices=Level)
    claim_bp = models.PositiveSmallIntegerField(_("share of false ones denied, in basis points"), default=500)
    risk_bp = models.PositiveSmallIntegerField(_("risk limit, in basis points"), default=500)
    second_visits_bp = models.PositiveSmallIntegerField(_("blind second visits, in basis points"), default=1000)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.PROPOSED)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    frame_size = models.PositiveIntegerField(_("size of the frame"), default=0)
    frame_digest = models.CharField(_("digest of the frame"), max_length=64, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    seed = models.CharField(_("seed"), max_length=20, blank=True, validators=[RegexValidator(r"\A[0-9]{20}\Z")])
    seeded_at = models.DateTimeField(null=True, blank=True)
    sensitivity_bp = models.PositiveSmallIntegerField(null=True, blank=True)
    """The sensitivity of the verifiers as it was used when this was concluded, in basis points."""
    opinion = models.TextField(_("opinion"), blank=True)
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    by_user = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    concluded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stage"], name="campaign_stage")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(claim_bp__gt=0, claim_bp__lt=10000, risk_bp__gt=0, risk_bp__lt=10000),
                name="campaign_shares",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=["proposed", "stopped"]) | ~models.Q(frame_digest=""),
                name="campaign_frozen_has_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=["proposed", "frozen", "stopped"]) | ~models.Q(seed=""),
                name="campaign_drawn_has_seed",
            ),
            models.CheckConstraint(
                condition=models.Q(stage="concluded", concluded_at__isnull=False) & ~models.Q(outcome="")
                | ~models.Q(stage="concluded") & models.Q(outcome=""),
                name="campaign_concluded_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.campaign:{self.ref}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "programme": self.programme_id,
            "matter": self.matter_id,
            "title": self.title,
            "under": self.under_id,
            "level": self.level,
            "claim_bp": self.claim_bp,
            "risk_bp": self.risk_bp,
            "second_visits_bp": self.second_visits_bp,
            "stage": self.stage,
            "outcome": self.outcome,
            "frame_size": self.frame_size,
            "frame_digest": self.frame_digest,
            "seed": self.seed,
            "sensitivity_bp": self.sensitivity_bp,
            "opinion": self.opinion,
            "by_post": self.by_post_id,
            "version": self.version,
        }


class Place(models.Model):
    """A unit of the frozen frame（抽样框中的一处）, with its place in the drawn order once the seed is known.

    ``code`` and ``name`` are what was frozen, whatever becomes of the unit; ``stratum`` is the area directly beneath
    the campaign's unit in which it lies.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="places")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.PROTECT, related_name="places")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    stratum = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(null=True, blank=True)
    """1 is visited first; empty before the seed is known."""

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering: ClassVar[list[str]] = ["campaign", "position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["campaign", "commitment"], name="place_commitment_once"),
            models.UniqueConstraint(fields=["campaign", "code"], name="place_code_once"),
            models.UniqueConstraint(fields=["campaign", "position"], name="place_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Certificate(models.Model):
    """抽查证书: what was certified, by which numbers; a relapse withdraws it for one commitment, never by an edit."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="certificate")
    ref = models.CharField(_("number"), max_length=40, unique=True)
    digest = models.CharField(max_length=64)
    """SHA-256 over frame, order, verdicts and reading as they were certified."""
    claim = models.TextField(_("claim"))
    at = models.DateTimeField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    by_user = models.BigIntegerField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.ref

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.certificate:{self.ref}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "campaign": self.campaign_id,
            "digest": self.digest,
            "claim": self.claim,
            "by_post": self.by_post_id,
            "withdrawn": self.withdrawn_at is not None,
            "withdrawn_reason": self.withdrawn_reason,
        }


class CertificateException(models.Model):
    """A certificate no longer speaks for one commitment（证书对一项任务失效）, and why."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="exceptions")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        verbose_name = _("exception of a certificate")
        verbose_name_plural = _("exceptions of certificates")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["certificate", "commitment"], name="certificate_exception_once"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id}: {self.commitment_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.certificateexception:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"certificate": self.certificate_id, "commitment": self.commitment_id, "reason": self.reason}
