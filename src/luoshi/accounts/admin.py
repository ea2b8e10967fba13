"""Accounts in the administration（账户管理）: people may be added here; tokens are only looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from luoshi.accounts.models import ApiToken, User


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    """People who may sign in."""

    list_display = ("username", "display_name", "is_active", "is_staff")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Shown"), {"fields": ("display_name", "language", "email")}),
        (_("Sign-in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Tokens, to look at."""

    list_display = ("prefix", "name", "user", "post_ref", "expires_at", "revoked_at", "last_used_on")
    exclude = ("digest",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tokens are made by their command or page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is never edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is withdrawn, not deleted."""
        return False
