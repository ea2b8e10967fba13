"""``luoshi units import FILE [--dry-run]`` and ``luoshi units tree [CODE]``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries, services


class Command(BaseCommand):
    """Import units and show the tree（导入单位、查看组织树）."""

    help = "Import a list of units, or show the tree one level at a time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two acts: import and tree."""
        acts = parser.add_subparsers(dest="act", required=True)
        imports = acts.add_parser("import", help="read code,name,level,parent_code from a CSV file")
        imports.add_argument("file", type=Path)
        imports.add_argument("--dry-run", action="store_true", help="only say what would be done")
        imports.add_argument("--on", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="from which day")
        tree = acts.add_parser("tree", help="list the units below one, or the roots")
        tree.add_argument("unit", nargs="?", default="", help="name, short name or code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; refusals go to standard error with exit code 1."""
        try:
            if options["act"] == "import":
                self._import(options["file"], dry_run=options["dry_run"], on=options["on"])
            else:
                self._tree(options["unit"])
        except Refused as refusal:
            raise CommandError(gettext(refusal.template) % refusal.params, returncode=1) from refusal

    def _import(self, file: Path, *, dry_run: bool, on: dt.date | None) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            text = gettext("%(file)s cannot be read: %(problem)s")
            raise CommandError(text % {"file": file, "problem": error.strerror}, returncode=1) from error
        report = services.import_units(
            actor=SYSTEM, at=timezone.now(), text=services.decode(content), on=on, dry_run=dry_run
        )
        for wrong in report.errors:
            where = gettext("Row %(row)s, %(field)s: %(problem)s")
            problem = gettext(wrong.template) % wrong.params
            self.stderr.write(where % {"row": wrong.row, "field": wrong.field, "problem": problem})
        services.require_clean(report)
        done = gettext(
            "New: %(created)s (of these statistical: %(statistical)s). Renamed: %(renamed)s. "
            "Unchanged: %(unchanged)s. In the system but not in the file: %(missing)s."
        )
        self.stdout.write(
            done
            % {
                "created": report.created,
                "statistical": report.statistical,
                "renamed": report.renamed,
                "unchanged": report.unchanged,
                "missing": report.missing,
            }
        )
        if dry_run:
            self.stdout.write(gettext("This was a dry run; nothing was changed."))

    def _tree(self, text: str) -> None:
        unit = queries.find_unit(text) if text else None
        for child in queries.children_of(unit):
            self.stdout.write(f"{child.code}\t{child.get_level_display()}\t{child.name}")
