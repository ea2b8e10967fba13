"""Write-ups over the API（先进做法接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.delivery.api.doors import Limit, RefPath, Start, tagged
from luoshi.delivery.api.offering import offer_acts
from luoshi.delivery.queries import commitment_for
from luoshi.meetings.queries import practices as reads
from luoshi.meetings.queries.nearby import nearby
from luoshi.meetings.schemas import practices as schemas
from luoshi.rules.calendar import local_day
from luoshi.units.queries import actor_for_request

router = Router(tags=["practices"])
PracticePath = Annotated[str, Path(max_length=60)]
MatterId = Annotated[int | None, Query(ge=1, le=2**53)]
Words = Annotated[str, Query(max_length=100)]


@router.get("/practices", response=schemas.PracticePage, operation_id="list_practices")
def list_practices(
    request: HttpRequest, matter: MatterId = None, q: Words = "", start: Start = 0, limit: Limit = 50
) -> schemas.PracticePage:
    """The library as far as the caller sees it: of one matter (its id), with the words looked for; newest first."""
    actor = actor_for_request(request, timezone.now())
    found = list(reads.library(actor, matter=matter, words=q)[start : start + limit + 1])
    return schemas.PracticePage(
        items=[schemas.PracticeOut.of(row) for row in found[:limit]],
        next=start + limit if len(found) > limit else None,
    )


@router.get("/practices/{ref}", response=schemas.PracticeDetail, operation_id="get_practice")
def get_practice(request: HttpRequest, response: HttpResponse, ref: PracticePath) -> schemas.PracticeDetail:
    """One write-up, how its result was verified, and what it said before."""
    actor = actor_for_request(request, timezone.now())
    found = reads.practice_for(actor, ref)
    tagged(response, found.version)
    return schemas.PracticeDetail.whole(reads.show(found, actor))


@router.post("/commitments/{ref}/practice", response=schemas.PracticeActDone, operation_id="write_practice")
def write_practice(
    request: HttpRequest, response: HttpResponse, ref: RefPath, body: schemas.WritePractice
) -> schemas.PracticeActDone:
    """Write the verified result of a commitment up for others; nothing asks for it."""
    at = timezone.now()
    done = schemas.write(actor=actor_for_request(request, at), commitment=ref, data=body.model_dump(), at=at)
    tagged(response, done.practice.version)
    return schemas.PracticeActDone.of(done)


@router.get("/commitments/{ref}/verified-nearby", response=schemas.NearbyOut, operation_id="list_verified_nearby")
def list_verified_nearby(request: HttpRequest, ref: RefPath) -> schemas.NearbyOut:
    """Units most like the lead of a commitment that had the same verified in time, by variables that are shown."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return schemas.NearbyOut.of(nearby(actor, commitment_for(actor, ref), local_day(at)))


offer_acts(
    router,
    "/practices/{ref}",
    schemas.PRACTICE_ACTS,
    key=("ref", PracticePath),
    answer=schemas.PracticeActDone,
    tell=schemas.PracticeActDone.of,
)
