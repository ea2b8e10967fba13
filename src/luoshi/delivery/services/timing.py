"""计时: the programme's thresholds, terms counted by a unit's calendar, and clocks that stand still and run again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from luoshi.delivery.models import Commitment, Programme, Stop, Timing
from luoshi.delivery.models.timings import FIELDS, forget, term_ends
from luoshi.rules import calendar
from luoshi.rules.lifecycle import Kind
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries import calendar_for
from luoshi.units.queries.calendars import edition

_ = gettext_noop
declare(
    422,
    timing_out_of_range=_("%(field)s lies between %(least)s and %(most)s, not %(value)s."),
    timing_word=_("“%(value)s” is not known for %(field)s: use %(known)s."),
)

RANGES: Mapping[str, tuple[int, int]] = {
    "warning_days": (0, 90),
    "warning_percent": (1, 100),
    "grace_days": (0, 60),
    "reply_days": (1, 90),
    "decide_days": (1, 90),
}
"""Setting → least and most."""


def checked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are known, each within its range; unknown names are an error of the caller.

    Raises:
        Refused: ``timing_out_of_range``, ``timing_word``.
    """
    for name, value in wanted.items():
        if name in RANGES:
            least, most = RANGES[name]
            if not least <= int(value) <= most:
                raise Refused("timing_out_of_range", field=name, least=least, most=most, value=value)
        else:
            field: Any = Timing._meta.get_field(name)
            known = [str(key) for key, _label in field.flatchoices]
            if value not in known:
                raise Refused("timing_word", field=name, value=value, known=", ".join(known))
    return dict(wanted)


def set_timing(programme: Programme, wanted: Mapping[str, Any], *, at: datetime) -> Timing | None:
    """Give a programme its next timing（计时规则）when something is to change; what is issued already keeps its own.

    ``programme`` is saved by the caller.

    Returns:
        the new timing for the ledger, or ``None`` when nothing changes.

    Raises:
        Refused: ``timing_out_of_range``, ``timing_word``.
    """
    told = checked(wanted)
    now = programme.timing_now
    kept = {name: getattr(now, name) for name in FIELDS} if now else {"warning_days": programme.warning_days}
    fresh = {**kept, **told}
    programme.warning_days = fresh["warning_days"]
    if now is not None and fresh == kept:
        return None
    made = Timing.objects.create(programme=programme, number=now.number + 1 if now else 1, recorded_at=at, **fresh)
    forget()
    programme.timing_now = made
    return made


def set_dates(commitment: Commitment, at: datetime) -> None:
    """Fix the dates of a commitment on the day it is issued: due, first due, accept-by, by its lead's own calendar.

    The programme's timing and ladder of this moment are frozen with it, and the edition of the calendar that counted.
    """
    today = calendar.local_day(at)
    commitment.timing_id = commitment.programme.timing_now_id
    commitment.ladder_id = commitment.programme.ladder_now_id  # frozen: a later version does not reach it
    commitment.issued_at = at
    commitment.accepted_at = None
    commitment.waited_days = 0
    path = commitment.lead.path
    if commitment.deadline_n is not None:
        commitment.due_on = term_ends(commitment.deadline_n, commitment.deadline_kind, "issued", today, path)
    commitment.first_due_on = commitment.first_due_on or commitment.due_on
    accept_kind = commitment.timing_now().accept_kind
    commitment.accept_by = term_ends(commitment.accept_days, accept_kind, "issued", today, path)
    counts = accept_kind == "working" or (commitment.deadline_n is not None and commitment.deadline_kind == "working")
    commitment.counted_by = edition() if counts else None


def stop_clock(commitment: Commitment, cause: str, on: date) -> list[Stop]:
    """Let a commitment's clock stand still from ``on``（停表）; one that stands still already stays as it is."""
    if commitment.waiting_since is not None:
        return []
    commitment.waiting_since = on
    return [Stop.objects.create(commitment=commitment, cause=cause, from_on=on, old_due_on=commitment.due_on)]


def start_clock(commitment: Commitment, on: date) -> list[Stop]:
    """Let the clock run again（恢复计时）once nothing holds it any more: its dates move by the working days it stood.

    Nothing holds it when no request is open and it is not suspended; the caller has set both before. The days are those
    after the clock stopped up to and with ``on``, by the lead's own calendar. The first date stays as it was.
    """
    if commitment.waiting_since is None or commitment.open_requests or commitment.state == "suspended":
        return []
    days = calendar_for(commitment.lead.path, fresh=True)
    began = commitment.waiting_since
    issued = calendar.local_day(commitment.issued_at) if commitment.issued_at else began
    stood = max(0, calendar.working_days_between(max(began, issued), on, days))
    if commitment.due_on is not None and commitment.kind != Kind.PERIOD:
        commitment.due_on = calendar.add_working(commitment.due_on, stood, days)
    if commitment.accept_by is not None and commitment.accepted_at is None:
        commitment.accept_by = calendar.add_working(commitment.accept_by, stood, days)
    commitment.waited_days += stood
    commitment.waiting_since = None
    stop = commitment.stops.filter(until_on__isnull=True).first()
    if stop is None:
        return []
    stop.until_on, stop.days, stop.new_due_on = on, stood, commitment.due_on
    stop.save(update_fields=["until_on", "days", "new_due_on"])
    return [stop]
