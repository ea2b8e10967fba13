"""Meetings over the API（会议接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from luoshi.meetings.queries import meetings as reads
from luoshi.meetings.schemas import meetings as schemas
from luoshi.units.queries import actor_for_request

router = Router(tags=["meetings"])
Start = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/meetings", response=schemas.MeetingPage, operation_id="list_meetings")
def list_meetings(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> schemas.MeetingPage:
    """Meetings of the caller's area, and those its post is asked to come to; the latest first."""
    rows = reads.meetings_seen(actor_for_request(request, timezone.now()))
    found = list(rows[start : start + limit + 1])
    return schemas.MeetingPage(
        items=[schemas.MeetingOut.of(row) for row in found[:limit]],
        next=start + limit if len(found) > limit else None,
    )
