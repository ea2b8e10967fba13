"""Pages of what comes after a claim（按风险走访、回头看）: signs, a directed visit, look-backs and their rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.assurance.forms.after import DirectForm, RuleForm
from luoshi.assurance.queries import directing as queue_reads
from luoshi.assurance.queries import looking_back as reads
from luoshi.assurance.queries import reporting
from luoshi.assurance.services.directing import direct_visit, shown
from luoshi.assurance.services.looking_back import set_look_back_rule
from luoshi.delivery.models import Programme
from luoshi.delivery.queries import commitment_for, programme_for, programmes
from luoshi.delivery.services.drafting import require_steering
from luoshi.delivery.views.commitments import crumbs_of
from luoshi.delivery.views.doors import actor_of, done_sentence, once, tell_masked
from luoshi.delivery.views.words import joined
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.views import serve_paper
from luoshi.rules.calendar import add_working, local_day
from luoshi.rules.directing import REASON_NAMES, Reason
from luoshi.rules.lifecycle import STATE_NAMES, State
from luoshi.rules.looking_back import period
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context
from luoshi.units.queries import calendar_for


def _programme(actor: Actor, key: str) -> Programme | None:
    """The programme asked for, else the first that is in force, else none.

    Raises:
        Refused: ``not_found`` for one that is asked for and out of reach.
    """
    if key:
        return programme_for(actor, key)
    found: Programme | None = programmes(actor).filter(state="issued").order_by("pk").first()
    return found


def _choice(request: HttpRequest) -> str:
    told = request.GET.get("programme", "")
    return told if len(told) <= 60 and "\x00" not in told else ""


@login_required
@require_safe
def directed(request: HttpRequest) -> HttpResponse:
    """Tasks whose record gives reason to look, and the visits that were directed（按风险走访）."""
    at = timezone.now()
    actor = actor_of(request, at)
    programme = _programme(actor, _choice(request))
    asked = request.GET.get("reason", "")
    reason = next((one for one in queue_reads.SEEN if one.value == asked), Reason.LATE_JUMP)
    start = request.GET.get("start", "")
    skip = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 0
    lines, following = queue_reads.queue(actor, programme, reason, at, skip) if programme else ([], None)
    kept = f"programme={programme.key}&reason={reason.value}" if programme else ""
    context = {
        "programme": programme,
        "programmes": list(programmes(actor).filter(state="issued").order_by("pk")[:20]),
        "tabs": [(one.value, _(REASON_NAMES[one]), one is reason) for one in queue_reads.SEEN],
        "lines": [
            (line.commitment, [shown(one) for one in line.signs], _(STATE_NAMES[State(line.commitment.state)]))
            for line in lines
        ],
        "visits": queue_reads.directed(actor, programme, local_day(at)) if programme else [],
        "may_direct": actor.role in (Role.HEAD, Role.OFFICE),
        "pager": {"next": f"{kept}&start={following}" if following is not None else ""},
    }
    return render(request, "assurance/directed.html", context)


def _tomorrow(today: date, path: str) -> date:
    """The next day that is worked, which the form offers."""
    return add_working(today, 1, calendar_for(path))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def direct(request: HttpRequest, ref: str) -> HttpResponse:
    """Send somebody to look at one task（派一次定向走访）: its signs, a reason in words, a day."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    commitment = commitment_for(actor, ref)
    data = request.POST if request.method == "POST" else None
    form = DirectForm(data, initial={"day": _tomorrow(today, commitment.lead.path)})
    context: dict[str, Any] = {
        "commitment": commitment,
        "state": _(STATE_NAMES[State(commitment.state)]),
        "signs": [shown(one) for one in queue_reads.signs_of(commitment, today)],
        "form": form,
        "submit": _("Send a visit"),
        "cancel": reverse("delivery:commitment", args=[ref]),
        "draft": f"direct:{ref}",
        "crumb_list": [*crumbs_of(commitment, _("Directed visit"))],
    }
    status = 200
    if data is not None:
        status = 422
        if form.is_valid():
            told = form.cleaned_data

            def run() -> dict[str, Any]:
                _visit, entry = direct_visit(actor=actor, ref=ref, reason=told["reason"], day=told["day"], at=at)
                return {"entry": entry.pk}

            try:
                answer, repeat = once(request, run, at=at)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
            else:
                if not repeat:
                    tell_masked(request, [told["reason"]])
                messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
                return HttpResponseRedirect(reverse("assurance:directed") + f"?programme={commitment.programme.key}")
    return render(request, "assurance/direct.html", context, status=status)


@login_required
@require_safe
def look_backs(request: HttpRequest) -> HttpResponse:
    """Look-backs（回头看）: the rule, what was found, the lots of the last days, and how to draw them again."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    programme = _programme(actor, _choice(request))
    context: dict[str, Any] = {"programme": programme, "programmes": [], "today": today}
    if programme is not None:
        rows = list(reads.draws(actor, programme, today)[: reads.SHOWN])
        rule = reads.rule_of(programme)
        withdrawn = reads.withdrawn_for([row.commitment.ref for row in rows])
        context |= {
            "programmes": list(programmes(actor).filter(state="issued").order_by("pk")[:20]),
            "rule": rule,
            "chance": rule.chance_bp / 100 if rule else None,
            "months": joined(str(one) for one in rule.months) if rule else "",
            "draws": [(row, withdrawn.get(row.commitment.ref, [])) for row in rows],
            "days": reads.days_of(programme, today, limit=14),
            "waiting": reads.waiting(programme, today, actor),
            "secrets": sorted(reads.secrets_published(programme, today).items()),
            "may_set": _steers(programme, actor),
            "cycles": reporting.cycles(programme, today),
        }
    return render(request, "assurance/look_backs.html", context)


@login_required
@require_safe
def look_back_report(request: HttpRequest, key: str, ending: str) -> HttpResponseBase:
    """The look-backs of a half-year as an official paper（回头看报告）, as a Word or PDF file."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    told = period(today, half=request.GET.get("half", ""))
    return serve_paper(reporting.paper_of_look_backs(actor, programme_for(actor, key), told, today), ending)


def _steers(programme: Programme, actor: Actor) -> bool:
    try:
        require_steering(programme, actor)
    except Refused:
        return False
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def look_back_rule(request: HttpRequest, key: str) -> HttpResponse:
    """Set how a programme looks back（回头看规则）."""
    at = timezone.now()
    actor = actor_of(request, at)
    programme = programme_for(actor, key)
    require_steering(programme, actor)
    data = request.POST if request.method == "POST" else None
    former = reads.rule_of(programme)
    initial = {"chance": former.chance_bp // 100, "months": ", ".join(map(str, former.months))} if former else {}
    form = RuleForm(data, initial=initial)
    back = reverse("assurance:look_backs") + f"?programme={programme.key}"
    context: dict[str, Any] = {
        "programme": programme,
        "former": former,
        "from_on": local_day(at) + timedelta(days=1),
        "form": form,
        "submit": _("Set the look-backs"),
        "cancel": back,
        "crumb_list": [(_("Look-backs"), back), (_("Rule"), "")],
    }
    status = 200
    if data is not None:
        status = 422
        if form.is_valid():

            def run() -> dict[str, Any]:
                _rule, entry = set_look_back_rule(actor=actor, programme=key, at=at, **form.payload())
                return {"entry": entry.pk}

            try:
                answer, _repeat = once(request, run, at=at)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
            else:
                messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
                return HttpResponseRedirect(back)
    return render(request, "assurance/look_back_rule.html", context, status=status)
