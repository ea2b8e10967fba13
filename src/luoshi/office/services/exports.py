"""Lists that can be taken away（导出）: each under its name, permission in its own query.

A list is small and leaves at once, or large and made by a job; the file of a job is kept for a day, for the person who
asked. Taking a list away changes nothing, so it is no act and makes no entry.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language

from luoshi.office.adapters import exports, kept
from luoshi.office.adapters.exports import Export
from luoshi.office.models import Job, JobState
from luoshi.office.services import jobs
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(409, export_large=_("This list has %(rows)s rows: ask for it as a job, which makes the file and keeps it."))
declare(
    410, export_gone=_("The file was kept for a day and is gone now: ask for the list again, it will be up to date.")
)
declare(422, export_format=_("“%(format)s” is no format of lists: ask for xlsx or csv."))

KIND = "office.export"
AT_ONCE = 5_000
"""Rows up to which a list leaves at once."""
KEPT = timedelta(days=1)

Builder = Callable[[Actor, QueryDict, datetime], Export]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that can be taken away: its name in addresses, what it is called (message id), who builds it."""

    name: str
    title: str
    build: Builder


LISTS: dict[str, Listed] = {}
"""Name → list; filled by the applications when they are ready."""


def register_list(name: str, build: Builder, *, title: str) -> None:
    """Make a list known under ``name``; another builder under a known name is an error."""
    known = LISTS.get(name)
    if known is not None and known.build is not build:
        raise KeyError(f"list {name!r} is registered twice")
    LISTS[name] = Listed(name, title, build)


def list_for(name: str, *, actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The list as the actor may see it（导出清单）; its rows are fetched when they are written.

    Args:
        name: under which it is registered.
        actor: who asks; what he may not see is not in it.
        asked: the filters, as they stand in the address of the list's page.
        at: now.

    Raises:
        Refused: ``not_found`` for an unknown list, and what the list itself refuses.
    """
    known = LISTS.get(name)
    if known is None:
        raise Refused("not_found")
    return known.build(actor, asked, at)


def checked_format(told: str) -> str:
    """``xlsx`` or ``csv``.

    Raises:
        Refused: ``export_format``.
    """
    if told not in exports.WRITERS:
        raise Refused("export_format", format=told[:20])
    return told


def start_export(name: str, *, actor: Actor, asked: QueryDict, format: str, at: datetime) -> Job:  # noqa: A002
    """Start the job that makes the file of a list（起导出作业）.

    Raises:
        Refused: ``not_found``, ``export_format``.
    """
    known = LISTS.get(name)
    if known is None:
        raise Refused("not_found")
    query = asked.copy()
    for own in ("format", "csrfmiddlewaretoken", "idempotency_key"):
        query.pop(own, None)
    args = {
        "list": name,
        "name": {"text": known.title, "params": {}},
        "query": query.urlencode(),
        "format": checked_format(format),
        "language": get_language(),
    }
    return jobs.start_job(KIND, args, actor=actor, at=at)


def make_export(job: Job, *, actor: Actor, at: datetime, report: jobs.Report) -> dict[str, Any]:
    """Write the file of a job and keep it（生成导出文件）.

    Returns:
        under which name it is kept, how it is called, how many rows it holds and until when it is kept.
    """
    args = job.args
    export = list_for(args["list"], actor=actor, asked=QueryDict(args["query"]), at=at)
    format = checked_format(args["format"])  # noqa: A001 - the word of the address
    with tempfile.TemporaryDirectory(prefix="luoshi-export-") as folder:
        path = Path(folder) / "list"
        with path.open("wb") as stream:
            exports.WRITERS[format](export, stream, lambda done: report(done, export.count))
        place = kept.put(f"{job.pk}-{job.attempt}.{format}", path)
    return {
        "kept": place,
        "file": export.file_name(format),
        "format": format,
        "rows": export.count,
        "until": (at + KEPT).isoformat(),
        "link": f"/office/exports/{job.pk}/",
    }


def export_of(user_id: int | None, job_id: int) -> Job:
    """The finished export of a job, for the person who asked and nobody else.

    Raises:
        Refused: ``not_found``; ``export_gone`` when its day is over.
    """
    done = Job.objects.filter(kind=KIND, state=JobState.DONE)
    found = done.filter(pk=job_id, user_id=user_id).first() if user_id is not None else None
    if found is None:
        raise Refused("not_found")
    if not found.result.get("kept") or not kept.exists(found.result["kept"]):
        raise Refused("export_gone")
    return found


def forget_exports(at: datetime) -> int:
    """Delete the files of exports whose day is over（清理导出文件）; returns how many."""
    gone = 0
    for job in Job.objects.filter(kind=KIND, finished_at__lt=at - KEPT, result__has_key="kept")[:500]:
        with contextlib.suppress(FileNotFoundError):
            kept.drop(job.result["kept"])
        left = {name: value for name, value in job.result.items() if name not in {"kept", "link"}}
        Job.objects.filter(pk=job.pk).update(result=left)
        gone += 1
    return gone
