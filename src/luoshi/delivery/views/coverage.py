"""Pages of coverage（覆盖）: of a commitment's parts, or of a programme within a unit; holes by name; reminding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery import queries, services
from luoshi.delivery.queries import coverage as reads
from luoshi.delivery.queries.coverage import Handed
from luoshi.delivery.views.commitments import crumbs_of
from luoshi.delivery.views.doors import actor_of, done_sentence, once
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules import lifecycle
from luoshi.rules.calendar import local_day
from luoshi.rules.coverage import MISSING, STEPS, TAKEN, Coverage
from luoshi.rules.lifecycle import STATE_NAMES, Act, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context
from luoshi.units.models import LEVELS, Level


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at, and the addresses of what lies around it."""

    handed: Handed
    query: dict[str, Any]
    crumbs: Sequence[tuple[str, str]]

    @property
    def subject(self) -> str:
        """The commitment's title, or programme and matter."""
        if self.handed.commitment is not None:
            return self.handed.commitment.title or self.handed.commitment.ref
        return " · ".join(str(part) for part in (self.handed.programme, self.handed.matter) if part)

    def url(self, step: Act | None = None, **changes: Any) -> str:
        """The page of the coverage, or of the holes of one step, with other values in its address."""
        asked = {name: value for name, value in {**self.query, **changes}.items() if value not in (None, "")}
        if self.handed.commitment is not None:
            ref = self.handed.commitment.ref
            path = (
                reverse("delivery:coverage_holes", args=[ref, step.value])
                if step
                else reverse("delivery:coverage", args=[ref])
            )
        else:
            path = (
                reverse("delivery:programme_holes", args=[step.value])
                if step
                else reverse("delivery:programme_coverage")
            )
        return path + (f"?{urlencode(asked)}" if asked else "")


def _number(request: HttpRequest, name: str) -> int | None:
    told = request.GET.get(name, "") or request.POST.get(name, "")
    if not told:
        return None
    if told.isascii() and told.isdigit() and len(told) < 16 and int(told) > 0:
        return int(told)
    raise Refused("not_found")


def _step(word: str) -> Act:
    found = next((step for step in STEPS if step.value == word), None)
    if found is None:
        raise Refused("not_found")
    return found


def _of_commitment(request: HttpRequest, actor: Actor, ref: str, here: str) -> Place:
    commitment = queries.commitment_for(actor, ref)
    unit = _number(request, "unit")
    handed = reads.parts_handed(actor, commitment, unit)
    page = reverse("delivery:coverage", args=[ref])
    crumbs = crumbs_of(commitment, _("Coverage"))[:-1]
    for one in handed.line:
        crumbs.append((one.name, page if one.pk == commitment.lead.area_id else f"{page}?unit={one.pk}"))
    place = Place(handed, {"unit": handed.top.pk if unit else None}, ())
    last = [(handed.top.name, place.url()), (here, "")] if here else [(_("Coverage"), "")]
    return Place(handed, place.query, [*crumbs, *last])


def _of_programme(request: HttpRequest, actor: Actor, here: str) -> Place | None:
    chosen = request.GET.get("programme", "") or request.POST.get("programme", "")
    if chosen:
        programme = queries.programme_for(actor, chosen)
    else:
        found = sorted(queries.programmes(actor), key=lambda one: (one.state != "issued", one.key))
        if not found:
            return None
        programme = found[0]
    handed = reads.programme_handed(actor, programme, _number(request, "matter"), _number(request, "unit"))
    query = {
        "programme": programme.key,
        "matter": handed.matter.pk if handed.matter else None,
        "unit": handed.top.pk,
    }
    place = Place(handed, query, ())
    crumbs = [(str(programme), reverse("delivery:programme", args=[programme.key]))]
    crumbs += [(one.name, place.url(unit=one.pk)) for one in handed.line]
    last = [(handed.top.name, place.url()), (here, "")] if here else [(handed.top.name, "")]
    return Place(handed, query, [*crumbs, *last])


def _cells(place: Place, counts: Coverage, **changes: Any) -> list[dict[str, Any]]:
    return [
        {"count": counts.of(step), "url": place.url(step, **changes), "missing": _(MISSING[step])} for step in STEPS
    ]


def _level_name(level: str, *, area: bool) -> str:
    name = str(Level(level).label) if level in LEVELS else level
    return name if area else _("%(level)s: departments") % {"level": name}


def _headline(total: Coverage) -> str:
    figures = {
        "total": total.total,
        "accepted": total.accepted.done,
        "named": total.named.done,
        "reported": total.reported.done,
    }
    return (
        ngettext(
            "%(total)s handed down: %(accepted)s accepted, %(named)s with a post named, %(reported)s reported",
            "%(total)s handed down: %(accepted)s accepted, %(named)s with a post named, %(reported)s reported",
            total.total,
        )
        % figures
    )


def _page(request: HttpRequest, place: Place, more: dict[str, Any]) -> HttpResponse:
    covered = reads.covered(place.handed)
    steps = []
    for step in STEPS:
        count = covered.total.of(step)
        steps.append(
            {
                "taken": _(TAKEN[step]),
                "missing": _(MISSING[step]),
                "count": count,
                "percent": count.percent,
                "spoken": _("%(step)s: %(done)s of %(owed)s")
                % {"step": _(TAKEN[step]), "done": count.done, "owed": count.owed},
                "holes": place.url(step),
            }
        )
    top = place.handed.top
    context = {
        "subject": place.subject,
        "top": top,
        "crumb_list": place.crumbs,
        "covered": covered,
        "headline": _headline(covered.total),
        "steps": steps,
        "units": [
            {
                "line": line,
                "url": place.url(unit=line.unit.pk) if line.further and line.unit.pk != top.pk else "",
                "cells": _cells(place, line.counts, unit=line.unit.pk)
                if line.unit.pk != top.pk
                else _cells(place, line.counts),
            }
            for line in covered.units
        ],
        "levels": [
            {
                "name": _level_name(line.level, area=line.area),
                "counts": line.counts,
                "cells": _cells(place, line.counts, level=line.level),
            }
            for line in covered.levels
        ],
        **more,
    }
    return render(request, "delivery/coverage.html", context)


@login_required
@require_safe
def of_commitment(request: HttpRequest, ref: str) -> HttpResponse:
    """Which units accepted, broke down, named a post and reported（任务覆盖情况）; ``?unit=`` goes further down."""
    at = timezone.now()
    place = _of_commitment(request, actor_of(request, at), ref, "")
    return _page(request, place, {"ref": ref, "back": reverse("delivery:commitment", args=[ref])})


@login_required
@require_safe
def of_programme(request: HttpRequest) -> HttpResponse:
    """The same for a programme, or one of its matters, within a unit（方案覆盖情况）."""
    at = timezone.now()
    actor = actor_of(request, at)
    place = _of_programme(request, actor, "")
    if place is None:
        return HttpResponseRedirect(reverse("delivery:programmes"))
    programme = place.handed.programme
    chosen = place.handed.matter
    choices = {
        "programmes": [
            (one.key, str(one), programme is not None and one.pk == programme.pk)
            for one in queries.programmes(actor).distinct()
        ],
        "matters": [
            (one.pk, f"{one.number} {one.short}", chosen is not None and one.pk == chosen.pk)
            for one in (programme.matters.all() if programme else ())
        ],
    }
    return _page(request, place, {"choices": choices, "back": reverse("delivery:programmes")})


def _holes(request: HttpRequest, place: Place, step: Act, actor: Actor, at: datetime, remind_url: str) -> HttpResponse:
    level = request.GET.get("level", "")
    level = level if level in LEVELS else ""
    after = _number(request, "after")
    found, following = reads.holes(place.handed, step, at, level=level, after=after)
    total = reads.total(place.handed)
    today = local_day(at)
    rows = []
    for one in found:
        state = State(one.commitment.state)
        above = one.commitment.lead.parent
        rows.append(
            {
                "hole": one,
                "above": above.name if above is not None and above.pk != place.handed.top.pk else "",
                "state": _(STATE_NAMES[state]),
                "late": _("late") if one.due_on is not None and one.due_on < today else "",
                "why": _why_shut(step, state),
            }
        )
    context = {
        "subject": place.subject,
        "top": place.handed.top,
        "crumb_list": place.crumbs,
        "missing": _(MISSING[step]),
        "level_name": _level_name(level, area=True) if level else "",
        "count": total.of(step),
        "tabs": [
            {"name": _(MISSING[one]), "url": place.url(one, level=level), "here": one is step, "count": total.of(one)}
            for one in STEPS
        ],
        "rows": rows,
        "due_name": _("Asked by") if step is Act.ACCEPT else _("Due on"),
        "own_date": step is Act.ACCEPT,
        "remind_url": remind_url,
        "back": place.url(),
        "taken": urlencode({k: v for k, v in _taken(place, step, level).items() if v}),
        "pager": {
            "previous": "",
            "next": urlencode({k: v for k, v in {**place.query, "level": level, "after": following}.items() if v})
            if following
            else "",
        },
    }
    return render(request, "delivery/coverage_holes.html", context)


def _taken(place: Place, step: Act, level: str) -> dict[str, Any]:
    """How the list of these holes is asked for as a file."""
    commitment = place.handed.commitment
    return {**place.query, "ref": commitment.ref if commitment else "", "step": step.value, "level": level}


def _why_shut(step: Act, state: State) -> str:
    """Why the unit itself cannot take the step now; nothing when it can."""
    if state is State.DECLINED:
        return _("The issuing side places it elsewhere or insists.")
    if state is State.SUSPENDED:
        return _("The clock stands still.")
    if state is State.ISSUED and step is not Act.ACCEPT:
        return _("It has to be accepted first.")
    return ""


@login_required
@require_safe
def holes_of_commitment(request: HttpRequest, ref: str, step: str) -> HttpResponse:
    """The units below that have not taken a step, by name（缺口）, 50 on a page."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = _step(step)
    place = _of_commitment(request, actor, ref, _(MISSING[chosen]))
    commitment = place.handed.commitment
    url = ""
    if commitment is not None and _may(commitment.facts(Act.REMIND), actor, at):
        asked = {"step": chosen.value, "reach": "below", "unit": place.query["unit"], "next": place.url(chosen)}
        url = reverse("delivery:act", args=[ref, Act.REMIND.value])
        url += "?" + urlencode({name: value for name, value in asked.items() if value})
    return _holes(request, place, chosen, actor, at, url)


def _may(facts: lifecycle.Facts, actor: Actor, at: datetime) -> bool:
    try:
        lifecycle.decide(facts, Act.REMIND, actor=actor, intent=lifecycle.WOULD_SAY, at=at)
    except Refused:
        return False
    return True


@login_required
@require_safe
def holes_of_programme(request: HttpRequest, step: str) -> HttpResponse:
    """The units of a programme that have not taken a step, by name（缺口）, 50 on a page."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = _step(step)
    place = _of_programme(request, actor, _(MISSING[chosen]))
    if place is None:
        raise Refused("not_found")
    url = ""
    if reads.may_remind(actor) is not None:
        asked = {name: value for name, value in place.query.items() if value}
        url = reverse("delivery:remind_units", args=[chosen.value]) + "?" + urlencode(asked)
    return _holes(request, place, chosen, actor, at, url)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, step: str) -> HttpResponse:
    """Remind just the units that have not taken a step（提醒）: the price first, then one act."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = _step(step)
    place = _of_programme(request, actor, _("Remind"))
    if place is None or place.handed.programme is None:
        raise Refused("not_found")
    told: dict[str, Any] = {
        "actor": actor,
        "programme": place.handed.programme.key,
        "step": chosen.value,
        "matter": place.query["matter"],
        "unit": place.query["unit"],
        "at": at,
    }
    refused: Refused | None = None
    if request.method == "POST":
        try:
            answer, repeat = once(request, lambda: _sent(told, place.url(chosen)), at=at)
        except Refused as one:
            refused = one
        else:
            messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
            if repeat:
                messages.info(request, _("It had arrived already; it was not done a second time."))
            return HttpResponseRedirect(str(answer["url"]))
    reminding = services.propose_reminder_of_units(**told)
    context: dict[str, Any] = {
        "subject": place.subject,
        "top": place.handed.top,
        "crumb_list": place.crumbs,
        "missing": _(MISSING[chosen]),
        "reminding": reminding,
        "reminded_units": reminding.units,
        "carried": [(name, value) for name, value in place.query.items() if value],
        "back": place.url(chosen),
    }
    if refused is not None:
        context["refusal"] = refusal_context(refused)
    return render(request, "delivery/coverage_remind.html", context, status=refused.status if refused else 200)


def _sent(told: dict[str, Any], url: str) -> dict[str, Any]:
    _reminding, entry = services.remind_units(**told)
    return {"url": url, "entry": entry.pk}
