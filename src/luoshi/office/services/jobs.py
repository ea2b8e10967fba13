"""Starting, stopping, putting back long work（作业）.

A job is enqueued in the transaction of the act that asks for it: it exists if and only if the act does. A step is not
taken twice because each step of a job is an act with its own key or state; the job itself *may* run again from its
beginning when its worker died, so functions must recognise steps already done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from luoshi.accounts.models import User
from luoshi.office.models import Job, JobState, Slot
from luoshi.office.queries import jobs as queries
from luoshi.rules.permissions import SYSTEM, Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.queries import actor_for

declare(409, job_finished=_("This job has already ended, so it cannot be stopped any more."))
declare(
    409,
    job_failed=_("The job stopped because of a fault in the system. Nothing it had finished is lost; start it again."),
    job_abandoned=_("The job was tried %(times)s times and its worker died each time. Tell your administrator."),
)

LEASE = timedelta(seconds=120)
ATTEMPTS = 3
SLOTS_KEPT = timedelta(days=7)
TASK = "luoshi.office.jobs.run_job"
"""The task by its path: the room of tasks lies above this one, and the queue names tasks by path anyway."""


class Report(Protocol):
    """What a job's function is given to say how far it is."""

    def __call__(self, done: int, total: int = 0, note: str = "", **params: Any) -> None:
        """Say how many steps are done; raises when the job was stopped or given to another worker."""

    def refuse(self, refused: Refused, where: str = "", link: str = "") -> None:
        """Keep a refusal of one step, with where it happened and that place's page; the job goes on."""


Function = Callable[[Job, Report], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its function, its title (message id, filled from the arguments), and its turn if periodic."""

    name: str
    function: Function
    title: str
    every: timedelta | None = None


KINDS: dict[str, Kind] = {}
"""Name → kind; filled by the applications when they are ready."""


def register(kind: str, function: Function, *, title: str, every: timedelta | None = None) -> None:
    """Make ``function`` known under ``kind``; registering another function under a known name is an error."""
    known = KINDS.get(kind)
    if known is not None and known.function is not function:
        raise KeyError(f"job kind {kind!r} is registered twice")
    KINDS[kind] = Kind(kind, function, title, every)


def start_job(kind: str, args: dict[str, Any], *, actor: Actor, at: datetime) -> Job:
    """Ask for a job（起作业）in the caller's transaction.

    Args:
        kind: a registered kind (``KeyError`` otherwise).
        args: JSON-safe arguments; they also fill the places of the title.
        actor: who asks; the job acts for the same person in the same seat. ``SYSTEM`` for the clock.
        at: the moment of asking.
    """
    known = KINDS[kind]
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            title=known.title,
            args=args,
            user_id=actor.user_id or None,
            post_ref="" if actor is SYSTEM else actor.seat.post_ref,
            principal_ref=actor.principal.post_ref if actor.principal else "",
            unit_path=actor.effective.unit_path,
            created_at=at,
        )
        result = import_string(TASK).enqueue(job.pk)
        job.task_id = result.id
        job.save(update_fields=["task_id"])
    return job


def actor_of(job: Job, at: datetime) -> Actor:
    """The actor a job acts for, resolved anew at ``at``: who has lost the post meanwhile is refused (``no_post``)."""
    if job.user_id is None:
        return SYSTEM
    user = User.objects.get(pk=job.user_id)
    return actor_for(user, post_ref=job.post_ref, principal_ref=job.principal_ref or None, at=at)


def cancel_job(job_id: int, *, actor: Actor, at: datetime) -> Job:
    """Stop a job（停作业）: a waiting one at once, a running one at its next step; what is done stays done.

    Raises:
        Refused: ``not_found`` outside what the actor may see, ``job_finished`` when there is nothing to stop.
    """
    with transaction.atomic():
        queries.job(actor, job_id)
        waiting = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
        if not waiting.update(state=JobState.CANCELLED, cancel_asked=True, finished_at=at):
            running = Job.objects.filter(pk=job_id, state=JobState.RUNNING)
            if not running.update(cancel_asked=True):
                raise Refused("job_finished")
    return Job.objects.get(pk=job_id)


def claim(job_id: int, at: datetime) -> Job | None:
    """Take a waiting job for this worker; ``None`` when it has ended or runs elsewhere."""
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, attempt=F("attempt") + 1, lease_until=at + LEASE, started_at=at, note={}, refusals=[]
    )
    return Job.objects.get(pk=job_id) if taken else None


def progress(job: Job, at: datetime, **fields: Any) -> bool:
    """Write how far ``job`` is and prolong its lease; ``False`` when it no longer belongs to this worker."""
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
    return bool(mine.update(lease_until=at + LEASE, **fields))


def finish(job: Job, state: JobState, at: datetime, **fields: Any) -> bool:
    """End ``job``; ``False`` when it no longer belongs to this worker."""
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
    return bool(mine.update(state=state, finished_at=at, lease_until=None, **fields))


def reap(at: datetime) -> int:
    """Put the jobs of dead workers back into the queue（收回）; returns how many.

    A worker is dead when its lease has passed. After :data:`ATTEMPTS` deaths a job is given up as failed, so that one
    that kills its worker does not do so for ever. Old turns of the scheduler are cleared on the way.
    """
    back = 0
    dead = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=at).values_list("pk", "attempt", "task_id")
    for pk, attempt, task_id in dead[:500]:
        with transaction.atomic():
            mine = Job.objects.filter(pk=pk, state=JobState.RUNNING, attempt=attempt, lease_until__lt=at)
            if attempt >= ATTEMPTS:
                given_up = refusal(Refused("job_abandoned", times=attempt))
                mine.update(state=JobState.FAILED, finished_at=at, lease_until=None, refusals=[given_up])
                continue
            if mine.update(state=JobState.QUEUED, lease_until=None):
                back += 1
                _requeue(Q(pk=task_id))
    # A worker can also die between taking the task and taking the job, or between ending the job and saying so.
    early = Job.objects.filter(task_id__isnull=False).exclude(state=JobState.RUNNING)
    stuck = DBTaskResult.objects.filter(status="RUNNING", started_at__lt=at - LEASE, task_path=TASK)
    for task_id in list(stuck.values_list("pk", flat=True)[:500]):
        if early.filter(task_id=task_id).exists():
            back += _requeue(Q(pk=task_id, status="RUNNING"))
    Slot.objects.filter(at__lt=at - SLOTS_KEPT).delete()
    return back


def _requeue(which: Q) -> int:
    return DBTaskResult.objects.filter(which).update(status="READY", started_at=None, finished_at=None)


def start_periodic(at: datetime) -> list[Job]:
    """Start every periodic job whose turn has come and that no other node has started（班次）."""
    started: list[Job] = []
    for kind in list(KINDS.values()):
        if kind.every is None:
            continue
        turn = int(at.timestamp() // kind.every.total_seconds())
        if Slot.objects.filter(job=kind.name, slot=turn).exists():
            continue
        with contextlib.suppress(IntegrityError), transaction.atomic():
            Slot.objects.create(job=kind.name, slot=turn, at=at)
            started.append(start_job(kind.name, {}, actor=SYSTEM, at=at))
    return started


def refusal(refused: Refused, where: str = "", link: str = "") -> dict[str, Any]:
    """A refusal as a job keeps it: code, sentence, values, place, and the page of that place if it has one."""
    params = {name: _plain(value) for name, value in refused.params.items()}
    return {"code": refused.code, "text": refused.template, "params": params, "where": where} | (
        {"link": link} if link else {}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(one) for one in value]
    return value if isinstance(value, int | str | bool) else str(value)
