"""筹备会议: a meeting is called, changed, posts are asked to come, and it may be cancelled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from luoshi.delivery.models import Programme
from luoshi.delivery.queries import programme_for
from luoshi.delivery.services import acting
from luoshi.meetings import events
from luoshi.meetings.models import Meeting, Participant
from luoshi.meetings.services.agenda import carry_forward
from luoshi.meetings.services.recording import MeetingDone, begin, record, said
from luoshi.office import services as office
from luoshi.rules import meetings as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.meetings import KIND_NAMES, MeetingAct, PapersDue
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.units.models import Post, Unit
from luoshi.units.queries import calendar_for, in_scope

_ = gettext_noop
SUBJECTS = {
    "asked": _("You are asked to come: %(title)s, %(when)s"),
    "cancelled": _("Cancelled: %(title)s, %(when)s"),
}


@transaction.atomic
def plan_meeting(
    *,
    actor: Actor,
    programme: str,
    kind: str,
    title: str,
    held_at: datetime,
    place: str = "",
    papers_days: int = rules.PAPERS_DAYS,
    at: datetime,
) -> MeetingDone:
    """Call a meeting about a programme（筹备会议）; open points of the last of its kind come with it by themselves.

    Args:
        actor: the head or the supervision office of the area that calls it.
        programme: its key.
        kind: ``review``, ``dispatch`` or ``special``.
        title: what it is called.
        held_at: when, an aware moment.
        place: where.
        papers_days: working days before it by which papers are out, 0–30.
        at: now.

    Raises:
        Refused: ``meeting_not_yours``, ``not_found``, ``meeting_title_missing``, ``papers_days_range``,
            ``meeting_papers_past``.
    """
    rules.require_calling(actor)
    if kind not in KIND_NAMES:
        raise Refused("not_found")
    words = said(title, "meeting_title_missing")[:200]
    area = Unit.objects.select_related("area").get(path=actor.effective.area_path)
    due = _due(held_at, papers_days, area, at)
    found = Programme.objects.select_for_update().get(pk=programme_for(actor, programme).pk)  # orders the numbers
    meeting = Meeting.objects.create(
        ref=rules.meeting_ref(found.prefix, Meeting.objects.filter(programme=found).count() + 1),
        programme=found,
        kind=kind,
        title=words,
        place=acting.said(place)[:200],
        held_at=held_at,
        papers_days=papers_days,
        papers_due_on=due.on,
        convened_by=area,
        by_post_id=actor.effective.post_id,
        version=0,
        created_at=at,
    )
    carried = carry_forward(meeting, at)
    event = events.MeetingPlanned(
        ref=meeting.ref,
        programme=found.key,
        kind=kind,
        title=words,
        held_on=due.held_on.isoformat(),
        papers_due_on=due.on.isoformat(),
        carried=len(carried),
    )
    return record(meeting, event, actor=actor, at=at, rows=carried)


def _due(held_at: datetime, days: int, area: Unit, at: datetime) -> PapersDue:
    due = rules.papers_due(local_day(held_at), days, calendar_for(area.path, fresh=True))
    if due.on < local_day(at):
        raise Refused("meeting_papers_past", days=days, on=due.on.isoformat())
    return due


@transaction.atomic
def change_meeting(
    *,
    actor: Actor,
    meeting: str,
    version: int,
    title: str,
    held_at: datetime,
    place: str = "",
    papers_days: int = rules.PAPERS_DAYS,
    at: datetime,
) -> MeetingDone:
    """Change title, moment, place or the time for papers before a meeting（变更会议）; papers are counted anew.

    Raises:
        Refused: ``meeting_title_missing``, ``papers_days_range``, ``meeting_papers_past`` and those of ``begin``.
    """
    found = begin(MeetingAct.CHANGE, actor=actor, meeting=meeting, version=version)
    due = _due(held_at, papers_days, found.convened_by, at)
    found.title, found.place = said(title, "meeting_title_missing")[:200], acting.said(place)[:200]
    found.held_at, found.papers_days, found.papers_due_on = held_at, papers_days, due.on
    event = events.MeetingChanged(
        ref=found.ref,
        title=found.title,
        place=found.place,
        held_on=due.held_on.isoformat(),
        papers_due_on=due.on.isoformat(),
    )
    return record(found, event, actor=actor, at=at)


@transaction.atomic
def invite_posts(
    *, actor: Actor, meeting: str, version: int, posts: Sequence[str] = (), off: Collection[str] = (), at: datetime
) -> MeetingDone:
    """Ask posts to come, or take them off the list（通知与会岗位）; who is asked is told through the outbox.

    Args:
        actor: of the side that calls it.
        meeting: its number.
        version: the version looked at.
        posts: numbers of posts within sight.
        off: numbers of posts that need not come.
        at: now.

    Raises:
        Refused: ``not_found`` for a post out of sight or not in use, and those of ``begin``.
    """
    found = begin(MeetingAct.INVITE, actor=actor, meeting=meeting, version=version)
    wanted = list(dict.fromkeys(posts))
    known = {post.ref: post for post in in_scope(Post.objects.filter(ref__in=wanted, active=True), "unit__path", actor)}
    if set(wanted) - set(known):
        raise Refused("not_found")
    there = {row.post.ref: row for row in found.participants.select_related("post")}
    if set(off) - set(there):
        raise Refused("not_found")
    new = Participant.objects.bulk_create(
        [Participant(meeting=found, post=known[ref]) for ref in wanted if ref not in there]
    )
    changed = [there[ref] for ref in wanted if ref in there and there[ref].off] + [there[ref] for ref in off]
    for row in changed:
        row.off = row.post.ref in off
    Participant.objects.bulk_update(changed, ["off"])
    event = events.PostsInvited(ref=found.ref, posts=tuple(wanted), off=tuple(off))
    done = record(found, event, actor=actor, at=at, rows=[*new, *changed])
    _tell(found, "asked", [known[ref] for ref in wanted], actor, at)
    return done


def _tell(meeting: Meeting, what: str, posts: Sequence[Post], actor: Actor, at: datetime) -> None:
    office.notify(
        posts,
        kind="meetings.meeting",
        key=f"{meeting.ref}:{what}:{meeting.held_at.isoformat()}",
        subject=SUBJECTS[what],
        link=f"/meetings/{meeting.ref}/",
        params={"title": meeting.title, "when": local_day(meeting.held_at).isoformat()},
        at=at,
        sender=actor.effective.post_id,
    )


@transaction.atomic
def cancel_meeting(*, actor: Actor, meeting: str, version: int, reason: str, at: datetime) -> MeetingDone:
    """Cancel a meeting that has not begun（取消会议）; its carried points stay open and go to the next one.

    Raises:
        Refused: ``reason_missing`` and those of ``begin``.
    """
    found = begin(MeetingAct.CANCEL, actor=actor, meeting=meeting, version=version)
    found.cancel_reason = said(reason, "reason_missing")
    found.stage = "cancelled"
    event = events.MeetingCancelled(ref=found.ref, reason=found.cancel_reason)
    done = record(found, event, actor=actor, at=at)
    _tell(
        found, "cancelled", [row.post for row in found.participants.filter(off=False).select_related("post")], actor, at
    )
    return done
