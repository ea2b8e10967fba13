"""Django application of ``luoshi.delivery``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

BY_KEY = frozenset({"Programme", "Authority", "Commitment", "Timing", "ShortLink", "Ladder", "SupervisionPlan"})
"""Asked about by their keys; the ledger finds all others by the number of the commitment or slip they belong to."""
GOVERNED = (
    "Programme",
    "Authority",
    "Commitment",
    "Report",
    "Evidence",
    "Application",
    "Verification",
    "LookBack",
    "Extension",
    "Stop",
    "Timing",
    "BreakdownApproval",
    "Request",
    "Forwarding",
    "Brief",
    "Merging",
    "Instruction",
    "Finding",
    "FindingEvidence",
    "Objection",
    "ShortLink",
    "Reminder",
    "Ladder",
    "LadderStep",
    "SupervisionPlan",
    "Slip",
    "SlipItem",
)
"""Models whose rows the ledger records and the audit compares."""


class DeliveryConfig(AppConfig):
    """落实: programmes, commitments and every act upon them. The heart."""

    name = "luoshi.delivery"
    label = "delivery"
    verbose_name = _("Delivery")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the audit which rows are governed; follow what happens to units."""
        from luoshi.delivery import jobs  # noqa: F401 - registers its kinds
        from luoshi.delivery.queries import deadlines, findable, handover
        from luoshi.delivery.services import following
        from luoshi.ledger import registry
        from luoshi.office import services as office
        from luoshi.units import queries as unit_queries
        from luoshi.units import services as units

        for name in GOVERNED:
            registry.govern(f"delivery.{name.lower()}", _rows(name), part=name not in BY_KEY)
        for kind, source in findable.SOURCES.items():
            office.register_source(kind, source)
        office.register_deadlines(deadlines.deadlines)
        registry.subscribe("units.UnitsMerged", following.take_over)
        for event in ("units.UnitMoved", "units.UnitSplit"):
            registry.subscribe(event, following.follow_tree)
        if following.refuse_while_leading not in units.CLOSING_GUARDS:
            units.CLOSING_GUARDS.append(following.refuse_while_leading)
        if handover.offer_work not in unit_queries.POST_LINKS:
            unit_queries.POST_LINKS.append(handover.offer_work)
        if handover.open_items not in unit_queries.HANDOVER_SOURCES:
            unit_queries.HANDOVER_SOURCES.append(handover.open_items)


def _rows(name: str) -> Any:
    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for row in apps.get_model("delivery", name).objects.order_by("pk").iterator(chunk_size=2000):
            yield row.ledger_key, row.ledger_state()

    return rows
