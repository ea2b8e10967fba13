"""Search（检索）: numbers, titles, words and units within sight."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.delivery.queries import visible
from luoshi.desk.views import words
from luoshi.office.queries.search import search as find
from luoshi.ui.jinja import safe_url
from luoshi.units import queries as units

LIMIT = 30
UNITS = 8
LONGEST = 200


def kind_name(kind: str) -> str:
    """What sort of thing was found."""
    names = {
        "commitment": _("Commitment"),
        "delivery.commitment": _("Commitment"),
        "report": _("Report"),
        "delivery.report": _("Report"),
        "unit": _("Unit"),
        "units.unit": _("Unit"),
        "programme": _("Programme"),
        "delivery.programme": _("Programme"),
    }
    return names.get(kind, kind)


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found within sight（检索）: a number as it stands, units by name or code, then what holds the words."""
    at = timezone.now()
    actor = words.who(request, at)
    text = request.GET.get("q", "").strip()[:LONGEST]
    context: dict[str, Any] = {"text": text}
    if text:
        direct = visible(actor).filter(ref__iexact=text).first()
        page = find(text, scope=units.scope(actor), limit=LIMIT, cursor=request.GET.get("cursor"))
        first = "cursor" not in request.GET
        places = units.search_units(actor, text, UNITS) if first else []
        taken = {direct.ref} if direct else set()
        context |= {
            "direct": words.commitment_row(direct, at) if direct and first else None,
            "places": [(unit, safe_url("units:unit", unit.pk)) for unit in places],
            "found": [
                {"entry": one, "kind": kind_name(one.kind), "text": words.shortened(one.body)}
                for one in page.entries
                if one.ref not in taken and not (one.kind.endswith("unit") and places)
            ],
            "pager": {"previous": "", "next": urlencode({"q": text, "cursor": page.cursor}) if page.cursor else ""},
        }
        context["nothing"] = not (context["direct"] or context["places"] or context["found"])
    return render(request, "desk/search.html", context)
