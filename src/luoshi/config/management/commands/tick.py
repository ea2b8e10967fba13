"""``luoshi tick``: one turn of the clock, or the clock itself."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.config import clock


class Command(BaseCommand):
    """时钟: numbers entries, turns lights, opens and misses periods, runs jobs, sends messages."""

    help = "Do everything that has come due once, or again and again with --loop until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once or in a loop, and how often."""
        parser.add_argument("--loop", action="store_true", help="go on until stopped (SIGTERM)")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="pause between turns (5)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn the clock."""
        every = float(options["every"])
        if not 0.1 <= every <= 3600:
            raise CommandError(_("--every takes 0.1 to 3600 seconds."), returncode=2)
        if options["loop"]:
            clock.loop(every)
            return
        try:
            counts = clock.Turn().work(timezone.now())
        except DatabaseError as error:
            raise CommandError(_("The database does not answer: %(problem)s") % {"problem": error}) from error
        self.stdout.write(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
