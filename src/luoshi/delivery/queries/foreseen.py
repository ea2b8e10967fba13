"""将误期: commitments that a fixed rule expects to miss their date, read by those rules as conditions on rows."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from luoshi.delivery.models import Commitment
from luoshi.rules import foreseeing
from luoshi.rules.calendar import due_moment
from luoshi.rules.lifecycle import State


def expected(today: date) -> Q:
    """Open leaves whose own clock runs and which :mod:`luoshi.rules.foreseeing` expects to miss their date."""
    running = Q(
        state=State.ACCEPTED,
        due_on__gte=today,
        due_on__lte=today + timedelta(days=foreseeing.SILENT_WITHIN),
        children_count=0,
        open_requests=0,
        said__lt=100,
    )
    return running & ~Q(kind="period") & (_behind_by(today) | _silent_by(today))


def _behind_by(today: date) -> Q:
    behind = Q(pk__in=())
    for step in foreseeing.STEPS:
        behind |= Q(due_on__lte=today + timedelta(days=step.within), said__lt=step.below)
    return behind


def _silent_by(today: date) -> Q:
    since = due_moment(today - timedelta(days=foreseeing.SILENT_DAYS))
    return Q(Q(last_reported_at__isnull=True) | Q(last_reported_at__lt=since), accepted_at__lt=since)


def foreseen(rows: QuerySet[Commitment], today: date) -> QuerySet[Commitment]:
    """Commitments that one of the fixed rules expects to miss their date（将误期）."""
    return rows.filter(expected(today))
