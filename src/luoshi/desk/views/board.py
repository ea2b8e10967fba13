"""The board（总览）and the lists behind its cells; the address holds the state, so that “back” works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.assurance.queries.looking_back import Relapses, relapses
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.delivery.models.timings import palette_of
from luoshi.delivery.queries.asking import LateReplies, late_replies
from luoshi.delivery.queries.foreseen import foreseen as foreseen_rows
from luoshi.delivery.queries.objecting import LateDecisions, late_decisions
from luoshi.desk.queries import board as queries
from luoshi.desk.queries import needs as wants
from luoshi.desk.queries import register
from luoshi.desk.queries import trend as trends
from luoshi.desk.queries.board import Board
from luoshi.desk.queries.filters import Filters
from luoshi.desk.queries.needs import Need
from luoshi.desk.views import fresh, maps, pictures, words
from luoshi.desk.views.board_parts import SORTS, Addresses, heat, line
from luoshi.desk.views.board_words import (
    changed_since,
    figures,
    foreseen_piece,
    headline,
    late_parts,
    need_line,
    notes,
)
from luoshi.desk.views.fresh import State
from luoshi.rules import rollup
from luoshi.rules.calendar import local_day
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.ui import hidden, pages
from luoshi.ui.components import crumbs
from luoshi.ui.jinja import drawn
from luoshi.ui.templatetags.luoshi import chart_scripts
from luoshi.units.models import Unit

OWN = "own"
FIRST = 5
"""Needs shown at once; the others are one click away."""


def number_in(text: str) -> int | None:
    """A whole number from an address; ``None`` for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _chosen(matters: list[Matter], text: str) -> Matter | None:
    wanted = number_in(text)
    return next((one for one in matters if one.pk == wanted), None)


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponseBase:
    """Units × matters（总览）: said, verified, light with its reason, the map, the line since the last meeting.

    ``view=counties`` shows all counties at once; ``matter`` chooses one for headline, map, line and needs.
    """
    at = timezone.now()
    actor = words.who(request, at)
    state = fresh.state(at)
    tag = fresh.page_tag(request, actor, state)
    if (answer := fresh.unchanged(request, tag)) is not None:
        return answer
    return fresh.mark(_board_page(request, actor, at, state), tag)


def _board_page(request: HttpRequest, actor: Actor, at: datetime, state: State) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("programme", "unit", "view", "matter", "sort")}
    scope = (actor.role is Role.SYSTEM, actor.effective.area_path)
    picture = pictures.kept((state, scope, *asked.values()), lambda: _picture(actor, asked, local_day(at)))
    if picture is None:
        return render(request, "desk/board_empty.html", {"programmes": []})
    shown = {**picture, **_seen(request, actor, picture, at)}
    return pages.page(
        request,
        _("Board: %(unit)s") % {"unit": picture["unit"].name},
        drawn("desk/board.html", shown),
        main_class=f"palette-{picture['palette']}",
        crumbs=picture["crumbs"],
        scripts=chart_scripts() if picture["charted"] else "",
    )


def _seen(request: HttpRequest, actor: Actor, picture: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What depends on the person and the moment: what needs him, what others are late with, tasks of the lowest level.

    Outside his own area there is none of it.
    """
    programme, unit, matter, today = picture["programme"], picture["unit"], picture["matter"], local_day(at)
    seen: dict[str, Any] = {"csrf": hidden.csrf(request), "here": request.get_full_path(), "rows": []}
    needs: list[Need] = []
    fallen: Sequence[Relapses] = ()
    soon, replies, decisions = 0, LateReplies(), LateDecisions()
    if picture["inside"]:
        needs, soon = wants.looked(actor, programme, unit, at, matter)
        replies = late_replies(actor, programme, unit, today, matter)
        fallen = relapses(programme, unit)
        decisions = late_decisions(actor, programme, unit, today, matter)
        if picture["leaf"]:
            seen["rows"] = _leaf_list(actor, programme, unit, matter, at)
            seen["empty"] = "" if seen["rows"] else _nothing_led()
    lines = [need_line(need, at) for need in needs]
    alone = not lines and not picture["map"] and not replies.total and len(picture["programmes"]) < 2
    return {
        **seen,
        "pieces": [*picture["figures"], *foreseen_piece(soon, picture["foreseen_url"]), *picture["notes"]],
        "needs": lines[:FIRST],
        "more_needs": lines[FIRST:],
        "late": late_parts(replies, decisions, picture["list_url"]),
        "relapses": fallen,
        "single": alone,
    }


def _picture(actor: Actor, asked: dict[str, str], today: date) -> dict[str, Any] | None:
    """What everybody of one area sees of a board: figures, table, map and line, drawn; ``None`` without a programme."""
    programmes = queries.programmes_for(actor)
    programme = queries.chosen_programme(programmes, asked["programme"])
    if programme is None:
        return None
    unit = queries.area_for(actor, programme, number_in(asked["unit"]))
    view = queries.COUNTIES if asked["view"] == queries.COUNTIES else queries.UNITS
    made = queries.board(actor, programme, unit, view)
    matter = _chosen(made.matters, asked["matter"])
    go = Addresses(made, matter, asked["sort"] if asked["sort"] in SORTS else "order")
    total = made.summary(matter.pk if matter is not None else None)
    list_url = go.listed(unit.pk, matter.pk if matter is not None else None) if made.inside else ""
    query = urlencode({name: value for name, value in asked.items() if value})
    past, language = trends.trend(made, today, matter), get_language() or ""
    return {
        "programme": programme,
        "palette": palette_of([(programme.timing_now_id, programme.warning_days)]),
        "programmes": programmes,
        "unit": unit,
        "inside": made.inside,
        "leaf": not made.shown,
        "counties": made.view == queries.COUNTIES,
        "matter": matter,
        "headline": headline(total),
        "list_url": list_url,
        "figures": figures(made, total, list_url),
        "notes": notes(total, changed_since(past)),
        "heat": heat(made, go, _views(actor, made, go), query, language),
        "empty": "" if made.rows else _nothing_below(),
        "crumbs": crumbs([*((area.name, go.unit(area.pk)) for area in made.line), *_here(made, matter, go)]),
        "foreseen_url": go.foreseen(),
        "siblings": _siblings(made, actor.effective.area_path, go),
        "all_url": go.here(matter=None),
        "map": maps.part(made, matter, go, language),
        "trend": line(past),
        "charted": len(past.points) > 1,
    }


def _nothing(title: str, text: str, icon: str = "board") -> str:
    return render_to_string("ui/empty.html", {"title": title, "text": text, "name": icon})


def _nothing_below() -> str:
    return _nothing(_("There is no level below this one"), _("What this unit leads itself stays with it."))


def _nothing_led() -> str:
    text = _("There is no level below this one, and no commitment is led here.")
    return _nothing(_("Nothing has been issued here yet"), text)


def _here(made: Board, matter: Matter | None, go: Addresses) -> list[tuple[str, str]]:
    if matter is None:
        return [(made.unit.name, ""), (str(made.programme), "")]
    return [(made.unit.name, go.here(matter=None)), (str(made.programme), ""), (f"{matter.number} {matter}", "")]


def _leaf_list(
    actor: Actor, programme: Programme, unit: Unit, matter: Matter | None, at: datetime
) -> list[dict[str, Any]]:
    """Where nothing lies below, the commitments themselves are the next step of the chain."""
    filters = Filters(programme=programme.key, unit=unit.pk, matter=(matter.pk,) if matter is not None else ())
    return [words.commitment_row(one, at) for one in register.rows(actor, filters, at)[: filters.size]]


def _views(actor: Actor, made: Board, go: Addresses) -> list[tuple[str, str, bool]]:
    """The two views of the same page, where there are two."""
    if not queries.has_counties(actor, made.unit):
        return []
    return [
        (_("Prefectures"), go.here(view=None), made.view == queries.UNITS),
        (_("All counties"), go.here(view=queries.COUNTIES), made.view == queries.COUNTIES),
    ]


def _siblings(made: Board, own: str, go: Addresses) -> str:
    """The address of the totals of the viewer's own level, when he stands at his own area and may see them."""
    if made.unit.path != own or not made.line:
        return ""
    return go.unit(made.line[-1].pk)


@login_required
@require_safe
def board_list(request: HttpRequest) -> HttpResponseBase:
    """The commitments a cell is made of（格内任务） stand in the register now; an old address leads there."""
    actor = words.who(request, timezone.now())
    programme = queries.choose_programme(actor, request.GET.get("programme", ""))
    if programme is None:
        raise Refused("not_found")
    unit = queries.area_for(actor, programme, number_in(request.GET.get("unit", "")))
    if not within(unit.path, actor.effective.area_path):
        raise Refused("not_found")
    light = request.GET.get("light", "")
    matter = number_in(request.GET.get("matter", ""))
    filters = Filters(
        programme=programme.key,
        unit=unit.pk,
        own=request.GET.get("level") == OWN,
        matter=(matter,) if matter else (),
        light=(light,) if light in rollup.LIGHTS else (),
    )
    return redirect(f"{reverse('desk:register')}?{filters.encode()}")


def _why(commitment: Commitment, today: date) -> str:
    """The rule that expects it to miss its date, as a sentence with its figures."""
    warned = wants.foretold(commitment, today, commitment.last_reported_at)
    return _(warned.template) % dict(warned.params) if warned is not None else ""


@login_required
@require_safe
def foreseen(request: HttpRequest) -> HttpResponse:
    """What fixed rules expect to miss its date（可能误期）, each with its rule; nearest date first, page by page."""
    at = timezone.now()
    today = local_day(at)
    actor = words.who(request, at)
    programme = queries.choose_programme(actor, request.GET.get("programme", ""))
    if programme is None:
        raise Refused("not_found")
    unit = queries.area_for(actor, programme, number_in(request.GET.get("unit", "")))
    if not queries.reaches(actor, unit):
        raise Refused("not_found")
    matter = _chosen(list(programme.matters.all()), request.GET.get("matter", ""))
    rows = queries.within_unit(actor, programme, unit)
    if matter is not None:
        rows = rows.filter(matter=matter)
    found, after = foreseen_rows(rows, today), request.GET.get("after", "")
    count = found.order_by()[: wants.COUNTED + 1].count()
    shown = list(wants.beyond(found, after)[: wants.LISTED + 1])
    kept = matter.pk if matter is not None else None
    shown, further = shown[: wants.LISTED], len(shown) > wants.LISTED
    place = {"programme": programme.key, "unit": unit.pk} | ({"matter": kept} if kept else {})
    page = f"{reverse('desk:board')}?programme={programme.key}"
    chosen = f"&matter={kept}" if kept else ""
    above = [*queries.upward(actor, programme, unit), unit]
    line_above = [(area.name, f"{page}&unit={area.pk}{chosen}") for area in above]
    pager = {
        "previous": urlencode(place) if after else "",
        "next": urlencode({**place, "after": wants.place(shown[-1])}) if further else "",
    }
    content = {
        "programme": programme,
        "unit": unit,
        "matter": matter,
        "rows": [words.commitment_row(one, at, _why(one, today)) for one in shown],
        "count": count,
        "counted": wants.COUNTED,
        "pager": render_to_string("ui/pager.html", {"pager": pager}) if after or further else "",
        "empty": "" if shown else _nothing_foreseen(),
    }
    crumb_list = [*line_above, (str(matter) if matter else str(programme), "")]
    title = _("What will probably miss its date")
    return pages.page(request, title, drawn("desk/foreseen.html", content), crumbs=crumbs(crumb_list))


def _nothing_foreseen() -> str:
    text = _(
        "By the fixed rules, no commitment led here will miss its date. What is overdue already is red on the board."
    )
    return _nothing(_("No miss is foreseen"), text, "filter")
