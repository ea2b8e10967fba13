"""``luoshi lookback list|set KEY --as USERNAME``: look-backs of a programme from the command line（回头看）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from luoshi.assurance.queries import looking_back as reads
from luoshi.assurance.schemas.after import LookBackRuleIn
from luoshi.assurance.services.looking_back import set_look_back_rule
from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.queries import programme_for
from luoshi.delivery.schemas.performing import fit
from luoshi.ledger.queries import number_of
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """回头看: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "Show how a programme looks back and the lots of its last days, or set its rule as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, for which programme, by whom, with which words."""
        parser.add_argument("act", choices=("list", "set"), metavar="ACT", help="list or set")
        parser.add_argument("programme", metavar="KEY", help="the programme's key")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """Show it, or set it."""
        key = str(options["programme"])
        if options["act"] == "list":
            programme = programme_for(actor, key)
            today = local_day(at)
            for day in reads.days_of(programme, today):
                self.stdout.write(
                    f"{day.on}\t{day.due}\t{day.drawn}\t{day.siblings}\t{day.wider}\t{day.link}\t{day.seed}"
                )
            told = reads.waiting(programme, today, actor)
            if told is not None:
                self.stdout.write(
                    _("%(day)s wait for their day, %(nobody)s for somebody who may go.")
                    % {"day": told.for_day, "nobody": told.for_verifier}
                )
            return
        given = fit(LookBackRuleIn, data)
        rule, entry = set_look_back_rule(actor=actor, programme=key, at=at, **given.model_dump())
        self.stdout.write(
            _("Rule %(number)s holds from %(day)s; ledger entry %(entry)s.")
            % {"number": rule.number, "day": rule.from_on, "entry": number_of(entry) or f"#{entry.pk}"}
        )
