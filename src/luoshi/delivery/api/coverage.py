"""Who has done what of a thing handed down, and reminding just those（覆盖接口）."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from luoshi.delivery import queries, services
from luoshi.delivery.api.doors import KeyPath, LevelName, Limit, Number, RefPath, Step, router
from luoshi.delivery.queries import coverage
from luoshi.delivery.schemas import coverages
from luoshi.delivery.schemas.inputs import Remind, RemindUnits
from luoshi.units.queries import actor_for_request


@router.get("/commitments/{ref}/coverage", response=coverages.CoverageOut, operation_id="get_coverage")
def get_coverage(request: HttpRequest, ref: RefPath, unit: Number = None) -> coverages.CoverageOut:
    """Which units below accepted, broke down, named a post and reported, on every level; ``unit`` goes further down."""
    actor = actor_for_request(request, timezone.now())
    return coverages.CoverageOut.of(coverage.parts_handed(actor, queries.commitment_for(actor, ref), unit))


@router.get("/commitments/{ref}/coverage/{step}", response=coverages.HolePage, operation_id="list_holes")
def list_holes(
    request: HttpRequest,
    ref: RefPath,
    step: Step,
    unit: Number = None,
    level: LevelName = "",
    after: Number = None,
    limit: Limit = 50,
) -> coverages.HolePage:
    """The units below that have not taken a step, by name, in the order of the tree."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    handed = coverage.parts_handed(actor, queries.commitment_for(actor, ref), unit)
    return coverages.HolePage.of(handed, step, at, level=level, after=after, limit=limit)


@router.post("/commitments/{ref}/remind/price", response=coverages.RemindingOut, operation_id="price_reminder")
def price_reminder(request: HttpRequest, ref: RefPath, body: Remind) -> coverages.RemindingOut:
    """Whom a reminder would reach and who is left out; nothing is sent."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    proposal = services.propose_reminder(actor=actor, ref=ref, at=at, **body.model_dump())
    return coverages.RemindingOut.of(proposal)


@router.get("/programmes/{key}/coverage", response=coverages.CoverageOut, operation_id="get_programme_coverage")
def get_programme_coverage(
    request: HttpRequest, key: KeyPath, matter: Number = None, unit: Number = None
) -> coverages.CoverageOut:
    """The coverage of a programme, or of one matter, within ``unit`` (the caller's area by default)."""
    actor = actor_for_request(request, timezone.now())
    return coverages.CoverageOut.of(coverage.programme_handed(actor, queries.programme_for(actor, key), matter, unit))


@router.get("/programmes/{key}/coverage/{step}", response=coverages.HolePage, operation_id="list_programme_holes")
def list_programme_holes(
    request: HttpRequest,
    key: KeyPath,
    step: Step,
    matter: Number = None,
    unit: Number = None,
    level: LevelName = "",
    after: Number = None,
    limit: Limit = 50,
) -> coverages.HolePage:
    """The units of a programme, or of one matter, that have not taken a step, by name."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    handed = coverage.programme_handed(actor, queries.programme_for(actor, key), matter, unit)
    return coverages.HolePage.of(handed, step, at, level=level, after=after, limit=limit)


@router.post("/programmes/{key}/remind/price", response=coverages.RemindingOut, operation_id="price_reminder_of_units")
def price_reminder_of_units(request: HttpRequest, key: KeyPath, body: RemindUnits) -> coverages.RemindingOut:
    """Whom a reminder across a programme would reach and who is left out; nothing is sent."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    proposal = services.propose_reminder_of_units(actor=actor, programme=key, at=at, **body.model_dump())
    return coverages.RemindingOut.of(proposal)


@router.post("/programmes/{key}/remind", response=coverages.RemindedOut, operation_id="remind_units")
def remind_units(request: HttpRequest, key: KeyPath, body: RemindUnits) -> coverages.RemindedOut:
    """Remind just the units that have not taken a step, each at most once a day; it needs no version."""
    at = timezone.now()
    made = services.remind_units(actor=actor_for_request(request, at), programme=key, at=at, **body.model_dump())
    return coverages.RemindedOut.made(*made)
