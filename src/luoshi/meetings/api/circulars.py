"""Circulars and letters over the API（通报接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Path, Router

from luoshi.delivery.api.doors import Limit, Start, tagged
from luoshi.delivery.api.offering import offer_acts
from luoshi.meetings.queries import circulars as reads
from luoshi.meetings.queries.circular_papers import paper_of_circular
from luoshi.meetings.schemas import circulars as schemas
from luoshi.office.views import serve_paper
from luoshi.units.queries import actor_for_request

router = Router(tags=["circulars"])
RefPath = Annotated[str, Path(max_length=60)]


@router.get("/circulars", response=schemas.CircularPage, operation_id="list_circulars")
def list_circulars(request: HttpRequest, start: Start = 0, limit: Limit = 50) -> schemas.CircularPage:
    """Circulars the caller's side writes, and those issued to units of its area; the newest first."""
    rows = reads.circulars_seen(actor_for_request(request, timezone.now()))
    found = list(rows.order_by("-pk")[start : start + limit + 1])
    return schemas.CircularPage(
        items=[schemas.CircularOut.of(row) for row in found[:limit]],
        next=start + limit if len(found) > limit else None,
    )


@router.post("/circulars", response=schemas.CircularActDone, operation_id="draft_circular")
def draft_circular(
    request: HttpRequest, response: HttpResponse, body: schemas.DraftCircular
) -> schemas.CircularActDone:
    """Write a circular or letter; nothing is sent before it is issued."""
    at = timezone.now()
    done = schemas.draft(actor=actor_for_request(request, at), data=body.model_dump(), at=at)
    tagged(response, done.circular.version)
    return schemas.CircularActDone.of(done)


@router.get("/circulars/{ref}", response=schemas.CircularDetail, operation_id="get_circular")
def get_circular(request: HttpRequest, response: HttpResponse, ref: RefPath) -> schemas.CircularDetail:
    """One circular with its words, and who has signed as far as the caller may see."""
    actor = actor_for_request(request, timezone.now())
    found = reads.circular_for(actor, ref)
    tagged(response, found.version)
    return schemas.CircularDetail.whole(reads.show(found, actor))


@router.get("/circulars/{ref}/paper", operation_id="get_circular_paper")
def get_circular_paper(request: HttpRequest, ref: RefPath, kind: Literal["docx", "pdf"] = "pdf") -> HttpResponseBase:
    """The circular as an official paper, as a Word or PDF file."""
    actor = actor_for_request(request, timezone.now())
    return serve_paper(paper_of_circular(reads.show(reads.circular_for(actor, ref), actor)), kind)


offer_acts(
    router,
    "/circulars/{ref}",
    schemas.CIRCULAR_ACTS,
    key=("ref", RefPath),
    answer=schemas.CircularActDone,
    tell=schemas.CircularActDone.of,
)
