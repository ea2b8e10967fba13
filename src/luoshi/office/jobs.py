"""Running long work（作业）: the task the queue knows, the worker of the tick, the registry of kinds."""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone, translation
from django_tasks import task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction, is_locked_database_exception

from luoshi.office.models import Job, JobState
from luoshi.office.services import exports
from luoshi.office.services import jobs as services
from luoshi.office.services.jobs import Report, reap, register, start_periodic
from luoshi.rules.refusals import Refused, gettext_noop

__all__ = ["Report", "Stopped", "reap", "register", "run_job", "run_ready", "start_periodic"]

log = logging.getLogger(__name__)
EVERY = 0.5
"""Seconds between two writings of progress; what comes faster is only remembered."""
BEAT = services.LEASE.total_seconds() / 4


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The job was stopped by a person, or belongs to another worker by now."""


class Progress:
    """Writes how far a job is, at most twice a second, and learns whether it shall stop."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.kept: dict[str, Any] = {}
        self.refusals: list[dict[str, Any]] = []
        self.written = 0.0

    def __call__(self, done: int, total: int = 0, note: str = "", **params: Any) -> None:
        """Say how far the job is; raises :class:`Stopped` when it shall end."""
        self.kept = {"done": done, "total": total or self.job.total, "note": {"text": note, "params": params}}
        self.job.total = total or self.job.total
        if time.monotonic() - self.written >= EVERY:
            self.write()

    def refuse(self, refused: Refused, where: str = "", link: str = "") -> None:
        """Keep a refusal of one step, at most 1,000 of them."""
        if len(self.refusals) < 1000:
            self.refusals.append(services.refusal(refused, where, link))

    def write(self) -> None:
        """Write now; raises :class:`Stopped`."""
        self.written = time.monotonic()
        mine = services.progress(self.job, timezone.now(), **self.kept, refusals=self.refusals)
        if not mine or Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
            raise Stopped


@contextmanager
def _heart(job: Job) -> Iterator[None]:
    """Prolong the lease while a long step says nothing; a process that dies takes its heart with it."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(BEAT):
            try:
                services.progress(job, timezone.now())
            except DatabaseError:
                log.warning("the heartbeat of job %s was not written", job.pk)
            finally:
                connection.close()

    thread = threading.Thread(target=beat, name=f"job-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@task()
def run_job(job_id: int) -> str:
    """Run one job; returns the state it ended in. Called by the queue."""
    job = services.claim(job_id, timezone.now())
    if job is None:
        return "not waiting"
    progress = Progress(job)
    kind = services.KINDS.get(job.kind)
    try:
        if kind is None:
            raise LookupError(f"no application knows the job kind {job.kind!r}")
        with _heart(job):
            result = kind.function(job, progress)
        fields = {**progress.kept, "result": dict(result or {}), "refusals": progress.refusals}
        services.finish(job, JobState.DONE, timezone.now(), **fields)
    except Stopped:
        services.finish(job, JobState.CANCELLED, timezone.now(), **progress.kept, refusals=progress.refusals)
        return JobState.CANCELLED.value
    except Refused as refused:
        progress.refuse(refused)
        services.finish(job, JobState.FAILED, timezone.now(), **progress.kept, refusals=progress.refusals)
        return JobState.FAILED.value
    except Exception:
        progress.refuse(Refused("job_failed"))
        services.finish(job, JobState.FAILED, timezone.now(), **progress.kept, refusals=progress.refusals)
        raise  # the queue keeps the traceback; readers see the sentence
    return JobState.DONE.value


def run_ready(at: datetime, limit: int = 10) -> int:
    """Run up to ``limit`` waiting tasks in this process（跑作业）, after taking back those of dead workers.

    Returns how many tasks were run. Tasks are taken and run by the queue's own worker, so several processes, and the
    queue's ``db_worker`` command, may do this at once; only its loop is not used, which sleeps and drops connections.
    """
    reap(at)
    worker = Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{platform.node()[:24]}-{os.getpid()}-{secrets.token_hex(6)}",
        excluded_queue_names=[],
    )
    for number in range(limit):
        taken = _take(worker.worker_id)
        if taken is None:
            return number
        worker.run_task(taken)
    return max(limit, 0)


def _take(worker_id: str) -> DBTaskResult[Any, Any] | None:
    """Lock and claim the next waiting task; ``None`` when there is none or the database is busy."""
    try:
        with exclusive_transaction():
            taken = DBTaskResult.objects.ready().filter(backend_name="default").get_locked()
            if taken is not None:
                taken.claim(worker_id)
            return taken
    except OperationalError as error:
        if is_locked_database_exception(error):
            return None
        raise


def export_list(job: Job, report: Report) -> dict[str, Any]:
    """Make the file of a large list（导出作业）, with what its asker may see now, in his language."""
    at = timezone.now()
    with translation.override(job.args["language"]):
        return exports.make_export(job, actor=services.actor_of(job, at), at=at, report=report)


def forget_exports(job: Job, report: Report) -> dict[str, Any]:
    """Delete the files of exports whose day is over."""
    return {"deleted": exports.forget_exports(timezone.now())}


register(exports.KIND, export_list, title=gettext_noop("List to take away: %(name)s (%(format)s)"))
register(
    "office.forget_exports",
    forget_exports,
    title=gettext_noop("Delete lists kept longer than a day"),
    every=timedelta(hours=1),
)
