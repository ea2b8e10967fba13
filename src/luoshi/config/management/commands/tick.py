"""``luoshi tick``: one turn of the clock, or the clock itself."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.config import clock
from luoshi.delivery.jobs import oldest_due
from luoshi.office.adapters import heartbeat


class Command(BaseCommand):
    """时钟: numbers entries, turns lights, opens and misses periods, runs jobs, sends messages."""

    help = "Do everything that has come due once, again and again with --loop, or say with --check whether it runs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once or in a loop, and how often."""
        parser.add_argument("--loop", action="store_true", help="go on until stopped (SIGTERM)")
        parser.add_argument("--check", action="store_true", help="do nothing; exit code 1 when the clock stands still")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="pause between turns (5)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn the clock."""
        every = float(options["every"])
        if not 0.1 <= every <= 3600:
            raise CommandError(_("--every takes 0.1 to 3600 seconds."), returncode=2)
        if options["check"]:
            self._check()
            return
        if options["loop"]:
            clock.loop(every)
            return
        try:
            counts = clock.Turn().work(timezone.now())
        except DatabaseError as error:
            raise CommandError(_("The database does not answer: %(problem)s") % {"problem": error}) from error
        self.stdout.write(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))

    def _check(self) -> None:
        """Say whether the clock runs, for whoever watches it from outside; nothing is written."""
        at = timezone.now()
        try:
            late = oldest_due(at)
        except DatabaseError as error:
            raise CommandError(_("The database does not answer: %(problem)s") % {"problem": error}) from error
        age = heartbeat.age(at)
        if late is not None:
            raise CommandError(
                _("The clock stands still: a stored moment passed at %(moment)s and nobody has handled it.")
                % {"moment": late.isoformat()}
            )
        if age is None or age > settings.HEARTBEAT_SECONDS:
            told = str(age) if age is not None else "–"
            raise CommandError(_("The clock stands still here: the last tick was %(age)s seconds ago.") % {"age": told})
        self.stdout.write(_("The clock runs: the last tick was %(age)s seconds ago.") % {"age": age})
