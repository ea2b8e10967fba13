"""Django application of ``luoshi.office``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    """文书: files, jobs, messages and channels, search index, saved views."""

    name = "luoshi.office"
    label = "office"
    verbose_name = _("Office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Units and posts can be found, and the index follows what happens to them."""
        from luoshi.ledger import registry
        from luoshi.office.services import naming, register_source

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
