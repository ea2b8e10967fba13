"""``luoshi units import FILE [--dry-run]``, ``units tree [CODE]`` and ``units administrator USERNAME CODE``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.rules.permissions import SYSTEM, Role
from luoshi.rules.refusals import Refused
from luoshi.units import queries, services


class Command(BaseCommand):
    """Import units, show the tree, seat an administrator（导入单位、查看组织树、设管理员岗位）."""

    help = "Import a list of units, show the tree one level at a time, or seat the first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        """Three acts: import, tree and administrator."""
        acts = parser.add_subparsers(dest="act", required=True)
        imports = acts.add_parser("import", help="read code,name,level,parent_code from a CSV file")
        imports.add_argument("file", type=Path)
        imports.add_argument("--dry-run", action="store_true", help="only say what would be done")
        imports.add_argument("--on", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="from which day")
        tree = acts.add_parser("tree", help="list the units below one, or the roots")
        tree.add_argument("unit", nargs="?", default="", help="name, short name or code")
        seat = acts.add_parser("administrator", help="give a person an administrator's post in a unit")
        seat.add_argument("username", help="who has an account already (luoshi createsuperuser makes the first)")
        seat.add_argument("unit", help="name, short name or code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; refusals go to standard error with exit code 1."""
        try:
            if options["act"] == "import":
                self._import(options["file"], dry_run=options["dry_run"], on=options["on"])
            elif options["act"] == "tree":
                self._tree(options["unit"])
            else:
                self._administrator(options["username"], options["unit"])
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

    def _administrator(self, username: str, text: str) -> None:
        """The first administrator is made here, where only who owns the machine can type; the ledger says so."""
        user, unit, at = queries.user_named(username), queries.find_unit(text), timezone.now()
        with transaction.atomic():
            post = services.create_post(
                actor=SYSTEM, at=at, unit_id=unit.pk, title=gettext("Administrator"), role=Role.ADMINISTRATOR
            )
            services.seat_holder(
                actor=SYSTEM, at=at, post_ref=post.ref, user_id=user.pk, from_on=timezone.localdate(at)
            )
        self.stdout.write(
            gettext("%(user)s holds %(post)s in %(unit)s.") % {"user": username, "post": post.ref, "unit": unit.name}
        )
