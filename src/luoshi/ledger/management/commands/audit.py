"""``luoshi audit``: recompute the ledger and compare it with the rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.ledger import queries


class Command(BaseCommand):
    """审计: exit code 0 when everything agrees, 1 with the first difference on standard error."""

    help = "Recompute the ledger, fold it and compare it with the rows; name the first difference."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the audit and say what it saw."""
        report = queries.audit(at=timezone.now())
        if report.difference is not None:
            raise CommandError(str(report.difference), returncode=1)
        self.stdout.write(
            _(
                "The ledger agrees: %(entries)s entries, %(pending)s not yet numbered, %(checkpoints)s checkpoints, "
                "%(rows)s rows compared; root %(root)s."
            )
            % {
                "entries": report.entries,
                "pending": report.pending,
                "checkpoints": report.checkpoints,
                "rows": report.rows,
                "root": report.root,
            }
        )
        if report.unchecked:
            self.stdout.write(
                _("Not compared, because nothing installed holds them: %(labels)s.")
                % {"labels": ", ".join(report.unchecked)}
            )
