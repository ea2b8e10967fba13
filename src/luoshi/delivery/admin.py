"""The heart in the administration（落实管理）: rows are only looked at; every change is an act with an entry."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from luoshi.delivery.models import Commitment, Programme, Report
from luoshi.units.admin import ReadOnlyAdmin


@admin.register(Programme)
class ProgrammeAdmin(ReadOnlyAdmin[Programme]):
    """Programmes."""

    list_display = ("key", "name_zh", "state", "owner", "version")
    list_select_related = ("owner",)


@admin.register(Commitment)
class CommitmentAdmin(ReadOnlyAdmin[Commitment]):
    """Commitments."""

    list_display = ("ref", "title", "lead", "state", "light", "due_on", "said", "verified")
    list_select_related = ("lead",)
    list_filter = ("state", "light", "kind")
    search_fields = ("=ref", "title")
    show_full_result_count = False


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin[Report]):
    """Reports."""

    list_display = ("commitment", "percent", "by_post", "via", "recorded_at")
    list_select_related = ("commitment", "by_post")
    show_full_result_count = False


def register_rest() -> None:
    """Show every other table of the application, so that an administrator need not open the database to look."""
    for model in apps.get_app_config("delivery").get_models():
        if not admin.site.is_registered(model):
            admin.site.register(model, ReadOnlyAdmin)


register_rest()
