"""Meetings at every door: what goes in, and what the API answers."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from luoshi.meetings.models import Meeting


class MeetingOut(BaseModel):
    """One meeting in the list."""

    ref: str
    programme: str
    kind: str
    title: str
    place: str
    held_at: dt.datetime
    papers_due_on: dt.date
    stage: str
    convened_by: int
    version: int

    @staticmethod
    def of(one: Meeting) -> MeetingOut:
        """The meeting."""
        return MeetingOut(
            ref=one.ref,
            programme=one.programme.key,
            kind=one.kind,
            title=one.title,
            place=one.place,
            held_at=one.held_at,
            papers_due_on=one.papers_due_on,
            stage=one.stage,
            convened_by=one.convened_by_id,
            version=one.version,
        )


class MeetingPage(BaseModel):
    """A page of meetings."""

    items: list[MeetingOut]
    next: int | None
