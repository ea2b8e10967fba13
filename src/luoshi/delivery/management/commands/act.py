"""``luoshi act ACT REF --as USERNAME``: any act from the command line, by the same rules as every other door."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery.schemas import INPUTS, perform
from luoshi.ledger.queries import number_of
from luoshi.rules.lifecycle import STATE_NAMES, Act, State
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named


class Command(BaseCommand):
    """办理: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "Do one act on a commitment as a person in his post; refused by the same rules as on the page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which act on what, by whom, on which version, with which words."""
        parser.add_argument("act", choices=sorted(act.value for act in INPUTS), metavar="ACT", help="such as accept")
        parser.add_argument("ref", metavar="REF", help="the commitment's number")
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who does it")
        parser.add_argument("--post", metavar="REF", help="the post acted from, when the person holds several")
        parser.add_argument("--for", dest="principal", metavar="REF", help="the post acted for, as its deputy")
        parser.add_argument("--version", dest="seen", type=int, metavar="N", help="the version looked at")
        parser.add_argument("--data", default="{}", metavar="JSON", help="the fields of the act; - reads them")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """``--version`` names the version of the commitment here, not of the program."""
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
            done = perform(
                Act(options["act"]),
                actor=actor,
                ref=options["ref"],
                version=options["seen"],
                data=data,
                at=at,
                via="command",
            )
        except Refused as refused:
            raise CommandError(f"{sentence(refused)} [{refused.code}]", returncode=1) from refused
        self.stdout.write(
            _("%(ref)s is “%(state)s”, version %(version)s; ledger entry %(entry)s.")
            % {
                "ref": done.commitment.ref,
                "state": _(STATE_NAMES[State(done.commitment.state)]),
                "version": done.commitment.version,
                "entry": number_of(done.entry) or f"#{done.entry.pk}",
            }
        )
