"""The intake over the API（收文接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Path, Query, Router
from ninja.files import UploadedFile

from luoshi.delivery.api import NEEDS_VERSION, version_of
from luoshi.intake import queries, services
from luoshi.intake.models import Document
from luoshi.intake.schemas import (
    DocumentOut,
    DocumentPage,
    DraftOut,
    IssueIn,
    ItemIn,
    TraceClause,
    TraceCommitment,
    TraceOut,
)
from luoshi.intake.services.issuing import NewProgramme
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for_request

router = Router(tags=["intake"])
DocumentId = Annotated[int, Path(ge=1, le=2**53)]
ItemId = Annotated[int, Path(ge=1, le=2**53)]


def _version(request: HttpRequest) -> int:
    version = version_of(request)
    if version is None:
        raise Refused("version_missing")
    return version


def _drafted(actor: Actor, document_id: int) -> int:
    draft = getattr(queries.document_for(actor, document_id), "draft", None)
    if draft is None:
        raise Refused("not_found")
    return int(draft.pk)


@router.get("/intake/documents", response=DocumentPage, operation_id="list_documents")
def list_documents(
    request: HttpRequest,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DocumentPage:
    """Documents of the caller's area, the newest first."""
    rows = queries.listed(actor_for_request(request, timezone.now()))
    found = list((rows.filter(pk__lt=before) if before else rows)[: limit + 1])
    return DocumentPage(
        items=[DocumentOut.of(row) for row in found[:limit]], next=found[limit - 1].pk if len(found) > limit else None
    )


@router.post("/intake/documents", response=DocumentOut, operation_id="receive_document")
def receive_document(
    request: HttpRequest,
    file: File[UploadedFile],
    title: Annotated[str, Form(max_length=300)],
    doc_on: Annotated[date, Form()],
    kind: Annotated[Document.Kind, Form()] = Document.Kind.OTHER,
    number: Annotated[str, Form(max_length=100)] = "",
    revision_of: Annotated[int | None, Form(ge=1, le=2**53)] = None,
) -> DocumentOut:
    """Hand a document in; the job that reads it is named in the answer."""
    at = timezone.now()
    document, _entry = services.receive_document(
        actor=actor_for_request(request, at),
        upload=file,
        title=title,
        doc_on=doc_on,
        kind=kind,
        number=number,
        revision_of=revision_of,
        at=at,
    )
    return DocumentOut.of(document)


@router.get("/intake/documents/{document_id}", response=DocumentOut, operation_id="get_document")
def get_document(request: HttpRequest, document_id: DocumentId) -> DocumentOut:
    """One document."""
    return DocumentOut.of(queries.document_for(actor_for_request(request, timezone.now()), document_id))


@router.get("/intake/documents/{document_id}/draft", response=DraftOut, operation_id="get_draft")
def get_draft(request: HttpRequest, response: HttpResponse, document_id: DocumentId) -> DraftOut:
    """The draft made of a document, with the words each field came from."""
    actor = actor_for_request(request, timezone.now())
    draft = queries.draft_for(actor, _drafted(actor, document_id))
    response["ETag"] = f'"{draft.version}"'
    return DraftOut.of(draft)


@router.post(
    "/intake/documents/{document_id}/items/{item_id}",
    response=DraftOut,
    operation_id="edit_draft_item",
    openapi_extra=NEEDS_VERSION,
)
def edit_draft_item(
    request: HttpRequest, response: HttpResponse, document_id: DocumentId, item_id: ItemId, body: ItemIn
) -> DraftOut:
    """Edit, drop or take back an item of a draft; either ``dropped`` alone or the fields."""
    at = timezone.now()
    actor, version = actor_for_request(request, at), _version(request)
    draft = _drafted(actor, document_id)
    told = body.model_dump(exclude_unset=True)
    if "dropped" in told:
        services.drop_item(
            actor=actor, draft=draft, version=version, item=item_id, dropped=bool(told["dropped"]), at=at
        )
    else:
        changes = {name: value for name, value in told.items() if value is not None or name == "due_on"}
        services.edit_item(actor=actor, draft=draft, version=version, item=item_id, changes=changes, at=at)
    found = queries.draft_for(actor, draft)
    response["ETag"] = f'"{found.version}"'
    return DraftOut.of(found)


@router.post(
    "/intake/documents/{document_id}/issue",
    response=DocumentOut,
    operation_id="issue_draft",
    openapi_extra=NEEDS_VERSION,
)
def issue_draft(request: HttpRequest, document_id: DocumentId, body: IssueIn) -> DocumentOut:
    """Issue the draft as a programme, or add it to the one named in ``programme``: all of it or nothing."""
    at = timezone.now()
    actor, version = actor_for_request(request, at), _version(request)
    told = body.model_dump(exclude={"programme"})
    services.issue_draft(
        actor=actor,
        draft=_drafted(actor, document_id),
        version=version,
        new=None if body.programme else NewProgramme(**told),
        programme=body.programme,
        at=at,
    )
    return DocumentOut.of(queries.document_for(actor, document_id))


@router.get("/intake/documents/{document_id}/trace", response=TraceOut, operation_id="get_policy_trace")
def get_policy_trace(request: HttpRequest, document_id: DocumentId) -> TraceOut:
    """Clause by clause what came of a document."""
    actor = actor_for_request(request, timezone.now())
    document = queries.document_for(actor, document_id)
    draft = getattr(document, "draft", None)
    clauses = queries.clauses(document, queries.with_outcomes(actor, draft) if draft else [])
    return TraceOut(
        left=sum(not clause.taken_up for clause in clauses),
        clauses=[
            TraceClause(
                start=clause.start,
                end=clause.end,
                words=clause.words,
                items=[item.pk for item in clause.items],
                commitments=[
                    TraceCommitment(
                        ref=one.ref, lead=one.lead.name, state=one.state, said=one.said, verified=one.verified
                    )
                    for one in clause.commitments
                ],
            )
            for clause in clauses
        ],
    )
