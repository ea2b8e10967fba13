"""Write-ups over the API（先进做法接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.delivery.api.doors import NEEDS_VERSION, RefPath, needed_version, tagged
from luoshi.delivery.queries import commitment_for
from luoshi.delivery.schemas.inputs import ActInput
from luoshi.meetings.queries import practices as reads
from luoshi.meetings.queries.nearby import nearby
from luoshi.meetings.schemas import practices as schemas
from luoshi.rules.calendar import local_day
from luoshi.rules.practices import PracticeAct
from luoshi.units.queries import actor_for_request

router = Router(tags=["practices"])
PracticePath = Annotated[str, Path(max_length=60)]
Start = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=200)]
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


def _operation(act: PracticeAct, model: type[ActInput]) -> Callable[..., schemas.PracticeActDone]:
    """The view of one act on a write-up."""

    def operation(request: HttpRequest, response: HttpResponse, ref: str, body: ActInput) -> schemas.PracticeActDone:
        at = timezone.now()
        actor = actor_for_request(request, at)
        version = None if act in schemas.UNVERSIONED else needed_version(request)
        data = body.model_dump(exclude_unset=True)
        done = schemas.perform_on_practice(act, actor=actor, practice=ref, version=version, data=data, at=at)
        tagged(response, done.practice.version)
        return schemas.PracticeActDone.of(done)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    operation.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=HttpRequest),
            inspect.Parameter("response", kind, annotation=HttpResponse),
            inspect.Parameter("ref", kind, annotation=PracticePath),
            inspect.Parameter("body", kind, annotation=model),
        ]
    )
    operation.__name__ = f"{act.name.lower()}_practice"
    operation.__doc__ = (schemas.SERVICES[act].__doc__ or "").partition("\n")[0]
    return operation


for _act, _model in schemas.INPUTS.items():
    router.post(
        f"/practices/{{ref}}/{_act.value}",
        response=schemas.PracticeActDone,
        operation_id=f"{_act.name.lower()}_practice",
        openapi_extra=None if _act in schemas.UNVERSIONED else NEEDS_VERSION,
    )(_operation(_act, _model))
