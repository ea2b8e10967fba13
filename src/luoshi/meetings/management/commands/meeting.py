"""``luoshi meeting list|show|plan|ACT [REF] --as USERNAME``: meetings from the command line（会议）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.delivery.management.acting import ActingCommand
from luoshi.meetings.queries import meetings as reads
from luoshi.meetings.queries.showing import show
from luoshi.meetings.schemas import meetings as schemas
from luoshi.rules.meetings import STAGE_NAMES, MeetingAct
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """会议: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List meetings, show one as JSON, call one, or do an act on one as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, with which meeting, by whom, with which words."""
        acts = ("list", "show", "plan", *(act.value for act in MeetingAct))
        parser.add_argument("act", choices=acts, metavar="ACT", help=", ".join(acts))
        parser.add_argument("ref", nargs="?", default="", metavar="REF", help="the meeting's number")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List, show, or do it."""
        act, ref = str(options["act"]), str(options["ref"])
        if act == "list":
            for row in reads.meetings_seen(actor)[:50]:
                self.stdout.write(f"{row.ref}\t{row.stage}\t{row.held_at.isoformat()}\t{row.title}")
            return
        if act == "plan":
            done = schemas.plan(actor=actor, data=data, at=at)
        elif not ref:
            raise CommandError(_("Name the meeting by its number."), returncode=2)
        elif act == "show":
            found = reads.meeting_for(actor, ref)
            self.stdout.write(schemas.MeetingDetail.whole(show(found, actor, at)).model_dump_json(indent=2))
            return
        else:
            done = schemas.MEETING_ACTS.perform(
                MeetingAct(act), ref, actor=actor, version=options["seen"], data=data, at=at
            )
        self.say(done.meeting.ref, STAGE_NAMES[done.meeting.stage], done.meeting.version, done.entry)
