"""Today（今日）: what waits for the seat, finishable in place; or what the seat looks after."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from luoshi.accounts.models import User
from luoshi.delivery.models import Slip
from luoshi.delivery.queries.slips import chased_next, count_waiting_slips, waiting_slips
from luoshi.delivery.views.words import chased
from luoshi.desk.queries import care, records, waiting
from luoshi.desk.queries.waiting import Item, Wait
from luoshi.desk.views import words
from luoshi.desk.views.records import entry_line
from luoshi.meetings.models import Circular
from luoshi.meetings.queries.circulars import count_waiting_circulars, waiting_circulars
from luoshi.rules.calendar import local_day
from luoshi.rules.circulars import KIND_NAMES as CIRCULAR_NAMES
from luoshi.rules.circulars import CircularKind, CircularState
from luoshi.rules.escalation import Rung
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.slips import ACT_NAMES, NAMES, STATE_NAMES, SlipAct, SlipState
from luoshi.ui.jinja import safe_url
from luoshi.units import queries as units

FIRST = 3
"""Decisions shown before everything else to a head."""
OTHER_SEATS = 8
SLIP_ACTS = {
    SlipState.PROPOSED: SlipAct.APPROVE,
    SlipState.ISSUED: SlipAct.ANSWER,
    SlipState.ANSWERED: SlipAct.SETTLE,
}
"""What a slip that waits is waiting for."""
IN_PLACE = frozenset({Wait.REPORT, Wait.RETURNED})


def card(item: Item, at: datetime) -> dict[str, Any]:
    """One item in words."""
    commitment = item.commitment
    colour = item.colour(local_day(at))
    return {
        "item": item,
        "ref": commitment.ref,
        "title": commitment.title,
        "lead": commitment.lead.name,
        "tag": words.wait_name(item.wait),
        "colour": colour,
        "reason": words.item_reason(item, colour),
        "word": words.item_words(item, colour, at),
        "why": words.item_why(item),
        "detail": words.item_detail(item),
        "version": commitment.version,
        "url": words.commitment_url(commitment),
        "act_url": safe_url("delivery:act", commitment.ref, item.act.value),
        "act_word": words.act_word(item.wait),
        "decline_url": safe_url("delivery:act", commitment.ref, "decline"),
        "reopen_url": safe_url("delivery:act", commitment.ref, "reopen"),
        "insist_url": safe_url("delivery:act", commitment.ref, "insist"),
        "kind": item.wait.value,
        "in_place": item.wait in IN_PLACE,
    }


def slip_card(slip: Slip, at: datetime, next_on: date | None = None) -> dict[str, Any]:
    """One slip that waits for the seat（督办单）: to approve, to answer, or answered."""
    about = slip.commitment or (slip.request.commitment if slip.request else None)
    return {
        "slip": slip,
        "kind": _(NAMES[Rung(slip.rung)]),
        "state": _(STATE_NAMES[SlipState(slip.state)]),
        "title": about.title if about else "",
        "url": safe_url("delivery:slip", slip.pk),
        "act_url": safe_url("delivery:slip_act", slip.pk, SLIP_ACTS[SlipState(slip.state)].value),
        "chased": chased(slip, next_on),
        "act_word": _(ACT_NAMES[SLIP_ACTS[SlipState(slip.state)]]),
        "late": slip.state == SlipState.ISSUED and slip.answer_by_on is not None and slip.answer_by_on < local_day(at),
    }


def circular_card(circular: Circular) -> dict[str, Any]:
    """One circular that waits for the seat（通报、函件）: to sign for, or to approve."""
    draft = circular.state == CircularState.DRAFT
    return {
        "row": circular,
        "kind": _(CIRCULAR_NAMES[CircularKind(circular.kind)]),
        "act_word": _("Read it and decide") if draft else _("Sign for it"),
        "tag": _("waits for your approval") if draft else _("not signed yet"),
        "url": safe_url("meetings:circular", circular.ref),
    }


def headline(total: int, red: int) -> str:
    """How much waits, and what comes first."""
    if not total:
        return _("Nothing waits for you today")
    if red and red < total:
        return ngettext("%(n)s thing today, the red one first", "%(n)s things today, the red ones first", total) % {
            "n": total
        }
    if red:
        return ngettext("%(n)s thing today, overdue", "%(n)s things today, all overdue", total) % {"n": total}
    return ngettext("%(n)s thing today", "%(n)s things today", total) % {"n": total}


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What waits for the seat（今日）; ``?open=REF`` opens the report beside the list, with or without script."""
    at = timezone.now()
    actor = words.who(request, at)
    found = waiting.waiting(actor, at)
    waits = waiting_slips(actor)
    following = chased_next(waits, at)
    slips = [slip_card(slip, at, following.get(slip.pk)) for slip in waits]
    cards = [card(item, at) for item in found.items]
    circulars = [circular_card(row) for row in waiting_circulars(actor)]
    red = sum(1 for one in cards if one["colour"] == "red")
    opened = _opened(cards, request.GET.get("open", ""))
    if request.headers.get("HX-Request") == "true" and "open" in request.GET:
        return render(request, "desk/report_panel.html", {"opened": opened, "asked": True})
    decisions = [one for one in cards if one["item"].decision][:FIRST] if actor.role is Role.HEAD else []
    everything = "all" in request.GET
    rest = [one for one in cards if one not in decisions]
    context = {
        "headline": headline(found.total + len(slips) + len(circulars), red + sum(one["late"] for one in slips)),
        "slips": slips,
        "circulars": circulars,
        "where": units.unit_in_scope(actor, actor.effective.unit_id).name,
        "at": at,
        "first": decisions,
        "cards": rest if everything or not decisions else rest[:FIRST],
        "hidden": 0 if everything or not decisions else max(0, len(rest) - FIRST),
        "beyond": max(0, found.total - len(cards)),
        "to_close": sum(1 for one in found.items if one.wait is waiting.Wait.CLOSE),
        "opened": opened,
        "asked": "open" in request.GET,
        "others": _others(request, actor, at),
        "role": actor.role.value,
        **_care(actor, at),
    }
    return render(request, "desk/today.html", context)


def _opened(cards: list[dict[str, Any]], ref: str) -> dict[str, Any] | None:
    """The report to be made beside the list: the one asked for, else the first of the list."""
    reports = [one for one in cards if one["in_place"]]
    return next((one for one in reports if one["ref"] == ref), None) or (reports[0] if reports else None)


def _others(request: HttpRequest, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """The person's other seats, his own and those he stands in for, with how much waits there."""
    if not isinstance(request.user, User):
        return []
    choices = [choice for choice in units.seats_of(request.user, at) if not choice.held_by(actor)]
    found = []
    for choice in choices[:OTHER_SEATS]:
        other = Actor(
            user_id=actor.user_id,
            username=actor.username,
            name=actor.name,
            seat=choice.seat,
            principal=choice.principal,
            kin=actor.kin,
        )
        found.append(
            {
                "key": choice.key,
                "title": (choice.principal or choice.seat).title,
                "unit": choice.principal_unit_name or choice.unit_name,
                "deputy": choice.principal is not None,
                "count": waiting.count_waiting(other, at) + count_waiting_slips(other) + count_waiting_circulars(other),
            }
        )
    return found


def _care(actor: Actor, at: datetime) -> dict[str, Any]:
    """What a seat without commitments of its own looks after."""
    if actor.role is Role.AUDITOR:
        standing = records.standing()
        newest, _further = records.page(actor, limit=6)
        return {"standing": standing, "newest": [entry_line(entry) for entry in newest]}
    if actor.role is Role.ADMINISTRATOR:
        return {"care": care.of_units(actor, at)}
    return {}
