"""Long work（作业）and the slots of the scheduler."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from luoshi.office.models.words import say
from luoshi.ui.sentences import told


class JobState(models.TextChoices):
    """Where a job stands（作业状态）."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Job(models.Model):
    """A piece of long work that shows its progress and can be left and returned to（作业）.

    ``title`` and ``note`` are message ids with their values beside them, so that each reader sees his own language.
    ``lease_until`` is the heartbeat: a running job whose lease has passed belongs to a dead worker and is put back.
    ``attempt`` fences: a worker that was given up and wakes later may not write any more.
    """

    kind = models.CharField(_("kind"), max_length=64)
    title = models.CharField(_("title"), max_length=200)
    args = models.JSONField(_("arguments"), default=dict)
    state = models.CharField(_("state"), max_length=16, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    total = models.PositiveIntegerField(_("steps in all"), default=0)
    note = models.JSONField(_("note"), default=dict)
    result = models.JSONField(_("result"), default=dict)
    refusals = models.JSONField(_("refusals"), default=list)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("started by")
    )
    post_ref = models.CharField(_("post"), max_length=64, blank=True)
    principal_ref = models.CharField(_("for the post"), max_length=64, blank=True)
    unit_path = models.CharField(_("unit"), max_length=255, blank=True)
    task_id = models.UUIDField(_("task"), null=True, unique=True)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("alive until"), null=True)
    cancel_asked = models.BooleanField(_("asked to stop"), default=False)
    created_at = models.DateTimeField(_("asked for at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "lease_until"], name="job_state_lease"),
            models.Index(fields=["user", "-id"], name="job_user"),
            models.Index(fields=["unit_path", "-id"], name="job_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def title_text(self) -> str:
        """The title in the reader's language."""
        return say(self.title, self.args)

    @property
    def note_text(self) -> str:
        """What the job is doing just now, in the reader's language."""
        return say(self.note.get("text", ""), self.note.get("params", {})) if self.note else ""

    @property
    def result_text(self) -> str:
        """What came of it in one sentence, where the kind of job says so, in the reader's language."""
        said = self.result.get("said") if self.result else None
        return say(said["text"], said["params"]) if said else ""

    @property
    def refusal_texts(self) -> list[str]:
        """The refusals met, each as one sentence in the reader's language; at most 200."""
        return [self._sentence(refusal) for refusal in self.refusals[:200]]

    @property
    def refusal_links(self) -> list[tuple[str, str, str]]:
        """The same as sentences, each with its place and the address of its page, where there is one."""
        rows = zip(self.refusals[:200], self.refusal_texts, self.all_refusal_texts, strict=False)
        return [
            (one.get("where", ""), bare, one["link"]) if one.get("link") else ("", whole, "")
            for one, whole, bare in rows
        ]

    @property
    def all_refusal_texts(self) -> list[str]:
        """Every refusal kept, without its place, in the reader's language."""
        return [say(refusal.get("text", ""), refusal.get("params", {})) for refusal in self.refusals]

    def _sentence(self, refusal: dict[str, Any]) -> str:
        params = {name: told(value) for name, value in refusal.get("params", {}).items()}
        sentence = say(refusal.get("text", ""), params)
        where = refusal.get("where", "")
        return gettext("%(where)s: %(sentence)s") % {"where": where, "sentence": sentence} if where else sentence

    @property
    def percent(self) -> int | None:
        """Steps done as a whole percentage, or ``None`` while the number of steps is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Slot(models.Model):
    """One turn of a periodic job（班次）: the unique row lets exactly one node start it."""

    job = models.CharField(_("job"), max_length=64)
    slot = models.BigIntegerField(_("number of the turn"))
    at = models.DateTimeField(_("taken at"), db_index=True)

    class Meta:
        verbose_name = _("turn of a periodic job")
        verbose_name_plural = _("turns of periodic jobs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["job", "slot"], name="slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.slot}"
