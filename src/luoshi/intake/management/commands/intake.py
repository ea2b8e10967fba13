"""``luoshi intake FILE --date YYYY-MM-DD``: read documents into drafts; nothing is stored."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from luoshi.intake.adapters import read_paper
from luoshi.rules.documents import reader
from luoshi.rules.refusals import Refused


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise ArgumentTypeError(_("a day such as 2026-06-30")) from error


class Command(BaseCommand):
    """读文: exit code 0 when every file was read, 1 when one was refused or cannot be opened."""

    help = "Read documents into drafts of commitments, with the words each field came from; nothing is stored."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, the day of the documents, and where the drafts go."""
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FILE", help="text, Markdown, HTML, Word, PDF, Excel"
        )
        parser.add_argument("--date", required=True, type=_day, help="day of the documents, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true", help="print the whole draft as JSON")
        parser.add_argument("--out", type=Path, metavar="DIR", help="write one JSON file a document into this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read each file; a refused one does not keep the others from being read."""
        files: list[Path] = options["files"]
        out: Path | None = options["out"]
        refused = 0
        if len(files) > 1 and options["json"] and out is None:
            raise CommandError(_("Several files at once need a folder for their drafts: add --out DIR."), returncode=2)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        for file in files:
            try:
                form = self._read(file, options["date"])
            except Refused as refusal:
                refused += 1
                self.stderr.write(_(refusal.template) % refusal.params)
                continue
            except OSError as error:
                refused += 1
                self.stderr.write(
                    _("“%(name)s” cannot be opened: %(reason)s") % {"name": file.name, "reason": error.strerror}
                )
                continue
            self._tell(form, out, whole=options["json"])
        if refused:
            raise CommandError(_("%(count)s of the files were not read.") % {"count": refused}, returncode=1)

    def _read(self, file: Path, day: date) -> dict[str, Any]:
        text = read_paper(file.read_bytes(), file.name)
        return reader.as_form(reader.read(text, date=day), file.stem, text=text, date=day)

    def _tell(self, form: dict[str, Any], out: Path | None, *, whole: bool) -> None:
        if out is not None:
            body = json.dumps(form, ensure_ascii=False, indent=1) + "\n"
            (out / f"{form['doc_id']}.json").write_text(body, encoding="utf-8")
        elif whole:
            self.stdout.write(json.dumps(form, ensure_ascii=False, indent=1))
            return
        said = _("%(name)s: %(items)s items, %(doubts)s doubtful places.")
        self.stdout.write(said % {"name": form["doc_id"], "items": len(form["items"]), "doubts": len(form["doubts"])})
        if out is None:
            for item in form["items"]:
                units = "、".join(item["lead_units"] or item["responsible_units"])
                words = (item["title"] or item["requirement"])[:40].replace("\n", " ")
                self.stdout.write(f"{item['id']:>4}  {item['due'] or '–':<10}  {units}  {words}")
