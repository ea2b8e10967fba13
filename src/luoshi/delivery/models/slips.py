"""督办单等: issued calls to order with a number, an approval, an answer and an end; and the plan they stand under."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.asking import Request
from luoshi.delivery.models.commitments import Commitment, iso
from luoshi.rules import escalation, slips
from luoshi.rules.calendar import due_moment, local_day


class SupervisionPlan(models.Model):
    """督查计划: what a unit means to supervise, when, on whose order, and how often one unit may be met with it."""

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="supervision_plans")
    title = models.CharField(_("title"), max_length=200)
    document = models.CharField(_("approved in"), max_length=300)
    scope = models.TextField(_("what is supervised"))
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    period_days = models.PositiveSmallIntegerField(_("days within which a unit is met once"), default=slips.PERIOD_DAYS)
    agency = models.CharField(_("agency code of its numbers"), max_length=20, blank=True)
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("supervision plan")
        verbose_name_plural = _("supervision plans")
        ordering = ["-from_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(until_on__gte=models.F("from_on")), name="plan_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.supervisionplan:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "unit": self.unit_id,
            "title": self.title,
            "document": self.document,
            "scope": self.scope,
            "dates": [self.from_on.isoformat(), self.until_on.isoformat()],
            "period_days": self.period_days,
            "agency": self.agency,
        }


class SlipSeries(models.Model):
    """The last number given out by an agency in a year（发文字号）; its row lock orders the numbering."""

    agency = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "year"], name="slip_series_once")]

    def __str__(self) -> str:
        return f"{self.agency}〔{self.year}〕 {self.last}"


class Slip(models.Model):
    """督办单、约谈通知、通报: one call to order (or praise) to one unit, about one or several things it owes."""

    rung = models.CharField(max_length=12, choices=[(one.value, name) for one, name in slips.NAMES.items()])
    tone = models.CharField(max_length=8, blank=True, choices=[(one.value, name) for one, name in slips.TONES.items()])
    state = models.CharField(max_length=10, choices=[(one.value, name) for one, name in slips.STATE_NAMES.items()])
    version = models.PositiveIntegerField(default=1)
    number = models.CharField(_("number"), max_length=60, blank=True)
    issuer = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="slips_issued", db_index=False)
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="slips", db_index=False)
    post = models.ForeignKey("units.Post", on_delete=models.PROTECT, null=True, related_name="slips", db_index=False)
    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, null=True, related_name="slips", db_index=False
    )
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="slips", db_index=False)
    """What it is about first; everything it is about stands in its items."""
    words = models.TextField(_("words of the office"), blank=True)
    skips_level = models.BooleanField(default=False)
    plan = models.ForeignKey(SupervisionPlan, on_delete=models.PROTECT, null=True, related_name="slips", db_index=False)
    earlier = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The slip the unit already had in the period, when this one was approved beside it."""
    repeat_reason = models.TextField(blank=True)
    proposed_at = models.DateTimeField()
    proposed_by_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    """Nobody: the clock proposed it."""
    proposed_by_user = models.BigIntegerField(null=True)
    climb = models.PositiveSmallIntegerField(default=1, help_text="first its approval, then each day of an answer")
    told = models.PositiveSmallIntegerField(default=0, help_text="steps taken to chase its approval or its answer")
    told_on = models.DateField(null=True, blank=True)
    next_step_at = models.DateTimeField(null=True, blank=True)
    """When the clock looks again whether it is decided or answered; a moment that may be early and is never late."""
    opinion = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    issued_at = models.DateTimeField(null=True)
    answer_by_on = models.DateField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    end_reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("slip")
        verbose_name_plural = _("slips")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["unit", "-issued_at"], name="slip_unit_issued"),
            models.Index(fields=["issuer", "state"], name="slip_issuer_state"),
            models.Index(fields=["request"], name="slip_request", condition=models.Q(request__isnull=False)),
            models.Index(
                fields=["next_step_at"], name="slip_next_step", condition=models.Q(next_step_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="slip_number_once"),
            models.UniqueConstraint(
                fields=["issuer", "unit", "rung"],
                condition=models.Q(state="proposed", proposed_by_post__isnull=True),
                name="slip_one_proposal_of_the_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["proposed", "dropped"]) | ~models.Q(number=""),
                name="slip_numbered_when_issued",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.rung} {self.pk}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.slip:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "rung": self.rung,
            "tone": self.tone,
            "state": self.state,
            "version": self.version,
            "number": self.number,
            "issuer": self.issuer_id,
            "unit": self.unit_id,
            "post": self.post_id,
            "words": self.words,
            "skips_level": self.skips_level,
            "plan": self.plan_id,
            "earlier": self.earlier_id,
            "repeat_reason": self.repeat_reason,
            "opinion": self.opinion,
            "answer_by_on": iso(self.answer_by_on),
            "answer": self.answer,
            "end_reason": self.end_reason,
        }

    @property
    def ref(self) -> str:
        """How the ledger names it: the same before and after it has its number."""
        return f"slip-{self.pk}"

    @property
    def ladder_id(self) -> int | None:
        """The ladder that what it is about was issued under; needs ``commitment`` and ``request``."""
        about = self.commitment or self.request
        return about.ladder_id if about is not None else None

    def waiting(self) -> escalation.Facts:
        """What the clock needs to know of it while it waits for its approval or its answer（待批、待复）."""
        if self.state == slips.SlipState.ISSUED:
            return escalation.Facts(self.answer_by_on, self.told, self.told_on)
        since = local_day(self.proposed_at)
        waits = self.state == slips.SlipState.PROPOSED
        return escalation.Facts(since, self.told, self.told_on, since=since, owes=waits)

    def chased_by(self, ladder: escalation.Ladder) -> escalation.Ladder:
        """What of a ladder chases its approval, or its answer once it is issued."""
        return ladder.of_approval() if self.state == slips.SlipState.PROPOSED else ladder.of_answer()

    def await_answer(self, by: date) -> None:
        """Let the clock chase its answer from that day on: a climb of its own; nothing is saved here."""
        self.answer_by_on = by
        self.climb, self.told, self.told_on = self.climb + 1, 0, None
        self.next_step_at = due_moment(by)

    def facts(self) -> slips.Facts:
        """What the rules need to know of it; needs ``unit`` and ``issuer`` with their areas."""
        return slips.Facts(
            rung=escalation.Rung(self.rung),
            state=slips.SlipState(self.state),
            tone=slips.Tone(self.tone),
            issuer_path=self.issuer.path,
            issuer_area_path=self.issuer.area.path,
            unit_path=self.unit.path,
            unit_area_path=self.unit.area.path,
            proposed_by_user=self.proposed_by_user,
        )


class SlipItem(models.Model):
    """One thing a slip is about（所涉事项）, with the date it was owed by when it was put in."""

    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, related_name="items", db_index=False)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, null=True, related_name="slip_items")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="slip_items", db_index=False)
    due_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["request"], name="slip_item_request", condition=models.Q(request__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["slip", "commitment"], name="slip_item_once"),
            models.UniqueConstraint(
                fields=["slip", "request"],
                condition=models.Q(request__isnull=False),
                name="slip_item_once_of_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slip_id}: {self.commitment_id or self.request_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.slipitem:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "slip": self.slip_id,
            "commitment": self.commitment_id,
            "request": self.request_id,
            "due_on": iso(self.due_on),
        }

    def days_late(self, today: date) -> int:
        """Calendar days since the date; 0 when it has not passed."""
        return max(0, (today - self.due_on).days) if self.due_on else 0
