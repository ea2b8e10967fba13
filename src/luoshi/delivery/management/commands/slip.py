"""``luoshi slip ACT ID --as USERNAME``: slips from the command line, by the same rules as on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.queries import slips as reads
from luoshi.delivery.schemas.slips import SLIP_ACTS
from luoshi.rules.permissions import Actor
from luoshi.rules.slips import STATE_NAMES, SlipAct, SlipState

LIST = "list"


class Command(ActingCommand):
    """督办单: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List the slips that wait for a person, or approve, answer, settle one as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which act on which slip, by whom, on which version, with which words."""
        acts = [LIST, *(act.value for act in SlipAct)]
        parser.add_argument("act", choices=acts, metavar="ACT", help="such as list, approve or answer")
        parser.add_argument("slip", nargs="?", type=int, metavar="ID", help="the slip's id, as list shows it")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List them, or do the act."""
        if options["act"] == LIST:
            for row in reads.waiting_slips(actor):
                state = _(STATE_NAMES[SlipState(row.state)])
                self.stdout.write(f"{row.pk}\t{row.version}\t{row.number or '–'}\t{row.unit.name}\t{state}")
            return
        if options["slip"] is None:
            raise CommandError(_("Say which slip; “luoshi slip list” shows their ids."), returncode=2)
        done = SLIP_ACTS.perform(
            SlipAct(options["act"]),
            options["slip"],
            actor=actor,
            version=options["seen"],
            data=data,
            at=at,
        )
        found = done.slip
        self.say(found.number or found.ref, STATE_NAMES[SlipState(found.state)], found.version, done.entry)
