"""会议: who meets about a programme, when and where, and until when the papers are out."""

from __future__ import annotations

from datetime import UTC
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.rules.meetings import KIND_NAMES, PAPERS_DAYS, STAGE_NAMES


class Meeting(models.Model):
    """会议: one hour in one room, about one programme; it is planned, opened, and ended or cancelled."""

    ref = models.CharField(_("number"), max_length=40, unique=True)
    programme = models.ForeignKey("delivery.Programme", on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(_("kind"), max_length=12, choices=list(KIND_NAMES.items()))
    title = models.CharField(_("title"), max_length=200)
    place = models.CharField(_("place"), max_length=200, blank=True)
    held_at = models.DateTimeField(_("held at"))
    papers_days = models.PositiveSmallIntegerField(_("papers out, working days before"), default=PAPERS_DAYS)
    papers_due_on = models.DateField(_("papers out by"))
    papers_sent_at = models.DateTimeField(_("papers sent at"), null=True, blank=True)
    """When they last went out to everybody asked."""
    stage = models.CharField(_("stage"), max_length=10, choices=list(STAGE_NAMES.items()), default="planned")
    convened_by = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="meetings")
    """The area whose head or office calls it."""
    minutes_text = models.TextField(_("minutes"), blank=True)
    minutes_document = models.ForeignKey(
        "intake.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="meetings"
    )
    cancel_reason = models.TextField(blank=True)
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering: ClassVar[list[str]] = ["-held_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["programme", "kind", "-held_at"], name="meeting_line"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(stage="ended") | models.Q(ended_at__isnull=False), name="meeting_ended_has_moment"
            ),
            models.UniqueConstraint(
                fields=["programme", "kind", "convened_by"],
                condition=models.Q(stage="open"),
                name="meeting_one_open_of_a_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.meeting:{self.ref}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "programme": self.programme_id,
            "kind": self.kind,
            "title": self.title,
            "place": self.place,
            "held_at": self.held_at.astimezone(UTC).isoformat(timespec="minutes"),
            "papers_days": self.papers_days,
            "papers_due_on": self.papers_due_on.isoformat(),
            "papers_sent_at": self.papers_sent_at.astimezone(UTC).isoformat() if self.papers_sent_at else None,
            "stage": self.stage,
            "convened_by": self.convened_by_id,
            "minutes": self.minutes_text,
            "document": self.minutes_document_id,
            "cancel_reason": self.cancel_reason,
            "version": self.version,
        }


class Participant(models.Model):
    """与会岗位: a post that is asked to come, and whether it came; never a person."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="participants")
    post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="meetings")
    attended = models.BooleanField(null=True, blank=True)
    off = models.BooleanField(default=False, help_text="taken off the list again")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "post"], name="participant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.post_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"meetings.participant:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {"meeting": self.meeting_id, "post": self.post_id, "attended": self.attended, "off": self.off}
