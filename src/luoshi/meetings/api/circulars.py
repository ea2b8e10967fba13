"""Circulars and letters over the API（通报接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.delivery.api.doors import NEEDS_VERSION, needed_version, tagged
from luoshi.delivery.schemas.inputs import ActInput
from luoshi.meetings.queries import circulars as reads
from luoshi.meetings.queries.circular_papers import paper_of_circular
from luoshi.meetings.schemas import circulars as schemas
from luoshi.office.views import serve_paper
from luoshi.rules.circulars import CircularAct
from luoshi.units.queries import actor_for_request

router = Router(tags=["circulars"])
RefPath = Annotated[str, Path(max_length=60)]
Start = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=200)]


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


def _operation(act: CircularAct, model: type[ActInput]) -> Callable[..., schemas.CircularActDone]:
    """The view of one act on a circular."""

    def operation(request: HttpRequest, response: HttpResponse, ref: str, body: ActInput) -> schemas.CircularActDone:
        at = timezone.now()
        actor = actor_for_request(request, at)
        version = None if act in schemas.UNVERSIONED else needed_version(request)
        data = body.model_dump(exclude_unset=True)
        done = schemas.perform_on_circular(act, actor=actor, circular=ref, version=version, data=data, at=at)
        tagged(response, done.circular.version)
        return schemas.CircularActDone.of(done)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    operation.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=HttpRequest),
            inspect.Parameter("response", kind, annotation=HttpResponse),
            inspect.Parameter("ref", kind, annotation=RefPath),
            inspect.Parameter("body", kind, annotation=model),
        ]
    )
    operation.__name__ = f"{act.name.lower()}_circular"
    operation.__doc__ = (schemas.SERVICES[act].__doc__ or "").partition("\n")[0]
    return operation


for _act, _model in schemas.INPUTS.items():
    router.post(
        f"/circulars/{{ref}}/{_act.value}",
        response=schemas.CircularActDone,
        operation_id=f"{_act.name.lower()}_circular",
        openapi_extra=None if _act in schemas.UNVERSIONED else NEEDS_VERSION,
    )(_operation(_act, _model))
