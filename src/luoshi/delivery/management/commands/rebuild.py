"""``luoshi rebuild``: remake everything that is derived from acts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery import projections
from luoshi.office.services import rebuild_search


class Command(BaseCommand):
    """重建: lights, counters, cells and the search index, from zero; the rows of acts are not touched."""

    help = "Remake lights, counters, the cells of the board and the search index from the commitments."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how much was read."""
        seen = projections.recount(timezone.now())
        found = rebuild_search()
        self.stdout.write(
            _("Rebuilt from %(commitments)s commitments: lights, counters, cells and %(entries)s search entries.")
            % {"commitments": seen, "entries": found}
        )
