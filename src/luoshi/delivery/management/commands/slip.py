"""``luoshi slip ACT ID --as USERNAME``: slips from the command line, by the same rules as on the page."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery.queries import slips as reads
from luoshi.delivery.schemas.slips import perform_on_slip
from luoshi.ledger.queries import number_of
from luoshi.rules.refusals import Refused
from luoshi.rules.slips import STATE_NAMES, SlipAct, SlipState
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named

LIST = "list"


class Command(BaseCommand):
    """督办单: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List the slips that wait for a person, or approve, answer, settle one as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which act on which slip, by whom, on which version, with which words."""
        acts = [LIST, *(act.value for act in SlipAct)]
        parser.add_argument("act", choices=acts, metavar="ACT", help="such as list, approve or answer")
        parser.add_argument("slip", nargs="?", type=int, metavar="ID", help="the slip's id, as list shows it")
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who does it")
        parser.add_argument("--post", metavar="REF", help="the post acted from, when the person holds several")
        parser.add_argument("--for", dest="principal", metavar="REF", help="the post acted for, as its deputy")
        parser.add_argument("--version", dest="seen", type=int, metavar="N", help="the version looked at")
        parser.add_argument("--data", default="{}", metavar="JSON", help="the fields of the act; - reads them")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """``--version`` names the version of the slip here, not of the program."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what it led to."""
        try:
            data = json.loads(sys.stdin.read() if options["data"] == "-" else options["data"])
        except ValueError as error:
            raise CommandError(_("--data is not JSON: %(problem)s") % {"problem": error}, returncode=2) from error
        if not isinstance(data, dict):
            raise CommandError(_('--data must be one JSON object, such as {"percent": 40}.'), returncode=2)
        at = timezone.now()
        try:
            actor = actor_for(
                user_named(options["username"]), post_ref=options["post"], principal_ref=options["principal"], at=at
            )
            if options["act"] == LIST:
                for row in reads.waiting_slips(actor):
                    state = _(STATE_NAMES[SlipState(row.state)])
                    self.stdout.write(f"{row.pk}\t{row.version}\t{row.number or '–'}\t{row.unit.name}\t{state}")
                return
            if options["slip"] is None:
                raise CommandError(_("Say which slip; “luoshi slip list” shows their ids."), returncode=2)
            if options["seen"] is None:
                raise Refused("version_missing")
            done = perform_on_slip(
                SlipAct(options["act"]),
                actor=actor,
                slip=options["slip"],
                version=options["seen"],
                data=data,
                at=at,
            )
        except Refused as refused:
            raise CommandError(f"{sentence(refused)} [{refused.code}]", returncode=1) from refused
        self.stdout.write(
            _("%(ref)s is “%(state)s”, version %(version)s; ledger entry %(entry)s.")
            % {
                "ref": done.slip.number or done.slip.ref,
                "state": _(STATE_NAMES[SlipState(done.slip.state)]),
                "version": done.slip.version,
                "entry": number_of(done.entry) or f"#{done.entry.pk}",
            }
        )
