"""Pages of meetings（复盘会）: the list, calling one, one meeting and its acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery.queries import programmes
from luoshi.delivery.views.doors import actor_of, named, needed_version
from luoshi.meetings.forms.meetings import ChangeForm, PlanForm, ReasonForm
from luoshi.meetings.models import Meeting
from luoshi.meetings.queries import meetings as reads
from luoshi.meetings.queries.meeting_papers import MeetingPaper, paper_of_meeting
from luoshi.meetings.queries.showing import show
from luoshi.meetings.schemas import meetings as schemas
from luoshi.meetings.services import MeetingDone, RowsRefused
from luoshi.meetings.views import doing, showing
from luoshi.office.views import serve_paper
from luoshi.rules import meetings as rules
from luoshi.rules.calendar import SHANGHAI
from luoshi.rules.meetings import KIND_NAMES, STAGE_NAMES, MeetingAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context
from luoshi.units.models import Unit
from luoshi.units.queries import find_unit

SHOWN = 50


@login_required
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Meetings one may see, the latest first（会议列表）."""
    actor = actor_of(request, timezone.now())
    told = request.GET.get("start", "")
    start = int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 0
    found = list(reads.meetings_seen(actor)[start : start + SHOWN + 1])
    context = {
        "rows": [(row, _(KIND_NAMES[row.kind]), _(STAGE_NAMES[row.stage])) for row in found[:SHOWN]],
        "pager": {"next": f"start={start + SHOWN}" if len(found) > SHOWN else ""},
        "may_call": rules.leads(actor, actor.effective.area_path),
    }
    return render(request, "meetings/meetings.html", context)


def _crumbs(meeting: Meeting | None, here: str) -> list[tuple[str, str]]:
    found = [(_("Meetings"), reverse("meetings:meetings"))]
    if meeting is not None:
        found.append((meeting.ref, reverse("meetings:meeting", args=[meeting.ref])))
    return [*found, (here, "")]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Call a meeting（筹备会议）."""
    at = timezone.now()
    actor = actor_of(request, at)
    rules.require_calling(actor)
    offered = [(one.key, str(one)) for one in programmes(actor).filter(state="issued").order_by("pk")[:50]]
    form = PlanForm(request.POST or None, programmes=offered)
    context: dict[str, Any] = {
        "heading": _("Call a meeting"),
        "consequence": _("Open points of the last meeting of the same kind come with it by themselves."),
        "form": form,
        "submit": _("Call a meeting"),
        "cancel": reverse("meetings:meetings"),
        "draft": "meeting",
        "crumb_list": _crumbs(None, _("Call a meeting")),
    }

    def do() -> tuple[int, str]:
        return _shown(schemas.plan(actor=actor, data=form.payload(), at=at))

    return doing.form_page(request, form, context, do, at)


def _shown(done: MeetingDone, back: str = "") -> tuple[int, str]:
    """The entry of an act and the place on the page of its meeting where one goes on."""
    return done.entry.pk, reverse("meetings:meeting", args=[done.meeting.ref]) + back


@login_required
@require_safe
def meeting(request: HttpRequest, ref: str) -> HttpResponse:
    """One meeting（会议）: what the last one's decisions became, the agenda, what deserves minutes, the decisions."""
    at = timezone.now()
    actor = actor_of(request, at)
    return _page(request, reads.meeting_for(actor, ref), actor, at)


def _page(
    request: HttpRequest, found: Meeting, actor: Actor, at: datetime, refused: Refused | None = None
) -> HttpResponse:
    context = showing.context_of(show(found, actor, at), actor, at)
    context["crumb_list"] = _crumbs(None, found.ref)
    context["typed"] = request.POST if refused is not None else request.GET
    if refused is not None:
        context["refusal"] = refusal_context(refused)
        if isinstance(refused, RowsRefused):
            context["refused_rows"] = [(n, refusal_context(no)["sentence"]) for n, no in refused.by_number.items()]
    return render(request, "meetings/meeting.html", context, status=refused.status if refused else 200)


@login_required
@require_safe
def paper(request: HttpRequest, ref: str, which: str, ending: str) -> HttpResponseBase:
    """The notice or the minutes of a meeting as an official paper（会议公文）, as a Word or PDF file."""
    found = reads.meeting_for(actor_of(request, timezone.now()), ref)
    chosen = named(MeetingPaper, which)
    return serve_paper(paper_of_meeting(found, chosen), ending)


FORMS: dict[MeetingAct, str] = {MeetingAct.CHANGE: "change", MeetingAct.CANCEL: "cancel"}
"""Acts with a page of their own; the others are done on the meeting's page."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """One act on a meeting; a refusal is a sentence on its page, and what was typed stays."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = named(MeetingAct, act)
    found = reads.meeting_for(actor, ref)
    if chosen in FORMS:
        return _act_page(request, chosen, found, actor, at)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("meetings:meeting", args=[ref]))

    def do() -> tuple[int, str]:
        data = _read(chosen, request.POST, actor)
        version = needed_version(request)
        done = schemas.MEETING_ACTS.perform(chosen, ref, actor=actor, version=version, data=data, at=at)
        return _shown(done, _back(chosen, request.POST))

    try:
        return doing.done(request, do, at, [request.POST.get(name, "") for name in ("text", "outcome", "title")])
    except Refused as refused:
        return _page(request, reads.meeting_for(actor, ref), actor, at, refused)


def _act_page(request: HttpRequest, chosen: MeetingAct, found: Meeting, actor: Actor, at: datetime) -> HttpResponse:
    rules.decide_meeting(found.stage, found.convened_by.area.path, chosen, actor=actor)
    form: Any
    if chosen is MeetingAct.CHANGE:
        held = found.held_at.astimezone(SHANGHAI)
        initial = {
            "title": found.title,
            "place": found.place,
            "papers_days": found.papers_days,
            "day": held.date(),
            "time": held.time(),
        }
        form = ChangeForm(request.POST or None, initial=initial)
        heading, consequence = _("Change day and place"), _("Until when papers are out is counted anew.")
    else:
        form = ReasonForm(request.POST or None)
        heading = _("Cancel the meeting")
        consequence = _("Its open points stay open and go to the next meeting. Posts that were asked are told.")

    def do() -> tuple[int, str]:
        data = form.payload() if isinstance(form, ChangeForm) else form.cleaned_data
        version = needed_version(request)
        done = schemas.MEETING_ACTS.perform(chosen, found.ref, actor=actor, version=version, data=data, at=at)
        return _shown(done)

    context = {
        "heading": heading,
        "consequence": consequence,
        "form": form,
        "submit": heading,
        "version": found.version,
        "cancel": reverse("meetings:meeting", args=[found.ref]),
        "crumb_list": _crumbs(found, heading),
    }
    return doing.form_page(request, form, context, do, at)


def _back(chosen: MeetingAct, post: QueryDict) -> str:
    """Where the page goes on: after a decision the form is ready for the next one, from the same item."""
    if chosen is MeetingAct.RESOLVE:
        item = post.get("item", "")
        kept = f"&item={item}" if item.isascii() and item.isdigit() else ""
        return f"?next=1{kept}#decide"
    places = {
        MeetingAct.SETTLE: "#agenda",
        MeetingAct.TAKE_BACK: "#decisions",
        MeetingAct.PUT_ON: "#agenda",
        MeetingAct.LEAVE_OUT: "#agenda",
        MeetingAct.ADD_ITEM: "#agenda",
        MeetingAct.INVITE: "#posts",
        MeetingAct.ATTENDANCE: "#posts",
        MeetingAct.MINUTES: "#minutes",
    }
    return places.get(chosen, "")


def _read(chosen: MeetingAct, post: QueryDict, actor: Actor) -> dict[str, Any]:
    """What the form of an act sent, as the act takes it; a unit is named by its words."""
    if chosen is MeetingAct.INVITE:
        return {"posts": post.getlist("post"), "off": post.getlist("off")}
    if chosen is MeetingAct.ATTENDANCE:
        return {"posts": post.getlist("post")}
    if chosen is MeetingAct.PUT_ON:
        return {"refs": post.getlist("ref")}
    if chosen is MeetingAct.LEAVE_OUT:
        return {"refs": post.getlist("ref"), "items": post.getlist("item")}
    names = {
        MeetingAct.ADD_ITEM: ("title", "commitment", "matter", "reason", "minutes"),
        MeetingAct.SETTLE: ("item", "outcome"),
        MeetingAct.RESOLVE: ("text", "due_on", "item", "matter"),
        MeetingAct.TAKE_BACK: ("number",),
        MeetingAct.MINUTES: ("text", "document"),
    }.get(chosen, ())
    data: dict[str, Any] = {name: post[name] for name in names if post.get(name, "").strip()}
    if chosen is MeetingAct.SETTLE:
        data["settled"] = post.get("settled") == "on"
    if chosen is MeetingAct.RESOLVE:
        area = Unit.objects.select_related("area").get(path=actor.effective.area_path)
        if who := post.get("who", "").strip():
            data["lead"] = find_unit(who, near=area).pk
    return data
