"""账户: who signs in, with which tokens, and which requests were already answered.

Principle 1 bars watching people: there are no log-in counts here, and a token remembers only the *day* of its last
use, so that unused ones can be found and withdrawn.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who may sign in（用户）; what he may do comes from the posts he holds, never from here."""

    display_name = models.CharField(_("name shown"), max_length=64, blank=True)
    language = models.CharField(
        _("language"), max_length=16, blank=True, help_text=_("Empty: the language follows the browser.")
    )
    is_demo = models.BooleanField(
        _("demonstration person"),
        default=False,
        help_text=_("Only such persons can be switched to without signing out, and only in a demonstration."),
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name pages show: the display name, else the full name, else the sign-in name."""
        return self.display_name or self.get_full_name() or self.username


class ApiToken(models.Model):
    """A secret with which a program acts for one person in one post（令牌）.

    Only the SHA-256 digest of the secret is kept; ``prefix`` is the part that may be shown to tell tokens apart.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=64)
    post_ref = models.CharField(_("post"), max_length=64, blank=True)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    prefix = models.CharField(_("beginning"), max_length=16)
    created_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    last_used_on = models.DateField(_("last used on"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="token_expires_after_making"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotencyKey(models.Model):
    """An answer already given, so that a repeated request is not done twice（幂等键）."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("user"))
    key = models.CharField(_("key"), max_length=128)
    request_digest = models.CharField(_("digest of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    body = models.JSONField(_("answer"), null=True)
    at = models.DateTimeField(_("answered at"), db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user"),
        ]

    def __str__(self) -> str:
        return self.key
