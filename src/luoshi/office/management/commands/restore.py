"""``luoshi restore FILE``: bring a backup back into an empty database; all is checked before anything changes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.office.adapters import archives
from luoshi.office.management.progress import cleared, shown_on
from luoshi.office.services.backup import Restored, check_archive, require_empty, restore
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence


class Command(BaseCommand):
    """恢复: exit code 0 restored and audited clean, 1 refused or different, 2 when the file cannot be read."""

    help = "Bring a backup back into an empty database, compare and audit it; refused, it changes nothing."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Which archive."""
        parser.add_argument("file", type=Path, metavar="FILE", help="what “luoshi backup” wrote")
        parser.add_argument(
            "--with-differences", action="store_true", help="restore even what the audit objects to, as it was"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, make the tables when there are none, restore, and say what came back."""
        try:
            done = self._restore(options["file"], with_differences=options["with_differences"])
        except Refused as refused:
            raise CommandError(f"{sentence(refused)} [{refused.code}]", returncode=1) from refused
        except OSError as error:
            told = {"file": options["file"], "problem": error.strerror or error}
            raise CommandError(_("%(file)s cannot be read: %(problem)s") % told, returncode=2) from error
        finally:
            cleared(sys.stderr)
        self.stdout.write(
            _("Restored: %(rows)s rows, %(files)s files, %(entries)s ledger entries; root %(root)s.")
            % {"rows": done.rows, "files": done.files, "entries": done.entries, "root": done.root}
        )
        if done.numbered:
            text = _("%(count)s entries were waiting for their number when the backup was taken, and have one now.")
            self.stdout.write(text % {"count": done.numbered})
        if done.difference:
            raise CommandError(_("The audit found: %(difference)s") % {"difference": done.difference}, returncode=1)
        if done.missing:
            text = _("%(count)s files were missing already when the backup was taken: %(files)s.")
            names = ", ".join(digest[:12] for digest in done.missing[:10])
            raise CommandError(text % {"count": len(done.missing), "files": names}, returncode=1)
        self.stdout.write(_("Rows, files and ledger are those of the backup; the audit is clean."))

    def _restore(self, source: Path, *, with_differences: bool) -> Restored:
        say = shown_on(sys.stderr)
        with archives.reading(source) as archive:
            new = not connection.introspection.table_names()
            if not new:
                require_empty()
            check_archive(archive, say=say)
            if new:
                call_command("migrate", verbosity=0, interactive=False)
            return restore(archive, at=timezone.now(), with_differences=with_differences, say=say)
