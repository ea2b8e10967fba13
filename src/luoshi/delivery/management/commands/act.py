"""``luoshi act ACT REF --as USERNAME``: any act from the command line, by the same rules as every other door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.schemas import INPUTS, perform
from luoshi.rules.lifecycle import STATE_NAMES, Act, State
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """办理: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "Do one act on a commitment as a person in his post; refused by the same rules as on the page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which act on what, by whom, on which version, with which words."""
        parser.add_argument("act", choices=sorted(act.value for act in INPUTS), metavar="ACT", help="such as accept")
        parser.add_argument("ref", metavar="REF", help="the commitment's number")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """Do the act."""
        done = perform(
            Act(options["act"]),
            actor=actor,
            ref=options["ref"],
            version=options["seen"],
            data=data,
            at=at,
            via="command",
        )
        found = done.commitment
        self.say(found.ref, STATE_NAMES[State(found.state)], found.version, done.entry)
