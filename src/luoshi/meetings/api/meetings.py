"""Meetings over the API（会议接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Path, Router

from luoshi.delivery.api.doors import Limit, Start, tagged
from luoshi.delivery.api.offering import offer_acts
from luoshi.meetings.queries import meetings as reads
from luoshi.meetings.queries.meeting_papers import MeetingPaper, paper_of_meeting
from luoshi.meetings.queries.showing import show
from luoshi.meetings.schemas import meetings as schemas
from luoshi.office.views import serve_paper
from luoshi.units.queries import actor_for_request

router = Router(tags=["meetings"])
RefPath = Annotated[str, Path(max_length=40)]


@router.get("/meetings", response=schemas.MeetingPage, operation_id="list_meetings")
def list_meetings(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> schemas.MeetingPage:
    """Meetings of the caller's area, and those its post is asked to come to; the latest first."""
    rows = reads.meetings_seen(actor_for_request(request, timezone.now()))
    found = list(rows[start : start + limit + 1])
    return schemas.MeetingPage(
        items=[schemas.MeetingOut.of(row) for row in found[:limit]],
        next=start + limit if len(found) > limit else None,
    )


@router.post("/meetings", response=schemas.MeetingActDone, operation_id="plan_meeting")
def plan_meeting(request: HttpRequest, response: HttpResponse, body: schemas.PlanMeeting) -> schemas.MeetingActDone:
    """Call a meeting; open points of the last of its kind come with it by themselves."""
    at = timezone.now()
    done = schemas.plan(actor=actor_for_request(request, at), data=body.model_dump(), at=at)
    tagged(response, done.meeting.version)
    return schemas.MeetingActDone.of(done)


@router.get("/meetings/{ref}", response=schemas.MeetingDetail, operation_id="get_meeting")
def get_meeting(request: HttpRequest, response: HttpResponse, ref: RefPath) -> schemas.MeetingDetail:
    """One meeting with its agenda, what is proposed for it and why, and what the last one's decisions became."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = reads.meeting_for(actor, ref)
    tagged(response, found.version)
    return schemas.MeetingDetail.whole(show(found, actor, at))


@router.get("/meetings/{ref}/papers/{which}", operation_id="get_meeting_paper")
def get_meeting_paper(
    request: HttpRequest, ref: RefPath, which: MeetingPaper, kind: Literal["docx", "pdf"] = "pdf"
) -> HttpResponseBase:
    """The notice or, once it has ended, the minutes of a meeting as an official paper, as a Word or PDF file."""
    found = reads.meeting_for(actor_for_request(request, timezone.now()), ref)
    return serve_paper(paper_of_meeting(found, which), kind)


offer_acts(
    router,
    "/meetings/{ref}",
    schemas.MEETING_ACTS,
    key=("ref", RefPath),
    answer=schemas.MeetingActDone,
    tell=schemas.MeetingActDone.of,
)
