"""``luoshi bulk ACT --as USERNAME``: one act on a list, planned first, by the same rules as on the page."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery import queries
from luoshi.delivery.models import Bulk
from luoshi.delivery.schemas import bulk as inputs
from luoshi.delivery.schemas.answers import said
from luoshi.delivery.services import bulk
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.jobs import run_job
from luoshi.office.models import Job
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, user_named

BEAT = 0.5
"""Seconds between two looks at a job that another worker has taken."""


class Command(BaseCommand):
    """批量办理: exit code 0 when all of the list can be, or was, done; 1 when any is refused; 2 for wrong use."""

    help = "Plan one act on a list and show who is refused and why; with --yes do it as one act with one entry."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which act, on which list, by whom, with which words."""
        parser.add_argument(
            "act", choices=[act.value for act in queries.BULK_ACTS], metavar="ACT", help="such as close"
        )
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who does it")
        parser.add_argument("--post", metavar="REF", help="the post acted from, when the person holds several")
        parser.add_argument("--for", dest="principal", metavar="REF", help="the post acted for, as its deputy")
        parser.add_argument("--refs", type=Path, metavar="FILE", help="the numbers, one a line; - reads them")
        parser.add_argument("--data", default="{}", metavar="JSON", help="the other fields of the act")
        parser.add_argument("--yes", action="store_true", help="confirm the plan and do it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan it, say what the plan is, and do it when told to."""
        try:
            data = json.loads(options["data"])
            if not isinstance(data, dict):
                raise ValueError("{…}")
        except ValueError as error:
            raise CommandError(_("--data is not JSON: %(problem)s") % {"problem": error}, returncode=2) from error
        if options["refs"] is not None:
            data["refs"] = self._lines(options["refs"])
        at = timezone.now()
        try:
            actor = actor_for(
                user_named(options["username"]), post_ref=options["post"], principal_ref=options["principal"], at=at
            )
            found = inputs.plan(inputs.bulk_act(options["act"]), actor=actor, data=data, at=at)
            found = self._through(found, found.plan_job)
            refused = self._tell(found)
            if options["yes"] and found.eligible:
                refused = self._confirm(found, actor)
        except Refused as refusal:
            raise CommandError(f"{sentence(refusal)} [{refusal.code}]", returncode=1) from refusal
        if refused:
            raise CommandError(_("%(count)s were refused.") % {"count": refused}, returncode=1)

    def _lines(self, file: Path) -> list[str]:
        try:
            return (sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")).split()
        except (OSError, UnicodeError) as error:
            text = _("%(file)s cannot be read: %(problem)s") % {"file": file, "problem": error}
            raise CommandError(text, returncode=2) from error

    def _through(self, found: Bulk, job: Job | None) -> Bulk:
        """Work the job off here, or wait for the worker that has it."""
        if job is not None:
            run_job.call(job.pk)
            while not Job.objects.get(pk=job.pk).finished:
                time.sleep(BEAT)
        found.refresh_from_db()
        if found.state in {Bulk.State.FAILED, Bulk.State.CANCELLED}:
            kept = found.refusal
            raise CommandError(f"{said(kept)} [{kept.get('code', found.state)}]", returncode=1)
        return found

    def _tell(self, found: Bulk, *, late: bool = False) -> int:
        for row in queries.every_refusal(found):
            if not late or row.late:
                self.stderr.write(f"{row.ref or row.unit}: {said(row.refusal)} [{row.code}]")
        if not late:
            text = _("Plan %(id)s: %(eligible)s of %(total)s can be done, %(refused)s are refused.")
            self.stdout.write(
                text % {"id": found.pk, "eligible": found.eligible, "total": found.total, "refused": found.refused}
            )
        return found.refused

    def _confirm(self, found: Bulk, actor: Actor) -> int:
        found = bulk.confirm_bulk(actor=actor, bulk_id=found.pk, digest=found.digest, at=timezone.now())
        found = self._through(found, found.do_job)
        refused = self._tell(found, late=True)
        entry = number_of(get_entry(id=found.entry_id or 0)) or f"#{found.entry_id}"
        self.stdout.write(_("Done for %(count)s; ledger entry %(entry)s.") % {"count": found.eligible, "entry": entry})
        return refused
