"""What the page of a meeting shows, in words（会议页面）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from luoshi.delivery.models import Slip
from luoshi.intake.queries.meaning import leads_named
from luoshi.meetings.models import AgendaItem, Meeting, Resolution
from luoshi.meetings.queries.meeting_papers import papers_there
from luoshi.meetings.queries.proposals import Proposal
from luoshi.meetings.queries.showing import Shown, sentence_of
from luoshi.meetings.views import circulars
from luoshi.rules import lights
from luoshi.rules.agenda import KIND_NAMES as ITEM_NAMES
from luoshi.rules.agenda import REASON_NAMES
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Rung
from luoshi.rules.lifecycle import STATE_NAMES as COMMITMENT_STATES
from luoshi.rules.lifecycle import State
from luoshi.rules.meetings import KIND_NAMES, RESOLUTION_NAMES, STAGE_NAMES, MeetingAct
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.slips import NAMES as SLIP_NAMES
from luoshi.rules.slips import STATE_NAMES as SLIP_STATES
from luoshi.rules.slips import SlipState
from luoshi.units.models import Post

FIRST = 10
"""Proposals shown at once before a meeting; the others are unfolded, and all of them while it sits."""
OFFERED = 60
"""Posts offered to be asked at most; others are asked over the API."""


def context_of(shown: Shown, actor: Actor, at: datetime) -> dict[str, Any]:
    """Everything the template says."""
    meeting = shown.meeting
    acts = {act.name.lower(): True for act in shown.acts}
    sitting = MeetingAct.RESOLVE in shown.acts
    first = 0 if sitting else FIRST
    proposed = [_proposed(one) for one in shown.proposals]
    planned = sum(item.minutes_planned for item in shown.items)
    return {
        "meeting": meeting,
        "kind": _(KIND_NAMES[meeting.kind]),
        "stage": _(STAGE_NAMES[meeting.stage]),
        "may": acts,
        "papers": _(shown.papers.template) % shown.papers.params,
        "late_papers": bool(meeting.papers_sent_at and local_day(meeting.papers_sent_at) > meeting.papers_due_on),
        "provisional": shown.papers.provisional,
        "last": shown.last,
        "last_rows": [_decided(row, at) for row in shown.last_resolutions],
        "items": [_item(item, meeting) for item in shown.items],
        "left_out": shown.left_out,
        "proposed": proposed[:first],
        "more_proposed": proposed[first:],
        "posts": shown.participants,
        "offered": _offered(meeting, {row.post_id for row in shown.participants}) if acts.get("invite") else [],
        "decisions": [_decided(row, at) for row in shown.resolutions],
        "typed_count": sum(row.state == "typed" for row in shown.resolutions),
        "names": leads_named(actor, meeting.convened_by) if sitting else [],
        "matters": list(meeting.programme.matters.order_by("number")) if acts.get("add_item") else [],
        "planned_minutes": planned,
        "official": [one.value for one in papers_there(meeting, asked=bool(shown.participants))],
        "slips": [_slip(slip) for slip in shown.slips],
        "circulars": [circulars.line(row) for row in shown.circulars],
        "tomorrow": local_day(at),
    }


def _item(item: AgendaItem, meeting: Meeting) -> dict[str, Any]:
    pairs = [(item.reason_code, item.reason_params)] if item.reason_code else []
    return {
        "row": item,
        "kind": _(ITEM_NAMES[item.kind]),
        "why": [(_(REASON_NAMES[code]), sentence_of(code, told)) for code, told in [*pairs, *item.further]],
        "said": item.reason_params.get("said", "") if not item.reason_code else "",
        "from": item.carried_from.meeting.ref if item.carried_from else "",
    }


def _proposed(one: Proposal) -> dict[str, Any]:
    return {
        "row": one.commitment,
        "kind": _(ITEM_NAMES[one.kind]),
        "why": [(_(REASON_NAMES[each.reason.value]), sentence_of(each.reason.value, each.params)) for each in one.why],
    }


def _decided(row: Resolution, at: datetime) -> dict[str, Any]:
    """A decision and what became of it: the state and light of its commitment."""
    commitment = row.commitment
    return {
        "row": row,
        "commitment": commitment,
        "state": _(COMMITMENT_STATES[State(commitment.state)]) if commitment else _(RESOLUTION_NAMES[row.state]),
        "light": lights.light(commitment.light_facts(), at).colour if commitment else "",
    }


def _slip(slip: Slip) -> dict[str, Any]:
    """A slip of the meeting, and what was answered to it."""
    about = slip.commitment or (slip.request.commitment if slip.request else None)
    return {
        "row": slip,
        "kind": _(SLIP_NAMES[Rung(slip.rung)]),
        "state": _(SLIP_STATES[SlipState(slip.state)]),
        "about": about.title or about.ref if about else "",
    }


def _offered(meeting: Meeting, asked: set[int]) -> list[Post]:
    """Heads of the areas one level below and of the departments beside, who are usually asked."""
    area = meeting.convened_by_id
    near = Q(unit__parent=area, unit__kind="area") | Q(unit__area=area)
    rows = Post.objects.filter(near, role__in=[Role.HEAD, Role.OFFICE], active=True, unit__valid_until__isnull=True)
    return list(rows.exclude(pk__in=asked).select_related("unit").order_by("unit__path", "pk")[:OFFERED])
