"""Bulk acts（批量办理）: name the list, look at the plan, confirm it, watch it, fetch the refusals."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.delivery import queries
from luoshi.delivery.forms.bulk import FORMS, BulkForm
from luoshi.delivery.models import Bulk, BulkSubject
from luoshi.delivery.schemas import bulk as inputs
from luoshi.delivery.schemas.answers import said
from luoshi.delivery.services import bulk as services
from luoshi.delivery.views import words
from luoshi.delivery.views.doors import actor_of, named, once
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.ui.addresses import whole_number
from luoshi.ui.sentences import refusal_context

_N = gettext_noop

NAMES = {
    Act.CLOSE: _N("Close by list"),
    Act.RE_DATE: _N("Move dates by list"),
    Act.ASSIGN: _N("Hand over the work of a post"),
    Act.BREAK_DOWN: _N("Break down to many units"),
}
ABOUT = {
    Act.CLOSE: _N("Strike off what has been verified, in one act. Each is judged by itself, as in the single act."),
    Act.RE_DATE: _N("One decision moves the dates of a whole with its parts, or of a list. First dates stay visible."),
    Act.ASSIGN: _N("All that a post is named for goes to another post of the unit or below it."),
}
CONSEQUENCES = {
    Act.CLOSE: _N("They are struck off in one act. Only a failed look-back or the issuing side reopens one."),
    Act.RE_DATE: _N("The dates move in one act; first dates stay visible, and later dates count as extensions."),
    Act.ASSIGN: _N("The work goes to the other post in one act; what is owed and by when does not change."),
    Act.BREAK_DOWN: _N("Every unit below receives its part at once, in one act. Parts can be withdrawn, not unsent."),
}
SHOWN = 100
FEW = 5
"""So many refusals are read one by one; more are told by reason first."""


@login_required
@require_safe
def bulks(request: HttpRequest) -> HttpResponse:
    """What can be done in bulk, and what was（批量办理）."""
    actor = actor_of(request, timezone.now())
    before = request.GET.get("before", "")
    cursor = whole_number(before)
    rows, following = queries.bulk_page(actor, before=cursor)
    context = {
        "starts": [(act.value, _(NAMES[act]), _(ABOUT[act])) for act in ABOUT],
        "rows": [(row, _(NAMES[Act(row.act)])) for row in rows],
        "pager": {"next": f"before={following}" if following else ""},
    }
    return render(request, "delivery/bulks.html", context)


def _form(request: HttpRequest, act: Act, actor: Actor, at: datetime) -> tuple[BulkForm, int]:
    """The form of one kind, with what it may offer; and how many wait that are not offered one by one."""
    named = request.method == "POST" and "named" not in request.POST
    data = request.POST if named else None
    found = request.POST if request.method == "POST" else request.GET
    start: dict[str, Any] = {"refs": "\n".join(found.getlist("refs")), "parts_of": found.get("parts_of", "")}
    if act is Act.CLOSE:
        rows, total = queries.to_close(actor, at)
        offered = [(ref, f"{title} · {lead} · {ref}") for ref, title, lead in rows]
        return FORMS[act](data, initial=start, offered=offered), total - len(rows)  # type: ignore[call-arg]
    if act is Act.ASSIGN:
        start |= {"post": found.get("post", "")}
        return FORMS[act](data, initial=start, offered=queries.posts_within(actor)), 0  # type: ignore[call-arg]
    return FORMS[act](data, initial=start), 0


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, act: str) -> HttpResponse:
    """Name the list and say what is said of all of it; a plan is made, nothing is done.

    A list may come from another page: posted with ``named``, or in the address, it only fills the form.
    """
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = named(FORMS, act)
    form, hidden = _form(request, chosen, actor, at)
    context: dict[str, Any] = {
        "form": form,
        "act": act,
        "name": _(NAMES[chosen]),
        "about": _(ABOUT[chosen]),
        "hidden": hidden,
    }
    status = 200
    if form.is_bound and form.is_valid():
        try:
            told, _again = once(
                request,
                lambda: {"bulk": inputs.plan(chosen, actor=actor, data=form.payload(), at=at).pk},
                at=at,
            )
            return redirect("delivery:bulk", told["bulk"])
        except Refused as refused:
            context["refusal"] = refusal_context(refused)
            status = refused.status
    elif form.is_bound:
        status = 422
    return render(request, "delivery/bulk_start.html", context, status=status)


@login_required
@require_safe
def bulk(request: HttpRequest, bulk_id: int) -> HttpResponse:
    """The plan of a bulk act, how far it is, and what it led to; it asks again by itself while something runs."""
    actor = actor_of(request, timezone.now())
    found = queries.bulk_for(actor, bulk_id)
    act = Act(found.act)
    job = found.do_job if found.state == Bulk.State.CONFIRMED else found.plan_job
    over = job is not None and job.finished
    refused = (
        [] if found.state == Bulk.State.PLANNING else queries.subjects(found, BulkSubject.Outcome.REFUSED, limit=SHOWN)
    )
    held = [] if found.state == Bulk.State.PLANNING else queries.subjects(found, BulkSubject.Outcome.IN, limit=SHOWN)
    entry = get_entry(id=found.entry_id) if found.entry_id else None
    context = {
        "bulk": found,
        "name": _(NAMES[act]),
        "consequence": _(CONSEQUENCES[act]),
        "job": job,
        "runs": found.state in {Bulk.State.PLANNING, Bulk.State.CONFIRMED} and not over,
        "stuck": found.state in {Bulk.State.PLANNING, Bulk.State.CONFIRMED} and over,
        "may_confirm": found.state == Bulk.State.PLANNED and found.eligible and _same_seat(found, actor),
        "mine": _same_seat(found, actor),
        "told": _told(found),
        "refused": [(row, said(row.refusal)) for row in refused],
        "reasons": [(said(why), n) for why, n in queries.reasons(found)] if len(refused) > FEW else [],
        "held": held,
        "more_refused": max(0, found.refused - len(refused)),
        "more_held": max(0, found.eligible - len(held)),
        "why": said(found.refusal) if found.refusal else "",
        "entry": entry,
        "number": number_of(entry) if entry else None,
    }
    response = render(request, "delivery/bulk.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _same_seat(found: Bulk, actor: Actor) -> bool:
    principal = actor.principal.post_ref if actor.principal else ""
    return (found.user_id, found.post_ref, found.principal_ref) == (actor.user_id, actor.seat.post_ref, principal)


def _told(found: Bulk) -> list[tuple[str, str]]:
    """What was said of all of them, in the words of the form."""
    fields = inputs.BULK_INPUTS[Act(found.act)].model_fields
    told = []
    for name, value in found.args.items():
        if name in fields and name not in {"version", "units"} and value not in ("", None, [], False):
            shown = words.plain_day(datetime.fromisoformat(value).date()) if name in {"new_due_on", "due_on"} else value
            told.append((_(fields[name].title or name), _("Yes") if value is True else str(shown)))
    return told


@login_required
@require_POST
def confirm(request: HttpRequest, bulk_id: int) -> HttpResponse:
    """Let the plan that was looked at be done（确认办理）."""
    at = timezone.now()
    actor = actor_of(request, at)

    def do() -> dict[str, Any]:
        digest = request.POST.get("digest", "")
        return {"bulk": services.confirm_bulk(actor=actor, bulk_id=bulk_id, digest=digest, at=at).pk}

    try:
        once(request, do, at=at)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        messages.error(request, refusal_context(refused)["sentence"])
    return redirect("delivery:bulk", bulk_id)


@login_required
@require_POST
def cancel(request: HttpRequest, bulk_id: int) -> HttpResponse:
    """End a bulk act before it is done（取消）."""
    at = timezone.now()
    try:
        services.cancel_bulk(actor=actor_of(request, at), bulk_id=bulk_id, at=at)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        messages.error(request, refusal_context(refused)["sentence"])
    return redirect("delivery:bulk", bulk_id)


@login_required
@require_safe
def refusals(request: HttpRequest, bulk_id: int) -> StreamingHttpResponse:
    """Everybody who is refused, and why, as a table to download（下载未办清单）."""
    found = queries.bulk_for(actor_of(request, timezone.now()), bulk_id)
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{found.pk}.csv"'
    return response


def _lines(found: Bulk) -> Iterator[bytes]:
    line = io.StringIO()
    writer = csv.writer(line)

    def written(*cells: str) -> bytes:
        # a leading sign would be read as a formula by spreadsheets
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in cells])
        text = line.getvalue()
        line.seek(0)
        line.truncate()
        return text.encode()

    yield b"\xef\xbb\xbf" + written(_("Number"), _("Title"), _("Unit"), _("Reason"), _("Code"))
    for row in queries.every_refusal(found):
        title = row.commitment.title if row.commitment else ""
        unit = str(row.unit or (row.commitment.lead if row.commitment else ""))
        yield written(row.ref, title, unit, said(row.refusal), row.code)
