"""The board（总览）and the lists behind its cells; the address holds the state, so that “back” works."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.delivery import queries as delivery
from luoshi.desk.queries import board as queries
from luoshi.desk.queries.board import Board, Row
from luoshi.desk.queries.filters import Filters
from luoshi.desk.views import words
from luoshi.rules import rollup
from luoshi.rules.paths import within
from luoshi.rules.refusals import Refused

SORTS = ("order", "gap", "late")
OWN = "own"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _address(name: str, **query: object) -> str:
    told = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{reverse(name)}?{urlencode(told)}" if told else reverse(name)


def _sorted(rows: list[Row], by: str) -> list[Row]:
    """Rows in the order of the units' codes, by the widest gap, or by most overdue; the own level stays last."""
    if by == "gap":
        return sorted(rows, key=lambda row: (row.unit is None, -(row.total.gap or 0)))
    if by == "late":
        return sorted(rows, key=lambda row: (row.unit is None, -row.total.overdue))
    return rows


def _cell(summary: rollup.Summary, url: str) -> tuple[str, str, int | None, int | None, str] | None:
    if not summary.items:
        return None
    verified = summary.verified_percent if summary.verified else None
    return summary.worst_light or "grey", words.summary_reason(summary), summary.said_percent, verified, url


def _table(made: Board, by: str) -> tuple[list[tuple[str, str]], list[tuple[str, str, list[Any]]]]:
    """Columns and rows for the compiled renderer."""
    key = made.programme.key
    columns = [
        (f"{matter.number} {matter.short}", _list(made, None, matter.pk) if made.inside else "")
        for matter in made.matters
    ]
    rows: list[tuple[str, str, list[Any]]] = []
    for row in _sorted(made.rows, by):
        cells = [
            _cell(row.cells[matter.pk], _list(made, row, matter.pk) if row.open else "") for matter in made.matters
        ]
        if row.unit is None:
            rows.append((_("Departments of this level"), _list(made, row, None), cells))
        else:
            link = _address("desk:board", programme=key, unit=row.unit.pk) if row.open else ""
            rows.append((row.unit.name, link, cells))
    return columns, rows


def _list(made: Board, row: Row | None, matter_id: int | None) -> str:
    unit = row.unit.pk if row is not None and row.unit is not None else made.unit.pk
    own = "1" if row is not None and row.unit is None else ""
    return _address("desk:register", programme=made.programme.key, unit=unit, matter=matter_id, own=own)


def _headline(total: rollup.Summary) -> str:
    if total.said_percent is None:
        return _("Nothing has been issued here yet")
    if not total.verified:
        return _("Said %(said)s%%, nothing verified yet") % {"said": total.said_percent}
    figures = {"said": total.said_percent, "verified": total.verified_percent, "gap": total.gap}
    return _("Said %(said)s%%, verified %(verified)s%%, a gap of %(gap)s points") % figures


def _need(need: queries.Need, at: datetime) -> dict[str, Any]:
    """One line of “what needs you” with the rule that named it."""
    commitment = need.commitment
    figures = {"said": commitment.said, "verified": commitment.verified, "gap": commitment.said - commitment.verified}
    rules = {
        "reply": (_("Waits for a reply"), _("It is the issuing side that owes: a question is open.")),
        "overdue": (words.time_left(commitment.due_on, at), words.light_reason(need.light)),
        "gap": (
            _("Said %(said)s%%, verified %(verified)s%%") % figures,
            _("The gap of %(gap)s points is among the widest here.") % figures,
        ),
    }
    word, reason = rules[need.rule]
    return {
        "commitment": commitment,
        "colour": need.light.colour,
        "word": word,
        "reason": reason,
        "url": words.commitment_url(commitment),
    }


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Units one level below × matters（总览）: said, verified, light with its reason; every cell leads further."""
    at = timezone.now()
    actor = words.who(request, at)
    programme = queries.choose_programme(actor, request.GET.get("programme", ""))
    if programme is None:
        return render(request, "desk/board_empty.html", {"programmes": []})
    unit = queries.area_for(actor, programme, _number(request.GET.get("unit", "")))
    made = queries.board(actor, programme, unit)
    by = request.GET.get("sort", "order")
    columns, rows = _table(made, by)
    crumbs = [(area.name, _address("desk:board", programme=programme.key, unit=area.pk)) for area in made.line]
    context = {
        "board": made,
        "programme": programme,
        "programmes": list(delivery.programmes(actor)),
        "headline": _headline(made.total),
        "how_verified": words.how_verified(made.total),
        "total": made.total,
        "columns": columns,
        "rows": rows,
        "caption": _("%(unit)s: units below and matters of %(programme)s")
        % {"unit": unit.name, "programme": programme},
        "crumb_list": [*crumbs, (unit.name, ""), (str(programme), "")],
        "needs": [_need(need, at) for need in queries.needs(actor, programme, unit, at)] if made.inside else [],
        "list_url": _list(made, None, None) if made.inside else "",
        "sorts": [
            (name, label, _address("desk:board", programme=programme.key, unit=unit.pk, sort=name))
            for name, label in zip(SORTS, (_("order of units"), _("widest gap"), _("most overdue")), strict=True)
        ],
        "sort": by if by in SORTS else "order",
        "siblings": _siblings(made, actor.effective.area_path),
    }
    return render(request, "desk/board.html", context)


def _siblings(made: Board, own: str) -> str:
    """The address of the totals of the viewer's own level, when he stands at his own area and may see them."""
    if made.unit.path != own or not made.line:
        return ""
    return _address("desk:board", programme=made.programme.key, unit=made.line[-1].pk)


@login_required
@require_safe
def board_list(request: HttpRequest) -> HttpResponse:
    """The commitments a cell is made of（格内任务） stand in the register now; an old address leads there."""
    actor = words.who(request, timezone.now())
    programme = queries.choose_programme(actor, request.GET.get("programme", ""))
    if programme is None:
        raise Refused("not_found")
    unit = queries.area_for(actor, programme, _number(request.GET.get("unit", "")))
    if not within(unit.path, actor.effective.area_path):
        raise Refused("not_found")
    light = request.GET.get("light", "")
    matter = _number(request.GET.get("matter", ""))
    filters = Filters(
        programme=programme.key,
        unit=unit.pk,
        own=request.GET.get("level") == OWN,
        matter=(matter,) if matter else (),
        light=(light,) if light in rollup.LIGHTS else (),
    )
    return redirect(f"{reverse('desk:register')}?{filters.encode()}")
