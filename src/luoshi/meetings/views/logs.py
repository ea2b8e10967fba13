"""Pages of one's own decision log and of a hand-over（决策记录、交接）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery.views.doors import actor_of
from luoshi.meetings import services
from luoshi.meetings.forms.logs import CommentForm
from luoshi.meetings.queries import handed as handed_reads
from luoshi.meetings.queries import logs as reads
from luoshi.meetings.queries.handed import about, heading_of
from luoshi.meetings.queries.logs import Log
from luoshi.meetings.services import LogDone
from luoshi.meetings.views import doing
from luoshi.office.views import serve_paper
from luoshi.rules.calendar import local_day
from luoshi.rules.decision_log import WORD_NAMES
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.addresses import whole_number
from luoshi.ui.sentences import refusal_context

HOLDINGS = 20
"""Earlier times in posts of heads listed at most."""


def _page_of(request: HttpRequest) -> str:
    return request.GET.get("before", "")[:40]


def shown_log(log: Log) -> dict[str, Any]:
    """A page of a log in words."""
    return {
        "log": log,
        "groups": [
            {
                "heading": heading_of(group),
                "words": [
                    {"name": _(WORD_NAMES[word]), "lines": [{"row": line, "about": about(line)} for line in lines]}
                    for word, lines in group.words
                    if lines
                ],
                "comments": group.comments,
            }
            for group in log.groups
        ],
        "pager": {"next": f"before={log.older}" if log.older else ""},
    }


@login_required
@require_safe
def log(request: HttpRequest, holding: int | None = None) -> HttpResponse:
    """One's own log（我的决策记录）: the present one of the seat, or of an earlier time."""
    at = timezone.now()
    actor = actor_of(request, at)
    return _log_page(request, actor, holding, at)


def _log_page(
    request: HttpRequest,
    actor: Actor,
    holding: int | None,
    at: datetime,
    form: CommentForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    found = reads.own_log(actor, holding=holding, before=_page_of(request), at=at)
    closed = found.opening is not None and local_day(at) >= found.opening.on
    context = {
        **shown_log(found),
        "closed": closed,
        "form": None if closed else form or _form(actor, found.holding.pk),
        "action": reverse("meetings:comment_log"),
        "submit": _("Write it beside the log"),
        "draft": f"log-{found.holding.pk}",
        "others": [row for row in reads.holdings_of(actor)[:HOLDINGS] if row.pk != found.holding.pk],
        "handovers": handed_reads.handovers_for(actor)[:HOLDINGS],
        "crumb_list": [
            (found.holding.post.title, reverse("units:post", args=[found.holding.post.ref])),
            (_("My decision log"), ""),
        ],
    }
    status = 200
    if refused is not None:
        context["refusal"] = refusal_context(refused)
        status = refused.status
    elif form is not None:
        status = 422
    return render(request, "meetings/log.html", context, status=status)


def _form(actor: Actor, holding: int, data: Any = None) -> CommentForm:
    rows = reads.matters_offered(actor)
    several = len({row.programme_id for row in rows}) > 1
    offered = [(row.pk, f"{row.programme} · {row.number} {row}" if several else f"{row.number} {row}") for row in rows]
    return CommentForm(data, initial={"holding": holding}, matters=offered)


@login_required
@require_http_methods(["POST"])
def comment(request: HttpRequest) -> HttpResponse:
    """Write beside one's own log（附言）; a refusal is a sentence above the form."""
    at = timezone.now()
    actor = actor_of(request, at)
    given = request.POST.get("holding", "")
    holding = whole_number(given)
    form = _form(actor, holding or 0, request.POST)
    if not form.is_valid():
        return _log_page(request, actor, holding, at, form)
    told = form.cleaned_data

    def do() -> tuple[int, str]:
        done: LogDone = services.comment_on_log(actor=actor, at=at, **told)
        return done.entry.pk, reverse("meetings:past_log", args=[done.holding.pk])

    try:
        return doing.done(request, do, at, [told["words"]])
    except Refused as refused:
        return _log_page(request, actor, holding, at, form, refused)


@login_required
@require_safe
def handed(request: HttpRequest, handover: int) -> HttpResponse:
    """A hand-over（交接）: its log as page one, what was handed over, and the sheet."""
    at = timezone.now()
    actor = actor_of(request, at)
    return _handed_page(request, actor, handover, at)


def _handed_page(
    request: HttpRequest, actor: Actor, handover: int, at: datetime, refused: Refused | None = None
) -> HttpResponse:
    found = handed_reads.handed(actor, handover, before=_page_of(request), at=at)
    row = found.handover
    context = {
        **(shown_log(found.log) if found.log else {}),
        "row": row,
        "found": found,
        "items": handed_reads.items_of(row),
        "left": actor.user_id == row.from_user_id,
        "waits": found.opens_on is not None and local_day(at) < found.opens_on,
        "crumb_list": [(row.post.title, reverse("units:post", args=[row.post.ref])), (_("Hand-over"), "")],
    }
    if refused is not None:
        context["refusal"] = refusal_context(refused)
    return render(request, "meetings/handed.html", context, status=refused.status if refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lay_open(request: HttpRequest, handover: int) -> HttpResponse:
    """Lay one's log open to the successor（提前公开）."""
    at = timezone.now()
    actor = actor_of(request, at)
    here = reverse("meetings:handed", args=[handover])
    holding = handed_reads.handed(actor, handover, limit=1, at=at).holding
    if request.method != "POST" or holding is None:
        return HttpResponseRedirect(here)

    def do() -> tuple[int, str]:
        return services.lay_open_log(actor=actor, holding=holding.pk, at=at).entry.pk, here

    try:
        return doing.done(request, do, at)
    except Refused as refused:
        return _handed_page(request, actor, handover, at, refused)


@login_required
@require_safe
def sheet(request: HttpRequest, handover: int, ending: str) -> HttpResponseBase:
    """The sheet of a hand-over（移交清单）, as a Word or PDF file."""
    at = timezone.now()
    return serve_paper(handed_reads.sheet_of(actor_of(request, at), handover, at=at), ending)
