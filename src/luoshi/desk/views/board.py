"""The board（总览）and the lists behind its cells; the address holds the state, so that “back” works."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.assurance.queries.looking_back import relapses
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.delivery.models.timings import palette_of
from luoshi.delivery.queries.asking import late_replies
from luoshi.delivery.queries.foreseen import foreseen as foreseen_rows
from luoshi.delivery.queries.objecting import late_decisions
from luoshi.desk.queries import board as queries
from luoshi.desk.queries import needs as wants
from luoshi.desk.queries import register
from luoshi.desk.queries import trend as trends
from luoshi.desk.queries.board import Board, Row
from luoshi.desk.queries.filters import Filters
from luoshi.desk.queries.needs import Need
from luoshi.desk.queries.trend import Trend
from luoshi.desk.views import fresh, maps, pictures, words
from luoshi.desk.views.fresh import State
from luoshi.rules import rollup
from luoshi.rules.calendar import local_day
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.ui.jinja import safe_url
from luoshi.ui.templatetags.luoshi import board_table
from luoshi.units.models import Unit

SORTS = ("order", "gap", "late")
OWN = "own"
FIRST = 5
"""Needs shown at once; the others are one click away."""


def number_in(text: str) -> int | None:
    """A whole number from an address; ``None`` for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _address(page: str, **query: object) -> str:
    told = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{page}?{urlencode(told)}"


class Addresses:
    """The addresses of one board; what is chosen goes along, so that each holds the whole state."""

    def __init__(self, made: Board, matter: Matter | None, by: str) -> None:
        """Prepare what every link begins with: a board has more than a thousand of them."""
        key = made.programme.key  # a slug: nothing in it needs escaping
        self.made, self.matter, self.by = made, matter, by
        self._list = f"{reverse('desk:register')}?programme={key}"
        self._page = reverse("desk:board")
        self._board = f"{self._page}?programme={key}"
        self._chosen = f"&matter={matter.pk}" if matter is not None else ""
        self._heres: dict[tuple[tuple[str, object], ...], str] = {}

    def listed(self, unit_id: int, matter_id: int | None = None, *, own: bool = False) -> str:
        """The list behind a cell."""
        part = f"&matter={matter_id}" if matter_id is not None else ""
        return f"{self._list}&unit={unit_id}{part}{'&own=1' if own else ''}"

    def foreseen(self) -> str:
        """The list of what will probably miss its date, of the matter chosen here."""
        return f"{reverse('desk:foreseen')}?programme={self.made.programme.key}&unit={self.made.unit.pk}{self._chosen}"

    def unit(self, unit_id: int) -> str:
        """The board of a unit, for the matter chosen here."""
        return f"{self._board}&unit={unit_id}{self._chosen}"

    def here(self, **changed: object) -> str:
        """This board with something else chosen; table and map ask for the same ones."""
        asked = tuple(changed.items())
        if asked not in self._heres:
            self._heres[asked] = self._made_here(changed)
        return self._heres[asked]

    def _made_here(self, changed: dict[str, object]) -> str:
        kept: dict[str, object] = {
            "programme": self.made.programme.key,
            "unit": self.made.unit.pk,
            "view": self.made.view if self.made.view != queries.UNITS else None,
            "matter": self.matter.pk if self.matter is not None else None,
            "sort": self.by if self.by != "order" else None,
        }
        return _address(self._page, **{**kept, **changed})


def _sorted(rows: list[Row], by: str, matter_id: int | None) -> list[Row]:
    """Rows in the order of the units' codes, by the widest gap, or by most overdue; the own level stays last."""
    if by == "gap":
        return sorted(rows, key=lambda row: (row.unit is None, -(row.summary(matter_id).gap or 0)))
    if by == "late":
        return sorted(rows, key=lambda row: (row.unit is None, -row.summary(matter_id).overdue))
    return rows


@lru_cache(maxsize=8192)
def _reason(language: str, worst: str, count: int, items: int) -> str:
    return words.counted_reason(worst, count, items)


def cell(summary: rollup.Summary, url: str, language: str) -> tuple[Any, ...] | None:
    """One cell for the renderer: light, reason, said, verified, address, and the points by way of verifying."""
    if not summary.items:
        return None
    worst = summary.worst_light or "grey"
    reason = _reason(language, worst, getattr(summary, f"light_{worst}"), summary.items)
    if not summary.verified:
        return worst, reason, summary.said_percent, None, url
    return worst, reason, summary.said_percent, summary.verified_percent, url, summary.verified_ways


def table(made: Board, go: Addresses) -> tuple[list[tuple[str, str]], list[tuple[str, str, list[Any]]]]:
    """Columns and rows for the compiled renderer: all matters together first, then each."""
    language = get_language() or ""
    columns = [(_("All"), go.here(matter=None))]
    columns += [(f"{matter.number} {matter.short}", go.here(matter=matter.pk)) for matter in made.matters]
    keys = [matter.pk for matter in made.matters]
    rows: list[tuple[str, str, list[Any]]] = []
    for row in _sorted(made.rows, go.by, go.matter.pk if go.matter is not None else None):
        unit_id = row.unit.pk if row.unit is not None else made.unit.pk
        own = row.unit is None
        cells = [cell(row.total, go.listed(unit_id, own=own) if row.open else "", language)]
        for key in keys:
            found = row.cells.get(key)
            url = go.listed(unit_id, key, own=own) if row.open else ""
            cells.append(cell(found, url, language) if found is not None else None)
        rows.append((*_name(made, row, go), cells))
    return columns, rows


def _name(made: Board, row: Row, go: Addresses) -> tuple[str, str]:
    if row.unit is None:
        if made.view == queries.COUNTIES:
            return _("Led above the counties"), ""
        return (_("Led at this level") if made.shown else _("This unit itself")), go.listed(made.unit.pk, own=True)
    name = f"{row.above} · {row.unit.short_name or row.unit.name}" if row.above else row.unit.name
    return name, go.unit(row.unit.pk) if row.open else ""


def headline(total: rollup.Summary) -> str:
    """Both figures and the gap between them, in one sentence."""
    if total.said_percent is None:
        if total.items:
            return _("What is here is counted with the task above it")
        return _("Nothing has been issued here yet")
    if not total.verified:
        return _("Said %(said)s%%, nothing verified yet") % {"said": total.said_percent}
    figures = {"said": total.said_percent, "verified": total.verified_percent, "gap": total.gap}
    return _("Said %(said)s%%, verified %(verified)s%%, a gap of %(gap)s points") % figures


def need_line(need: Need, at: datetime) -> dict[str, Any]:
    """One line of “what needs you”: the word beside the light, the rule's sentence, and the act."""
    commitment, today = need.commitment, local_day(at)
    colour = need.colour(today)
    figures = {"said": commitment.said, "verified": commitment.verified, "gap": commitment.said - commitment.verified}
    line: dict[str, Any] = {
        "commitment": commitment,
        "rule": need.rule,
        "colour": colour,
        "url": words.commitment_url(commitment),
        "ours": need.item is not None,
        "version": commitment.version,
    }
    if need.item is not None:
        item = need.item
        return {
            **line,
            "word": words.wait_name(item.wait),
            "reason": words.item_why(item),
            "detail": words.item_detail(item),
            "kind": item.wait.value,
            "act_url": safe_url("delivery:act", commitment.ref, item.act.value),
            "act_word": words.act_word(item.wait),
        }
    if need.warned is not None:
        return {
            **line,
            "word": pgettext("rule", "Will probably miss its date"),
            "reason": _(need.warned.template) % dict(need.warned.params),
        }
    told = {
        wants.REPLY: (
            _("Waits for a reply"),
            _("Whoever it lies with owes the reply; the clock of %(lead)s stands still.")
            % {"lead": commitment.lead.name},
        ),
        wants.OVERDUE: (words.time_left(commitment.due_on, at), words.light_reason(need.light)),
        wants.WIDE: (
            _("Said %(said)s%%, verified %(verified)s%%") % figures,
            _("The gap of %(gap)s points is among the widest here.") % figures,
        ),
    }
    word, reason = told[need.rule]
    return {**line, "word": word or words.light_reason(need.light), "reason": reason}


def changed_since(found: Trend) -> str:
    """What moved since the first kept day, in one sentence; empty while there is nothing to compare with."""
    if found.first is None:
        return ""
    before, now = found.first, found.points[-1][1]
    if before.verified_percent is None or now.verified_percent is None or before.gap is None or now.gap is None:
        return ""
    told = {
        "day": words.plain_day(found.points[0][0]),
        "verified": f"{now.verified_percent - before.verified_percent:+d}",
        "gap": f"{now.gap - before.gap:+d}",
    }
    if found.meeting:
        return _("since the last meeting (%(day)s): verified %(verified)s, gap %(gap)s") % told
    return _("since %(day)s: verified %(verified)s, gap %(gap)s") % told


def trend_context(found: Trend) -> dict[str, Any]:
    """The line, its table and the options of the chart library."""
    points = [
        (on, summary.said_percent, summary.verified_percent if summary.verified else None)
        for on, summary in found.points
    ]
    series = [
        (pgettext("way", "Said"), "dashed", [[on.isoformat(), said] for on, said, _verified in points]),
        (_("Verified"), "solid", [[on.isoformat(), verified] for on, _said, verified in points]),
    ]
    colours = {"dashed": "#8fa3ba", "solid": "#1d4f8c"}
    option = {
        "grid": {"left": 34, "right": 12, "top": 28, "bottom": 24},
        "legend": {"top": 0, "left": 0, "icon": "roundRect", "itemHeight": 4},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True, "formatter": "{MM}-{dd}"}},
        "yAxis": {"type": "value", "min": 0, "max": 100, "splitNumber": 2},
        "series": [
            {
                "name": name,
                "type": "line",
                "data": data,
                "showSymbol": len(points) < 20,
                "itemStyle": {"color": colours[kind]},
                "lineStyle": {"type": kind, "width": 2},
            }
            for name, kind, data in series
        ],
    }
    return {
        "trend": found,
        "trend_points": points,
        "trend_option": json.dumps(option, ensure_ascii=False).replace("<", "\\u003c"),
        "trend_since": changed_since(found),
    }


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
    context: dict[str, Any] = {**picture, "here": request.get_full_path(), "needs": [], "foreseen": 0}
    programme, unit, matter = picture["programme"], picture["unit"], picture["matter"]
    if picture["inside"]:
        needs, context["foreseen"] = wants.looked(actor, programme, unit, at, matter)
        context["late"] = late_replies(actor, programme, unit, local_day(at), matter)
        context["relapses"] = relapses(programme, unit)
        context["undecided"] = late_decisions(actor, programme, unit, local_day(at), matter)
        lines = [need_line(need, at) for need in needs]
        context.update(needs=lines[:FIRST], more_needs=lines[FIRST:])
        if picture["leaf"]:
            context["listed"] = _leaf_list(actor, programme, unit, matter, at)
    return render(request, "desk/board.html", context)


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
    caption = _("%(unit)s: units below and matters of %(programme)s") % {"unit": unit.name, "programme": programme}
    trend_told = trend_context(trends.trend(made, today, matter))
    return {
        "programme": programme,
        "palette": palette_of([(programme.timing_now_id, programme.warning_days)]),
        "programmes": programmes,
        "unit": unit,
        "inside": made.inside,
        "leaf": not made.shown,
        "units_count": len(made.shown),
        "matters_count": len(made.matters),
        "matter": matter,
        "headline": headline(total),
        "how_verified": words.how_verified(total),
        "total": total,
        "table": _drawn(made, go, matter, caption) if made.rows else "",
        "crumb_list": [*((area.name, go.unit(area.pk)) for area in made.line), *_here(made, matter, go)],
        "foreseen_url": go.foreseen(),
        "list_url": go.listed(unit.pk, matter.pk if matter is not None else None) if made.inside else "",
        "sorts": [
            (name, label, go.here(sort=name if name != "order" else None))
            for name, label in zip(SORTS, (_("order of units"), _("widest gap"), _("most overdue")), strict=True)
        ],
        "sort": go.by,
        "views": _views(actor, made, go),
        "counties": made.view == queries.COUNTIES,
        "siblings": _siblings(made, actor.effective.area_path, go),
        "all_url": go.here(matter=None),
        **maps.context(made, matter, go),
        "trend": mark_safe(render_to_string("desk/board_trend.html", trend_told)),
        "trend_since": trend_told["trend_since"],
        "charted": len(trend_told["trend_points"]) > 1,
    }


def _drawn(made: Board, go: Addresses, matter: Matter | None, caption: str) -> str:
    columns, rows = table(made, go)
    chosen = 1 + made.matters.index(matter) if matter is not None else None
    return board_table(columns, rows, caption, "", chosen)


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
    line = [*queries.upward(actor, programme, unit), unit]
    page = reverse("desk:board")
    crumbs = [(area.name, _address(page, programme=programme.key, unit=area.pk, matter=kept)) for area in line]
    context = {
        "programme": programme,
        "unit": unit,
        "matter": matter,
        "rows": [{**words.commitment_row(one, at), "why": _why(one, today)} for one in shown],
        "count": count,
        "counted": wants.COUNTED,
        "pager": {
            "previous": urlencode(place) if after else "",
            "next": urlencode({**place, "after": wants.place(shown[-1])}) if further else "",
        },
        "crumb_list": [*crumbs, (str(matter) if matter else str(programme), "")],
    }
    return render(request, "desk/foreseen.html", context)
