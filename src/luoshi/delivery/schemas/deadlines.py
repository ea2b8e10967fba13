"""How a commitment's dates are told（时限说明）: by which calendar they were counted, and what moved them since."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from luoshi.delivery.models import Commitment, Request
from luoshi.rules.calendar import Account, Deadline, Kind, account, local_day
from luoshi.ui import deadlines
from luoshi.units.queries.calendars import calendar_at, calendar_for


def due_account(commitment: Commitment) -> Account | None:
    """How its date was counted; ``None`` when it was not counted or when a person has set it since."""
    if commitment.deadline_n is None or commitment.issued_at is None or commitment.due_on is None:
        return None
    kind: Kind = "working" if commitment.deadline_kind == "working" else "calendar"
    path = commitment.lead.path
    days = calendar_at(path, commitment.counted_by) if commitment.counted_by is not None else calendar_for(path)
    term = Deadline(commitment.deadline_n, kind, "issued")
    found = account(term, local_day(commitment.issued_at), days, waited=commitment.waited_days)
    return found if found.due_on == commitment.due_on else None


def due_sentence(commitment: Commitment) -> str:
    """One sentence on the date of a commitment, in the reader's language; empty without a date."""
    if commitment.due_on is None:
        return ""
    if (found := due_account(commitment)) is not None:
        return deadlines.sentence(found)
    due, first = deadlines.plain(commitment.due_on), commitment.first_due_on
    names = {
        "due": due,
        "first": deadlines.plain(first) if first else "",
        "waited": commitment.waited_days,
    }
    if first is None or first == commitment.due_on:
        return _("Set when it was issued: by the end of %(due)s.") % names
    if commitment.waited_days and commitment.extensions_granted:
        return _("First %(first)s; moved by decision, and by %(waited)s working days of waiting, to %(due)s.") % names
    if commitment.waited_days:
        return _("First %(first)s; its clock stood still for %(waited)s working days, so %(due)s.") % names
    return _("First %(first)s; moved by decision to the end of %(due)s.") % names


def accept_sentence(commitment: Commitment) -> str:
    """One sentence on the day by which it is to be accepted; empty when that is over or was not counted."""
    if commitment.accept_by is None or commitment.issued_at is None or commitment.accepted_at is not None:
        return ""
    timing, path = commitment.timing_now(), commitment.lead.path
    kind: Kind = "working" if timing.accept_kind == "working" else "calendar"
    days = calendar_at(path, commitment.counted_by) if commitment.counted_by is not None else calendar_for(path)
    term = Deadline(commitment.accept_days, kind, "issued")
    found = account(term, local_day(commitment.issued_at), days, waited=commitment.waited_days)
    return deadlines.sentence(found) if found.due_on == commitment.accept_by else ""


def reply_sentence(request: Request, commitment: Commitment) -> str:
    """One sentence on the day by which a reply is owed, by the calendar of whoever owes it; empty without a day."""
    if request.reply_by_on is None:
        return ""
    if request.counted_n is None:
        due = deadlines.plain(request.reply_by_on)
        return _("Asked for by the end of %(due)s by the unit that asks.") % {"due": due}
    path = (request.lies_with or commitment.issuer).path
    kind: Kind = "working" if request.counted_kind == "working" else "calendar"
    days = calendar_at(path, request.counted_by) if request.counted_by is not None else calendar_for(path)
    passed = list(request.forwardings.all())
    began = passed[-1].at if passed else request.at
    found = account(Deadline(request.counted_n, kind, "asked"), local_day(began), days)
    return deadlines.sentence(found) if found.due_on == request.reply_by_on else ""


def reply_term(commitment: Commitment, today: date) -> str:
    """How long the superior would have for a reply to a question asked today（批复时限）."""
    told, path = commitment.timing_now(), commitment.issuer.path
    kind: Kind = "working" if told.reply_kind == "working" else "calendar"
    return deadlines.sentence(account(Deadline(told.reply_days, kind, "asked"), today, calendar_for(path)))
