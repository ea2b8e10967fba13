"""``luoshi packs check|diff|load [PACK]``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.packs import loader
from luoshi.packs.loader import Change, What
from luoshi.packs.schema.pack import Pack, PackInvalid
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.ui.sentences import sentence

_ = gettext_noop

LINES = {
    What.ADD: _("+ %(place)s: %(field)s “%(new)s”"),
    What.CHANGE: _("~ %(place)s: %(field)s from “%(old)s” to “%(new)s”"),
    What.KEEP: _("! %(place)s: %(field)s is “%(old)s” here and “%(new)s” in the pack; loading does not change it"),
}


class Command(BaseCommand):
    """Check, compare and load packs（方案包）."""

    help = "Check a pack, show what loading it would change, or load it; loading twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Three acts on one pack."""
        acts = parser.add_subparsers(dest="act", required=True)
        for act, told in (
            ("check", "say everything that is wrong with a pack"),
            ("diff", "say what loading would change; writes nothing"),
            ("load", "set the programme up, or bring its settings up to date"),
        ):
            one = acts.add_parser(act, help=told)
            one.add_argument("pack", nargs="?", default=loader.DEFAULT, help="name of a pack, or path of its folder")
            if act == "load":
                one.add_argument("--owner", default="", metavar="CODE", help="code of the unit that owns the programme")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; refusals and problems go to standard error with exit code 1."""
        try:
            pack = loader.read(options["pack"])
            if options["act"] == "check":
                self._checked(pack)
            elif options["act"] == "diff":
                self._tell(loader.diff(pack), gettext("Loading would change nothing."))
            else:
                owner = loader.owner_of(options["owner"]) if options["owner"] else None
                loaded = loader.load(pack, actor=SYSTEM, at=timezone.now(), owner=owner)
                self._tell(loaded.changes, gettext("Everything is loaded already; nothing was changed."))
                if not loaded.programme.authorities.exists():
                    self.stdout.write(
                        gettext("Nothing can be issued before a person records the authority of %(programme)s.")
                        % {"programme": loaded.programme}
                    )
        except PackInvalid as invalid:
            for problem in invalid.problems:
                where = f"{problem.file}: {problem.place}" if problem.place else problem.file
                self.stderr.write(f"{where}: {gettext(problem.template) % problem.params}")
            told = gettext("%(count)s problems; nothing was loaded.") % {"count": len(invalid.problems)}
            raise CommandError(told, returncode=1) from invalid
        except Refused as refusal:
            raise CommandError(sentence(refusal), returncode=1) from refusal

    def _checked(self, pack: Pack) -> None:
        self.stdout.write(
            gettext("The pack %(key)s is sound: %(matters)s matters, %(parts)s parts, %(departments)s departments.")
            % {
                "key": pack.programme.key,
                "matters": len(pack.matters),
                "parts": sum(len(matter.sub_matters) for matter in pack.matters),
                "departments": len(pack.departments),
            }
        )

    def _tell(self, changes: list[Change] | tuple[Change, ...], nothing: str) -> None:
        if not changes:
            self.stdout.write(nothing)
        for change in changes:
            self.stdout.write(
                gettext(LINES[change.what])
                % {"place": change.place, "field": change.field, "old": change.old[:120], "new": change.new[:120]}
            )
