"""Pages of the office（文书）: the message centre, jobs, and the one way a file leaves the house."""

from __future__ import annotations

import io
import tempfile
from typing import IO, Any, cast

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.office import services
from luoshi.office.adapters import contents, exports, files, kept
from luoshi.office.adapters.papers import pdf, word
from luoshi.office.models import StoredFile
from luoshi.office.queries import channels as channel_queries
from luoshi.office.queries import jobs as job_queries
from luoshi.office.queries import messages as message_queries
from luoshi.office.services.exports import AT_ONCE
from luoshi.office.services.files import clean_name
from luoshi.rules import papers
from luoshi.rules.refusals import Refused
from luoshi.ui.addresses import whole_number
from luoshi.units.queries import actor_for_request

INLINE = {contents.PDF, contents.JPEG, contents.PNG, contents.WEBP}
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
VIEWER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
"""Browsers refuse to open their PDF viewer in a sandbox; it runs apart from the page that links to it anyway."""


def serve_file(request: HttpRequest, stored: StoredFile, name: str, *, inline: bool = False) -> HttpResponseBase:
    """The one download（下载）of the product; whether this reader may have the file is decided by the caller.

    The type is the one found when it was stored, and browsers may not guess another. It is saved rather than shown
    unless ``inline`` is asked for a picture or PDF. Browsers may keep it for this reader and must ask each time, so
    that a permission withdrawn takes effect at once; the digest as ETag then answers 304.

    Raises:
        Refused: ``file_unreadable`` when the store does not give it.
    """
    shown = inline and stored.media_type in INLINE
    etag = f'"{stored.digest}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None or response.status_code != 304:
        try:
            content = files.get(stored.digest)
        except OSError as error:
            raise Refused("file_unreadable") from error
        text = stored.media_type.startswith("text/")
        response = FileResponse(
            content,
            as_attachment=not shown,
            filename=clean_name(name, stored.media_type),
            content_type=stored.media_type + ("; charset=utf-8" if text else ""),
        )
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = VIEWER if shown and stored.media_type == contents.PDF else SANDBOX
    return response


def _cursor(request: HttpRequest) -> int | None:
    return whole_number(request.GET.get("before", ""))


@login_required
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """The message centre（消息中心）of the post: newest first, unread ones marked, 50 on a page."""
    actor = actor_for_request(request, timezone.now())
    unread = request.GET.get("show") == "unread"
    rows, following = message_queries.page(actor, unread=unread, before=_cursor(request))
    context = {
        "rows": rows,
        "unread_only": unread,
        "unread_count": message_queries.unread_count(actor),
        "pager": {"next": _further(following, "show=unread&" if unread else "")},
        "post": actor.effective,
    }
    return render(request, "office/messages.html", context)


def _further(following: int | None, rest: str = "") -> str:
    return f"{rest}before={following}" if following else ""


@login_required
@require_safe
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message（消息）with its delivery record; looking changes nothing, a button marks it as read.

    The record is also for the post whose act caused it and for administrators; the words are for the reader and sender.
    """
    actor = actor_for_request(request, timezone.now())
    row, deliveries = channel_queries.record(actor, message_id)
    mine, seat = row.post_id == actor.effective.post_id, actor.effective.post_id
    context = {"row": row, "deliveries": deliveries, "mine": mine, "words": mine or row.sender_id == seat}
    return render(request, "office/message.html", context)


@login_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What acts of the post told others（我发出的消息）, and whether it has gone out; 50 on a page."""
    actor = actor_for_request(request, timezone.now())
    rows, following = channel_queries.sent_by(actor, before=_cursor(request))
    context = {"rows": rows, "pager": {"next": _further(following)}, "post": actor.effective}
    return render(request, "office/sent.html", context)


@login_required
@require_POST
def read(request: HttpRequest, message_id: int) -> HttpResponse:
    """Mark a message as read by the post（已读）, and go on to the page it is about when asked for."""
    now = timezone.now()
    found = services.mark_read(message_id, actor=actor_for_request(request, now), at=now)
    if "open" in request.POST and found.link.startswith("/") and not found.link.startswith(("//", "/\\")):
        return redirect(found.link)
    return redirect("office:messages")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every message of the post as read（全部已读）."""
    now = timezone.now()
    services.mark_all_read(actor=actor_for_request(request, now), at=now)
    return redirect("office:messages")


@login_required
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """The jobs（作业）one started, and for heads and offices those of the unit; 50 on a page."""
    actor = actor_for_request(request, timezone.now())
    rows, following = job_queries.page(actor, before=_cursor(request))
    return render(request, "office/jobs.html", {"rows": rows, "pager": {"next": _further(following)}})


@login_required
@require_safe
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job（作业）with its progress: asked again every two seconds, or by a link without script."""
    found = job_queries.job(actor_for_request(request, timezone.now()), job_id)
    part = request.headers.get("HX-Request") == "true"
    response = render(request, "office/job_progress.html" if part else "office/job.html", {"job": found})
    response["Cache-Control"] = "no-store"
    response["Vary"] = "HX-Request"
    return response


@login_required
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop a job（停作业）; what is done stays done."""
    now = timezone.now()
    try:
        services.cancel_job(job_id, actor=actor_for_request(request, now), at=now)
    except Refused as refused:
        if refused.code != "job_finished":
            raise
        notes.error(request, gettext(refused.template) % refused.params)
    return redirect("office:job", job_id)


PAPER_MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def _attached(stream: Any, name: str, media_type: str) -> FileResponse:
    """A file to be saved, never shown and never kept on the way."""
    response = FileResponse(stream, as_attachment=True, filename=clean_name(name), content_type=media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response


def serve_export(export: exports.Export, format: str) -> FileResponse:  # noqa: A002 - the word of the address
    """A small list as a file, made row by row in a file that goes with the answer（即时导出）."""
    stream = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=1 << 20))  # noqa: SIM115 - the answer closes it
    try:
        exports.WRITERS[format](export, stream, None)
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return _attached(stream, export.file_name(format), exports.MEDIA[format])


def serve_paper(paper: papers.Paper, ending: str) -> FileResponse:
    """An official paper as a Word or PDF file（公文下载）.

    Raises:
        Refused: what the rules refuse to a paper, ``paper_template``, ``paper_not_drawn``.
    """
    content = pdf.write(paper) if ending == "pdf" else word.write(paper)
    number = f" {paper.number}" if paper.number else ""
    mark = f"{paper.stamp} " if paper.stamp else ""
    name = f"{mark}{gettext(papers.KIND_NAMES[paper.kind])}{number}.{ending}"
    return _attached(io.BytesIO(content), name, PAPER_MEDIA[ending])


def serve_kept(request: HttpRequest, job_id: int) -> FileResponse:
    """The file a job made, for whoever asked for it and nobody else.

    Raises:
        Refused: ``not_found``, ``export_gone``.
    """
    found = services.export_of(request.user.pk, job_id)
    try:
        stream = kept.get(found.result["kept"])
    except OSError as error:
        raise Refused("export_gone") from error
    return _attached(stream, found.result["file"], exports.MEDIA[found.result["format"]])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """Take a list away（导出）: a small one at once, a large one by a job that is started with a button."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    form = services.checked_format(request.GET.get("format", "xlsx"))
    found = services.list_for(name, actor=actor, asked=request.GET, at=at)
    if request.method == "POST":
        job = services.start_export(name, actor=actor, asked=request.GET, format=form, at=at)
        return redirect("office:job", job.pk)
    if found.count <= AT_ONCE:
        return serve_export(found, form)
    return render(request, "office/export.html", {"list": found, "format": form})


@login_required
@require_safe
def export_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The file a job made（下载导出文件）."""
    return serve_kept(request, job_id)
