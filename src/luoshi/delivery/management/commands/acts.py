"""``luoshi acts import FILE --as USERNAME``: acts from a file, row by row, by the same rules as every other door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery.schemas import INPUTS, Outcome, perform_rows, sheets
from luoshi.delivery.services.importing import MAX_BYTES
from luoshi.office.services import screen_file
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named


class Command(BaseCommand):
    """导入办理: exit code 0 when every row was done, 1 when any was refused, 2 for wrong use."""

    help = "Do the acts of an Excel sheet, CSV or lines of JSON; each refused row is named and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, by whom, and where the marked file goes."""
        imports = parser.add_subparsers(dest="what", required=True).add_parser("import", help="do the acts of a file")
        imports.add_argument("file", type=Path, metavar="FILE")
        imports.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who does it")
        imports.add_argument("--post", metavar="REF", help="the post acted from, when the person holds several")
        imports.add_argument("--for", dest="principal", metavar="REF", help="the post acted for, as its deputy")
        acts = sorted(act.value for act in INPUTS)
        imports.add_argument("--act", default="", choices=acts, metavar="ACT", help="for rows that name none")
        imports.add_argument("--dry-run", action="store_true", help="try every row and change nothing")
        imports.add_argument("--marked", type=Path, metavar="FILE", help="write the sheet with the outcomes here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the rows; refusals go to standard error."""
        file: Path = options["file"]
        try:
            if file.stat().st_size > MAX_BYTES:
                raise Refused("file_too_large", name=file.name, limit=MAX_BYTES // (1024 * 1024))
            content = file.read_bytes()
            refused = self._import(content, options)
        except OSError as error:
            text = _("%(file)s cannot be read: %(problem)s") % {"file": file, "problem": error.strerror}
            raise CommandError(text, returncode=1) from error
        except Refused as refusal:
            raise CommandError(f"{sentence(refusal)} [{refusal.code}]", returncode=1) from refusal
        if refused:
            raise CommandError(_("%(count)s rows were refused.") % {"count": refused}, returncode=1)

    def _import(self, content: bytes, options: dict[str, Any]) -> int:
        at = timezone.now()
        user = user_named(options["username"])
        actor = actor_for(user, post_ref=options["post"], principal_ref=options["principal"], at=at)
        name = options["file"].name
        content = screen_file(content, name)
        sheet = sheets.read_acts(content, name, act=options["act"], near=sheets.unit_of(actor), actor=actor)
        outcomes = []
        for one in perform_rows(sheet.rows, actor=actor, user=user, at=at, dry_run=options["dry_run"], via="import"):
            outcomes.append(one)
            if one.refused is not None:
                said = _("Row %(row)s, %(ref)s: %(problem)s [%(code)s]")
                told = {"row": one.row.line, "ref": one.row.ref, "problem": sentence(one.refused)}
                self.stderr.write(said % {**told, "code": one.refused.code})
        if options["marked"] and sheet.columns:
            made, _name = sheets.marked(content, name, sheet, outcomes)
            options["marked"].write_bytes(made)
        counts = sheets.counted(outcomes)
        text = _("Done: %(done)s. Can be done: %(would)s. Done before: %(again)s. Refused: %(refused)s.")
        self.stdout.write(text % counts)
        return counts[Outcome.REFUSED.value]
