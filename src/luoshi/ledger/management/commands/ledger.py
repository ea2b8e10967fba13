"""``luoshi ledger``: export the ledger, or verify an export."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.ledger import queries, verifier


class Command(BaseCommand):
    """留痕册: export FILE|- (and --verifier), verify FILE."""

    help = "Export the ledger as JSON lines, or verify such an export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The two acts and their files."""
        acts = parser.add_subparsers(dest="act", required=True)
        export = acts.add_parser("export", help="write all numbered entries as JSON lines")
        export.add_argument("file", help="where to; - for standard output")
        export.add_argument("--verifier", action="store_true", help="put verifier.py beside the file")
        verify = acts.add_parser("verify", help="recompute an export; needs no database")
        verify.add_argument("file", help="the exported file; - for standard input")
        verify.add_argument("checkpoint", nargs="?", help="SIZE:ROOT as kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act asked for."""
        if options["act"] == "verify":
            code = verifier.main([options["file"], *([options["checkpoint"]] if options["checkpoint"] else [])])
            if code:
                sys.exit(code)
            return
        lines = queries.export_lines(at=timezone.now())
        if options["file"] == "-":
            for line in lines:
                self.stdout.write(line, ending="")
            return
        target = Path(options["file"])
        partial = target.with_name(target.name + ".part")
        try:
            with partial.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines)
            partial.replace(target)
            if options["verifier"]:
                (target.parent / "verifier.py").write_bytes(Path(verifier.__file__).read_bytes())
        except OSError as problem:
            partial.unlink(missing_ok=True)
            raise CommandError(
                _("%(file)s cannot be written: %(problem)s.") % {"file": target, "problem": problem.strerror},
                returncode=2,
            ) from problem
