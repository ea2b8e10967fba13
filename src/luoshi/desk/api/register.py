"""The API of the register and its saved views（台账的接口）."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router

from luoshi.delivery.models import Commitment
from luoshi.delivery.schemas.answers import CommitmentOut
from luoshi.desk.queries import filters as asking
from luoshi.desk.queries import register as registers
from luoshi.desk.schemas.register import RegisterPage, ViewDeleted, ViewIn, ViewOut
from luoshi.office import services as office
from luoshi.office.queries.saved import views_of
from luoshi.rules.lifecycle import Kind as CommitmentKind
from luoshi.rules.lifecycle import State
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.units.queries import actor_for_request

_ = gettext_noop
PAGE = "register"

router = Router(tags=["commitments"])


def _parameter(name: str) -> dict[str, Any]:
    """How the description of the API tells one filter."""
    words: dict[str, Any] = {
        "state": [state.value for state in State],
        "light": list(registers.LIGHTS),
        "kind": [kind.value for kind in CommitmentKind],
        "open": list(asking.OPEN),
        "how": list(asking.HOWS),
        "cadence": list(Commitment.Cadence.values),
        "sort": [sign + order for order in asking.ORDERS for sign in ("", "-")],
    }
    whole = {"matter", "sub", "unit", "lead", "issuer", "silent", "gap", "size"}
    one: dict[str, Any] = {"type": "string"}
    if name in words:
        one = {"type": "string", "enum": words[name]}
    elif name in whole:
        one = {"type": "integer", "minimum": 1}
    elif name in ("own", "overdue"):
        one = {"type": "integer", "enum": [1]}
    elif name in ("from", "until"):
        one = {"type": "string", "format": "date"}
    several = name in asking.MANY
    schema = {"type": "array", "items": one} if several else one
    return {"name": name, "in": "query", "required": False, "schema": schema}


FILTERS = {"parameters": [_parameter(name) for name in (*asking.READERS, *sorted(asking.PLACES)) if name != "cols"]}


@router.get(
    "/register",
    response=RegisterPage,
    operation_id="get_register",
    tags=["commitments"],
    openapi_extra=FILTERS,
)
def get_register(request: HttpRequest) -> RegisterPage:
    """Commitments within sight, filtered and ordered as on the page of the register, with counts by light and state.

    ``next`` and ``previous`` are cursors for ``after`` and ``before``; ``exact`` is false when there are more than were
    counted. What a filter says and nobody understands is refused.
    """
    at = timezone.now()
    actor = actor_for_request(request, at)
    filters, odd = asking.parse(dict(request.GET.lists()))
    if odd:
        raise Refused("bad_input", field=odd[0], problem=_("this does not fit"), name=odd[0])
    place = {name: request.GET.get(name, "") for name in asking.PLACES}
    for name, text in place.items():
        if text and registers.read_cursor(filters, text) is None:
            raise Refused("bad_input", field=name, problem=_("this does not fit"), name=name)
    page = registers.whole_page(actor, filters, at, after=place["after"], before=place["before"])
    counts = registers.counts(actor, filters, at)
    return RegisterPage(
        items=[CommitmentOut.of(row) for row in page.rows],
        next=page.following or None,
        previous=page.previous or None,
        total=counts.total,
        exact=counts.exact,
        by_light=dict(counts.by_light),
        by_state=dict(counts.by_state),
    )


@router.get("/views", response=list[ViewOut], operation_id="list_views", tags=["views"])
def list_views(request: HttpRequest) -> list[ViewOut]:
    """The caller's own saved views of the register and those the unit shares, by name."""
    actor = actor_for_request(request, timezone.now())
    return [ViewOut.of(view, actor) for view in views_of(actor, PAGE)]


@router.post("/views", response=ViewOut, operation_id="save_view", tags=["views"])
def save_view(request: HttpRequest, body: ViewIn) -> ViewOut:
    """Keep filters under a name; the same name is replaced."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    query = asking.from_query(body.query).encode()
    view = office.save_view(
        actor=actor, page=PAGE, name=body.name, query=query, shared=body.shared, opens=body.opens, at=at
    )
    return ViewOut.of(view, actor)


ViewPath = Annotated[int, Path(ge=1, le=2**53)]


@router.post("/views/{view}", response=ViewOut, operation_id="change_view", tags=["views"])
def change_view(request: HttpRequest, view: ViewPath, body: ViewIn) -> ViewOut:
    """Rename one of the caller's own views, share it or not, open the register with it or not; filters stay."""
    actor = actor_for_request(request, timezone.now())
    changed = office.change_view(view, actor=actor, name=body.name, shared=body.shared, opens=body.opens)
    return ViewOut.of(changed, actor)


@router.post("/views/{view}/delete", response=ViewDeleted, operation_id="delete_view", tags=["views"])
def delete_view(request: HttpRequest, view: ViewPath) -> ViewDeleted:
    """Delete one of the caller's own views."""
    office.delete_view(view, actor=actor_for_request(request, timezone.now()))
    return ViewDeleted(deleted=view)
