"""One's own decision log and the hand-overs one had a part in, over the API（决策记录接口）.

There is no list of logs and none of posts: everybody reads his own, and what was handed over to him.
"""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.meetings import services
from luoshi.meetings.queries import handed as handed_reads
from luoshi.meetings.queries import logs as reads
from luoshi.meetings.schemas import logs as schemas
from luoshi.office.views import serve_paper
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for_request

router = Router(tags=["decision log"])
Key = Annotated[int, Path(ge=1, le=2**62)]
Which = Annotated[int | None, Query(ge=1, le=2**62)]
Cursor = Annotated[str, Query(max_length=40)]


@router.get("/log", response=schemas.LogOut, operation_id="get_own_log")
def get_own_log(request: HttpRequest, holding: Which = None, before: Cursor = "") -> schemas.LogOut:
    """The caller's own decision log, a page of it, newest first; ``holding`` names an earlier time of his."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return schemas.LogOut.of(reads.own_log(actor, holding=holding, before=before, at=at))


@router.post("/log/comments", response=schemas.LogActDone, operation_id="comment_on_log")
def comment_on_log(request: HttpRequest, body: schemas.CommentIn) -> schemas.LogActDone:
    """Write beside one's own decision log."""
    at = timezone.now()
    done = services.comment_on_log(actor=actor_for_request(request, at), at=at, **body.model_dump())
    return schemas.LogActDone.of(done)


@router.get("/handovers", response=list[schemas.HandOverLine], operation_id="list_own_handovers")
def list_own_handovers(request: HttpRequest) -> list[schemas.HandOverLine]:
    """The newest hand-overs the caller had a part in."""
    actor = actor_for_request(request, timezone.now())
    return [schemas.HandOverLine.of(row) for row in handed_reads.handovers_for(actor)[: handed_reads.SHOWN]]


@router.get("/handovers/{handover}", response=schemas.HandedOut, operation_id="get_handover")
def get_handover(request: HttpRequest, handover: Key, before: Cursor = "") -> schemas.HandedOut:
    """One hand-over: its decision log first, then what was handed over."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return schemas.HandedOut.whole(handed_reads.handed(actor, handover, before=before, at=at))


@router.get("/handovers/{handover}/sheet", operation_id="get_handover_sheet")
def get_handover_sheet(request: HttpRequest, handover: Key, kind: Literal["docx", "pdf"] = "pdf") -> HttpResponseBase:
    """The sheet of a hand-over as a Word or PDF file."""
    at = timezone.now()
    return serve_paper(handed_reads.sheet_of(actor_for_request(request, at), handover, at=at), kind)


@router.post("/handovers/{handover}/lay-open", response=schemas.LogActDone, operation_id="lay_open_log")
def lay_open_log(request: HttpRequest, handover: Key) -> schemas.LogActDone:
    """Lay the log of the post one has left open to the successor."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    holding = handed_reads.handed(actor, handover, limit=1, at=at).holding
    if holding is None:
        raise Refused("not_found")
    return schemas.LogActDone.of(services.lay_open_log(actor=actor, holding=holding.pk, at=at))
