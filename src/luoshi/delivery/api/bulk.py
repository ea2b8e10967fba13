"""Bulk acts over the API（批量接口）: planned, looked at, confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query

from luoshi.delivery import queries
from luoshi.delivery.api.doors import Limit, Number, router
from luoshi.delivery.api.offering import signed
from luoshi.delivery.schemas import ActInput, answers, bulk
from luoshi.delivery.services import bulk as bulk_services
from luoshi.rules.lifecycle import Act
from luoshi.units.queries import actor_for_request

BulkId = Annotated[int, Path(ge=1, le=2**53)]


def _bulk_operation(act: Act, model: type[ActInput]) -> Callable[..., answers.BulkOut]:
    """The view that asks for the plan of one kind of bulk act."""

    def operation(request: HttpRequest, body: ActInput) -> answers.BulkOut:
        at = timezone.now()
        data = body.model_dump(exclude_unset=True)
        return answers.BulkOut.of(bulk.plan(act, actor=actor_for_request(request, at), data=data, at=at))

    about = f"{model.__doc__} Makes the plan; nothing is done before it is confirmed."
    return signed(operation, f"plan_bulk_{act.name.lower()}", about, {"body": model})


for _act, _model in bulk.BULK_INPUTS.items():
    router.post(
        f"/bulk/{_act.value}",
        response=answers.BulkOut,
        operation_id=f"plan_bulk_{_act.name.lower()}",
        tags=["bulk"],
    )(_bulk_operation(_act, _model))


@router.get("/bulk", response=answers.BulkPage, operation_id="list_bulk", tags=["bulk"])
def list_bulk(request: HttpRequest, before: Number = None, limit: Limit = 50) -> answers.BulkPage:
    """Bulk acts the caller may see, newest first."""
    rows, following = queries.bulk_page(actor_for_request(request, timezone.now()), before=before, limit=limit)
    return answers.BulkPage(items=[answers.BulkOut.of(row) for row in rows], next=following)


@router.get("/bulk/{bulk_id}", response=answers.BulkOut, operation_id="get_bulk", tags=["bulk"])
def get_bulk(request: HttpRequest, bulk_id: BulkId) -> answers.BulkOut:
    """One bulk act and how far it is."""
    return answers.BulkOut.of(queries.bulk_for(actor_for_request(request, timezone.now()), bulk_id))


@router.get("/bulk/{bulk_id}/subjects", response=answers.BulkSubjects, operation_id="list_bulk_subjects", tags=["bulk"])
def list_bulk_subjects(
    request: HttpRequest,
    bulk_id: BulkId,
    outcome: Literal["in", "refused"] = "refused",
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Limit = 100,
) -> answers.BulkSubjects:
    """Who is in, or who is refused and why."""
    found = queries.bulk_for(actor_for_request(request, timezone.now()), bulk_id)
    rows = queries.subjects(found, outcome, after=after, limit=limit + 1)
    return answers.BulkSubjects(
        items=[answers.BulkSubjectOut.of(row) for row in rows[:limit]],
        next=rows[limit - 1].place if len(rows) > limit else None,
    )


@router.post("/bulk/{bulk_id}/confirm", response=answers.BulkOut, operation_id="confirm_bulk", tags=["bulk"])
def confirm_bulk(request: HttpRequest, bulk_id: BulkId, body: answers.Confirmation) -> answers.BulkOut:
    """Let a plan be done as one act; a job does it."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return answers.BulkOut.of(bulk_services.confirm_bulk(actor=actor, bulk_id=bulk_id, digest=body.digest, at=at))


@router.post("/bulk/{bulk_id}/cancel", response=answers.BulkOut, operation_id="cancel_bulk", tags=["bulk"])
def cancel_bulk(request: HttpRequest, bulk_id: BulkId) -> answers.BulkOut:
    """End a bulk act before it is done; nothing of it is left."""
    at = timezone.now()
    return answers.BulkOut.of(bulk_services.cancel_bulk(actor=actor_for_request(request, at), bulk_id=bulk_id, at=at))
