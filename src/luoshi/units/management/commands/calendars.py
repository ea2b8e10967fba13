"""``luoshi calendars load|import FILE|list|day DAY …|count FROM N``: the working calendars of the office."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.rules.calendar import Deadline, account
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.ui import deadlines
from luoshi.units import queries, services
from luoshi.units.queries.calendars import calendar_for, in_force
from luoshi.units.services.calendars import COUNTRY, area_named


class Command(BaseCommand):
    """Load, read in, list and change working calendars; count a term（装入、导入、列出、调整工作日历，推算期限）."""

    help = "Load the notices kept with the program, read one in, list them, change a single day, or count a term."

    def add_arguments(self, parser: CommandParser) -> None:
        """Five acts: load, import, list, day and count."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("load", help="put the notices kept with the program in force where a year has none")
        imports = acts.add_parser("import", help="read a notice from a YAML or CSV file")
        imports.add_argument("file", type=Path)
        for name, text in (
            ("year", "the year it is about"),
            ("title", "what the notice is called"),
            ("number", "its number"),
            ("issued-on", "its date, YYYY-MM-DD"),
            ("source", "where it can be read"),
            ("unit", "name or code of the area whose local days these are; the whole country without"),
        ):
            imports.add_argument(f"--{name}", default="", help=text)
        imports.add_argument("--dry-run", action="store_true", help="only say what would be done")
        acts.add_parser("list", help="list the calendars in force")
        day = acts.add_parser("day", help="change one day, with a reason")
        day.add_argument("day", type=dt.date.fromisoformat, metavar="YYYY-MM-DD")
        day.add_argument("what", choices=("off", "work", "plain"))
        day.add_argument("--name", default="", help="what the day is called")
        day.add_argument("--name-en", default="", help="the same in English")
        day.add_argument("--reason", required=True)
        day.add_argument("--unit", default="", help="name or code of the area; the whole country without")
        count = acts.add_parser("count", help="count working days from a day, and say how")
        count.add_argument("start", type=dt.date.fromisoformat, metavar="YYYY-MM-DD")
        count.add_argument("n", type=int)
        count.add_argument("--unit", default="", help="by whose calendar")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; refusals go to standard error with exit code 1."""
        acts = {"load": self._load, "import": self._import, "list": self._list, "day": self._day, "count": self._count}
        try:
            acts[options["act"]](options)
        except Refused as refusal:
            raise CommandError(gettext(refusal.template) % refusal.params, returncode=1) from refusal

    def _load(self, options: dict[str, Any]) -> None:
        made = services.load_kept_calendars(actor=SYSTEM, at=timezone.now())
        for version in made:
            self.stdout.write(f"{version.year}\t{version.number}\t{version.title}")
        if not made:
            self.stdout.write(gettext("Every year kept with the program has a calendar already."))

    def _import(self, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        try:
            content = file.read_bytes()
        except OSError as error:
            text = gettext("%(file)s cannot be read: %(problem)s")
            raise CommandError(text % {"file": file, "problem": error.strerror}, returncode=1) from error
        names = ("year", "title", "number", "issued_on", "source", "unit")
        report = services.import_calendar(
            actor=SYSTEM,
            at=timezone.now(),
            content=content,
            name=file.name,
            defaults={name: options[name] for name in names},
            dry_run=options["dry_run"],
        )
        for wrong in report.errors:
            problem = gettext(wrong.template) % dict(wrong.params)
            self.stderr.write(gettext("Row %(row)s: %(problem)s") % {"row": wrong.row, "problem": problem})
        services.require_clean_calendar(report)
        for sign, days in (("+", report.added), ("-", report.removed)):
            for one in days:
                what = gettext("worked") if one.working else gettext("off")
                self.stdout.write(f"{sign} {one.day.isoformat()}\t{what}\t{one.zh}")
        if options["dry_run"]:
            self.stdout.write(gettext("This was a dry run; nothing was changed."))
            return
        self.stdout.write(
            gettext("In force: %(title)s. See which deadlines move: luoshi deadlines.") % {"title": report.notice.title}
        )

    def _list(self, options: dict[str, Any]) -> None:
        for version in in_force():
            where = version.unit.name if version.unit else COUNTRY
            told = [str(version.pk), where, str(version.year), version.number, version.title, version.origin]
            self.stdout.write("\t".join(told))

    def _day(self, options: dict[str, Any]) -> None:
        made = services.change_day(
            actor=SYSTEM,
            at=timezone.now(),
            day=options["day"],
            what=options["what"],
            reason=options["reason"],
            unit=options["unit"],
            name_zh=options["name"],
            name_en=options["name_en"],
        )
        self.stdout.write(gettext("Calendar %(number)s is in force now.") % {"number": made.pk})

    def _count(self, options: dict[str, Any]) -> None:
        unit = queries.find_unit(options["unit"]) if options["unit"] else area_named("")
        found = account(
            Deadline(options["n"], "working", "counted"), options["start"], calendar_for(unit.path if unit else "")
        )
        self.stdout.write(deadlines.sentence(found))
