"""Django application of ``luoshi.desk``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """工作台: pages that cross applications (today, board). No models."""

    name = "luoshi.desk"
    label = "desk"
    verbose_name = _("Desk")
    default_auto_field = "django.db.models.BigAutoField"
