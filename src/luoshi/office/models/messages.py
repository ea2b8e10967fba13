"""The outbox（发件箱）: messages to posts, and one delivery record per channel."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.office.models import errors
from luoshi.office.models.words import say


class Message(models.Model):
    """Something a post must know（消息）.

    Written in the transaction of the act it tells of; the same ``key`` reaches a post once. ``read_at`` belongs to the
    post, not to a person, and nothing else about reading is kept.
    """

    key = models.CharField(_("key"), max_length=160)
    post = models.ForeignKey("units.Post", on_delete=models.CASCADE, related_name="+", verbose_name=_("post"))
    kind = models.CharField(_("kind"), max_length=48)
    subject = models.TextField(_("subject"))
    body = models.TextField(_("text"), blank=True)
    params = models.JSONField(_("values"), default=dict)
    link = models.CharField(_("page"), max_length=500, blank=True)
    urgent = models.BooleanField(_("urgent"), default=False)
    prompt = models.BooleanField(_("waits for no digest"), default=False)
    sender = models.ForeignKey(
        "units.Post", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("sent by")
    )
    created_at = models.DateTimeField(_("written at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    spread = models.BooleanField(_("given to the channels"), default=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "post"], name="message_once_per_post"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["post", "-id"], name="message_post"),
            models.Index(fields=["post"], name="message_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["id"], name="message_to_spread", condition=models.Q(spread=False)),
            models.Index(fields=["sender", "-id"], name="message_sender", condition=models.Q(sender__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def subject_text(self) -> str:
        """The subject in the reader's language."""
        return say(self.subject, self.params)

    @property
    def body_text(self) -> str:
        """The text in the reader's language."""
        return say(self.body, self.params)


class Channel(models.TextChoices):
    """By which way（渠道）."""

    IN_APP = "in_app", _("message centre")
    EMAIL = "email", _("e-mail")
    WEBHOOK = "webhook", _("webhook")
    WECOM = "wecom", _("WeCom bot")
    DINGTALK = "dingtalk", _("DingTalk bot")
    FEISHU = "feishu", _("Feishu bot")
    SMS = "sms", _("text message")
    VOICE = "voice", _("voice call")


BOTS = frozenset({Channel.WECOM, Channel.DINGTALK, Channel.FEISHU})
"""Bots of a group: many messages become one, and there are only so many a minute."""
PHONES = frozenset({Channel.SMS, Channel.VOICE})
"""What reaches a telephone: urgent messages only, to the official number of the post."""


class DeliveryState(models.TextChoices):
    """How far a delivery has come（投递状态）."""

    PENDING = "pending", _("to be sent")
    HELD = "held", _("waits for the digest")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("given up")
    SPARED = "spared", _("not needed")


OPEN_STATES = (DeliveryState.PENDING, DeliveryState.HELD, DeliveryState.FAILED)
"""Not at its end yet."""


class Delivery(models.Model):
    """One message on one channel（投递）.

    ``next_at`` is both the moment of the next try and, while ``claim`` is set, the end of a worker's lease. Deliveries
    of one ``batch`` travel in one mail; only the first of them has a ``next_at`` and is claimed for all.
    """

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("message")
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("recipient"),
    )
    outlet = models.ForeignKey(
        "office.Outlet",
        on_delete=models.CASCADE,
        null=True,
        related_name="deliveries",
        db_index=False,
        verbose_name=_("by channel"),
    )
    address = models.CharField(_("address"), max_length=254, blank=True)
    batch = models.CharField(_("digest"), max_length=32, blank=True)
    replayed_by = models.CharField(_("repeated by post"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next try at"), null=True)
    claim = models.CharField(_("claimed by"), max_length=32, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    provider_id = models.CharField(_("number at the provider"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message", "channel", "user"], name="delivery_once_per_recipient"),
            models.UniqueConstraint(
                fields=["message", "channel"],
                condition=models.Q(user=None, outlet=None),
                name="delivery_once_per_message",
            ),
            models.UniqueConstraint(
                fields=["message", "outlet"],
                condition=models.Q(outlet__isnull=False),
                name="delivery_once_per_outlet",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_at"],
                name="delivery_due",
                condition=models.Q(state__in=["pending", "held", "failed"], next_at__isnull=False),
            ),
            models.Index(fields=["user"], name="delivery_user", condition=models.Q(user__isnull=False)),
            models.Index(fields=["user"], name="delivery_held", condition=models.Q(state="held")),
            models.Index(fields=["claim"], name="delivery_claim", condition=~models.Q(claim="")),
            models.Index(fields=["batch"], name="delivery_batch", condition=~models.Q(batch="")),
            models.Index(fields=["outlet", "-id"], name="delivery_outlet", condition=models.Q(outlet__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"

    @property
    def error_text(self) -> str:
        """The last error in the reader's language."""
        return errors.told(self.last_error)
