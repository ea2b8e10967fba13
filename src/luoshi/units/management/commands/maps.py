"""``luoshi maps import FILE --source … --licence … --approval …``, ``maps list`` and ``maps remove NUMBER``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries, services


class Command(BaseCommand):
    """Read an approved map in, list maps, take one away（导入、列出、移除审定地图）."""

    help = "Read an approved GeoJSON map in, with its source, licence and approval number; list maps or take one away."

    def add_arguments(self, parser: CommandParser) -> None:
        """Three acts: import, list and remove."""
        acts = parser.add_subparsers(dest="act", required=True)
        imports = acts.add_parser("import", help="read a GeoJSON of areas, each with its code")
        imports.add_argument("file", type=Path)
        imports.add_argument("--source", default="", help="who made the map")
        imports.add_argument("--licence", default="", help="under which terms it may be shown")
        imports.add_argument("--approval", default="", help="the map approval number（审图号）")
        imports.add_argument("--dry-run", action="store_true", help="only say what would be done")
        acts.add_parser("list", help="list the maps that are shown")
        remove = acts.add_parser("remove", help="take a map away; the one before it is shown again")
        remove.add_argument("number", type=int, help="its number in the list")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; refusals go to standard error with exit code 1."""
        try:
            if options["act"] == "import":
                self._import(options)
            elif options["act"] == "list":
                self._list()
            else:
                done = services.remove_map(actor=SYSTEM, at=timezone.now(), map_id=options["number"])
                self.stdout.write(gettext("%(map)s is no longer shown.") % {"map": done})
        except Refused as refusal:
            raise CommandError(gettext(refusal.template) % refusal.params, returncode=1) from refusal

    def _import(self, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        try:
            content = file.read_bytes()
        except OSError as error:
            text = gettext("%(file)s cannot be read: %(problem)s")
            raise CommandError(text % {"file": file, "problem": error.strerror}, returncode=1) from error
        report = services.import_map(
            actor=SYSTEM,
            at=timezone.now(),
            content=content,
            name=file.name,
            source=options["source"],
            licence=options["licence"],
            approval_no=options["approval"],
            dry_run=options["dry_run"],
        )
        for wrong in report.errors:
            problem = gettext(wrong.template) % dict(wrong.params)
            self.stderr.write(gettext("Feature %(row)s: %(problem)s") % {"row": wrong.row, "problem": problem})
        services.require_clean_map(report)
        self.stdout.write(gettext("Areas: %(areas)s.") % {"areas": report.areas})
        if report.missing:
            names = ", ".join(report.missing)
            self.stdout.write(gettext("Not on the map, shown beside it: %(names)s") % {"names": names})
        if options["dry_run"]:
            self.stdout.write(gettext("This was a dry run; nothing was changed."))

    def _list(self) -> None:
        for one in queries.maps():
            day = timezone.localtime(one.imported_at).date().isoformat()
            told = [str(one.pk), one.approval_no, one.source, one.licence, str(one.areas), one.name, day]
            self.stdout.write("\t".join(told))
