"""Django application of ``luoshi.ledger``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """留痕: the append-only ledger, its sequencer, audit and export."""

    name = "luoshi.ledger"
    label = "ledger"
    verbose_name = _("Ledger")
    default_auto_field = "django.db.models.BigAutoField"
