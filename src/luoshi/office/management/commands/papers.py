"""``luoshi papers templates FOLDER``: the Word templates of official papers, to be changed and used by an office."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.office.adapters.papers import fonts, word


class Command(BaseCommand):
    """公文模板: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "Write the Word templates of official papers into a folder, or say which fonts papers are drawn with."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and where."""
        parser.add_argument("what", choices=["templates", "fonts"], metavar="WHAT", help="templates or fonts")
        parser.add_argument("folder", nargs="?", metavar="FOLDER", help="where the templates go; made when missing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them, overwriting nothing; or list the fonts."""
        if options["what"] == "fonts":
            for use, names in fonts.found().items():
                self.stdout.write(f"{use}\t{' > '.join(names)}")
            return
        if not options["folder"]:
            raise CommandError(_("Say into which folder the templates go."), returncode=2)
        folder = Path(options["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in word.templates().items():
            if (folder / name).exists():
                raise CommandError(_("%(file)s is there already and is not overwritten.") % {"file": folder / name})
            (folder / name).write_bytes(content)
            self.stdout.write(str(folder / name))
