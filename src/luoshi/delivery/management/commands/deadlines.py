"""``luoshi deadlines [--move --reason WORDS]``: the deadlines that move with the calendar, and moving them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.delivery import services
from luoshi.delivery.queries.moving import moving
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused


class Command(BaseCommand):
    """List the deadlines that move with the calendar, or move them（列出、调整随日历变动的期限）."""

    help = "List the deadlines that a changed calendar moves (old date, new date), or move them all with a reason."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to move them, and why."""
        parser.add_argument("--move", action="store_true", help="move them; needs --reason")
        parser.add_argument("--reason", default="", help="why; kept in the ledger")

    def handle(self, *args: Any, **options: Any) -> None:
        """List or move; refusals go to standard error with exit code 1."""
        found = moving(SYSTEM)
        for move in found.moves:
            self.stdout.write(f"{move.ref}\t{move.what}\t{move.old.isoformat()}\t{move.new.isoformat()}\t{move.title}")
        if not options["move"]:
            told = {"looked": found.looked_at, "moved": len(found.moves)}
            self.stdout.write(gettext("Counted anew: %(looked)s. These move: %(moved)s.") % told)
            return
        try:
            services.confirm_moves(actor=SYSTEM, digest=found.digest, reason=options["reason"], at=timezone.now())
        except Refused as refusal:
            raise CommandError(gettext(refusal.template) % refusal.params, returncode=1) from refusal
        if len(found.moves) > services.AT_ONCE:
            self.stdout.write(gettext("The clock moves them as a job now."))
