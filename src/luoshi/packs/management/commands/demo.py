"""``luoshi demo [--scale story|county|village]``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext
from tqdm import tqdm

from luoshi.delivery import jobs
from luoshi.ledger import services as ledger
from luoshi.packs import demo, loader
from luoshi.packs.demo import Built
from luoshi.packs.schema.pack import PackInvalid
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.ui.sentences import sentence

_ = gettext_noop

DOING = {
    "units": _("The tree of units"),
    "departments": _("Departments"),
    "posts": _("Posts and persons"),
    "acts": _("Commitments and acts"),
    "clock": _("The clock"),
}


class Command(BaseCommand):
    """Build the demonstration world（演示世界）."""

    help = "Build the demonstration world; does nothing when it is there already."

    def add_arguments(self, parser: CommandParser) -> None:
        """How far it goes."""
        parser.add_argument(
            "--scale",
            choices=("story", "county", "village"),
            default="story",
            help="story: one prefecture down to its villages (default); county: counties only; village: every village",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it, let the clock pass once, and say who can be switched to."""
        try:
            standing = demo.is_there()
            if standing is not None:
                self.stdout.write(
                    gettext("The demonstration is there already: %(programme)s.") % {"programme": standing}
                )
                return
            folder = loader.find_pack(loader.DEFAULT)
            with tqdm(total=1, unit="", disable=None, bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed}") as bar:
                built = demo.build(
                    pack=loader.read(loader.DEFAULT),
                    folder=folder,
                    scale=demo.SCALES[options["scale"]],
                    at=timezone.now(),
                    password=demo.PASSWORD if settings.DEBUG else "",
                    progress=lambda what, done, total: self._show(bar, what, done, total),
                )
                self._show(bar, "clock", 1, 1)
                self._clock()
        except PackInvalid as invalid:
            raise CommandError(str(invalid), returncode=1) from invalid
        except Refused as refusal:
            raise CommandError(sentence(refusal), returncode=1) from refusal
        self._say(built)

    def _show(self, bar: Any, what: str, done: int, total: int) -> None:
        bar.set_description_str(gettext(DOING[what]), refresh=False)
        if total:
            bar.total, bar.n = total, done
        bar.refresh()

    def _clock(self) -> None:
        """What a tick does: dates pass, entries get their numbers, cells are folded, a checkpoint is set."""
        now = timezone.now()
        jobs.tick(now)
        while ledger.sequence_pending(now):
            pass
        ledger.checkpoint(now)

    def _say(self, built: Built) -> None:
        self.stdout.write(
            gettext("The demonstration stands: %(units)s units, %(commitments)s commitments, %(acts)s acts.")
            % {"units": built.units, "commitments": built.commitments, "acts": built.acts}
        )
        for person in built.persons:
            if person.on_bar and person.what is not None:
                self.stdout.write(f"  {person.username:<16} {person.name.zh:<12} {person.what.zh}")
        if settings.DEBUG:
            self.stdout.write(
                gettext("Switch between them in the bar at the top, or sign in with the password %(password)s.")
                % {"password": demo.PASSWORD}
            )
        self.stdout.write(gettext("Now start it: luoshi serve"))
