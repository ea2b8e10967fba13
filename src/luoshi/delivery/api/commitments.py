"""Commitments, their reports, history and price over the API（任务接口）."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query

from luoshi.delivery import queries, services
from luoshi.delivery.api.doors import Key, Light, Limit, Number, Ref, RefPath, router, tagged
from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import asked
from luoshi.delivery.schemas import answers
from luoshi.delivery.schemas.inputs import BreakDown, Draft, NoteInput
from luoshi.rules import lifecycle, lights, paths
from luoshi.rules.calendar import local_day
from luoshi.units.queries import actor_for_request, unit_in_scope


@router.get("/commitments", response=answers.CommitmentPage, operation_id="list_commitments")
def list_commitments(
    request: HttpRequest,
    programme: Key = "",
    matter: Number = None,
    state: lifecycle.State | None = None,
    light: Light = "",
    unit: Number = None,
    after: Ref = "",
    limit: Limit = 50,
) -> answers.CommitmentPage:
    """Commitments the caller may see, by number; ``unit`` means that unit and everything below it."""
    actor = actor_for_request(request, timezone.now())
    rows = queries.visible(actor)
    if programme:
        rows = rows.filter(programme__key=programme)
    if matter:
        rows = rows.filter(matter_id=matter)
    if state:
        rows = rows.filter(state=state)
    if light:
        rows = rows.filter(light=light)
    if unit:
        path = unit_in_scope(actor, unit).path
        rows = rows.filter(**paths.subtree("lead_path", path))
    return _page(rows, after, limit)


def _page(rows: Any, after: str, limit: int) -> answers.CommitmentPage:
    found: list[Commitment] = list(rows.filter(ref__gt=after).order_by("ref")[: limit + 1])
    return answers.CommitmentPage(
        items=[answers.CommitmentOut.of(row) for row in found[:limit]],
        next=found[limit - 1].ref if len(found) > limit else None,
    )


@router.post("/commitments", response=answers.ActDone, operation_id="draft_commitment")
def draft_commitment(request: HttpRequest, response: HttpResponse, body: Draft) -> answers.ActDone:
    """Draft a commitment; the caller's unit becomes its issuer."""
    at = timezone.now()
    done = services.draft_commitment(actor=actor_for_request(request, at), at=at, **body.values())
    tagged(response, done.commitment.version)
    return answers.ActDone.of(done)


@router.get("/commitments/{ref}", response=answers.CommitmentDetail, operation_id="get_commitment")
def get_commitment(request: HttpRequest, response: HttpResponse, ref: RefPath) -> answers.CommitmentDetail:
    """One commitment, its light with the reason, and who may do what now and why not."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    commitment = queries.commitment_for(actor, ref)
    possible = lifecycle.possibilities(commitment.facts(), actor=actor, at=at)
    tagged(response, commitment.version)
    return answers.CommitmentDetail.whole(commitment, possible, lights.light(commitment.light_facts(), at))


@router.get("/commitments/{ref}/children", response=answers.CommitmentPage, operation_id="list_children")
def list_children(request: HttpRequest, ref: RefPath, after: Ref = "", limit: Limit = 50) -> answers.CommitmentPage:
    """The parts of a commitment that the caller may see, by number."""
    actor = actor_for_request(request, timezone.now())
    parent = queries.commitment_for(actor, ref)
    return _page(queries.visible(actor).filter(parent=parent), after, limit)


@router.get("/commitments/{ref}/reports", response=answers.ReportPage, operation_id="list_reports")
def list_reports(request: HttpRequest, ref: RefPath, before: Number = None, limit: Limit = 50) -> answers.ReportPage:
    """What was said, newest first."""
    commitment = queries.commitment_for(actor_for_request(request, timezone.now()), ref)
    rows = commitment.reports.select_related("by_post", "for_unit").prefetch_related("evidence").order_by("-id")
    found = list((rows.filter(pk__lt=before) if before else rows)[: limit + 1])
    return answers.ReportPage(
        items=[answers.ReportOut.of(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.get("/commitments/{ref}/timeline", response=answers.TimelinePage, operation_id="get_timeline")
def get_timeline(
    request: HttpRequest, ref: RefPath, before: Number = None, limit: Annotated[int, Query(ge=1, le=199)] = 50
) -> answers.TimelinePage:
    """What was done to a commitment, from the ledger, newest first."""
    actor = actor_for_request(request, timezone.now())
    found = queries.timeline(actor, ref, before=before, limit=limit + 1)
    return answers.TimelinePage(
        items=[answers.TimelineEntry.of(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.post("/commitments/{ref}/break-down/price", response=answers.PriceOut, operation_id="price_breakdown")
def price_breakdown(
    request: HttpRequest, ref: RefPath, body: BreakDown, title: Annotated[str, Query(max_length=200)] = ""
) -> answers.PriceOut:
    """Whom a breakdown would reach and what it would cost them; nothing is sent."""
    at = timezone.now()
    proposal = services.propose_breakdown(
        actor=actor_for_request(request, at),
        ref=ref,
        levels=body.levels,
        units=body.units,
        cadence=body.cadence,
        due_on=body.due_on,
        due_days=body.due_days,
        due_kind=body.due_kind,
        title=title,
        at=at,
    )
    return answers.PriceOut.of(proposal)


@router.get("/burden", response=answers.BurdenOut, operation_id="get_burden")
def get_burden(request: HttpRequest, unit: Number = None) -> answers.BurdenOut:
    """What is asked within ``unit`` (the caller's area by default) a week, and which asks cost most."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    area = unit_in_scope(actor, unit or paths.own_id(actor.effective.area_path))
    return answers.BurdenOut.of(asked.burden_of(actor, area, today=local_day(at)))


@router.post("/notes", response=answers.ActDone, operation_id="act_on_note")
def act_on_note(request: HttpRequest, response: HttpResponse, body: NoteInput) -> answers.ActDone:
    """A leader's note becomes an instruction on a commitment, or a commitment: a draft, or issued at once."""
    at = timezone.now()
    done = services.act_on_note(actor=actor_for_request(request, at), at=at, **body.values())
    tagged(response, done.commitment.version)
    return answers.ActDone.of(done)
