"""回头看: how a programme looks back, the lot of each day, and the strike-offs it fell on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.assurance.models.visits import Visit
from luoshi.rules.looking_back import TRIES


class LookBackRule(models.Model):
    """回头看规则: the chance and the months of a programme, the digits thrown in public, and the end of the chain.

    Never changed: another one takes its place, and the secret of the former is then published.
    """

    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="look_back_rules")
    number = models.PositiveSmallIntegerField(_("number"))
    chance_bp = models.PositiveSmallIntegerField(_("chance, in basis points"))
    months = models.JSONField(_("months after the strike-off"))
    digits = models.CharField(_("digits thrown"), max_length=20, validators=[RegexValidator(r"\A[0-9]{20}\Z")])
    anchor = models.CharField(_("end of the chain"), max_length=64)
    secret = models.CharField(max_length=64)
    """The beginning of the chain; published when the next rule takes its place."""
    from_on = models.DateField(_("first day"))
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    by_user = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("rule of look-backs")
        verbose_name_plural = _("rules of look-backs")
        ordering: ClassVar[list[str]] = ["programme", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "number"], name="lookbackrule_number_once"),
            models.CheckConstraint(
                condition=models.Q(chance_bp__gte=500, chance_bp__lte=10000), name="lookbackrule_chance"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}/{self.number}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.lookbackrule:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them; never the secret."""
        return {
            "programme": self.programme_id,
            "number": self.number,
            "chance_bp": self.chance_bp,
            "months": self.months,
            "digits": self.digits,
            "anchor": self.anchor,
            "from_on": self.from_on.isoformat(),
        }


class LookBackDay(models.Model):
    """回头看抽签日: one day's lot: its link of the chain, its seed, how many had their day and on how many it fell."""

    rule = models.ForeignKey(LookBackRule, on_delete=models.PROTECT, related_name="days")
    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="look_back_days")
    on = models.DateField(_("day"))
    place = models.PositiveSmallIntegerField(_("place in the chain"))
    link = models.CharField(_("link"), max_length=64)
    seed = models.CharField(_("seed"), max_length=64)
    due = models.PositiveIntegerField(_("strike-offs whose day it was"))
    drawn = models.PositiveIntegerField(_("drawn"))
    siblings = models.PositiveIntegerField(_("siblings of relapses"), default=0)
    wider = models.PositiveIntegerField(_("drawn among siblings"), default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("day of look-backs")
        verbose_name_plural = _("days of look-backs")
        ordering: ClassVar[list[str]] = ["-on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "on"], name="lookbackday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.on}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.lookbackday:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "rule": self.rule_id,
            "on": self.on.isoformat(),
            "place": self.place,
            "link": self.link,
            "seed": self.seed,
            "due": self.due,
            "drawn": self.drawn,
            "siblings": self.siblings,
            "wider": self.wider,
        }


class LookBackDraw(models.Model):
    """回头看抽中: one strike-off the lot fell on, and the visit made of it; without a visit it waits for a verifier."""

    day = models.ForeignKey(LookBackDay, on_delete=models.PROTECT, related_name="draws")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.PROTECT, related_name="look_back_draws")
    months = models.PositiveSmallIntegerField(_("months after the strike-off; 0 for a wider draw"))
    closed_at = models.DateTimeField()
    """The strike-off that is looked at; a later one is another."""
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="look_back_draw")
    tries = models.PositiveSmallIntegerField(_("earlier visits that reached nobody"), default=0)
    over = models.BooleanField(default=False)
    """It was reopened before anybody could go, so that there is nothing to look back on."""

    class Meta:
        verbose_name = _("drawn look-back")
        verbose_name_plural = _("drawn look-backs")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["day"], name="lookbackdraw_waiting", condition=models.Q(visit__isnull=True, over=False)
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "commitment"], name="lookbackdraw_once"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.months}"

    @property
    def unknown(self) -> int:
        """So many visits reached nobody and no more are made（无法核实）: neither held nor relapsed; 0 otherwise."""
        last = self.visit is not None and self.visit.state == Visit.State.UNREACHABLE
        return self.tries + 1 if last and self.tries + 1 >= TRIES else 0

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"assurance.lookbackdraw:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "day": self.day_id,
            "commitment": self.commitment_id,
            "months": self.months,
            "visit": self.visit_id,
            "over": self.over,
            **({"tries": self.tries} if self.tries else {}),
        }
