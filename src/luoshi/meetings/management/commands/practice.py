"""``luoshi practice list|show|write|ACT [REF] --as USERNAME``: write-ups from the command line（先进做法）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.delivery.management.acting import ActingCommand
from luoshi.meetings.queries import practices as reads
from luoshi.meetings.schemas import practices as schemas
from luoshi.rules.permissions import Actor
from luoshi.rules.practices import PRACTICE_STATE_NAMES, PracticeAct, PracticeState


class Command(ActingCommand):
    """先进做法: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List the practice library, show a write-up as JSON, write one, or do an act on one as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, with which write-up or which verified commitment, by whom, with which words."""
        acts = ("list", "show", "write", *(act.value for act in PracticeAct))
        parser.add_argument("act", choices=acts, metavar="ACT", help=", ".join(acts))
        parser.add_argument(
            "ref", nargs="?", default="", metavar="REF", help="the write-up's number; to write, the commitment's"
        )
        parser.add_argument("--words", default="", metavar="WORDS", help="list only those that hold all these words")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List, show, or do it."""
        act, ref = str(options["act"]), str(options["ref"])
        if act == "list":
            for row in reads.library(actor, words=str(options["words"]))[:50]:
                stands = "verified" if row.stands else "no-longer-verified"
                self.stdout.write(f"{row.ref}\t{stands}\t{row.unit.name}\t{row.title}")
            return
        if not ref:
            raise CommandError(_("Name the write-up by its number; to write one, the commitment."), returncode=2)
        if act == "show":
            shown = reads.show(reads.practice_for(actor, ref), actor)
            self.stdout.write(schemas.PracticeDetail.whole(shown).model_dump_json(indent=2))
            return
        if act == "write":
            done = schemas.write(actor=actor, commitment=ref, data=data, at=at)
        else:
            done = schemas.PRACTICE_ACTS.perform(
                PracticeAct(act), ref, actor=actor, version=options["seen"], data=data, at=at
            )
        state = PRACTICE_STATE_NAMES[PracticeState(done.practice.state)]
        self.say(done.practice.ref, state, done.practice.version, done.entry)
