"""Django application of ``luoshi.units``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    """组织: the tree of units, posts, holders, deputies."""

    name = "luoshi.units"
    label = "units"
    verbose_name = _("Units")
    default_auto_field = "django.db.models.BigAutoField"
