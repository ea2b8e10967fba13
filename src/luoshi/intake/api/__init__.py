"""The intake over the API（收文接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Path, Query, Router
from ninja.files import UploadedFile

from luoshi.delivery.api.doors import NEEDS_VERSION, needed_version, tagged
from luoshi.delivery.queries import commitment_for
from luoshi.intake import queries, services
from luoshi.intake.models import Document, Draft
from luoshi.intake.schemas import (
    AddIn,
    ChangeOut,
    ChangesOut,
    ChosenIn,
    DocumentOut,
    DocumentPage,
    DraftOut,
    FillIn,
    IssueIn,
    ItemIn,
    NamesIn,
    OriginOut,
    RemoveIn,
    ShareIn,
    SplitIn,
    TakeIn,
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
def get_document(request: HttpRequest, response: HttpResponse, document_id: DocumentId) -> DocumentOut:
    """One document; ``state`` is ``reading``, ``read`` or ``refused``, and ``why`` says why it was not read."""
    found = queries.document_for(actor_for_request(request, timezone.now()), document_id)
    tagged(response, found.version)
    return DocumentOut.of(found)


@router.post(
    "/intake/documents/{document_id}/read",
    response=DocumentOut,
    operation_id="read_document_again",
    openapi_extra=NEEDS_VERSION,
)
def read_document_again(request: HttpRequest, response: HttpResponse, document_id: DocumentId) -> DocumentOut:
    """Have a document read once more whose reading failed; ``If-Match`` is the version of the document."""
    at = timezone.now()
    actor, version = actor_for_request(request, at), needed_version(request)
    done, _entry = services.read_again(actor=actor, document=document_id, version=version, at=at)
    tagged(response, done.version)
    return DocumentOut.of(queries.document_for(actor, document_id))


@router.post(
    "/intake/documents/{document_id}/remove",
    response=DocumentOut,
    operation_id="remove_document",
    openapi_extra=NEEDS_VERSION,
)
def remove_document(
    request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: RemoveIn
) -> DocumentOut:
    """Take a document off the list with its draft, or put it back; ``If-Match`` is the version of the document."""
    at = timezone.now()
    actor, version = actor_for_request(request, at), needed_version(request)
    done, _entry = services.remove_document(
        actor=actor, document=document_id, version=version, removed=body.removed, at=at
    )
    tagged(response, done.version)
    return DocumentOut.of(queries.document_for(actor, document_id))


@router.get("/intake/documents/{document_id}/draft", response=DraftOut, operation_id="get_draft")
def get_draft(request: HttpRequest, response: HttpResponse, document_id: DocumentId) -> DraftOut:
    """The draft made of a document, with the words each field came from."""
    actor = actor_for_request(request, timezone.now())
    draft = queries.draft_for(actor, _drafted(actor, document_id))
    tagged(response, draft.version)
    return DraftOut.of(draft)


def _act(
    request: HttpRequest, response: HttpResponse, document_id: int, service: Callable[..., Any], **told: Any
) -> DraftOut:
    """One act on the draft of a document, and the draft after it."""
    at = timezone.now()
    actor, version = actor_for_request(request, at), needed_version(request)
    draft = _drafted(actor, document_id)
    service(actor=actor, draft=draft, version=version, at=at, **told)
    found = queries.draft_for(actor, draft)
    tagged(response, found.version)
    return DraftOut.of(found)


View = TypeVar("View", bound=Callable[..., DraftOut])


def _post(path: str, name: str) -> Callable[[View], View]:
    """An act on a draft: it needs the version of the draft in ``If-Match`` and answers with the draft."""
    decorate: Callable[[View], View] = router.post(
        f"/intake/documents/{{document_id}}/{path}",
        response=DraftOut,
        operation_id=name,
        openapi_extra=NEEDS_VERSION,
    )
    return decorate


@_post("items", "add_draft_item")
def add_draft_item(request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: AddIn) -> DraftOut:
    """Make words of the document an item; who and when stays empty."""
    return _act(request, response, document_id, services.add_item, **body.model_dump())


@_post("items/merge", "merge_draft_items")
def merge_draft_items(
    request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: ChosenIn
) -> DraftOut:
    """Make several items one: the first takes the others' words, units and earliest date."""
    return _act(request, response, document_id, services.merge_items, items=body.items)


@_post("items/fill", "fill_draft_items")
def fill_draft_items(request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: FillIn) -> DraftOut:
    """Give several items the same lead, day or rhythm."""
    return _act(request, response, document_id, services.edit_items, **body.model_dump())


@_post("items/{item_id}", "edit_draft_item")
def edit_draft_item(
    request: HttpRequest, response: HttpResponse, document_id: DocumentId, item_id: ItemId, body: ItemIn
) -> DraftOut:
    """Edit, drop or take back an item of a draft; either ``dropped`` alone or the fields."""
    told = body.model_dump(exclude_unset=True)
    if "dropped" in told:
        gone = bool(told["dropped"])
        return _act(request, response, document_id, services.drop_item, item=item_id, dropped=gone)
    changes = {name: value for name, value in told.items() if value is not None or name == "due_on"}
    return _act(request, response, document_id, services.edit_item, item=item_id, changes=changes)


@_post("items/{item_id}/split", "split_draft_item")
def split_draft_item(
    request: HttpRequest, response: HttpResponse, document_id: DocumentId, item_id: ItemId, body: SplitIn
) -> DraftOut:
    """Make two of one item; units and date go with both."""
    return _act(request, response, document_id, services.split_item, item=item_id, after=body.after)


@_post("names", "name_draft_units")
def name_draft_units(request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: NamesIn) -> DraftOut:
    """Say which units names in the document mean; every item that says them follows."""
    names = {one.words: one.unit for one in body.names}
    return _act(request, response, document_id, services.name_units, names=names)


@_post("share", "share_draft")
def share_draft(request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: ShareIn) -> DraftOut:
    """Let the area's office and head see and edit the draft, or take it back."""
    return _act(request, response, document_id, services.share_draft, shared=body.shared)


def _corrected(actor: Actor, document_id: int) -> tuple[Document, Draft]:
    """A corrected document that was read, and the draft it is compared with."""
    found = queries.document_for(actor, document_id)
    if found.revision_of_id is None or found.state != Document.State.READ:
        raise Refused("not_found")
    return found, queries.draft_for(actor, _drafted(actor, found.revision_of_id))


@router.get("/intake/documents/{document_id}/changes", response=ChangesOut, operation_id="list_document_changes")
def list_document_changes(request: HttpRequest, response: HttpResponse, document_id: DocumentId) -> ChangesOut:
    """What a corrected document says otherwise than the draft; each change is taken by itself."""
    found, draft = _corrected(actor_for_request(request, timezone.now()), document_id)
    tagged(response, draft.version)
    told = queries.changes(draft, queries.items_of(draft), found)
    rows = [
        ChangeOut(change=one.name, kind=one.kind, path=one.path, before=one.before, after=one.after) for one in told
    ]
    return ChangesOut(draft=draft.pk, version=draft.version, changes=rows)


@_post("changes", "take_document_change")
def take_document_change(
    request: HttpRequest, response: HttpResponse, document_id: DocumentId, body: TakeIn
) -> DraftOut:
    """Take one change of a corrected document into the draft; ``If-Match`` is the version of the draft."""
    actor = actor_for_request(request, timezone.now())
    found, _draft = _corrected(actor, document_id)
    base = found.revision_of_id or 0
    return _act(request, response, base, services.take_change, revision=document_id, change=body.change)


@router.post(
    "/intake/documents/{document_id}/issue",
    response=DocumentOut,
    operation_id="issue_draft",
    openapi_extra=NEEDS_VERSION,
)
def issue_draft(request: HttpRequest, document_id: DocumentId, body: IssueIn) -> DocumentOut:
    """Issue the draft as a programme, or add it to the one named in ``programme``: all of it or nothing.

    In a programme that stands, highest items go to the matters of the same name or to those named in ``matters``.
    """
    at = timezone.now()
    actor, version = actor_for_request(request, at), needed_version(request)
    told = body.model_dump(exclude={"programme", "matters", "different"})
    services.issue_draft(
        actor=actor,
        draft=_drafted(actor, document_id),
        version=version,
        new=None if body.programme else NewProgramme(**told),
        programme=body.programme,
        matters={one.item: one.matter for one in body.matters},
        different=body.different,
        at=at,
    )
    return DocumentOut.of(queries.document_for(actor, document_id))


@router.get("/intake/commitments/{ref}/words", response=list[OriginOut], operation_id="get_commitment_words")
def get_commitment_words(request: HttpRequest, ref: Annotated[str, Path(max_length=64)]) -> list[OriginOut]:
    """From a commitment back to the words of the document it stands on, in the lines around them."""
    actor = actor_for_request(request, timezone.now())
    return [OriginOut.of(one) for one in queries.origins(actor, commitment_for(actor, ref))]


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
                below=clause.below,
            )
            for clause in clauses
        ],
    )
