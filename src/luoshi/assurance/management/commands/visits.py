"""``luoshi visits hand-out CAMPAIGN --data '{"day": …, "count": …}' --as USERNAME``: days of a campaign handed out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from pydantic import ValidationError

from luoshi.assurance.queries import handing as reads
from luoshi.assurance.schemas.handing import ApproveIn, HandOutIn
from luoshi.assurance.services import approving, giving, handing
from luoshi.delivery.management.acting import ActingCommand
from luoshi.ledger.queries import number_of
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


class Command(ActingCommand):
    """派发走访: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "Show how far a campaign's order is handed out, hand out a day by lot, or approve another visit."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with which campaign, by whom; ``--data`` holds day, count, seconds and reason."""
        parser.add_argument("what", choices=["days", "hand-out", "approve"], metavar="ACT", help="what to do")
        parser.add_argument("campaign", metavar="CAMPAIGN", help="the campaign's number")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List the days, or do the act."""
        found = reads.campaign_for(actor, options["campaign"])
        giving.require_handing(actor, reads.ordering_area(found), found.by_post.unit)
        if options["what"] == "days":
            self.stdout.write(f"{found.ref}\t{found.version}\t{reads.handed_out(found)}/{found.frame_size}")
            for line in reads.days_of(found):
                self.stdout.write(f"{line.day}\t{line.visits}\t{line.over}")
            return
        if options["seen"] is None:
            raise Refused("version_missing")
        told: dict[str, Any] = {"actor": actor, "campaign": found.ref, "version": options["seen"], "at": at}
        try:
            told |= (HandOutIn if options["what"] == "hand-out" else ApproveIn)(**data).dict()
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise CommandError(f"--data: {field}: {first['msg']}", returncode=2) from error
        if options["what"] == "approve":
            rows, entry = approving.approve_visits(**told)
            count, version = len(rows), found.version + 1
        else:
            done = handing.hand_out_day(**told)
            count, version, entry = len(done.visits), done.campaign.version, done.entry
        self.stdout.write(
            _("%(ref)s: %(count)s, version %(version)s; ledger entry %(entry)s.")
            % {"ref": found.ref, "count": count, "version": version, "entry": number_of(entry) or f"#{entry.pk}"}
        )
