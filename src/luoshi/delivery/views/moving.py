"""The page of deadlines that move with the calendar（随日历变动的期限）: old date → new date, and one confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from luoshi.delivery import services
from luoshi.delivery.forms.moving import MoveForm
from luoshi.delivery.queries.moving import moving
from luoshi.delivery.views.doors import actor_of, done_sentence, once
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context
from luoshi.units.models import Unit

SHOWN = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def moving_deadlines(request: HttpRequest) -> HttpResponse:
    """Which deadlines move, from when to when; nothing moves before it is confirmed."""
    at = timezone.now()
    actor = actor_of(request, at)
    context: dict[str, Any] = {
        "crumb_list": [(_("Working calendar"), reverse("units:calendar")), (_("Deadlines that move"), "")],
        "cancel": reverse("units:calendar"),
    }
    status = 200
    try:
        services.require_mover(actor)
        if request.method == "POST":
            form = MoveForm(request.POST)
            context["form"] = form
            status = 422
            if form.is_valid():

                def run() -> dict[str, Any]:
                    done = services.confirm_moves(
                        actor=actor,
                        digest=form.cleaned_data["digest"],
                        reason=form.cleaned_data["reason"],
                        at=at,
                    )
                    if isinstance(done, Entry):
                        return {"url": reverse("delivery:moving"), "entry": done.pk}
                    return {"url": reverse("office:job", args=[done.pk]), "entry": 0}

                answer, _repeat = once(request, run, at=at)
                if answer["entry"]:
                    messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
                return HttpResponseRedirect(str(answer["url"]))
    except Refused as refused:
        context["refusal"] = refusal_context(refused)
        status = refused.status
        if refused.status == 403:
            return render(request, "delivery/moving.html", context, status=status)
    found = moving(actor)
    shown = found.moves[:SHOWN]
    units = Unit.objects.in_bulk({move.lead_id for move in shown})
    context |= {
        "found": found,
        "rows": [(move, units[move.lead_id].name) for move in shown],
        "more": len(found.moves) - len(shown),
        "title": _("Move these deadlines"),
        "submit": _("Move these deadlines"),
    }
    if "form" not in context or status == 409:
        context["form"] = MoveForm(initial={"digest": found.digest})
    return render(request, "delivery/moving.html", context, status=status)
