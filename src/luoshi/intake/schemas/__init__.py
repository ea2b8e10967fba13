"""What the API of the intake takes and gives（收文接口的格式）."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from luoshi.intake import queries
from luoshi.intake.models import Document, Draft, DraftItem

Day = date
Id = Annotated[int, Field(ge=1, le=2**53)]


class DocumentOut(Schema):
    """来文."""

    id: int
    title: str
    kind: str
    number: str
    doc_on: date
    received_at: datetime
    state: str
    revision_of: int | None
    job: int | None
    draft: int | None
    programme: str | None

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        """From the row."""
        draft: Draft | None = getattr(document, "draft", None)
        return cls(
            id=document.pk,
            title=document.title,
            kind=document.kind,
            number=document.number,
            doc_on=document.doc_on,
            received_at=document.received_at,
            state=document.state,
            revision_of=document.revision_of_id,
            job=document.job_id,
            draft=draft.pk if draft else None,
            programme=draft.programme.key if draft and draft.programme else None,
        )


class DocumentPage(Schema):
    """A page of documents, the newest first."""

    items: list[DocumentOut]
    next: int | None


class DraftItemOut(Schema):
    """草案条目, with where its words stand in the document."""

    id: int
    parent: int | None
    path: list[str]
    kind: str
    title: str
    requirement: str
    units: list[dict[str, Any]]
    due_on: date | None
    due_words: str
    frequency: str
    targets: list[dict[str, Any]]
    spans: dict[str, Any]
    source: int
    source_start: int
    source_end: int
    sure: int
    doubts: list[str]
    dropped: bool
    concerns: list[str] = []

    @classmethod
    def of(cls, item: DraftItem, concerns: list[str]) -> DraftItemOut:
        """From the row and what a person should look at."""
        names = set(cls.model_fields) - {"id", "parent", "source", "concerns"}
        values = {name: getattr(item, name) for name in names}
        return cls(id=item.pk, parent=item.parent_id, source=item.source_id, concerns=concerns, **values)


class DraftOut(Schema):
    """草案: the tree in the order of the text."""

    id: int
    version: int
    shared: bool
    programme: str | None
    items: list[DraftItemOut]

    @classmethod
    def of(cls, draft: Draft) -> DraftOut:
        """From the row; one statement for the items."""
        items = queries.items_of(draft)
        concerns = {line.item.pk: line.concerns for line in queries.lines(items)}
        return cls(
            id=draft.pk,
            version=draft.version,
            shared=draft.shared,
            programme=draft.programme.key if draft.programme else None,
            items=[DraftItemOut.of(item, concerns.get(item.pk, [])) for item in items],
        )


class UnitIn(Schema):
    """A unit of an item, by id or by its words."""

    role: Literal["lead", "responsible", "support"]
    unit: Id | None = None
    words: str = Field("", max_length=200)


class ItemIn(Schema):
    """What is to be otherwise; what is not named stays."""

    title: str | None = Field(None, max_length=200)
    requirement: str | None = Field(None, max_length=20_000)
    due_on: Day | None = None
    frequency: str | None = Field(None, max_length=12)
    checked: bool | None = None
    dropped: bool | None = None
    units: list[UnitIn] | None = Field(None, max_length=50)


class IssueIn(Schema):
    """A new programme with its authority, or the key of one to add to."""

    programme: str = Field("", max_length=60)
    key: str = Field("", max_length=60, pattern=r"^[-0-9A-Za-z_]*$")
    prefix: str = Field("", max_length=20)
    name_zh: str = Field("", max_length=200)
    name_en: str = Field("", max_length=200)
    who: str = Field("", max_length=200)
    document: str = Field("", max_length=300)
    document_no: str = Field("", max_length=100)
    scope: str = Field("", max_length=2000)
    from_on: date | None = None
    until_on: date | None = None


class TraceCommitment(Schema):
    """A commitment that came of a clause: its state, said and verified, 0 to 100 each."""

    ref: str
    lead: str
    state: str
    said: int
    verified: int


class TraceClause(Schema):
    """A clause and what came of it."""

    start: int
    end: int
    words: str
    items: list[int]
    commitments: list[TraceCommitment]


class TraceOut(Schema):
    """政策链; ``left`` counts the clauses nobody took up."""

    left: int
    clauses: list[TraceClause]
