"""A command by which a person does one act in his post（命令行办理）: who, on which version, with which words."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.ledger.models import Entry
from luoshi.ledger.queries import number_of
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named


class ActingCommand(BaseCommand):
    """Exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """``--version`` names the version of what is acted on here, not of the program."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """By whom, on which version, with which words; what it is done to stands before."""
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who does it")
        parser.add_argument("--post", metavar="REF", help="the post acted from, when the person holds several")
        parser.add_argument("--for", dest="principal", metavar="REF", help="the post acted for, as its deputy")
        parser.add_argument("--version", dest="seen", type=int, metavar="N", help="the version looked at")
        parser.add_argument("--data", default="{}", metavar="JSON", help="the fields of the act; - reads them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what it led to."""
        data = data_of(options["data"])
        at = timezone.now()
        try:
            actor = actor_for(
                user_named(options["username"]), post_ref=options["post"], principal_ref=options["principal"], at=at
            )
            self.act(actor, options, data, at)
        except Refused as refused:
            raise CommandError(f"{sentence(refused)} [{refused.code}]", returncode=1) from refused

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """What the command does as this person; may raise :class:`Refused`."""
        raise NotImplementedError

    def say(self, ref: str, state: str, version: int, entry: Entry) -> None:
        """What it led to, in one sentence."""
        self.stdout.write(
            _("%(ref)s is “%(state)s”, version %(version)s; ledger entry %(entry)s.")
            % {"ref": ref, "state": _(state), "version": version, "entry": number_of(entry) or f"#{entry.pk}"}
        )


def data_of(told: str) -> dict[str, Any]:
    """The fields of an act as ``--data`` gives them; ``-`` reads them from standard input.

    Raises:
        CommandError: with exit code 2 when they are no JSON object.
    """
    try:
        data = json.loads(sys.stdin.read() if told == "-" else told)
    except ValueError as error:
        raise CommandError(_("--data is not JSON: %(problem)s") % {"problem": error}, returncode=2) from error
    if not isinstance(data, dict):
        raise CommandError(_('--data must be one JSON object, such as {"percent": 40}.'), returncode=2)
    return data
