"""Search（检索）: numbers, names, words and files within sight, by kind."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.desk.queries import finding
from luoshi.desk.views import words
from luoshi.rules import lights
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import STATE_NAMES, State

LIMIT = 30
QUICK = 7
LONGEST = 200


def kind_name(kind: str) -> str:
    """What sort of thing was found."""
    names = {
        "commitment": _("Commitment"),
        "report": _("Report"),
        "evidence": _("Document"),
        "unit": _("Unit"),
        "programme": _("Programme"),
        "post": _("Post"),
        "practice": _("Write-up"),
    }
    return names.get(kind, kind)


def _tab_name(kind: str) -> str:
    names = {
        "": _("All"),
        "commitment": _("Commitments"),
        "report": _("Reports"),
        "evidence": _("Documents"),
        "unit": _("Units"),
        "programme": _("Programmes and matters"),
        "post": _("Posts"),
        "practice": _("Practice library"),
    }
    return names.get(kind, kind)


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found within sight（检索）, best first, with a tab for each kind."""
    at = timezone.now()
    actor = words.who(request, at)
    text, kind = _asked(request), request.GET.get("kind", "")
    context: dict[str, Any] = {"text": text}
    if text:
        sight = finding.sights(actor)
        found = finding.find(actor, text, kind=kind, limit=LIMIT, cursor=request.GET.get("cursor"), sight=sight)
        kind = kind if kind in found.counts else ""
        following = {"q": text, "kind": kind, "cursor": found.cursor}
        context |= {
            "kind": kind,
            "tabs": _tabs(found, text, kind),
            "found": [_line(line, at) for line in found.lines],
            "pager": {"previous": "", "next": urlencode(following) if found.cursor else ""},
            "nothing": not found.lines,
        }
        if not found.lines and not kind:
            context["narrower"] = [(word, urlencode({"q": word})) for word in finding.narrower(text, sight)]
    return render(request, "desk/search.html", context)


@login_required
@require_safe
def quick(request: HttpRequest) -> HttpResponse:
    """The first few while one types in the bar at the top（速查）; a piece of a page."""
    at = timezone.now()
    text = _asked(request)
    found = finding.find(words.who(request, at), text, limit=QUICK, counts=False) if text else None
    lines = [_line(line, at) for line in found.lines] if found else []
    return render(request, "desk/search_quick.html", {"text": text, "found": lines, "all": urlencode({"q": text})})


def _tabs(found: finding.Found, text: str, kind: str) -> list[dict[str, Any]]:
    """All, and each kind of which something was found; the one that is open always."""
    tabs = [{"name": _tab_name(""), "count": "", "url": urlencode({"q": text}), "on": not kind}]
    for one, count in found.counts.items():
        if count.found or one == kind:
            told = f"{count.found}+" if count.more else str(count.found)
            url = urlencode({"q": text, "kind": one})
            tabs.append({"name": _tab_name(one), "count": told, "url": url, "on": one == kind})
    return tabs


def _line(line: finding.Line, at: Any) -> dict[str, Any]:
    commitment, report, unit = line.commitment, line.report, line.unit
    shown: dict[str, Any] = {
        "entry": line.entry,
        "kind": kind_name(line.entry.kind),
        "title": line.title,
        "text": line.text,
        "colour": "",
        "about": [],
    }
    if commitment is not None:
        shown["about"] = [commitment.ref, commitment.lead.name]
    if commitment is not None and line.entry.kind == "commitment":
        light = lights.light(commitment.light_facts(), at)
        shown |= {"colour": light.colour, "reason": words.light_reason(light)}
        shown["about"].append(_(STATE_NAMES[State(commitment.state)]))
    if report is not None:
        shown["about"] += [f"{report.percent}%", words.plain_day(local_day(report.occurred_at))]
        if report.returned_at is not None:
            shown["about"].append(_("returned"))
    if line.practice is not None:
        shown["about"] = [line.practice.ref, line.practice.unit.name]
        if not line.practice.stands:
            shown["about"].append(_("no longer verified"))
    if unit is not None:
        above = unit.parent.name if unit.parent else ""
        place = [unit.name, above] if line.entry.kind == "post" else [above, unit.get_level_display(), unit.code]
        shown["about"] = [part for part in place if part]
    return shown
