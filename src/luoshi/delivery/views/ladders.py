"""The ladder of a programme（阶梯）: its versions in words, and the form that writes a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from luoshi.delivery import queries, services
from luoshi.delivery.forms.slips import LadderForm, ladder_of, step_forms
from luoshi.delivery.models import Ladder
from luoshi.delivery.services.drafting import require_steering
from luoshi.delivery.views.doors import actor_of, done_sentence, needed_version, once
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules import escalation
from luoshi.rules.escalation import Step
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context


def step_words(step: Step) -> str:
    """One step as a sentence: when, what, whom, and by whom."""
    days = abs(step.days)
    if step.days == 0:
        when = _("on the day it is due")
    elif step.days < 0:
        when = ngettext("%(n)s working day before", "%(n)s working days before", days) % {"n": days}
    else:
        when = ngettext("%(n)s working day after", "%(n)s working days after", days) % {"n": days}
    told = {"when": when, "rung": _(escalation.RUNG_NAMES[step.rung]), "to": _(escalation.LEVEL_NAMES[step.to])}
    if step.needs_person:
        return _("%(when)s: %(rung)s, reaching %(to)s; proposed by the clock, approved by a person") % told
    return _("%(when)s: %(rung)s, reaching %(to)s") % told


def ladder_words(rule: escalation.Ladder) -> list[str]:
    """A ladder step by step, and what goes on after it."""
    after = ngettext(
        "then urging again every working day", "then urging again every %(n)s working days", rule.repeat_days
    )
    return [*(step_words(step) for step in rule.steps), after % {"n": rule.repeat_days}, approval_words(rule)]


def approval_words(rule: escalation.Ladder) -> str:
    """How an approval that waits is chased, as a sentence."""
    return _(
        "A slip that waits for its approval: after %(approve)s working days whoever approves it is reminded, after"
        " %(above)s the unit above is told, and then again every %(n)s"
    ) % {"approve": rule.approve_days, "above": rule.above_days, "n": rule.repeat_days}


def _days(rule: escalation.Ladder) -> dict[str, int]:
    return {"repeat_days": rule.repeat_days, "approve_days": rule.approve_days, "above_days": rule.above_days}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest, key: str) -> HttpResponse:
    """Every version of a programme's ladder; its owner writes a new one, which holds from then on."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)
    rows = list(Ladder.objects.filter(programme=found).order_by("-number")[:20])
    context: dict[str, Any] = {
        "programme": found,
        "crumb_list": [
            (_("Programmes"), reverse("delivery:programmes")),
            (str(found), reverse("delivery:programme", args=[key])),
            (_("Ladder"), ""),
        ],
        "versions": [
            {"row": row, "holds": row.pk == found.ladder_now_id, "lines": ladder_words(row.rule())} for row in rows
        ],
    }
    try:
        require_steering(found, actor)
    except Refused as refused:
        if request.method == "POST":
            raise refused
        return render(request, "delivery/ladder.html", context)
    now = next((row for row in rows if row.pk == found.ladder_now_id), None)
    data = request.POST if request.method == "POST" else None
    steps = step_forms(data, now.steps if now else escalation.ORDINARY.told()["steps"])
    form = LadderForm(data, initial=_days(now.rule() if now else escalation.ORDINARY))
    context |= {"steps": steps, "form": form}
    status = 200
    if data is not None:
        status = 422
        if steps.is_valid() and form.is_valid():

            def run() -> dict[str, Any]:
                rule = ladder_of(steps, form.cleaned_data)
                version = needed_version(request)
                _programme, entry = services.change_ladder(actor=actor, key=key, version=version, ladder=rule, at=at)
                return {"url": reverse("delivery:ladder", args=[key]), "entry": entry.pk}

            try:
                answer, _repeat = once(request, run, at=at)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
            else:
                messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
                return HttpResponseRedirect(str(answer["url"]))
    return render(request, "delivery/ladder.html", context, status=status)
