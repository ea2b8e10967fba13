"""``luoshi book list|compile KEY --as USERNAME``: review books of a programme from the command line（复盘册）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.queries import programme_for
from luoshi.delivery.schemas.performing import fit
from luoshi.ledger.queries import number_of
from luoshi.meetings.queries import books as reads
from luoshi.meetings.schemas.books import BookIn
from luoshi.meetings.services.books import compile_book
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """复盘册: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List the review books of a programme, or compile one, as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, for which programme, by whom, since when."""
        parser.add_argument("act", choices=("list", "compile"), metavar="ACT", help="list or compile")
        parser.add_argument("programme", metavar="KEY", help="the programme's key")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List them, or compile one here and now."""
        key = str(options["programme"])
        if options["act"] == "list":
            for book in reads.books(actor).filter(programme=programme_for(actor, key)):
                self.stdout.write(f"{book.ref}\t{book.since_on}\t{book.as_on}\t{book.digest}")
            return
        given = fit(BookIn, data)
        book, entry = compile_book(actor=actor, programme=key, at=at, **given.model_dump())
        self.stdout.write(
            _("%(ref)s is compiled, digest %(digest)s; ledger entry %(entry)s.")
            % {"ref": book.ref, "digest": book.digest, "entry": number_of(entry) or f"#{entry.pk}"}
        )
