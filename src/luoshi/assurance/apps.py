"""Django application of ``luoshi.assurance``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

GOVERNED = (
    "Campaign",
    "Certificate",
    "CertificateException",
    "Visit",
    "Verifier",
    "VisitApproval",
    "SealedLot",
    "LookBackRule",
    "LookBackDay",
    "LookBackDraw",
)
"""Models whose rows the ledger records and the audit compares; the places of a frame stand in its digest."""


class AssuranceConfig(AppConfig):
    """核验: verification that means something."""

    name = "luoshi.assurance"
    label = "assurance"
    verbose_name = _("Assurance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the audit which rows are governed; make the jobs known; follow what is opened again."""
        from luoshi.assurance import jobs  # noqa: F401 - registers its kinds
        from luoshi.assurance.queries.handing import visits_between
        from luoshi.assurance.services import withdrawing
        from luoshi.delivery.queries import asked
        from luoshi.ledger import registry

        if visits_between not in asked.VISIT_SOURCES:
            asked.VISIT_SOURCES.append(visits_between)
        for name in GOVERNED:
            registry.govern(f"assurance.{name.lower()}", _rows(name))
        registry.subscribe("delivery.CommitmentLookedBack", withdrawing.on_looked_back)
        registry.subscribe("delivery.CommitmentReopened", withdrawing.on_reopened)


def _rows(name: str) -> Any:
    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for row in apps.get_model("assurance", name).objects.order_by("pk").iterator(chunk_size=2000):
            yield row.ledger_key, row.ledger_state()

    return rows
