"""Django application of ``luoshi.ui``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """界面件: base templates, components, template tags, static files. No models."""

    name = "luoshi.ui"
    label = "ui"
    verbose_name = _("Interface")
    default_auto_field = "django.db.models.BigAutoField"
