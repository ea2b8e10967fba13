"""Pages at the foot of every page: how the figures are made, complaints, the tour, the self-check."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.desk import services
from luoshi.desk.forms import ComplaintForm
from luoshi.desk.queries import board as boards
from luoshi.desk.queries import care, needs
from luoshi.desk.queries import tour as tours
from luoshi.desk.views import words
from luoshi.rules import foreseeing
from luoshi.rules.lights import REASONS
from luoshi.rules.permissions import Role
from luoshi.rules.refusals import Refused
from luoshi.ui.jinja import safe_url
from luoshi.ui.sentences import refusal_context
from luoshi.units import queries as units


@login_required
@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """How the numbers are made（怎么算的）: the sentences come from the rule that colours, not from a copy of it."""
    actor = words.who(request, timezone.now())
    blank = dict.fromkeys(("due_on", "accept_by", "warn_on", "first_due_on", "closed_on", "completed_on"), "…")
    rules = [(colour, _(sentence) % blank) for colour, sentence in REASONS.values()]
    order = ("red", "yellow", "green", "grey", "blue")
    programme = boards.choose_programme(actor)
    context = {
        "lights": [(colour, [text for one, text in rules if one == colour]) for colour in order],
        "programme": programme,
        "gap": needs.GAP,
        "steps": foreseeing.STEPS,
        "silent": foreseeing.SILENT_DAYS,
        "silent_within": foreseeing.SILENT_WITHIN,
    }
    return render(request, "desk/how.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def complaint(request: HttpRequest) -> HttpResponse:
    """Complain（投诉）about a burden or an act: a message to the level above who asks for it."""
    at = timezone.now()
    actor = words.who(request, at)
    areas = units.line_of(actor)
    asker = areas[min(1, len(areas) - 1)]
    form = ComplaintForm(
        request.POST or None, areas=areas, initial={"about": asker.pk, "ref": request.GET.get("ref", "")}
    )
    status = 200
    context: dict[str, Any] = {"form": form}
    if request.method == "POST":
        if form.is_valid():
            told = form.cleaned_data
            about = next(area for area in areas if area.pk == told["about"])
            key = request.POST.get("idempotency_key") or uuid.uuid4().hex
            try:
                heard = services.complain(
                    actor=actor,
                    about=about,
                    words=told["words"],
                    ref=told["ref"],
                    signed=told["signed"],
                    key=key[:100],
                    at=at,
                )
            except Refused as refused:
                status = refused.status
                context["refusal"] = refusal_context(refused)
            else:
                names = "、".join(dict.fromkeys(post.unit.area.name for post in heard))
                messages.success(request, _("Your complaint was sent to %(units)s.") % {"units": names})
                return HttpResponseRedirect(reverse("desk:complaint"))
        else:
            status = 422
    return render(request, "desk/complaint.html", context, status=status)


@login_required
@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """The guided tour（导览）: five steps through one commitment of the demonstration."""
    at = timezone.now()
    actor = words.who(request, at)
    asked = request.GET.get("step", "1")
    found = tours.tour(actor, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1)
    context: dict[str, Any] = {"tour": found}
    if found is not None:
        step = found.step
        address = step.url or (safe_url("delivery:commitment", step.ref) if step.ref else "")
        if address and step.anchor and "#" not in address:
            address = f"{address}#{step.anchor}"
        people = {one["username"]: one["label"] for one in getattr(request, "demo_people", ())}
        context |= {
            "row": words.commitment_row(step.commitment, at) if step.commitment else None,
            "address": address,
            "person": step.person if step.person in people and step.person != actor.username else "",
            "person_label": people.get(step.person, ""),
            "steps": range(1, found.count + 1),
        }
    return render(request, "desk/tour.html", context)


@login_required
@require_safe
def system(request: HttpRequest) -> HttpResponse:
    """The self-check（自检）for administrators: clock, sequencer, workers."""
    at = timezone.now()
    actor = words.who(request, at)
    if actor.role is not Role.ADMINISTRATOR:
        raise Refused("not_your_act", who=gettext_noop("an administrator"))
    return render(request, "desk/system.html", {"check": care.self_check(at), "at": at})
