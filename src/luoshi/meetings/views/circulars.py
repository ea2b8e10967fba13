"""Pages of circulars and letters（通报、督办函）: the list, writing one, one of them and its acts."""

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

from luoshi.delivery.queries import programmes
from luoshi.delivery.views.doors import actor_of, named, needed_version
from luoshi.meetings.forms.circulars import ChangeCircularForm, DraftCircularForm, Offered
from luoshi.meetings.forms.meetings import ReasonForm
from luoshi.meetings.models import Circular
from luoshi.meetings.queries import circulars as reads
from luoshi.meetings.queries.circular_papers import paper_of_circular
from luoshi.meetings.schemas import circulars as schemas
from luoshi.meetings.services import CircularDone
from luoshi.meetings.views import doing
from luoshi.office.views import serve_paper
from luoshi.rules import circulars as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.circulars import ACT_NAMES, KIND_NAMES, STATE_NAMES, CircularAct, CircularKind, CircularState
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.ui.addresses import whole_number
from luoshi.ui.sentences import refusal_context

_N = gettext_noop
SHOWN = 50
CONSEQUENCES = {
    CircularAct.CHANGE: _N("Nothing is sent yet. Whoever changes a draft that judges does not approve it."),
    CircularAct.WITHDRAW: _N("The units it went to are told your reason; they still see it, marked as taken back."),
}
"""What the acts with a page of their own lead to."""


def line(circular: Circular) -> dict[str, Any]:
    """One circular of a list in words."""
    return {
        "row": circular,
        "kind": _(KIND_NAMES[CircularKind(circular.kind)]),
        "state": _(STATE_NAMES[CircularState(circular.state)]),
    }


def _crumbs(found: Circular | None, here: str) -> list[tuple[str, str]]:
    crumbs = [(_("Circulars and letters"), reverse("meetings:circulars"))]
    if found is not None:
        crumbs.append((found.number or found.ref, reverse("meetings:circular", args=[found.ref])))
    return [*crumbs, (here, "")]


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for the seat, then every circular it may see, the newest first（通报、督办函）."""
    actor = actor_of(request, timezone.now())
    before = whole_number(request.GET.get("before", ""))
    rows = reads.circulars_seen(actor).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    context = {
        "waiting": [line(row) for row in reads.waiting_circulars(actor)],
        "rows": [line(row) for row in found[:SHOWN]],
        "pager": {"next": f"before={found[SHOWN - 1].pk}" if len(found) > SHOWN else ""},
        "may_write": rules.writes(actor),
        "crumb_list": [(_("Meetings"), reverse("meetings:meetings")), (_("Circulars and letters"), "")],
    }
    return render(request, "meetings/circulars.html", context)


def _offered(actor: Actor, found: Circular | None = None) -> Offered:
    """Units a form offers: those near, and those the draft names already."""
    near = reads.units_near(actor)
    posts = reads.signing_posts(near)
    here = [unit for unit in near if posts[unit.pk]]
    offered = {unit.pk: unit.name for unit in here}
    if found is not None:
        offered |= {row.unit_id: row.unit.name for row in reads.receipts(found)}
    return Offered(
        list(offered.items()),
        areas=[unit.pk for unit in here if unit.kind == "area"],
        departments=[unit.pk for unit in here if unit.kind == "department"],
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a circular or a letter（拟稿）; ``?meeting=`` says which meeting it comes out of."""
    at = timezone.now()
    actor = actor_of(request, at)
    rules.require_writing(actor)
    offered = [(one.key, str(one)) for one in programmes(actor).filter(state="issued").order_by("pk")[:50]]
    initial = {"meeting": request.GET.get("meeting", "")[:40], "programme": request.GET.get("programme", "")[:60]}
    form = DraftCircularForm(request.POST or None, initial=initial, programmes=offered, offered=_offered(actor))
    context: dict[str, Any] = {
        "heading": _("Write a circular or a letter"),
        "consequence": _("Nothing is sent before it is approved and issued."),
        "form": form,
        "submit": _("Keep the draft"),
        "cancel": reverse("meetings:circulars"),
        "draft": "circular",
        "crumb_list": _crumbs(None, _("Write a circular or a letter")),
    }

    def do() -> tuple[int, str]:
        return _shown(schemas.draft(actor=actor, data=form.cleaned_data, at=at))

    return doing.form_page(request, form, context, do, at)


def _shown(done: CircularDone) -> tuple[int, str]:
    """The entry of an act and the page of its circular."""
    return done.entry.pk, reverse("meetings:circular", args=[done.circular.ref])


@login_required
@require_safe
def circular(request: HttpRequest, ref: str) -> HttpResponse:
    """One circular: its words, who it goes to, and who has signed for it（签收）."""
    at = timezone.now()
    actor = actor_of(request, at)
    return _page(request, reads.circular_for(actor, ref), actor, at)


def _page(
    request: HttpRequest, found: Circular, actor: Actor, at: datetime, refused: Refused | None = None
) -> HttpResponse:
    shown = reads.show(found, actor)
    context = {
        **line(found),
        "shown": shown,
        "may": {act.name.lower(): True for act in shown.acts},
        "unsigned": [row for row in shown.rows if row.signed_at is None],
        "to": "、".join(row.unit.name for row in shown.to),
        "paragraphs": [one for one in found.words.splitlines() if one.strip()],
        "reminded_today": found.reminded_on == local_day(at),
        "judges": found.facts().judges,
        "crumb_list": _crumbs(None, found.number or found.ref),
    }
    if refused is not None:
        context["refusal"] = refusal_context(refused)
    return render(request, "meetings/circular.html", context, status=refused.status if refused else 200)


@login_required
@require_safe
def paper(request: HttpRequest, ref: str, ending: str) -> HttpResponseBase:
    """The circular as an official paper（公文）, as a Word or PDF file."""
    actor = actor_of(request, timezone.now())
    return serve_paper(paper_of_circular(reads.show(reads.circular_for(actor, ref), actor)), ending)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """One act on a circular; a refusal is a sentence on its page."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = named(CircularAct, act)
    found = reads.circular_for(actor, ref)
    if chosen in CONSEQUENCES:
        return _act_page(request, chosen, found, actor, at)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("meetings:circular", args=[ref]))

    def do() -> tuple[int, str]:
        unit = request.POST.get("unit", "") if chosen is CircularAct.SIGN else ""
        version = None if chosen in schemas.CIRCULAR_ACTS.unversioned else needed_version(request)
        data = {"unit": unit} if unit else {}
        return _shown(schemas.CIRCULAR_ACTS.perform(chosen, ref, actor=actor, version=version, data=data, at=at))

    try:
        return doing.done(request, do, at)
    except Refused as refused:
        return _page(request, reads.circular_for(actor, ref), actor, at, refused)


def _act_page(request: HttpRequest, chosen: CircularAct, found: Circular, actor: Actor, at: datetime) -> HttpResponse:
    rules.decide_circular(found.facts(), chosen, actor=actor)
    form: Any
    if chosen is CircularAct.CHANGE:
        initial = {
            "kind": found.kind,
            "title": found.title,
            "words": found.words,
            "units": [row.unit_id for row in reads.receipts(found)],
        }
        form = ChangeCircularForm(request.POST or None, initial=initial, offered=_offered(actor, found))
    else:
        form = ReasonForm(request.POST or None)

    def do() -> tuple[int, str]:
        version = needed_version(request)
        told = form.cleaned_data
        return _shown(schemas.CIRCULAR_ACTS.perform(chosen, found.ref, actor=actor, version=version, data=told, at=at))

    consequence = _(CONSEQUENCES[chosen])
    if chosen is CircularAct.WITHDRAW and found.issued_at is None:
        consequence = _("Nobody it is addressed to hears of the draft; whoever wrote it is told your reason.")
    context = {
        "heading": _(ACT_NAMES[chosen]),
        "consequence": consequence,
        "form": form,
        "submit": _(ACT_NAMES[chosen]),
        "version": found.version,
        "cancel": reverse("meetings:circular", args=[found.ref]),
        "crumb_list": _crumbs(found, _(ACT_NAMES[chosen])),
    }
    return doing.form_page(request, form, context, do, at)
