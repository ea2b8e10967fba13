"""Django application of ``luoshi.meetings``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

GOVERNED = (
    "Meeting",
    "Participant",
    "AgendaItem",
    "Resolution",
    "Circular",
    "Receipt",
    "Book",
    "LogComment",
    "LogOpening",
    "Practice",
    "PracticeEdition",
)
"""Models whose rows the ledger records and the audit compares; parts and files of a book stand in its digest."""


class MeetingsConfig(AppConfig):
    """复盘会: what was asked, said and verified, and what to decide."""

    name = "luoshi.meetings"
    label = "meetings"
    verbose_name = _("Meetings")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell audit and search which rows there are; register the jobs; say what stands on a commitment's page."""
        from luoshi.delivery.queries import pages
        from luoshi.ledger import registry
        from luoshi.meetings import (
            jobs,  # noqa: F401 - registers its kinds
            services,
        )
        from luoshi.meetings.queries import findable, handed, logs
        from luoshi.meetings.queries.nearby import card
        from luoshi.office import services as office
        from luoshi.units import queries as units

        office.register_source(findable.PRACTICE, findable.practice_items)
        if card not in pages.CARDS:
            pages.CARDS.append(card)
        for name in GOVERNED:
            registry.govern(f"meetings.{name.lower()}", _rows(name))
        for offers, offer in ((units.POST_LINKS, logs.offer_log), (units.HANDOVER_FIRST, logs.offer_before_handover)):
            if offer not in offers:
                offers.append(offer)
        registry.subscribe("units.PostHandedOver", services.tell_of_handover)
        if handed.offer_handover not in units.HANDOVER_LINKS:
            units.HANDOVER_LINKS.append(handed.offer_handover)


def _rows(name: str) -> Any:
    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for row in apps.get_model("meetings", name).objects.order_by("pk").iterator(chunk_size=2000):
            yield row.ledger_key, row.ledger_state()

    return rows
