"""Meetings as one may see them（会议查询）: the side that calls them, and the posts asked to come."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from luoshi.meetings.models import Meeting, Participant
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, require_version

RELATED = ("programme", "convened_by__area", "by_post")


def meetings_seen(actor: Actor) -> QuerySet[Meeting]:
    """Meetings an actor may see: those of its own area, and those its post is asked to come to."""
    rows = Meeting.objects.select_related(*RELATED)
    if actor.role is Role.SYSTEM:
        return rows
    seat = actor.effective
    asked = Participant.objects.filter(meeting=OuterRef("pk"), post=seat.post_id, off=False)
    return rows.filter(Q(convened_by__path=seat.area_path) | Exists(asked))


def meeting_for(actor: Actor, ref: str) -> Meeting:
    """One meeting within sight.

    Raises:
        Refused: ``not_found``.
    """
    found = meetings_seen(actor).filter(ref=ref).first()
    if found is None:
        raise Refused("not_found")
    return found


def lock_meeting(actor: Actor, ref: str, version: int) -> Meeting:
    """The same, locked until the transaction ends, in the version that was looked at.

    Raises:
        Refused: ``not_found``, ``stale_version``.
    """
    meeting_for(actor, ref)
    found = Meeting.objects.select_for_update(of=("self",)).select_related(*RELATED).get(ref=ref)
    require_version(version, found.version, ref=found.ref)
    return found


def last_ended(meeting: Meeting) -> Meeting | None:
    """The meeting of the same line that ended last before this one; its open points and decisions go on here."""
    rows = Meeting.objects.filter(
        programme=meeting.programme_id, kind=meeting.kind, convened_by=meeting.convened_by_id, stage="ended"
    ).exclude(pk=meeting.pk)
    if meeting.ended_at is not None:
        rows = rows.filter(ended_at__lt=meeting.ended_at)
    return rows.order_by("-ended_at", "-id").first()
