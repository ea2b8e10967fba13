"""Programmes, their authority, settings and ladders over the API（方案接口）."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from luoshi.delivery import queries, services
from luoshi.delivery.api.doors import NEEDS_VERSION, Key, KeyPath, Limit, needed_version, router, tagged
from luoshi.delivery.schemas import answers, slips
from luoshi.units.queries import actor_for_request


@router.get("/programmes", response=answers.ProgrammePage, operation_id="list_programmes", tags=["programmes"])
def list_programmes(request: HttpRequest, after: Key = "", limit: Limit = 50) -> answers.ProgrammePage:
    """Programmes that reach the caller, by key."""
    rows = queries.programmes(actor_for_request(request, timezone.now())).filter(key__gt=after).order_by("key")
    found = list(rows.distinct()[: limit + 1])
    return answers.ProgrammePage(
        items=[answers.ProgrammeOut.of(row) for row in found[:limit]],
        next=found[limit - 1].key if len(found) > limit else None,
    )


@router.get("/programmes/{key}", response=answers.ProgrammeDetail, operation_id="get_programme", tags=["programmes"])
def get_programme(request: HttpRequest, response: HttpResponse, key: KeyPath) -> answers.ProgrammeDetail:
    """A programme with its authorities and matters."""
    programme = queries.programme_for(actor_for_request(request, timezone.now()), key)
    tagged(response, programme.version)
    return answers.ProgrammeDetail.whole(programme)


@router.post(
    "/programmes/{key}/authority",
    response=answers.ProgrammeDone,
    operation_id="record_authority",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def record_authority(
    request: HttpRequest, response: HttpResponse, key: KeyPath, body: answers.AuthorityInput
) -> answers.ProgrammeDone:
    """Record who ordered the programme, in which document, for what and until when."""
    at = timezone.now()
    authority, entry = services.record_authority(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), at=at, **body.model_dump()
    )
    tagged(response, authority.programme.version)
    return answers.ProgrammeDone.of(authority.programme, entry)


@router.post(
    "/programmes/{key}/issue",
    response=answers.ProgrammeDone,
    operation_id="issue_programme",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def issue_programme(request: HttpRequest, response: HttpResponse, key: KeyPath) -> answers.ProgrammeDone:
    """Put a programme in force."""
    at = timezone.now()
    programme, entry = services.issue_programme(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), at=at
    )
    tagged(response, programme.version)
    return answers.ProgrammeDone.of(programme, entry)


@router.post(
    "/programmes/{key}/settings",
    response=answers.ProgrammeDone,
    operation_id="change_programme_settings",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def change_programme_settings(
    request: HttpRequest, response: HttpResponse, key: KeyPath, body: answers.SettingsInput
) -> answers.ProgrammeDone:
    """Change what siblings see, when lights turn, how terms are counted and how often a date may be extended."""
    at = timezone.now()
    told = body.model_dump(exclude={"timings", "signs"})
    programme, entry = services.change_programme_settings(
        actor=actor_for_request(request, at),
        key=key,
        version=needed_version(request),
        timings=body.timings.model_dump(exclude_none=True),
        signs=body.signs.model_dump(exclude_none=True),
        at=at,
        **told,
    )
    tagged(response, programme.version)
    return answers.ProgrammeDone.of(programme, entry)


@router.get("/programmes/{key}/ladder", response=slips.LadderPage, operation_id="list_ladders", tags=["programmes"])
def list_ladders(request: HttpRequest, key: KeyPath) -> slips.LadderPage:
    """Every version of a programme's ladder, newest first; a commitment keeps the one it was issued under."""
    found = queries.programme_for(actor_for_request(request, timezone.now()), key)
    rows = found.ladders.order_by("-number")[:200]
    return slips.LadderPage(items=[slips.LadderOut.told(row, found.ladder_now_id) for row in rows])


@router.post(
    "/programmes/{key}/ladder",
    response=answers.ProgrammeDone,
    operation_id="change_ladder",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def change_ladder(
    request: HttpRequest, response: HttpResponse, key: KeyPath, body: slips.LadderInput
) -> answers.ProgrammeDone:
    """Write a programme's ladder anew; it holds for what is issued from now on."""
    at = timezone.now()
    programme, entry = services.change_ladder(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), ladder=body.rule(), at=at
    )
    tagged(response, programme.version)
    return answers.ProgrammeDone.of(programme, entry)
