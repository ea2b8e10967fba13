"""The outbox（发件箱）: messages to posts, and one delivery record per channel."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
    created_at = models.DateTimeField(_("written at"))
    read_at = models.DateTimeField(_("read at"), null=True)

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


class DeliveryState(models.TextChoices):
    """How far a delivery has come（投递状态）."""

    PENDING = "pending", _("to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("given up")


class Delivery(models.Model):
    """One message on one channel（投递）.

    ``next_at`` is both the moment of the next try and, while ``claim`` is set, the end of a worker's lease.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("message"))
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("recipient")
    )
    address = models.CharField(_("address"), max_length=254, blank=True)
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
                fields=["message", "channel"], condition=models.Q(user=None), name="delivery_once_per_message"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], name="delivery_due", condition=models.Q(state__in=["pending", "failed"])),
            models.Index(fields=["claim"], name="delivery_claim", condition=~models.Q(claim="")),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"
