"""Django application of ``luoshi.office``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    """文书: files, jobs, messages and channels, search index, saved views."""

    name = "luoshi.office"
    label = "office"
    verbose_name = _("Office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Channels are governed; units and posts can be found, and the index follows what happens to them."""
        from luoshi.ledger import registry
        from luoshi.office.queries.wishes import house_hours
        from luoshi.office.services import naming, register_source

        house_hours()  # what cannot be read is told at the start, not in the night
        registry.govern("office.channel", _channels)

        register_source(naming.UNIT, naming.unit_items)
        register_source(naming.POST, naming.post_items)
        for event in ("units.UnitsImported", "units.DepartmentsCreated"):
            registry.subscribe(event, naming.on_units)
        for event in ("units.UnitCreated", "units.UnitRenamed"):
            registry.subscribe(event, naming.on_unit)
        for event in ("units.UnitMoved", "units.UnitsMerged", "units.UnitSplit", "units.UnitClosed"):
            registry.subscribe(event, naming.on_tree)
        registry.subscribe("units.PostsCreated", naming.on_posts)
        registry.subscribe("units.PostClosed", naming.on_post_closed)


def _channels() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in apps.get_model("office", "Outlet").objects.order_by("pk").iterator():
        yield row.ledger_key, row.ledger_state()
