"""Deadlines of a post（岗位期限）for calendar programs: to accept, due, to verify, to reply.

Only what the post itself owes, for the units it speaks for and the villages it answers for; never what merely lies in
its scope.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext

from luoshi.delivery.models import Commitment, Request
from luoshi.office.adapters.calendars import Day
from luoshi.rules import lifecycle, paths
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Role, Seat
from luoshi.rules.refusals import gettext_noop as _

MOST = 1000
"""Deadlines of each kind, the nearest first."""
LEADS = frozenset({Role.HEAD, Role.HANDLER, Role.OFFICE})
"""Posts that answer for what their unit leads."""
ACCEPT = _("To accept: %(title)s [%(ref)s]")
DUE = _("Due: %(title)s [%(ref)s]")
VERIFY = _("To verify: %(title)s [%(ref)s]")
REPLY = _("To reply: %(title)s [%(ref)s]")
WORDS = _("Lead: %(lead)s. Issued by: %(issuer)s. State: %(state)s. First date: %(first)s.")


def deadlines(seat: Seat, at: datetime, discreet: bool) -> list[Day]:
    """The deadlines of a post（我的期限）; three statements at most, however many there are.

    Args:
        seat: the post.
        at: now.
        discreet: title and number only.
    """
    area = paths.own_id(seat.area_path)
    units = [seat.unit_id, area] if seat.role is Role.OFFICE else [seat.unit_id]
    rows = Commitment.objects.select_related("lead", "issuer")
    found: list[Day] = []
    if seat.role in LEADS:
        led_by = Q(lead_id__in=units)
        if seat.role is not Role.HEAD:
            led_by |= Q(lead__area__level="village", lead__area__parent_id=area)
        led = rows.filter(led_by)
        if seat.role is Role.HANDLER:
            led = led.filter(Q(lead_post=None) | Q(lead_post_id=seat.post_id))
        over = [State.DRAFT.value, State.SUSPENDED.value, *(state.value for state in OVER)]
        waiting = led.filter(state=State.ISSUED.value, accept_by__isnull=False).order_by("accept_by", "id")[:MOST]
        found += [_day("accept", ACCEPT, one, one.accept_by, discreet) for one in waiting if one.accept_by]
        due = led.exclude(state__in=over).filter(due_on__isnull=False).order_by("due_on", "id")[:MOST]
        found += [_day("due", DUE, one, one.due_on, discreet) for one in due if one.due_on]
    if seat.role is Role.VERIFIER:
        claimed = rows.filter(verifying_unit_id__in=units, state=State.APPLIED.value, due_on__isnull=False)
        ours = claimed.order_by("due_on", "id")[:MOST]
        found += [_day("verify", VERIFY, one, one.due_on, discreet) for one in ours if one.due_on]
    if seat.role in {Role.HEAD, Role.OFFICE}:
        asked = Request.objects.filter(
            commitment__issuer_id__in=units, replied_at=None, reply_by_on__isnull=False
        ).exclude(commitment__state__in=[state.value for state in OVER])
        for one in asked.select_related("commitment__lead", "commitment__issuer").order_by("reply_by_on", "id")[:MOST]:
            if one.reply_by_on:
                found.append(_day(f"reply{one.pk}", REPLY, one.commitment, one.reply_by_on, discreet))
    return found


def _day(kind: str, title: str, one: Commitment, on: date, discreet: bool) -> Day:
    words = ""
    if not discreet:
        words = gettext(WORDS) % {
            "lead": one.lead.name,
            "issuer": one.issuer.name,
            "state": gettext(lifecycle.STATE_NAMES[State(one.state)]),
            "first": one.first_due_on.isoformat() if one.first_due_on else "—",
        }
    return Day(
        uid=f"{one.ref}-{kind}",
        on=on,
        title=gettext(title) % {"title": one.title, "ref": one.ref},
        link=f"/c/{one.ref}/",
        changed_at=one.issued_at or one.created_at,
        version=one.version,
        words=words,
    )
