"""``luoshi backup FILE``: rows, files and ledger of the installation in one archive, while others go on working."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.office.management.progress import cleared, shown_on
from luoshi.office.services.backup import back_up


class Command(BaseCommand):
    """备份: exit code 0 everything is in it, 1 the store could not give a file, 2 it cannot be written."""

    help = "Write rows, files and ledger into one archive (ZIP); keep it safe, it holds everything."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and what to leave out."""
        parser.add_argument("file", type=Path, metavar="FILE", help="such as luoshi-2026-03-02.zip")
        parser.add_argument("--overwrite", action="store_true", help="replace the file if it is there")
        parser.add_argument("--without-sessions", action="store_true", help="after a restore everybody signs in again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say what it holds."""
        target: Path = options["file"].absolute()
        if target.is_dir() or (target.exists() and not options["overwrite"]):
            problem = _("%(file)s is there already: name another file, or add --overwrite.")
            raise CommandError(problem % {"file": target}, returncode=2)
        say = shown_on(sys.stderr)
        try:
            made = back_up(target, at=timezone.now(), sessions=not options["without_sessions"], say=say)
        except OSError as error:
            problem = _("%(file)s cannot be written: %(problem)s.")
            told = {"file": target, "problem": error.strerror or error}
            raise CommandError(problem % told, returncode=2) from error
        finally:
            cleared(sys.stderr)
        self.stdout.write(
            _("%(file)s: %(rows)s rows, %(files)s files, %(entries)s ledger entries, %(size)s MB; root %(root)s.")
            % {
                "file": target,
                "rows": made.rows,
                "files": made.files,
                "entries": made.entries,
                "size": f"{made.size / 1e6:.1f}",
                "root": made.root,
            }
        )
        if made.missing:
            raise CommandError(
                _("%(count)s files are missing in the store or altered, and so not in the backup: %(files)s.")
                % {"count": len(made.missing), "files": ", ".join(digest[:12] for digest in made.missing[:10])},
                returncode=1,
            )
