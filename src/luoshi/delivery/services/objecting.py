"""催办申辩: an objection is decided within its 30 days; the clock reminds, and tells the unit above when it is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from luoshi.delivery import events
from luoshi.delivery.models import Commitment, Objection
from luoshi.ledger import services as ledger
from luoshi.office import services as office
from luoshi.office.models.many import set_values
from luoshi.rules import objecting
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.objecting import DECISION_DAYS, Chase
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import gettext_noop
from luoshi.units.models import Post
from luoshi.units.queries import calendar_for

_ = gettext_noop
BATCH = 500
SUBJECTS = {
    Chase.SOON: _("Reminder: an objection of %(lead)s is to be decided by %(due)s: %(title)s"),
    Chase.LATE: _("An objection of %(lead)s was to be decided by %(due)s and is not: %(title)s"),
    Chase.ABOVE: _("%(issuer)s has not decided an objection of %(lead)s since %(due)s: %(title)s"),
}
"""What a message says of an objection that waits."""
DECIDERS = (Role.HEAD, Role.OFFICE)


def decide_by(commitment: Commitment, raised_on: date) -> date:
    """The last day on which an objection raised on that day is decided, by the calendar of the issuing side."""
    return objecting.last_day(raised_on, DECISION_DAYS, calendar_for(commitment.issuer.path))


def first_step_at(decide_by_on: date, raised_on: date) -> datetime | None:
    """When the clock first does something about it."""
    return _moment(objecting.due(decide_by_on, 0, raised_on).next_on)


def _moment(on: date | None) -> datetime | None:
    """The beginning of a day; nothing for none."""
    return due_moment(on - timedelta(days=1)) if on is not None else None


@transaction.atomic
def chase_objections(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Take the steps of at most ``limit`` objections whose stored moment is due（催办申辩）; one batch, one entry.

    Args:
        actor: the clock.
        at: now.
        limit: rows of this batch.

    Returns:
        how many rows were looked at; zero means nothing is due.
    """
    skip = connection.features.has_select_for_update_skip_locked
    due = Objection.objects.filter(next_step_at__lte=at, upheld__isnull=True).order_by("next_step_at", "pk")
    due = due.select_for_update(of=("self",), skip_locked=skip)
    rows = list(
        due.select_related("commitment__lead", "commitment__issuer__parent", "commitment__issuer__area")[:limit]
    )
    if not rows:
        return 0
    today = local_day(at)
    after: list[tuple[Any, ...]] = []
    taken: list[tuple[Objection, Chase]] = []
    for row in rows:
        found = objecting.due(row.decide_by_on, row.told, today)
        after.append((row.pk, found.told, _moment(found.next_on)))
        if found.chase is not None:
            taken.append((row, found.chase))
    set_values(Objection, ("told", "next_step_at"), after)
    if taken:
        _tell(taken, at)
        counts = Counter(step.value for _row, step in taken)
        refs = list(dict.fromkeys(row.commitment.ref for row, _step in taken))
        ledger.append(
            events.ObjectionsChased(ref=refs[0], steps={step.value: counts[step.value] for step in Chase}),
            actor=actor,
            at=at,
            subjects=refs,
        )
    return len(rows)


def _tell(taken: list[tuple[Objection, Chase]], at: datetime) -> None:
    """The messages: to whoever decides, and in the end to the unit above it; one statement finds all posts."""
    units = {_told(row.commitment, step) for row, step in taken}
    posts: dict[int, list[Post]] = defaultdict(list)
    heads = Q(unit__in=units, role__in=DECIDERS)
    offices = Q(unit__area__in=units, role=Role.OFFICE)
    for post in Post.objects.filter(heads | offices, active=True).select_related("unit").order_by("pk"):
        for pk in units & {post.unit_id, post.unit.area_id if post.role == Role.OFFICE else post.unit_id}:
            posts[pk].append(post)
    by_step: dict[Chase, list[office.Note]] = {}
    for row, step in taken:
        commitment = row.commitment
        note = office.Note(
            posts=tuple(posts.get(_told(commitment, step), ())),
            key=f"{commitment.ref}:objection{row.pk}:{step.value}",
            link=f"/c/{commitment.ref}/decide-objection/",
            params={
                "title": commitment.title or commitment.ref,
                "lead": commitment.lead.name,
                "issuer": commitment.issuer.name,
                "due": row.decide_by_on.isoformat(),
            },
        )
        by_step.setdefault(step, []).append(note)
    for step, notes in by_step.items():
        office.notify_each(notes, kind=f"delivery.objection-{step.value}", subject=SUBJECTS[step], at=at)


def _told(commitment: Commitment, step: Chase) -> int:
    """The unit that is told: the issuing side, or what stands above its area; itself where nothing stands above."""
    issuer = commitment.issuer
    if step is not Chase.ABOVE:
        return issuer.pk
    return issuer.area.parent_id or issuer.area_id
