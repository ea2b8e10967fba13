"""方案、依据、事项、子项: a bounded set of priorities, who ordered it, its items and their parts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from luoshi.rules.directing import Limits, limits_of


def in_language(zh: str, en: str) -> str:
    """The text in the reader's language, falling back to the other where one is empty."""
    return (en or zh) if (get_language() or "").startswith("en") else (zh or en)


class Programme(models.Model):
    """方案: priorities named at one occasion, with the settings that hold for all their commitments."""

    class Visibility(models.TextChoices):
        """What a unit sees of its siblings: totals only, never reports or evidence."""

        OWN = "own", _("own subtree only")
        SIBLINGS = "siblings", _("siblings' totals")
        ALL = "all", _("all prefectures' totals")

    class State(models.TextChoices):
        """A programme is prepared, then in force, then over."""

        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("In force")
        ENDED = "ended", _("Ended")

    key = models.SlugField(max_length=60, unique=True)
    prefix = models.CharField(max_length=20, unique=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="programmes")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.SIBLINGS)
    warning_days = models.PositiveSmallIntegerField(default=5)
    extension_limit = models.PositiveSmallIntegerField(default=2)
    ladder_now = models.ForeignKey(
        "delivery.Ladder",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="what is issued from now on climbs this one",
    )
    timing_now = models.ForeignKey(
        "delivery.Timing",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="thresholds and ways of counting for what is issued from now on",
    )
    settings = models.JSONField(default=dict, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def last_meeting_on(self) -> date | None:
        """The day of the last review meeting（上次复盘）, when the settings name one."""
        told = self.settings.get("last_meeting_on")
        return date.fromisoformat(told) if told else None

    @property
    def signs(self) -> Limits:
        """From where on something in a record is a sign to go and look（信号阈值）."""
        return limits_of(self.settings.get("signs", {}))

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.programme:{self.key}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "prefix": self.prefix,
            "state": self.state,
            "visibility": self.visibility,
            "warning_days": self.warning_days,
            "extension_limit": self.extension_limit,
            "owner": self.owner_id,
            "ladder": self.ladder_now_id,
            "version": self.version,
            **({"signs": self.settings["signs"]} if "signs" in self.settings else {}),  # as usual, until it is set
        }


class Authority(models.Model):
    """依据: who ordered it, in which document, for what and until when. Nothing is issued without one."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="authorities")
    who = models.CharField(max_length=200)
    document = models.CharField(max_length=300)
    document_no = models.CharField(max_length=100, blank=True)
    document_on = models.DateField(null=True, blank=True)
    scope = models.TextField()
    from_on = models.DateField()
    until_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-from_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="authority_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} ({self.who})"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.authority:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "programme": self.programme_id,
            "who": self.who,
            "document": self.document,
            "scope": self.scope,
            "from_on": self.from_on.isoformat(),
            "until_on": self.until_on.isoformat(),
        }


class Matter(models.Model):
    """事项: one item of a programme, with the sentence it stands on."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="matters")
    number = models.PositiveSmallIntegerField()
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    short_zh = models.CharField(max_length=40, blank=True)
    short_en = models.CharField(max_length=60, blank=True)
    source_quote = models.TextField(blank=True)
    source_place = models.CharField(max_length=200, blank=True)
    institutions_only = models.BooleanField(default=False)
    off_system = models.BooleanField(default=False, help_text="new commitments are handled off the system by default")

    class Meta:
        ordering = ["programme", "number"]
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="matter_number_once")]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def short(self) -> str:
        """A name that fits a column heading."""
        return in_language(self.short_zh or self.name_zh, self.short_en or self.name_en)


class SubMatter(models.Model):
    """子项: a part of a matter, named exactly as the source names it."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="sub_matters")
    number = models.PositiveSmallIntegerField()
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    garbled = models.BooleanField(default=False)
    note_zh = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        ordering = ["matter", "number"]
        constraints = [models.UniqueConstraint(fields=["matter", "number"], name="sub_matter_number_once")]

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def note(self) -> str:
        """What the reader should know of a doubtful source."""
        return in_language(self.note_zh, self.note_en)


class Series(models.Model):
    """The last running number given out for a matter（文号）; its row lock orders the numbering."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="series")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.matter_id}: {self.last}"
