"""Visits over the API（走访接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Router
from ninja.files import UploadedFile

from luoshi.assurance import services
from luoshi.assurance.queries import visits as reads
from luoshi.assurance.schemas.visits import (
    RecordAnswer,
    RecordedOut,
    RecordIn,
    RecordsIn,
    RecordsOut,
    ResultRowOut,
    ResultsOut,
    RowProblem,
    VisitOut,
)
from luoshi.assurance.views.forms_out import form_response
from luoshi.delivery.api.doors import NEEDS_VERSION, needed_version, tagged
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence, told
from luoshi.units.queries import actor_for_request

router = Router(tags=["visits"])


@router.get("/visits", response=list[VisitOut], operation_id="list_visits")
def list_visits(request: HttpRequest) -> list[VisitOut]:
    """The caller's own visits revealed by today: those that wait, then those that are over."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return [VisitOut.of(one) for one in [*reads.open_visits(actor, at), *reads.past_visits(actor, at)]]


@router.get("/visits/form.xlsx", operation_id="get_visit_form")
def get_visit_form(request: HttpRequest) -> HttpResponse:
    """The form with the visits that wait, as XLSForm for ODK and KoboToolbox."""
    return form_response(request)


@router.post("/visits/results", response=ResultsOut, operation_id="import_visit_results")
def import_visit_results(request: HttpRequest, file: File[UploadedFile], dry_run: Form[bool] = False) -> ResultsOut:
    """Take results of the exported form in, row by row; ``dry_run`` tries every row and changes nothing."""
    at = timezone.now()
    found = services.import_results(actor=actor_for_request(request, at), upload=file, dry_run=dry_run, at=at)
    rows = [
        ResultRowOut(
            line=row.line,
            visit=row.visit,
            outcome=row.outcome,
            code=row.refused.code if row.refused else "",
            detail=sentence(row.refused) if row.refused else "",
        )
        for row in found.rows
    ]
    return ResultsOut(
        dry_run=dry_run, recorded=found.recorded, repeated=found.repeated, refused=found.refused, rows=rows
    )


@router.post("/visits/records", response=RecordsOut, operation_id="record_visits")
def record_visits(request: HttpRequest, body: RecordsIn) -> RecordsOut:
    """Several records in one request; each is an act of its own, and one that is refused stops none of the others."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    answers = []
    for one in body.records:
        try:
            done = services.record_visit(
                actor=actor, key=one.key, version=one.version, said=one.said(), corrects=one.corrects, at=at
            )
            answers.append(RecordAnswer(key=one.key, version=done.visit.version, repeated=done.repeated))
        except Refused as refused:
            params = {name: told(value) for name, value in refused.params.items()}
            problem = RowProblem(status=refused.status, code=refused.code, detail=sentence(refused), params=params)
            answers.append(RecordAnswer(key=one.key, problem=problem))
    return RecordsOut(records=answers)


@router.get("/visits/{uuid:key}", response=VisitOut, operation_id="get_visit")
def get_visit(request: HttpRequest, response: HttpResponse, key: UUID) -> VisitOut:
    """One of the caller's visits."""
    at = timezone.now()
    found = reads.visit_for(actor_for_request(request, at), key, at)
    tagged(response, found.version)
    return VisitOut.of(found)


@router.put("/visits/{uuid:key}/record", response=RecordedOut, operation_id="record_visit", openapi_extra=NEEDS_VERSION)
def record_visit(request: HttpRequest, response: HttpResponse, key: UUID, body: RecordIn) -> RecordedOut:
    """Record a visit; the key makes it one act. Another record of a visit that is done is answered with both."""
    at = timezone.now()
    done = services.record_visit(
        actor=actor_for_request(request, at),
        key=key,
        version=needed_version(request),
        said=body.said(),
        corrects=body.corrects,
        at=at,
    )
    tagged(response, done.visit.version)
    return RecordedOut(visit=VisitOut.of(done.visit), repeated=done.repeated)
