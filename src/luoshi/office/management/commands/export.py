"""``luoshi export LIST --as USERNAME FILE``: a list as a person sees it, streamed into a file or to standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.office.adapters import exports
from luoshi.office.services import list_for
from luoshi.office.services.exports import LISTS
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named


class Command(BaseCommand):
    """导出: exit code 0 done, 1 refused or not writable with one sentence on standard error, 2 wrong use."""

    help = "Write a list such as the register as Excel or CSV, as a person in his post sees it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which list, for whom, filtered how, in which format, where to."""
        parser.add_argument("list", choices=sorted(LISTS), metavar="LIST", help="such as register")
        parser.add_argument("file", metavar="FILE", help="where to; - is standard output")
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who sees it")
        parser.add_argument("--post", metavar="REF", help="the post seen from, when the person holds several")
        parser.add_argument("--for", dest="principal", metavar="REF", help="the post seen for, as its deputy")
        parser.add_argument(
            "--format", default="", choices=["", *exports.WRITERS], metavar="FORMAT", help="xlsx or csv"
        )
        parser.add_argument(
            "--filter", default="", metavar="QUERY", help="as in the address of the page, such as light=red&gap=20"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it row by row; what cannot be written whole is not left behind."""
        at = timezone.now()
        name: str = options["file"]
        told = options["format"] or ("csv" if name == "-" or name.lower().endswith(".csv") else "xlsx")
        try:
            actor = actor_for(
                user_named(options["username"]), post_ref=options["post"], principal_ref=options["principal"], at=at
            )
            export = list_for(options["list"], actor=actor, asked=QueryDict(options["filter"].lstrip("?")), at=at)
            if name == "-":
                exports.WRITERS[told](export, sys.stdout.buffer, None)
                sys.stdout.buffer.flush()
                return
            self._write(export, told, Path(name))
        except Refused as refused:
            raise CommandError(f"{sentence(refused)} [{refused.code}]", returncode=1) from refused
        except OSError as error:
            text = _("%(file)s cannot be written: %(problem)s") % {"file": name, "problem": error.strerror}
            raise CommandError(text, returncode=1) from error
        self.stderr.write(_("%(rows)s rows written to %(file)s.") % {"rows": export.count, "file": name})

    def _write(self, export: exports.Export, told: str, path: Path) -> None:
        part = path.with_name(f".{path.name}.part")
        try:
            stream: IO[bytes]
            with part.open("wb") as stream:
                exports.WRITERS[told](export, stream, None)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
