"""The page of the burden（减负）: what is asked within an area, what it costs a week, and which asks cost most."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries.asked import burden_of
from luoshi.delivery.views.doors import actor_of
from luoshi.rules import paths
from luoshi.rules.calendar import local_day
from luoshi.units.queries import unit_in_scope


@login_required
@require_safe
def burden(request: HttpRequest) -> HttpResponse:
    """What is asked（负担）: asks by their cost, areas in the order of the tree; ``?unit=`` chooses an area below."""
    at = timezone.now()
    actor = actor_of(request, at)
    wanted = request.GET.get("unit", "")
    chosen = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else 0
    unit = unit_in_scope(actor, chosen or paths.own_id(actor.effective.area_path))
    found = burden_of(actor, unit, today=local_day(at))
    here = reverse("delivery:burden")
    rhythm = dict(Commitment.Cadence.choices)
    context = {
        "found": found,
        "asks": [(ask, rhythm.get(ask.cadence, ask.cadence)) for ask in found.asks],
        "crumb_list": [(_("Burden"), here if chosen else ""), *([(unit.name, "")] if chosen else [])],
    }
    return render(request, "delivery/burden.html", context)
