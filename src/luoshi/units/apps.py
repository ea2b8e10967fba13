"""Django application of ``luoshi.units``."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    """组织: the tree of units, posts, holders, deputies."""

    name = "luoshi.units"
    label = "units"
    verbose_name = _("Units")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the governed rows to the ledger, so that the audit can compare them with the folded entries."""
        from luoshi.ledger import registry
        from luoshi.units import models

        for label, model in (
            ("units.unit", models.Unit),
            ("units.change", models.UnitChange),
            ("units.post", models.Post),
            ("units.holding", models.Holding),
            ("units.deputyship", models.Deputyship),
            ("units.handover", models.HandOver),
            ("units.map", models.AreaMap),
            ("units.calendar", models.CalendarVersion),
        ):
            registry.govern(label, partial(models.governed_rows, model))
