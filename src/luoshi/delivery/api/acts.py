"""Every act on a commitment, and many at once, over the API（办理接口）: one operation an act, out of its input."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Body

from luoshi.accounts.models import User
from luoshi.delivery.api.doors import NEEDS_VERSION, RefPath, router, tagged, version_of
from luoshi.delivery.api.offering import signed
from luoshi.delivery.schemas import (
    INPUTS,
    ActInput,
    ActRow,
    answers,
    bounded,
    perform,
    perform_rows,
)
from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import Act
from luoshi.units.queries import actor_for_request


def _operation(act: Act, model: type[ActInput]) -> Callable[..., answers.ActDone]:
    """The view of one act, with the act's own input as its body; an act that needs no words takes an empty body."""

    def operation(
        request: HttpRequest, response: HttpResponse, ref: str, body: ActInput | None = None
    ) -> answers.ActDone:
        at = timezone.now()
        done = perform(
            act,
            actor=actor_for_request(request, at),
            ref=ref,
            version=version_of(request),
            data=body.model_dump(exclude_unset=True) if body else {},
            at=at,
            via="api",
        )
        tagged(response, done.commitment.version)
        return answers.ActDone.of(done)

    needed = any(field.is_required() for field in model.model_fields.values())
    asked = {"response": HttpResponse, "ref": RefPath, "body": model if needed else model | None}
    defaults = {} if needed else {"body": Body(None)}  # type: ignore[type-arg]
    return signed(operation, f"{act.name.lower()}_commitment", model.__doc__ or "", asked, defaults)


for _act, _model in INPUTS.items():
    router.post(
        f"/commitments/{{ref}}/{_act.value}",
        response=answers.ActDone,
        operation_id=f"{_act.name.lower()}_commitment",
        summary=lifecycle.ACT_NAMES[_act],
        tags=["acts"],
        openapi_extra=NEEDS_VERSION,
    )(_operation(_act, _model))


@router.post("/acts", response=answers.RowsDone, operation_id="do_acts", tags=["acts"])
def do_acts(request: HttpRequest, body: answers.RowsInput) -> answers.RowsDone:
    """Do up to 200 acts, each by itself: a row that is refused changes nothing and stops no other.

    Each row names its act, the commitment and the version looked at. A row sent again is done once.
    """
    at = timezone.now()
    actor = actor_for_request(request, at)
    bounded(len(body.rows))
    rows = [ActRow(place, row.act, row.ref, row.version, row.data) for place, row in enumerate(body.rows, start=1)]
    user = cast("User", request.user)
    outcomes = perform_rows(rows, actor=actor, user=user, at=at, via="api")
    return answers.RowsDone(rows=[answers.RowDone.of(one) for one in outcomes])
