"""阶梯: the versions of a programme's ladder, what is climbed by whom, and the steps that were taken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.rules import escalation
from luoshi.rules.calendar import local_day


class Ladder(models.Model):
    """阶梯: one version of what happens as time runs out; never changed, so that what was issued under it keeps it."""

    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="ladders")
    number = models.PositiveIntegerField(_("version"))
    steps = models.JSONField(_("steps"))
    repeat_days = models.PositiveSmallIntegerField(_("repeated after (working days)"))
    approve_days = models.PositiveSmallIntegerField(
        _("approver reminded after (working days)"), default=escalation.APPROVE_DAYS
    )
    above_days = models.PositiveSmallIntegerField(
        _("unit above told after (working days)"), default=escalation.ABOVE_DAYS
    )
    made_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("ladder")
        verbose_name_plural = _("ladders")
        ordering = ["programme", "number"]
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="ladder_version_once")]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.number}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.ladder:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        told = {
            "programme": self.programme_id,
            "number": self.number,
            "steps": self.steps,
            "repeat_days": self.repeat_days,
        }
        approval = (self.approve_days, self.above_days)
        usual = (escalation.APPROVE_DAYS, escalation.ABOVE_DAYS)
        return told if approval == usual else {**told, "approval": list(approval)}

    def rule(self) -> escalation.Ladder:
        """The ladder as the rules climb it."""
        return escalation.read_ladder(
            {
                "steps": self.steps,
                "repeat_days": self.repeat_days,
                "approve_days": self.approve_days,
                "above_days": self.above_days,
            }
        )


class Climbing(models.Model):
    """What may be overdue and is then told up the line step by step（逐档）.

    ``told`` steps were taken of climb number ``climb``, about the date ``climbs_for``; the last on ``told_on``.
    At ``next_step_at`` the clock looks again: a moment that may be early and is never late. Null: it stands still.
    """

    ladder = models.ForeignKey(
        Ladder, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    climb = models.PositiveSmallIntegerField(default=0)
    told = models.PositiveSmallIntegerField(default=0)
    told_on = models.DateField(null=True, blank=True)
    climbs_for = models.DateField(null=True, blank=True)
    next_step_at = models.DateTimeField(null=True, blank=True)

    CLIMBED = ("climb", "told", "told_on", "climbs_for", "next_step_at")
    """Columns of the climb, for those who write many rows at once."""

    class Meta:
        abstract = True

    def owed(self) -> tuple[date | None, bool]:
        """Until when something is owed here, and whether it is owed now."""
        raise NotImplementedError

    def arm(self, at: datetime) -> None:
        """Let the climb begin anew, go on or stand still after an act（续催）; nothing is saved here.

        A date that lies ahead is a new promise: its ladder begins at the bottom. A date that only moved within the past
        keeps the steps that were told. It needs neither the ladder nor a calendar: the sweep looks and stores the
        moment itself.
        """
        if self.ladder_id is None:
            return
        day, owes = self.owed()
        if not owes or day is None:
            self.next_step_at = None
        elif day != self.climbs_for:
            if self.climbs_for is None or day >= local_day(at):
                self.climb, self.told, self.told_on = self.climb + 1, 0, None
            self.climbs_for = day
            self.next_step_at = max(at, escalation.look_at(day) or at)
        elif self.next_step_at is None:
            self.next_step_at = at


class LadderStep(models.Model):
    """A step that was taken（已催档位）: what is owed, for which date, which step; the database refuses a second."""

    commitment = models.ForeignKey(
        "delivery.Commitment", on_delete=models.PROTECT, null=True, related_name="ladder_steps", db_index=False
    )
    request = models.ForeignKey(
        "delivery.Request", on_delete=models.PROTECT, null=True, related_name="ladder_steps", db_index=False
    )
    slip = models.ForeignKey(
        "delivery.Slip", on_delete=models.PROTECT, null=True, related_name="chased", db_index=False
    )
    """A proposal that waits for its approval, the date being the day of the proposal; or an answer that is owed."""
    extension = models.ForeignKey(
        "delivery.Extension", on_delete=models.PROTECT, null=True, related_name="chased", db_index=False
    )
    """A later date that somebody asked for and nobody has decided on; the unit is the one that decides."""
    climb = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    number = models.PositiveSmallIntegerField()
    rung = models.CharField(max_length=12, choices=[(one.value, name) for one, name in escalation.RUNG_NAMES.items()])
    to = models.CharField(max_length=12, choices=[(one.value, name) for one, name in escalation.LEVEL_NAMES.items()])
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    proposed = models.BooleanField(default=False, help_text="a slip was proposed; a person decides")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "climb", "number"], name="ladder_step_once"),
            models.UniqueConstraint(
                fields=["request", "climb", "number"],
                condition=models.Q(request__isnull=False),
                name="ladder_step_once_of_request",
            ),
            models.UniqueConstraint(
                fields=["slip", "climb", "number"],
                condition=models.Q(slip__isnull=False),
                name="ladder_step_once_of_slip",
            ),
            models.UniqueConstraint(
                fields=["extension", "climb", "number"],
                condition=models.Q(extension__isnull=False),
                name="ladder_step_once_of_extension",
            ),
        ]

    def __str__(self) -> str:
        about = self.commitment_id or self.request_id or self.slip_id or self.extension_id
        return f"{about} {self.rung} {self.number}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps: by what it is about, so that it needs no id."""
        named = {"c": self.commitment_id, "r": self.request_id, "s": self.slip_id, "e": self.extension_id}
        about = next((f"{letter}{pk}" for letter, pk in named.items() if pk is not None), "")
        return f"delivery.ladderstep:{about}.{self.climb}.{self.number}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "due_on": self.due_on.isoformat(),
            "rung": self.rung,
            "to": self.to,
            "unit": self.unit_id,
            "proposed": self.proposed,
        }
