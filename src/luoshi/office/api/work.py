"""The office in the API（文书接口）: messages of one's post, jobs one may see. Cursors, never offsets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.office import services
from luoshi.office.models import Job, Message
from luoshi.office.queries import jobs as job_queries
from luoshi.office.queries import messages as message_queries
from luoshi.office.schemas import ExportStarted, JobOut, JobPage, MessageOut, MessagePage, Problem
from luoshi.office.services.exports import AT_ONCE
from luoshi.office.views import serve_export, serve_kept
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for_request

router = Router(tags=["office"])

Cursor = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Query(ge=1, le=200)]
REFUSALS: dict[int, Any] = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


def _message(row: Message) -> MessageOut:
    return MessageOut(
        id=row.pk,
        kind=row.kind,
        key=row.key,
        subject=row.subject_text,
        body=row.body_text,
        link=row.link,
        created_at=row.created_at,
        read_at=row.read_at,
    )


def _job(row: Job) -> JobOut:
    said = zip(row.refusals[:200], row.refusal_texts, strict=True)
    return JobOut(
        id=row.pk,
        kind=row.kind,
        title=row.title_text,
        state=row.state,
        done=row.done,
        total=row.total,
        note=row.note_text,
        result=row.result,
        refusals=[{"code": r.get("code", ""), "where": r.get("where", ""), "detail": text} for r, text in said],
        cancel_asked=row.cancel_asked,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


@router.get("/messages", response={200: MessagePage, **REFUSALS}, operation_id="list_messages")
def list_messages(request: HttpRequest, unread: bool = False, before: Cursor = None, limit: Limit = 50) -> MessagePage:
    """Messages to the caller's post, newest first."""
    actor = actor_for_request(request, timezone.now())
    rows, following = message_queries.page(actor, unread=unread, before=before, limit=limit)
    return MessagePage(
        items=[_message(row) for row in rows], next=following, unread=message_queries.unread_count(actor)
    )


@router.post("/messages/{int:message_id}/read", response={200: MessageOut, **REFUSALS}, operation_id="read_message")
def read_message(request: HttpRequest, message_id: int) -> MessageOut:
    """Mark a message as read by the post; doing it again changes nothing."""
    now = timezone.now()
    return _message(services.mark_read(message_id, actor=actor_for_request(request, now), at=now))


@router.get("/jobs", response={200: JobPage, **REFUSALS}, operation_id="list_jobs")
def list_jobs(request: HttpRequest, before: Cursor = None, limit: Limit = 50) -> JobPage:
    """Jobs the caller may see, newest first."""
    rows, following = job_queries.page(actor_for_request(request, timezone.now()), before=before, limit=limit)
    return JobPage(items=[_job(row) for row in rows], next=following)


@router.get("/jobs/{int:job_id}", response={200: JobOut, **REFUSALS}, operation_id="get_job")
def get_job(request: HttpRequest, job_id: int) -> JobOut:
    """One job and how far it is."""
    return _job(job_queries.job(actor_for_request(request, timezone.now()), job_id))


@router.post("/jobs/{int:job_id}/cancel", response={200: JobOut, **REFUSALS}, operation_id="cancel_job")
def cancel_job(request: HttpRequest, job_id: int) -> JobOut:
    """Stop a job; what is done stays done."""
    now = timezone.now()
    return _job(services.cancel_job(job_id, actor=actor_for_request(request, now), at=now))


Format = Literal["xlsx", "csv"]
ListName = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[a-z][a-z_-]*$")]


@router.get("/{name}/export", operation_id="export_list", tags=["exports"])
def export_list(request: HttpRequest, name: ListName, format: Format = "csv") -> HttpResponseBase:  # noqa: A002
    """A list as a file: register, fill-in, board, coverage, ledger, units, posts or refused; filters as on its page.

    Up to 5,000 rows it is the answer itself; a larger list is refused and asked for by POST.
    """
    at = timezone.now()
    found = services.list_for(name, actor=actor_for_request(request, at), asked=request.GET, at=at)
    if found.count > AT_ONCE:
        raise Refused("export_large", rows=found.count)
    return serve_export(found, format)


@router.post("/{name}/export", response={200: ExportStarted}, operation_id="start_export", tags=["exports"])
def start_export(request: HttpRequest, name: ListName, format: Format = "csv") -> ExportStarted:  # noqa: A002
    """Ask for a list as a job, however large; its file is kept for a day for the caller alone."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    services.list_for(name, actor=actor, asked=request.GET, at=at)
    job = services.start_export(name, actor=actor, asked=request.GET, format=format, at=at)
    return ExportStarted(job=job.pk)


@router.get("/exports/{int:job_id}/file", operation_id="get_export_file", tags=["exports"])
def get_export_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The file an export job made; 410 when its day is over."""
    return serve_kept(request, job_id)
