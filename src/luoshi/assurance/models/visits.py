"""走访: who goes where on which day, and what was found; and the pool of those who go."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.assurance.models.campaigns import Campaign, Place

CERTIFYING = ("drawn", "blind")
"""Kinds of visits that belong to a campaign; the others catch and never certify."""


class Visit(models.Model):
    """走访: one look at one place by one verifier.

    ``key`` is made when it is handed out and is sent with the record, so that a record sent twice counts once.
    ``holds`` is empty until it is done and stays empty where nobody could be reached: unknown is not false.
    """

    class Kind(models.TextChoices):
        """Why somebody goes there; only the drawn ones certify."""

        DRAWN = "drawn", _("drawn by lot")
        BLIND = "blind", _("blind second visit")
        DIRECTED = "directed", _("directed by risk")
        LOOK_BACK = "look_back", _("look-back")

    class State(models.TextChoices):
        """What became of it."""

        ASSIGNED = "assigned", _("assigned")
        DONE = "done", _("done")
        UNREACHABLE = "unreachable", _("could not be reached")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class PlaceSaid(models.TextChoices):
        """Whether the telephone stood near the unit; the coordinates are compared and forgotten."""

        NOT_TOLD = "", _("not told")
        NEAR = "near", _("near")
        FAR = "far", _("far")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="visits")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="visits")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.PROTECT, related_name="visits")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="visits")
    first = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="seconds")
    """The visit of which this is the blind second."""
    verifier_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="visits")
    verifier_user = models.BigIntegerField(null=True, blank=True)
    ordered_by = models.ForeignKey(
        "units.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made for")
    )
    """The area that has it made; another area's visit to the same unit makes supervision many-headed."""
    day = models.DateField(_("day"))
    """The day on which the verifier learns of it."""
    route = models.PositiveSmallIntegerField(_("order within the day"), default=0)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ASSIGNED)
    holds = models.BooleanField(null=True, blank=True)
    criteria = models.JSONField(default=list, blank=True)
    """``[{"text", "holds", "words"}]``, one for each criterion of the commitment."""
    words = models.TextField(blank=True)
    place_said = models.CharField(max_length=4, choices=PlaceSaid, blank=True, default=PlaceSaid.NOT_TOLD)
    photos = models.JSONField(default=list, blank=True)
    """``[{"digest", "name"}]`` of stored files; never asked for."""
    record_digest = models.CharField(max_length=64, blank=True)
    """Tells a record sent twice from another record of the same visit."""
    not_carried = models.CharField(max_length=40, blank=True)
    """Why the record changed nothing of the commitment: the code of a refusal; empty when it did or should not."""
    earlier = models.JSONField(default=list, blank=True)
    """What was recorded before a correction, the oldest first; nothing is overwritten."""
    reason = models.TextField(_("reason"), blank=True)
    """Why it was directed or withdrawn."""
    occurred_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_user = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering: ClassVar[list[str]] = ["day", "route", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["verifier_post", "day"], name="visit_verifier_day"),
            models.Index(fields=["campaign", "kind", "state"], name="visit_campaign_kind"),
            models.Index(fields=["unit", "day"], name="visit_unit_day"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind__in=CERTIFYING, campaign__isnull=False, place__isnull=False)
                | ~models.Q(kind__in=CERTIFYING) & models.Q(campaign__isnull=True, place__isnull=True),
                name="visit_campaign_of_the_drawn",
            ),
            models.CheckConstraint(
                condition=models.Q(state="done", holds__isnull=False)
                | ~models.Q(state="done") & models.Q(holds__isnull=True),
                name="visit_done_has_verdict",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="blind") | models.Q(first__isnull=False), name="visit_blind_has_first"
            ),
            models.UniqueConstraint(
                fields=["place"],
                condition=models.Q(kind="drawn") & ~models.Q(state="withdrawn"),
                name="visit_drawn_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.day}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.visit:{self.key}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "kind": self.kind,
            "campaign": self.campaign_id,
            "place": self.place_id,
            "commitment": self.commitment_id,
            "unit": self.unit_id,
            "first": self.first_id,
            "verifier_post": self.verifier_post_id,
            "ordered_by": self.ordered_by_id,
            "day": self.day.isoformat(),
            "state": self.state,
            "holds": self.holds,
            "criteria": self.criteria,
            "words": self.words,
            "place_said": self.place_said,
            "photos": [one["digest"] for one in self.photos],
            "record_digest": self.record_digest,
            "not_carried": self.not_carried,
            "earlier": self.earlier,
            "reason": self.reason,
            "version": self.version,
        }


class Verifier(models.Model):
    """核查员: a post in a programme's pool of those among whom the lot falls, from when until when."""

    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="verifiers")
    post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    since_on = models.DateField(_("since"))
    until_on = models.DateField(_("until (not included)"), null=True, blank=True)

    class Meta:
        verbose_name = _("verifier")
        verbose_name_plural = _("verifiers")
        ordering: ClassVar[list[str]] = ["programme", "post", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["programme", "post"], condition=models.Q(until_on__isnull=True), name="verifier_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("since_on")),
                name="verifier_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.post_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.verifier:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "programme": self.programme_id,
            "post": self.post_id,
            "since_on": self.since_on.isoformat(),
            "until_on": self.until_on.isoformat() if self.until_on else None,
        }
