"""``luoshi import FILE --as USERNAME``: an office's own ledger into drafts, or acts from a file, row by row."""  # noqa: N999 - the word of the command

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery import queries
from luoshi.delivery.schemas import INPUTS, Outcome, ledgers, sheets
from luoshi.delivery.services.importing import MAX_BYTES, set_sheet_map
from luoshi.office.services import screen_file
from luoshi.rules.documents import ledgers as reading
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named


class Command(BaseCommand):
    """导入: exit code 0 when every row was done, 1 when any was refused, 2 for wrong use."""

    help = "Make the rows of an office's own ledger drafts (--programme), or do the acts of a file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, by whom, into which programme, how its columns are read."""
        parser.add_argument("file", type=Path, metavar="FILE", help="Excel or CSV; for acts also lines of JSON")
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who does it")
        parser.add_argument("--post", metavar="REF", help="the post acted from, when the person holds several")
        parser.add_argument("--for", dest="principal", metavar="REF", help="the post acted for, as its deputy")
        parser.add_argument("--programme", default="", metavar="KEY", help="the file is a ledger of this programme")
        parser.add_argument("--matter", type=int, metavar="NUMBER", help="the matter of rows that name none")
        parser.add_argument("--sheet", default="", metavar="NAME", help="the sheet meant, when there are several")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=HEADING",
            help="how a column is read, when its heading does not say; kept for the next time",
        )
        acts = sorted(act.value for act in INPUTS)
        parser.add_argument("--act", default="", choices=["", *acts], metavar="ACT", help="for rows that name none")
        parser.add_argument("--dry-run", action="store_true", help="try every row and change nothing")
        parser.add_argument("--marked", type=Path, metavar="FILE", help="write the sheet with the outcomes here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the rows; refusals go to standard error."""
        if not options["programme"]:
            self._acts(options)
            return
        file: Path = options["file"]
        try:
            if file.stat().st_size > MAX_BYTES:
                raise Refused("file_too_large", name=file.name, limit=MAX_BYTES // (1024 * 1024))
            refused = self._ledger(file.read_bytes(), options)
        except OSError as error:
            text = _("%(file)s cannot be read: %(problem)s") % {"file": file, "problem": error.strerror}
            raise CommandError(text, returncode=1) from error
        except Refused as refusal:
            raise CommandError(f"{sentence(refusal)} [{refusal.code}]", returncode=1) from refusal
        if refused:
            raise CommandError(_("%(count)s rows were refused.") % {"count": refused}, returncode=1)

    def _acts(self, options: dict[str, Any]) -> None:
        words = ["acts", "import", str(options["file"]), "--as", options["username"]]
        for name, option in (("post", "--post"), ("principal", "--for"), ("act", "--act"), ("marked", "--marked")):
            words += [option, str(options[name])] if options[name] else []
        words += ["--dry-run"] if options["dry_run"] else []
        call_command(*words, stdout=self.stdout, stderr=self.stderr)

    def _ledger(self, content: bytes, options: dict[str, Any]) -> int:
        at = timezone.now()
        user = user_named(options["username"])
        actor = actor_for(user, post_ref=options["post"], principal_ref=options["principal"], at=at)
        programme = queries.programme_for(actor, options["programme"])
        name = options["file"].name
        content = screen_file(content, name)
        found = ledgers.open_ledger(content, name, options["sheet"])
        kept = queries.sheet_map(actor, programme, found.signature)
        columns = dict(kept.columns) if kept else found.headings_of(found.first.guess)
        columns = {field: key for field, key in columns.items() if field not in {"ref", "version"}}
        columns |= dict(self._column(told, found) for told in options["column"])
        matter = kept.matter_id if kept else None
        if options["matter"] is not None:
            chosen = programme.matters.filter(number=options["matter"]).first()
            if chosen is None:
                raise Refused("not_found")
            matter = chosen.pk
        kept = set_sheet_map(
            actor=actor, programme=programme.key, signature=found.signature, columns=columns, matter=matter, at=at
        )
        rows = ledgers.read_rows(found, kept.columns, programme, kept.matter_id, sheets.unit_of(actor))
        outcomes = []
        for one in ledgers.perform_ledger(
            rows, actor=actor, user=user, programme=programme, at=at, dry_run=options["dry_run"]
        ):
            outcomes.append(one)
            if one.refused is not None:
                said = _("Row %(row)s, %(ref)s: %(problem)s [%(code)s]")
                where = " ".join(filter(None, [one.row.sheet, one.row.ref])) or "–"
                told = {"row": one.row.line, "ref": where, "problem": sentence(one.refused)}
                self.stderr.write(said % {**told, "code": one.refused.code})
        if options["marked"]:
            made, _name = ledgers.marked(content, name, found, kept.columns, outcomes)
            options["marked"].write_bytes(made)
        counts = sheets.counted(outcomes)
        text = _("Done: %(done)s. Can be done: %(would)s. Done before: %(again)s. Refused: %(refused)s.")
        self.stdout.write(text % counts)
        return counts[Outcome.REFUSED.value]

    def _column(self, told: str, found: ledgers.Ledger) -> tuple[str, str]:
        field, _sign, heading = told.partition("=")
        keys = {reading.plain(key.rpartition("/")[2]): key for key in found.first.keys if key}
        keys |= {key: key for key in found.first.keys if key}
        names = dict(zip(map(reading.plain, found.layout.headings), found.first.keys, strict=True))
        key = names.get(reading.plain(heading)) or keys.get(reading.plain(heading))
        if field not in reading.FIELDS or field in {"ref", "version"} or not key:
            text = _("--column %(told)s: write a field and a heading of the file, such as lead=%(heading)s.")
            shown = next((one for one in found.layout.headings if one), "…")
            raise CommandError(text % {"told": told, "heading": shown}, returncode=2)
        return field, key
