"""到点记录: what the clock took in each batch, so that it can be seen that it ran and what it did."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sweep(models.Model):
    """One batch of the clock: what it took, when, how many, and the entry that proves it; kept for a while only."""

    class What(models.TextChoices):
        """Which part of the clock."""

        LIGHTS = "lights", _("lights turned")
        STEPS = "steps", _("steps of the ladder")

    what = models.CharField(max_length=8, choices=What)
    at = models.DateTimeField(help_text="the moment up to which it took what was due")
    rows = models.PositiveIntegerField(help_text="looked at")
    taken = models.PositiveIntegerField(help_text="steps taken, or dates newly missed")
    oldest_at = models.DateTimeField(null=True, help_text="the oldest stored moment it found")
    milliseconds = models.PositiveIntegerField()
    entry_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M} {self.rows}"
