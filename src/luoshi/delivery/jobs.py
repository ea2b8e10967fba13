"""Jobs of the heart: what the clock does by itself, and long acts that show progress. The clock is read here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone, translation
from django.utils.translation import gettext

from luoshi.accounts.models import User
from luoshi.delivery import projections, queries
from luoshi.delivery.models import Bulk, Commitment, Extension, Objection, Request, SheetMap, Slip
from luoshi.delivery.queries.climbing import Line
from luoshi.delivery.queries.moving import MOVE_DEADLINES
from luoshi.delivery.schemas import RowOutcome, ledgers, perform, perform_rows, sheets
from luoshi.delivery.services import (
    bulk,
    chasing_waiting,
    climbing_replies,
    clock,
    duties,
    escalating,
    moving,
    objecting,
    snapshots,
)
from luoshi.office import services as office
from luoshi.office.jobs import Report, Stopped, register
from luoshi.office.models import Job
from luoshi.office.services.jobs import actor_of
from luoshi.rules import calendar
from luoshi.rules.lifecycle import Act, Kind, State
from luoshi.rules.permissions import SYSTEM, Actor
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
    at, args = timezone.now(), job.args
    actor, user = actor_of(job, at), _person(job)
    content = queries.handed_in(args["digest"])
    with translation.override(args["language"]):
        sheet = sheets.read_acts(content, args["name"], act=args["act"], near=sheets.unit_of(actor), actor=actor)
        outcomes = _through(
            perform_rows(
                sheet.rows,
                actor=actor,
                user=user,
                at=at,
                dry_run=args["dry_run"],
                report=lambda through: report(through, len(sheet.rows)),
            ),
            report,
        )
        marked = sheets.marked(content, args["name"], sheet, outcomes) if sheet.columns else None
    return {"skipped": sheet.skipped, **_imported(job, outcomes, marked, actor, at)}


def import_ledger(job: Job, report: Report) -> dict[str, Any]:
    """Make the rows of an office's own ledger drafts（导入台账）; a row that was made before is not made again.

    Returns:
        as :func:`import_acts`; the marked file carries the number and version of every commitment made.
    """
    at, args = timezone.now(), job.args
    actor, user = actor_of(job, at), _person(job)
    content = queries.handed_in(args["digest"])
    kept = SheetMap.objects.select_related("programme").get(pk=args["map"])
    with translation.override(args["language"]):
        ledger = ledgers.open_ledger(content, args["name"], args.get("sheet", ""))
        near = sheets.unit_of(actor)
        rows = ledgers.read_rows(ledger, kept.columns, kept.programme, kept.matter_id, near)
        outcomes = _through(
            ledgers.perform_ledger(
                rows,
                actor=actor,
                user=user,
                programme=kept.programme,
                at=at,
                dry_run=args["dry_run"],
                report=lambda through: report(through, len(rows)),
            ),
            report,
        )
        marked = ledgers.marked(content, args["name"], ledger, kept.columns, outcomes)
    return _imported(job, outcomes, marked, actor, at)


def _person(job: Job) -> User:
    """Who started the job.

    Raises:
        Refused: ``no_post`` for the clock, which hands nothing in.
    """
    if job.user is None:
        raise Refused("no_post")
    return job.user


def _through(outcomes: Iterable[RowOutcome], report: Report) -> list[RowOutcome]:
    kept = []
    for one in outcomes:
        kept.append(one)
        if one.refused is not None:
            line = gettext("line %(line)s") % {"line": one.row.line}
            report.refuse(one.refused, where=" ".join(filter(None, [one.row.sheet, line, one.row.ref])))
    return kept


def _imported(
    job: Job, outcomes: Sequence[RowOutcome], marked: tuple[bytes, str] | None, actor: Actor, at: datetime
) -> dict[str, Any]:
    result: dict[str, Any] = {"link": f"/imports/{job.pk}/", **sheets.counted(outcomes)}
    if marked is not None:
        content, name = marked
        result["marked"] = office.store_file(ContentFile(content, name), actor=actor, at=at).digest
        result["marked_name"] = name
    return result


def plan_bulk(job: Job, report: Report) -> dict[str, Any]:
    """Make the plan of a bulk act（批量办理计划）; started again it goes on with what was not looked at yet."""
    at, found = timezone.now(), Bulk.objects.get(pk=job.args["bulk"])
    actor = actor_of(job, at)
    try:
        bulk.name_subjects(found, actor=actor, at=at)
        found.refresh_from_db()
        done = found.subjects.exclude(outcome="").count()
        report(done, found.total)
        while more := bulk.look_at_some(found, actor=actor, at=at):
            done += more
            report(done, found.total)
        bulk.seal(found, at=timezone.now())
    except Refused as refused:
        bulk.end(found, Bulk.State.FAILED, at=timezone.now(), refused=refused)
        raise
    except Stopped:
        _stopped(job, found)
        raise
    return {"link": f"/bulk/{found.pk}/"}


def do_bulk(job: Job, report: Report) -> dict[str, Any]:
    """Do a confirmed bulk act（批量办理） as one act; started again after a crash it sees whether it was done."""
    at, found = timezone.now(), Bulk.objects.get(pk=job.args["bulk"])
    try:
        done = bulk.do_bulk(found, actor=actor_of(job, at), at=at, told=report)
    except Refused as refused:
        bulk.end(found, Bulk.State.FAILED, at=timezone.now(), refused=refused)
        raise
    except Stopped:
        _stopped(job, found)
        raise
    return {"link": f"/bulk/{done.pk}/", "entry": done.entry_id}


def _stopped(job: Job, found: Bulk) -> None:
    """A person stopped it, so nothing is left; when only another worker has taken it over, that one goes on."""
    if Job.objects.filter(pk=job.pk, attempt=job.attempt, cancel_asked=True).exists():
        bulk.end(found, Bulk.State.CANCELLED, at=timezone.now())


def tell_bulk(job: Job, report: Report) -> dict[str, Any]:
    """Tell those whom a bulk act concerns; told again after a crash, nobody gets a message twice."""
    at, found = timezone.now(), Bulk.objects.get(pk=job.args["bulk"])
    actor, after = actor_of(job, at), 0
    while (last := bulk.tell_bulk(found, actor=actor, at=at, after=after)) is not None:
        after = last
        report(after, found.total)
    return {"link": f"/bulk/{found.pk}/"}


def clear_plans(_job: Job, _report: Report) -> dict[str, Any]:
    """End plans that nobody confirmed in time."""
    return {"ended": bulk.clear_plans(timezone.now())}


def tick(at: datetime) -> dict[str, int]:
    """Everything that is due on or before ``at``（时钟）; safe to run anywhere, any number of times.

    Returns:
        counts by what was done: lights turned, ladders looked at, periods missed and opened, deltas folded, days kept.
    """
    counts = {"lights": 0, "steps": 0, "periods_missed": 0, "periods_opened": 0, "folded": 0, "days_kept": 0}
    while turned := clock.pass_dates(actor=SYSTEM, at=at):
        counts["lights"] += turned
    line = Line()
    while looked := escalating.take_steps(actor=SYSTEM, at=at, line=line):
        counts["steps"] += looked
    while looked := climbing_replies.take_reply_steps(actor=SYSTEM, at=at):
        counts["steps"] += looked
    for chase in chasing_waiting.CHASES:
        while looked := chase(actor=SYSTEM, at=at, line=line):
            counts["steps"] += looked
    while looked := objecting.chase_objections(actor=SYSTEM, at=at):
        counts["steps"] += looked
    counts["periods_missed"] = _miss_periods(at)
    counts["periods_opened"] = _open_periods(at)
    counts["folded"] = projections.fold()
    counts["days_kept"] = snapshots.take_snapshot(at=at)
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


def forget_sweeps(_job: Job, _report: Report) -> dict[str, Any]:
    """Forget which batches of the clock ran long ago."""
    return {"forgotten": escalating.forget_sweeps(timezone.now())}


def move_deadlines(job: Job, report: Report) -> dict[str, Any]:
    """Move the deadlines somebody confirmed（期限随日历调整）, batch by batch; started again it goes on from there."""
    at, args = timezone.now(), job.args
    actor, done = actor_of(job, at), 0
    while moving.more_to_look_at(actor):
        moving.move_some(actor=actor, edition_seen=args["edition"], reason=args["reason"], at=at)
        done = min(args["count"], done + moving.BATCH)
        report(done, args["count"])
    return {"link": "/calendar/moving/"}


def oldest_due(at: datetime, grace: timedelta = timedelta(minutes=2)) -> datetime | None:
    """The oldest stored moment that should have been handled by now; ``None`` proves that the clock runs."""
    moments = [
        Commitment.objects.filter(**{f"{name}__lt": at - grace}).order_by(name).values_list(name, flat=True).first()
        for name in ("next_due_at", "next_step_at")
    ]
    asked = Request.objects.filter(next_step_at__lt=at - grace).order_by("next_step_at")
    moments.append(asked.values_list("next_step_at", flat=True).first())
    objected = Objection.objects.filter(next_step_at__lt=at - grace).order_by("next_step_at")
    moments.append(objected.values_list("next_step_at", flat=True).first())
    slips = Slip.objects.filter(next_step_at__lt=at - grace).order_by("next_step_at")
    moments.append(slips.values_list("next_step_at", flat=True).first())
    extensions = Extension.objects.filter(next_step_at__lt=at - grace).order_by("next_step_at")
    moments.append(extensions.values_list("next_step_at", flat=True).first())
    return min((moment for moment in moments if moment is not None), default=None)


register("delivery.act", do_act, title=_("%(act)s: %(ref)s"))
register(queries.IMPORT_ACTS, import_acts, title=_("Acts from the file %(name)s"))
register(queries.IMPORT_LEDGER, import_ledger, title=_("Tasks from the ledger %(name)s"))
register(queries.plan_kind(Act.CLOSE), plan_bulk, title=_("Plan: close a list"))
register(queries.plan_kind(Act.RE_DATE), plan_bulk, title=_("Plan: move the dates of a list"))
register(queries.plan_kind(Act.ASSIGN), plan_bulk, title=_("Plan: hand over the work of a post"))
register(queries.plan_kind(Act.BREAK_DOWN), plan_bulk, title=_("Plan: break down to many units"))
register(queries.do_kind(Act.CLOSE), do_bulk, title=_("Close a list of %(count)s"))
register(queries.do_kind(Act.RE_DATE), do_bulk, title=_("Move the dates of %(count)s"))
register(queries.do_kind(Act.ASSIGN), do_bulk, title=_("Hand over %(count)s to another post"))
register(queries.do_kind(Act.BREAK_DOWN), do_bulk, title=_("Break down to %(count)s units"))
register(queries.TELL_BULK, tell_bulk, title=_("Messages about a bulk act"))
register(MOVE_DEADLINES, move_deadlines, title=_("Move %(count)s deadlines with the calendar"))
register(queries.CLEAR_PLANS, clear_plans, title=_("Clearing plans nobody confirmed"), every=timedelta(days=1))
register(
    "delivery.forget_sweeps", forget_sweeps, title=_("Forgetting old batches of the clock"), every=timedelta(days=1)
)
