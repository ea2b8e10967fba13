"""Django application of ``luoshi.delivery``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """落实: programmes, commitments and every act upon them. The heart."""

    name = "luoshi.delivery"
    label = "delivery"
    verbose_name = _("Delivery")
    default_auto_field = "django.db.models.BigAutoField"
