"""Slips, their papers and acts, and supervision plans over the API（督办单接口）."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Path

from luoshi.delivery import services
from luoshi.delivery.api.doors import Limit, Number, router, tagged
from luoshi.delivery.api.offering import offer_acts
from luoshi.delivery.queries import slip_papers
from luoshi.delivery.queries import slips as slip_reads
from luoshi.delivery.schemas import slips
from luoshi.office.views import serve_paper
from luoshi.rules.slips import SlipState
from luoshi.units.queries import actor_for_request

SlipId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/slips", response=slips.SlipPage, operation_id="list_slips", tags=["slips"])
def list_slips(
    request: HttpRequest,
    state: SlipState | None = None,
    unit: Number = None,
    waiting: bool = False,
    before: Number = None,
    limit: Limit = 50,
) -> slips.SlipPage:
    """Slips the caller may see, newest first; with ``waiting`` only what waits for the caller's post."""
    actor = actor_for_request(request, timezone.now())
    rows = slip_reads.slips_seen(actor)
    if waiting:
        rows = rows.filter(slip_reads.to_approve(actor) | slip_reads.to_answer(actor) | slip_reads.to_settle(actor))
    if state:
        rows = rows.filter(state=state)
    if unit:
        rows = rows.filter(unit=unit)
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: limit + 1])
    return slips.SlipPage(
        items=[slips.SlipOut.told(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.get("/slips/{slip}", response=slips.SlipDetail, operation_id="get_slip", tags=["slips"])
def get_slip(request: HttpRequest, response: HttpResponse, slip: SlipId) -> slips.SlipDetail:
    """One slip, what it is about, and what the caller may do with it."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = slip_reads.slip_for(actor, slip)
    items = list(found.items.select_related("commitment", "request__commitment"))
    tagged(response, found.version)
    return slips.SlipDetail.whole(found, items, actor, slip_reads.chased_next([found], at).get(found.pk))


def _slip_file(slip: int, request: HttpRequest, ending: str, *, urge: bool = False) -> HttpResponseBase:
    at = timezone.now()
    found = slip_reads.slip_for(actor_for_request(request, at), slip)
    return serve_paper(slip_papers.urge_of_slip(found, at) if urge else slip_papers.paper_of_slip(found), ending)


@router.get("/slips/{slip}/paper.docx", operation_id="get_slip_docx", tags=["slips"])
def get_slip_docx(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """The slip as an official paper（GB/T 9704-2012）, as a Word file; in the language asked for."""
    return _slip_file(slip, request, "docx")


@router.get("/slips/{slip}/paper.pdf", operation_id="get_slip_pdf", tags=["slips"])
def get_slip_pdf(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """The slip as an official paper（GB/T 9704-2012）, as PDF; in the language asked for."""
    return _slip_file(slip, request, "pdf")


@router.get("/slips/{slip}/urge.docx", operation_id="get_urge_docx", tags=["slips"])
def get_urge_docx(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """An urge slip（催办单）for the late answer to a slip, as a Word file."""
    return _slip_file(slip, request, "docx", urge=True)


@router.get("/slips/{slip}/urge.pdf", operation_id="get_urge_pdf", tags=["slips"])
def get_urge_pdf(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """An urge slip（催办单）for the late answer to a slip, as PDF."""
    return _slip_file(slip, request, "pdf", urge=True)


offer_acts(
    router,
    "/slips/{slip}",
    slips.SLIP_ACTS,
    key=("slip", SlipId),
    answer=slips.SlipActDone,
    tell=slips.SlipActDone.of,
    by_input=True,
    tags=["slips"],
)


@router.get("/supervision-plans", response=slips.PlanPage, operation_id="list_plans", tags=["slips"])
def list_plans(request: HttpRequest, limit: Limit = 50) -> slips.PlanPage:
    """Supervision plans of the areas on the caller's line and below, newest first."""
    rows = slip_reads.plans_seen(actor_for_request(request, timezone.now())).order_by("-from_on", "-id")[:limit]
    return slips.PlanPage(items=[slips.PlanOut.told(row) for row in rows])


@router.post("/supervision-plans", response=slips.PlanRecorded, operation_id="record_plan", tags=["slips"])
def record_plan(request: HttpRequest, body: slips.RecordPlan) -> slips.PlanRecorded:
    """Record the supervision plan of the caller's area."""
    at = timezone.now()
    return slips.PlanRecorded.of(
        *services.record_plan(actor=actor_for_request(request, at), at=at, **body.model_dump())
    )
