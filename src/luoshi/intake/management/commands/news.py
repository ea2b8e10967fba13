"""``luoshi news poll``: ask the sources whose time has come, now and here."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.intake.services import news


class Command(BaseCommand):
    """要闻: exit code 0 when every source asked has answered, 1 when one failed."""

    help = "Ask the news sources whose time has come; the page of sources shows which failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is to be done."""
        parser.add_argument("what", choices=["poll"], help="ask the sources")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and say what came of it."""
        told = asdict(news.poll(timezone.now(), limit=500))
        sentence = _("%(asked)s sources asked, %(failed)s failed; %(kept)s articles kept, %(withheld)s withheld.")
        self.stdout.write(json.dumps(told) if options["json"] else sentence % told)
        if told["failed"]:
            raise SystemExit(1)
