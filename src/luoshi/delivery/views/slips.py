"""Pages of slips（督办单）: what waits, what runs, one slip to read and print, its acts, and the supervision plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery import services
from luoshi.delivery.forms.slips import plan_form, slip_form
from luoshi.delivery.models import Slip, SlipItem
from luoshi.delivery.queries import slip_papers
from luoshi.delivery.queries import slips as reads
from luoshi.delivery.schemas.slips import SLIP_ACTS
from luoshi.delivery.services.slips import refs_of, told_of
from luoshi.delivery.views import words
from luoshi.delivery.views.doors import actor_of, done_sentence, named, needed_version, once, tell_masked
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.views import serve_paper
from luoshi.rules import slips
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Rung
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.rules.slips import SlipAct, SlipState, Tone
from luoshi.ui.addresses import whole_number
from luoshi.ui.sentences import refusal_context

_N = gettext_noop
SHOWN = 50

SENTENCES = {
    (Rung.SUPERVISE, Tone.NEITHER): _N(
        "%(unit)s: what follows was due and is not done. Say in writing what was done, and by when the rest will be."
    ),
    (Rung.INTERVIEW, Tone.NEITHER): _N(
        "%(unit)s is invited to an interview about what follows. Say beforehand in writing where it stands and why."
    ),
    (Rung.CIRCULATE, Tone.BLAME): _N(
        "It is made known that what follows was due from %(unit)s and is not done, after reminding and supervising."
    ),
    (Rung.CIRCULATE, Tone.PRAISE): _N("It is made known, with recognition, what %(unit)s has done in what follows."),
}
"""What a slip says by itself; the facts stand below it."""
CONSEQUENCES = {
    SlipAct.APPROVE: _N("It gets its number and goes to the unit, which answers within the days you set."),
    SlipAct.DROP: _N("Nothing is sent. What it names is urged on, but climbs no higher for this date."),
    SlipAct.ANSWER: _N("Your answer goes to the side that supervises; it is answered here, not by telephone."),
    SlipAct.SEND_BACK: _N("The unit is asked again, with your reason and a new day."),
    SlipAct.SETTLE: _N("The slip is done. The commitment itself stays open until it is verified and struck off."),
    SlipAct.WITHDRAW: _N("The slip is taken back and no longer counts for how often the unit was met."),
}
"""What each act leads to, said above its form."""


def _line(slip: Slip, today: Any, next_on: date | None = None) -> dict[str, Any]:
    """One slip of a list in words."""
    late = slip.state == SlipState.ISSUED and slip.answer_by_on is not None and slip.answer_by_on < today
    about = slip.commitment or (slip.request.commitment if slip.request else None)
    return {
        "slip": slip,
        "kind": _(slips.NAMES[Rung(slip.rung)]),
        "tone": _(slips.TONES[Tone(slip.tone)]) if slip.tone else "",
        "state": _(slips.STATE_NAMES[SlipState(slip.state)]),
        "title": about.title if about else "",
        "late": late,
        "chased": words.chased(slip, next_on),
    }


@login_required
@require_safe
def slip_list(request: HttpRequest) -> HttpResponse:
    """What waits for the seat, then every slip it may see, newest first（督办单）."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    waiting = reads.waiting_slips(actor)
    before = whole_number(request.GET.get("before", ""))
    rows = reads.slips_seen(actor).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    below = reads.undecided_below(actor)
    chased = reads.chased_next([*waiting, *below], at)
    by_state: dict[str, list[dict[str, Any]]] = {}
    for slip in waiting:
        by_state.setdefault(slip.state, []).append(_line(slip, today, chased.get(slip.pk)))
    if below:
        by_state["below"] = [_line(slip, today, chased.get(slip.pk)) for slip in below]
    context = {
        "sections": [
            (title, by_state[state])
            for state, title in (
                (SlipState.PROPOSED, _("Waiting for your approval")),
                (SlipState.ISSUED, _("Waiting for your answer")),
                (SlipState.ANSWERED, _("Answered: settle it, or ask again")),
                ("below", _("Left undecided below you")),
            )
            if state in by_state
        ],
        "rows": [_line(slip, today) for slip in found[:SHOWN]],
        "pager": {"next": f"before={found[SHOWN - 1].pk}" if len(found) > SHOWN else ""},
        "may_plan": actor.role in (Role.HEAD, Role.OFFICE),
    }
    return render(request, "delivery/slips.html", context)


def _about(slip: Slip, at: datetime) -> dict[str, Any]:
    """What every page about one slip shows."""
    today = local_day(at)
    next_on = reads.chased_next([slip], at).get(slip.pk)
    items = list(slip.items.select_related("commitment__lead", "request__commitment__lead")[:200])
    return {
        **_line(slip, today, next_on),
        "sentence": _(SENTENCES[Rung(slip.rung), Tone(slip.tone)]) % {"unit": slip.unit.name},
        "items": [(_item(item), item.due_on, item.days_late(today)) for item in items],
        "crumb_list": [(_("Slips"), reverse("delivery:slips")), (slip.number or _("not issued yet"), "")],
        "refs": refs_of(items),
    }


def _item(item: SlipItem) -> Any:
    return item.commitment or (item.request.commitment if item.request else None)


@login_required
@require_safe
def slip(request: HttpRequest, slip_id: int) -> HttpResponse:
    """One slip（督办单）, as it is read, answered and printed."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = reads.slip_for(actor, slip_id)
    context = {
        **_about(found, at),
        "papers": _files(found, at),
        "acts": [
            (_(slips.ACT_NAMES[act]), reverse("delivery:slip_act", args=[found.pk, act.value]))
            for act in slips.possible(found.facts(), actor=actor)
        ],
    }
    return render(request, "delivery/slip.html", context)


def _files(found: Slip, at: datetime) -> list[tuple[str, str]]:
    """The papers there are of a slip, with their addresses."""
    files = []
    if slip_papers.has_paper(found):
        for name, ending in ((_("Paper (Word)"), "docx"), (_("Paper (PDF)"), "pdf")):
            files.append((name, reverse(f"delivery:slip_{ending}", args=[found.pk])))
    if slip_papers.may_urge(found, at):
        for name, ending in ((_("Urge slip (Word)"), "docx"), (_("Urge slip (PDF)"), "pdf")):
            files.append((name, reverse(f"delivery:urge_{ending}", args=[found.pk])))
    return files


@login_required
@require_safe
def slip_file(request: HttpRequest, slip_id: int, ending: str, urge: bool = False) -> HttpResponseBase:
    """The slip as an official paper（公文）, or an urge slip for its answer, as a Word or PDF file."""
    at = timezone.now()
    found = reads.slip_for(actor_of(request, at), slip_id)
    return serve_paper(slip_papers.urge_of_slip(found, at) if urge else slip_papers.paper_of_slip(found), ending)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def slip_act(request: HttpRequest, slip_id: int, act: str) -> HttpResponse:
    """One act on a slip: shown with what it is about, done once; a refusal is a sentence with the way on."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = named(SlipAct, act)
    found = reads.slip_for(actor, slip_id)
    earlier = _earlier(found, at) if chosen is SlipAct.APPROVE else None
    data = request.POST if request.method == "POST" else None
    form = slip_form(chosen, repeated=earlier is not None)(data, initial={"words": found.words})
    context: dict[str, Any] = {
        **_about(found, at),
        "form": form,
        "title_of_act": _(slips.ACT_NAMES[chosen]),
        "submit": _(slips.ACT_NAMES[chosen]),
        "consequence": _(CONSEQUENCES[chosen]),
        "cancel": reverse("delivery:slip", args=[found.pk]),
        "version": found.version,
        "draft": f"slip:{chosen.value}:{found.pk}",
        "met": earlier,
    }
    status = 200
    if data is None:
        shut = _shut(found, chosen, actor)
        if shut is not None:
            context |= {"refusal": _refusal(shut, earlier), "form": None}
            status = shut.status
    elif form.is_valid():

        def run() -> dict[str, Any]:
            version = needed_version(request)
            done = SLIP_ACTS.perform(chosen, slip_id, actor=actor, version=version, data=form.payload(), at=at)
            return {"url": reverse("delivery:slip", args=[done.slip.pk]), "entry": done.entry.pk}

        try:
            answer, repeat = once(request, run, at=at)
        except Refused as refused:
            context |= {"refusal": _refusal(refused, earlier), "version": reads.slip_for(actor, slip_id).version}
            status = refused.status
        else:
            if not repeat:
                tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
            messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
            return HttpResponseRedirect(str(answer["url"]))
    else:
        status = 422
    return render(request, "delivery/slip_act.html", context, status=status)


def _shut(found: Slip, act: SlipAct, actor: Actor) -> Refused | None:
    try:
        slips.decide_slip(found.facts(), act, actor=actor)
    except Refused as refused:
        return refused
    return None


def _earlier(found: Slip, at: datetime) -> Slip | None:
    """The slip the unit already had in the period; nothing for praise."""
    if found.tone == Tone.PRAISE:
        return None
    plan = reads.plan_of(found.issuer, local_day(at))
    days = plan.period_days if plan else slips.PERIOD_DAYS
    return reads.earlier_slip(found.unit_id, since=slips.period_begins(at, days), but=found.pk)


def _refusal(refused: Refused, earlier: Slip | None) -> dict[str, Any]:
    """The refusal, with a link to the slip the unit already had."""
    context = refusal_context(refused)
    if refused.code in ("already_supervised", "many_headed") and earlier is not None:
        told = told_of(earlier, earlier)
        context |= {
            "todo": _("The earlier slip:"),
            "url": reverse("delivery:slip", args=[earlier.pk]),
            "link": f"{earlier.number} ({words.plain_day(told.on)})" if told else earlier.number,
        }
    return context


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plans(request: HttpRequest) -> HttpResponse:
    """The supervision plans in force, and the form of a new one（督查计划）."""
    at = timezone.now()
    actor = actor_of(request, at)
    data = request.POST if request.method == "POST" else None
    form = plan_form()(data)
    context: dict[str, Any] = {
        "rows": list(reads.plans_seen(actor).order_by("-from_on", "-id")[:SHOWN]),
        "form": form,
        "may_plan": actor.role in (Role.HEAD, Role.OFFICE),
        "today": local_day(at),
        "submit": _("Record the plan"),
        "crumb_list": [(_("Slips"), reverse("delivery:slips")), (_("Supervision plans"), "")],
        "draft": "plan",
    }
    status = 200
    if data is not None:
        status = 422
        if form.is_valid():

            def run() -> dict[str, Any]:
                _plan, entry = services.record_plan(actor=actor, at=at, **form.payload())
                return {"url": reverse("delivery:plans"), "entry": entry.pk}

            try:
                answer, _repeat = once(request, run, at=at)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
            else:
                messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
                return HttpResponseRedirect(str(answer["url"]))
    return render(request, "delivery/plans.html", context, status=status)
