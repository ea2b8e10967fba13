"""Units and posts in the administration（组织管理）: governed rows are only looked at."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from luoshi.units.models import Deputyship, HandOver, Holding, Post, Unit, UnitChange

AnyModel = TypeVar("AnyModel", bound=Model)


class ReadOnlyAdmin(admin.ModelAdmin[AnyModel]):
    """Rows whose every change is an act with an entry: shown here, changed only by their services."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Unit)
class UnitAdmin(ReadOnlyAdmin[Unit]):
    """Units."""

    list_display = ("name", "code", "kind", "level", "parent", "valid_until")
    list_select_related = ("parent",)
    list_filter = ("kind", "level")
    search_fields = ("name", "=code", "short_name")
    show_full_result_count = False


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin[Post]):
    """Posts."""

    list_display = ("ref", "title", "role", "unit", "active")
    list_select_related = ("unit",)
    list_filter = ("role", "active")
    search_fields = ("ref", "title", "unit__name")


@admin.register(Holding)
class HoldingAdmin(ReadOnlyAdmin[Holding]):
    """Who holds which post when."""

    list_display = ("post", "user", "from_on", "until_on")
    list_select_related = ("post", "user")


@admin.register(Deputyship)
class DeputyshipAdmin(ReadOnlyAdmin[Deputyship]):
    """Who stands in for whom when."""

    list_display = ("principal", "deputy", "from_on", "until_on")
    list_select_related = ("principal", "deputy")


@admin.register(HandOver)
class HandOverAdmin(ReadOnlyAdmin[HandOver]):
    """Hand-overs."""

    list_display = ("post", "from_user", "to_user", "on")
    list_select_related = ("post", "from_user", "to_user")


@admin.register(UnitChange)
class UnitChangeAdmin(ReadOnlyAdmin[UnitChange]):
    """What happened to units."""

    list_display = ("unit", "what", "on", "old_name", "new_name")
    list_select_related = ("unit",)
