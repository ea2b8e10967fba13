"""材料: agenda and book go out to everybody asked; the clock reminds whoever calls the meeting of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from luoshi.meetings import events
from luoshi.meetings.models import Meeting
from luoshi.meetings.services.recording import MeetingDone, begin, record
from luoshi.office import services as office
from luoshi.rules.calendar import local_day
from luoshi.rules.meetings import MeetingAct, reminded_from
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.units.queries import calendar_for

_ = gettext_noop
SENT = _("Papers for %(title)s on %(when)s: %(items)s items on the agenda")
DUE = _("The papers of %(title)s are to be out by %(on)s and have not been sent")
LOOKED_AHEAD = timedelta(days=31)
"""Longer than any week of holidays before the day on which papers are due."""


@transaction.atomic
def send_papers(*, actor: Actor, meeting: str, version: int, at: datetime) -> MeetingDone:
    """Send the agenda to everybody asked, with the newest book compiled for the meeting（印发材料）; may be repeated.

    Raises:
        Refused: ``papers_nothing_on``, ``papers_to_nobody`` and those of ``begin``.
    """
    found = begin(MeetingAct.PAPERS, actor=actor, meeting=meeting, version=version)
    items = found.items.filter(left_out=False).count()
    if not items:
        raise Refused("papers_nothing_on")
    posts = [row.post for row in found.participants.filter(off=False).select_related("post")]
    if not posts:
        raise Refused("papers_to_nobody")
    book = found.books.order_by("-pk").first()
    found.papers_sent_at = at
    event = events.PapersSent(
        ref=found.ref,
        posts=len(posts),
        items=items,
        book=book.ref if book else "",
        due_on=found.papers_due_on.isoformat(),
    )
    done = record(found, event, actor=actor, at=at, subjects=[book.ref] if book else [])
    office.notify(
        posts,
        kind="meetings.papers",
        key=f"{found.ref}:papers:{found.version}",
        subject=SENT,
        link=f"/meetings/{found.ref}/",
        params={"title": found.title, "when": local_day(found.held_at).isoformat(), "items": items},
        at=at,
        sender=actor.effective.post_id,
    )
    return done


def remind_of_papers(at: datetime) -> int:
    """Tell whoever called a meeting that its papers are due（材料印发提醒）: the working day before, and once late.

    The same reminder reaches a post once, however often the clock turns.

    Args:
        at: now.

    Returns:
        how many messages are new.
    """
    today, told = local_day(at), 0
    rows = Meeting.objects.filter(
        stage="planned", papers_sent_at__isnull=True, held_at__gt=at, papers_due_on__lte=today + LOOKED_AHEAD
    )
    for row in rows.select_related("convened_by", "by_post").order_by("pk"):
        if today < reminded_from(row.papers_due_on, calendar_for(row.convened_by.path)):
            continue
        late = "late" if today > row.papers_due_on else "soon"
        new = office.notify(
            [row.by_post],
            kind="meetings.papers",
            key=f"{row.ref}:papers-{late}:{row.papers_due_on.isoformat()}",
            subject=DUE,
            link=f"/meetings/{row.ref}/",
            params={"title": row.title, "on": row.papers_due_on.isoformat()},
            at=at,
        )
        told += len(new)
    return told
