"""``luoshi direct list|visit --as USERNAME``: directed visits, by the same rules as on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.assurance.queries import directing as reads
from luoshi.assurance.schemas.after import DirectIn
from luoshi.assurance.services.directing import direct_visit, shown
from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.queries import programme_for
from luoshi.delivery.schemas.performing import fit
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """按风险走访: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List the tasks whose record gives reason to look, or send a visit as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, about which programme or task, by whom, with which words."""
        parser.add_argument("act", choices=("list", "visit"), metavar="ACT", help="list or visit")
        parser.add_argument("about", metavar="KEY|REF", help="the programme's key, or the number of a task")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List them, or send a visit."""
        about = str(options["about"])
        if options["act"] == "list":
            programme = programme_for(actor, about)
            for reason in reads.SEEN:
                for line in reads.queue(actor, programme, reason, at)[0]:
                    words = " ".join(shown(one) for one in line.signs)
                    self.stdout.write(f"{reason.value}\t{line.commitment.ref}\t{line.commitment.lead.name}\t{words}")
            return
        if "day" not in data:
            raise CommandError(_('Say on which day: --data {"day": "2026-03-31"}'), returncode=2)
        told = fit(DirectIn, data)
        visit, entry = direct_visit(actor=actor, ref=about, reason=told.reason, day=told.day, at=at)
        self.say(about, visit.get_state_display(), visit.version, entry)
