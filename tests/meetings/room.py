"""Meetings of the small world, made through services only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import SHANGHAI, World

from luoshi.meetings import services
from luoshi.meetings.models import Meeting
from luoshi.meetings.services import MeetingDone
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units

LATER = dt.datetime(2026, 6, 1, 9, 0, tzinfo=SHANGHAI)
"""A moment at which what the world was asked on 2 March is overdue."""


def plan(world: World, *, by: str = "office", at: dt.datetime | None = None, **changes: Any) -> Meeting:
    """A meeting ten days after ``at``."""
    now = at or world.at
    values = {"programme": "ten", "kind": "review", "title": "半年复盘", "held_at": now + dt.timedelta(days=10)}
    actor = units.actor_for(world.users[by], at=now)
    return services.plan_meeting(actor=actor, at=now, **{**values, **changes}).meeting


def do(world: World, act: str, meeting: Meeting, *, by: str = "office", at: dt.datetime, **values: Any) -> MeetingDone:
    """One act on the present version."""
    actor = units.actor_for(world.users[by], at=at)
    version = Meeting.objects.get(pk=meeting.pk).version
    done: MeetingDone = getattr(services, act)(actor=actor, meeting=meeting.ref, version=version, at=at, **values)
    return done


def refuses(
    code: str, world: World, act: str, meeting: Meeting, *, by: str = "office", at: dt.datetime, **v: Any
) -> Refused:
    """The act is refused with that code, and the meeting is as it was."""
    before = Meeting.objects.get(pk=meeting.pk).version
    with pytest.raises(Refused) as refused:
        do(world, act, meeting, by=by, at=at, **v)
    assert refused.value.code == code, refused.value.code
    assert str(refused.value)
    assert Meeting.objects.get(pk=meeting.pk).version == before
    return refused.value
