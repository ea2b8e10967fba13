"""The office in the administration（文书管理）: to look at, never to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from luoshi.office.models import Delivery, Job, Message, SavedView, StoredFile


class LookOnly(admin.ModelAdmin[models.Model]):
    """Rows that only services write."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Services write."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Services write."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Services write."""
        return False


@admin.register(StoredFile)
class StoredFileAdmin(LookOnly):
    """Files by digest."""

    list_display = ("digest", "media_type", "size", "created_at")


@admin.register(Job)
class JobAdmin(LookOnly):
    """Jobs."""

    list_display = ("id", "kind", "state", "done", "total", "attempt", "created_at", "finished_at")
    list_filter = ("state", "kind")


@admin.register(Message)
class MessageAdmin(LookOnly):
    """Messages; their text is for the post they went to."""

    list_display = ("key", "kind", "post", "created_at")
    fields = ("key", "kind", "post", "created_at")
    list_select_related = ("post",)


@admin.register(Delivery)
class DeliveryAdmin(LookOnly):
    """Deliveries: what was sent, what waits, what was given up."""

    list_display = ("id", "channel", "state", "attempts", "next_at", "last_error", "sent_at")
    list_filter = ("channel", "state")
    raw_id_fields = ("message", "user")


@admin.register(SavedView)
class SavedViewAdmin(LookOnly):
    """Saved views."""

    list_display = ("name", "page", "user", "shared")
    list_select_related = ("user",)
