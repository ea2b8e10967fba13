"""Django application of ``luoshi.intake``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

GOVERNED = ("Document", "Draft", "DraftItem", "Outcome", "NewsSource")
"""Models whose rows the ledger records and the audit compares."""


class IntakeConfig(AppConfig):
    """收文: documents that come in, read into drafts of commitments."""

    name = "luoshi.intake"
    label = "intake"
    verbose_name = _("Intake")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the audit which rows are governed; make the jobs known; show where words come from."""
        from luoshi.delivery.queries import pages
        from luoshi.intake import jobs  # noqa: F401 - registers its kinds
        from luoshi.intake.views.documents import origin_address
        from luoshi.ledger import registry

        pages.ORIGINS.append(origin_address)

        for name in GOVERNED:
            registry.govern(f"intake.{name.lower()}", _rows(name))


def _rows(name: str) -> Any:
    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for row in apps.get_model("intake", name).objects.order_by("pk").iterator(chunk_size=2000):
            yield row.ledger_key, row.ledger_state()

    return rows
