"""Jobs of the heart: what the clock does by itself, and long acts that show progress. The clock is read here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone, translation

from luoshi.delivery import projections
from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import IMPORT
from luoshi.delivery.schemas import Outcome, RowOutcome, perform, perform_rows, sheets
from luoshi.delivery.services import clock, duties
from luoshi.office import services as office
from luoshi.office.adapters import files
from luoshi.office.jobs import Report, register
from luoshi.office.models import Job
from luoshi.office.services.jobs import actor_of
from luoshi.rules import calendar
from luoshi.rules.lifecycle import Act, Kind, State
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused, gettext_noop

_ = gettext_noop


def do_act(job: Job, report: Report) -> dict[str, Any]:
    """Do one long act as a job: the same input, the same service, the same refusals as at every other door.

    Started again after a crash it meets a newer version and is refused, so no step is taken twice.
    """
    at = timezone.now()
    args = job.args
    done = perform(
        Act(args["act"]),
        actor=actor_of(job, at),
        ref=args["ref"],
        version=args["version"],
        data=args["data"],
        at=at,
    )
    report(1, 1)
    return {"link": f"/c/{done.commitment.ref}/", "entry": done.entry.pk}


def import_acts(job: Job, report: Report) -> dict[str, Any]:
    """Do the acts of a file（导入办理）row by row; a row done before is not done again, so the job may start anew.

    Returns:
        how many rows came to what, where the outcome is shown, and the digest of the marked file of a table.
    """
    at = timezone.now()
    args = job.args
    actor, user = actor_of(job, at), job.user
    if user is None:
        raise Refused("no_post")
    with files.get(args["digest"]) as stored:
        content = stored.read()
    sheet = sheets.read_acts(content, args["name"], act=args["act"], near=sheets.unit_of(actor))
    total = len(sheet.rows)
    outcomes: list[RowOutcome] = []
    for one in perform_rows(
        sheet.rows,
        actor=actor,
        user=user,
        at=at,
        dry_run=args["dry_run"],
        report=lambda through: report(through, total),
    ):
        outcomes.append(one)
        if one.outcome is Outcome.REFUSED and one.refused is not None:
            report.refuse(one.refused, where=f"{one.row.line} {one.row.ref}")
    result: dict[str, Any] = {"link": f"/imports/{job.pk}/", "skipped": sheet.skipped, **sheets.counted(outcomes)}
    if sheet.columns:
        with translation.override(user.language or "zh-hans"):
            marked, name = sheets.marked(content, args["name"], sheet, outcomes)
        result["marked"] = office.store_file(ContentFile(marked, name), actor=actor, at=at).digest
        result["marked_name"] = name
    return result


def tick(at: datetime) -> dict[str, int]:
    """Everything that is due on or before ``at``（时钟）; safe to run anywhere, any number of times.

    Returns:
        counts by what was done: lights turned, periods missed and opened, deltas folded.
    """
    counts = {"lights": 0, "periods_missed": 0, "periods_opened": 0, "folded": 0}
    while turned := clock.pass_dates(actor=SYSTEM, at=at):
        counts["lights"] += turned
    counts["periods_missed"] = _miss_periods(at)
    counts["periods_opened"] = _open_periods(at)
    counts["folded"] = projections.fold()
    return counts


def _miss_periods(at: datetime) -> int:
    missed = 0
    today = calendar.local_day(at)
    open_items = Commitment.objects.filter(kind=Kind.PERIOD, state=State.ACCEPTED, period_until_on__lt=today)
    for ref in list(open_items.values_list("ref", flat=True)):
        try:
            duties.miss_period(actor=SYSTEM, ref=ref, at=at)
            missed += 1
        except Refused:  # another tick was faster
            continue
    return missed


def _open_periods(at: datetime) -> int:
    opened = 0
    today = calendar.local_day(at)
    running = Commitment.objects.filter(kind=Kind.DUTY, state=State.ACCEPTED, children_count=0).exclude(frequency="")
    for ref, frequency in list(running.values_list("ref", "frequency")):
        start = calendar.period_of(frequency, today).start
        if Commitment.objects.filter(parent__ref=ref, kind=Kind.PERIOD, period_from_on__gte=start).exists():
            continue
        try:
            duties.open_period(actor=SYSTEM, ref=ref, at=at)
            opened += 1
        except Refused:
            continue
    return opened


def oldest_due(at: datetime, grace: timedelta = timedelta(minutes=2)) -> datetime | None:
    """The oldest stored moment that should have been handled by now; ``None`` proves that the clock runs."""
    late = Commitment.objects.filter(next_due_at__lt=at - grace).order_by("next_due_at").first()
    return late.next_due_at if late else None


register("delivery.act", do_act, title=_("%(act)s: %(ref)s"))
register(IMPORT, import_acts, title=_("Acts from the file %(name)s"))
