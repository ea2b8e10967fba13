"""Channels（渠道）that an office has set up, every attempt to use them, and what a person wants to be told how."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.office.models import errors
from luoshi.office.models.messages import Channel, Delivery


class Outlet(models.Model):
    """One receiver outside（渠道）: a webhook, a bot of a group, a gateway for text messages or calls, the mail server.

    Address and secret are kept sealed with the key of the installation and shown to nobody again; ``host`` is what may
    be shown. ``failures`` counts failures of the channel itself in a row, not refusals of single messages.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=Channel)
    name = models.CharField(_("name"), max_length=64)
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    below = models.BooleanField(_("also for units below"), default=False)
    urgent_only = models.BooleanField(_("urgent messages only"), default=False)
    discreet = models.BooleanField(_("without titles"), default=True)
    owner = models.ForeignKey(
        "units.Post", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("added by")
    )
    sealed_address = models.TextField(_("address, sealed"), blank=True)
    sealed_secret = models.TextField(_("secret, sealed"), blank=True)
    host = models.CharField(_("host"), max_length=200, blank=True)
    key_number = models.PositiveSmallIntegerField(_("number of the key"), default=1)
    enabled = models.BooleanField(_("enabled"), default=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True)
    disabled_why = models.CharField(_("why it is disabled"), max_length=300, blank=True)
    died = models.BooleanField(_("disabled by the clock"), default=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    last_error_at = models.DateTimeField(_("last error at"), null=True)
    last_sent_at = models.DateTimeField(_("last sent at"), null=True)
    rest_until = models.DateTimeField(_("rests until"), null=True)
    created_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(kind="email"), name="outlet_one_mail_server"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key_id(self) -> str:
        """The number of channel and key, which receivers get with every signature."""
        return f"{self.pk}.{self.key_number}"

    @property
    def error_text(self) -> str:
        """The last error in the reader's language."""
        return errors.told(self.last_error)

    @property
    def why_text(self) -> str:
        """Why it is disabled, in the reader's language when the clock said it."""
        return errors.told(self.disabled_why)

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"office.channel:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them: never an address, never a secret."""
        return {
            "kind": self.kind,
            "name": self.name,
            "unit": self.unit_id,
            "below": self.below,
            "urgent_only": self.urgent_only,
            "discreet": self.discreet,
            "host": self.host,
            "key": self.key_number,
            "enabled": self.enabled,
            "why": self.disabled_why,
        }


class Outcome(models.TextChoices):
    """How an attempt ended（结果）."""

    UNKNOWN = "unknown", _("not known: the worker ended before it could say")
    SENT = "sent", _("taken")
    FAILED = "failed", _("not taken")


class Attempt(models.Model):
    """One attempt to send（一次投递）: written before the socket is opened, completed afterwards, then kept."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    number = models.PositiveSmallIntegerField(_("number"))
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.UNKNOWN)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    took_ms = models.PositiveIntegerField(_("milliseconds"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    key_id = models.CharField(_("key"), max_length=32, blank=True)
    signature = models.CharField(_("signature"), max_length=64, blank=True)
    replayed_by = models.CharField(_("repeated by post"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"

    @property
    def error_text(self) -> str:
        """What went wrong, in the reader's language."""
        return errors.told(self.error)


class Mode(models.TextChoices):
    """When a person gets mail（接收方式）."""

    EACH = "each", _("each message at once")
    DAILY = "daily", _("one digest a day, urgent messages at once")
    URGENT = "urgent", _("urgent messages only")


class QuietChoice(models.TextChoices):
    """Whose quiet hours hold（免打扰）."""

    HOUSE = "house", _("as the installation has them")
    OWN = "own", _("my own")
    NONE = "none", _("none: any time")


class Wish(models.Model):
    """How a person wants to be told（通知设置）; the message centre always has everything."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    email = models.BooleanField(_("e-mail"), default=True)
    phone = models.BooleanField(_("text message or call to the post's number when urgent"), default=True)
    mode = models.CharField(_("e-mail brings"), max_length=8, choices=Mode, default=Mode.EACH)
    digest_hour = models.PositiveSmallIntegerField(_("hour of the digest"), default=9)
    quiet = models.CharField(_("quiet hours"), max_length=8, choices=QuietChoice, default=QuietChoice.HOUSE)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    working_days = models.BooleanField(_("on working days only"), default=True)

    class Meta:
        verbose_name = _("notification setting")
        verbose_name_plural = _("notification settings")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(digest_hour__lte=23), name="wish_hour_of_the_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.mode}"


class CalendarFeed(models.Model):
    """A secret address from which a calendar program reads the deadlines of a post（日历订阅）.

    Only the SHA-256 digest of the secret is kept. When and how often it is read is not.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    post = models.ForeignKey("units.Post", on_delete=models.CASCADE, related_name="+", verbose_name=_("post"))
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    discreet = models.BooleanField(_("title and number only"), default=True)
    created_at = models.DateTimeField(_("made at"))
    revoked_at = models.DateTimeField(_("withdrawn at"), null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["user"], name="feed_user")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.created_at:%Y-%m-%d}"
