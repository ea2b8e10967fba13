"""``luoshi circular list|show|draft|ACT [REF] --as USERNAME``: circulars from the command line（通报）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.delivery.management.acting import ActingCommand
from luoshi.meetings.queries import circulars as reads
from luoshi.meetings.schemas import circulars as schemas
from luoshi.rules.circulars import STATE_NAMES, CircularAct, CircularState
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """通报、督办函: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List circulars and letters, show one as JSON, write one, or do an act on one as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, with which circular, by whom, with which words."""
        acts = ("list", "show", "draft", *(act.value for act in CircularAct))
        parser.add_argument("act", choices=acts, metavar="ACT", help=", ".join(acts))
        parser.add_argument("ref", nargs="?", default="", metavar="REF", help="the circular's reference")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List, show, or do it."""
        act, ref = str(options["act"]), str(options["ref"])
        if act == "list":
            for row in reads.circulars_seen(actor).order_by("-pk")[:50]:
                self.stdout.write(f"{row.ref}\t{row.state}\t{row.number}\t{row.title}")
            return
        if act == "draft":
            done = schemas.draft(actor=actor, data=data, at=at)
        elif not ref:
            raise CommandError(_("Name the circular by its reference."), returncode=2)
        elif act == "show":
            shown = reads.show(reads.circular_for(actor, ref), actor)
            self.stdout.write(schemas.CircularDetail.whole(shown).model_dump_json(indent=2))
            return
        else:
            done = schemas.CIRCULAR_ACTS.perform(
                CircularAct(act), ref, actor=actor, version=options["seen"], data=data, at=at
            )
        state = STATE_NAMES[CircularState(done.circular.state)]
        self.say(done.circular.ref, state, done.circular.version, done.entry)
