"""``luoshi pool list|join|leave PROGRAMME [POST …] --as USERNAME``: the pool of verifiers from the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.assurance.queries import pool as reads
from luoshi.assurance.services import pool
from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.queries import programme_for
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import number_of
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """核查员库: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List the pool of verifiers of a programme, take posts into it or take one out, as a person in his post."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do in which pool with which posts, by whom; ``--data`` holds the reason of leaving."""
        parser.add_argument("what", choices=["list", "join", "leave"], metavar="ACT", help="list, join or leave")
        parser.add_argument("programme", metavar="PROGRAMME", help="the programme's key")
        parser.add_argument("posts", nargs="*", metavar="POST", help="numbers of posts")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List it, or do the act."""
        key, posts = options["programme"], options["posts"]
        if options["what"] == "list":
            for row in reads.members(programme_for(actor, key), local_day(at)):
                self.stdout.write(f"{row.post.ref}\t{row.post.unit.name}\t{row.post.title}\t{row.since_on}")
        elif options["what"] == "join":
            rows, entry = pool.join_pool(actor=actor, programme=key, posts=posts, at=at)
            self._said(len(rows), entry)
        elif len(posts) != 1:
            raise CommandError(_("Name the one post that leaves the pool."), returncode=2)
        else:
            reason = str(data.get("reason", ""))
            _row, entry = pool.leave_pool(actor=actor, programme=key, post=posts[0], reason=reason, at=at)
            self._said(1, entry)

    def _said(self, count: int, entry: Entry) -> None:
        self.stdout.write(
            _("%(count)s posts; ledger entry %(entry)s.")
            % {"count": count, "entry": number_of(entry) or f"#{entry.pk}"}
        )
