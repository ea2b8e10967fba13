"""Django application of ``luoshi.packs``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PacksConfig(AppConfig):
    """方案包: programme content as YAML, its schema, loader and the demonstration. No models."""

    name = "luoshi.packs"
    label = "packs"
    verbose_name = _("Packs")
    default_auto_field = "django.db.models.BigAutoField"
