"""Django application of ``luoshi.office``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    """文书: files, jobs, messages and channels, search index, saved views."""

    name = "luoshi.office"
    label = "office"
    verbose_name = _("Office")
    default_auto_field = "django.db.models.BigAutoField"
