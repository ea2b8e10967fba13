"""Django application of ``luoshi.config``: the place of commands that belong to no other."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """Settings, addresses and the commands of a whole installation. No models."""

    name = "luoshi.config"
    label = "config"
    verbose_name = _("Installation")
    default_auto_field = "django.db.models.BigAutoField"
