"""What the API of the intake takes and gives（收文接口的格式）."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from luoshi.intake import queries
from luoshi.intake.models import Document, Draft, DraftItem
from luoshi.office.models.words import say
from luoshi.ui.sentences import told as said

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
    why: str = ""
    """Why it was not read, when ``state`` is ``refused``."""
    code: str = ""
    """The code of that refusal."""
    removed: bool
    version: int
    revision_of: int | None
    job: int | None
    draft: int | None
    programme: str | None

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        """From the row."""
        draft: Draft | None = getattr(document, "draft", None)
        why = queries.why_not_read(document)
        return cls(
            id=document.pk,
            title=document.title,
            kind=document.kind,
            number=document.number,
            doc_on=document.doc_on,
            received_at=document.received_at,
            state=document.standing,
            why=say(str(why["text"]), {name: said(value) for name, value in why["params"].items()}) if why else "",
            code=str(why.get("code", "")),
            removed=document.removed,
            version=document.version,
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
    merged_into: int | None
    concerns: list[str] = []

    @classmethod
    def of(cls, item: DraftItem, concerns: list[str]) -> DraftItemOut:
        """From the row and what a person should look at."""
        names = set(cls.model_fields) - {"id", "parent", "source", "merged_into", "concerns"}
        values = {name: getattr(item, name) for name in names}
        return cls(
            id=item.pk,
            parent=item.parent_id,
            source=item.source_id,
            merged_into=item.merged_into_id,
            concerns=concerns,
            **values,
        )


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


Chosen = Annotated[list[Id], Field(max_length=2000, examples=[[41, 42]])]


class ChosenIn(Schema):
    """Items of the draft, by id."""

    items: Chosen


class FillIn(ChosenIn):
    """What several items are to have; what is not named stays."""

    lead: str = Field("", max_length=200, examples=["省农业农村厅", "各州（市）"])
    due_on: Day | None = Field(None, examples=["2026-12-31"])
    frequency: str = Field("", max_length=12, examples=["quarterly"])


class SplitIn(Schema):
    """After how many characters of what is asked the item is divided."""

    after: int = Field(ge=1, le=20_000, examples=[24])


class AddIn(Schema):
    """Words of the document: from ``start`` up to before ``end``, or the words themselves where they stand once."""

    start: int | None = Field(None, ge=0, le=2**31, examples=[120])
    end: int | None = Field(None, ge=1, le=2**31, examples=[164])
    words: str = Field("", max_length=20_000)
    parent: Id | None = None


class NameIn(Schema):
    """Words as written and the unit they mean, by id, name or code; null leaves them words."""

    words: str = Field(min_length=1, max_length=200, examples=["省委办公厅"])
    unit: str | None = Field(max_length=200, examples=["中共云南省委办公厅", "53040001"])


class NamesIn(Schema):
    """Names that mean several units or none known, and what they mean."""

    names: Annotated[list[NameIn], Field(min_length=1, max_length=200)]


class ShareIn(Schema):
    """Whether the area's office and head see and edit the draft."""

    shared: bool


class RemoveIn(Schema):
    """Whether the document is off the list."""

    removed: bool


class TakeIn(Schema):
    """A change as ``changes`` names it."""

    change: str = Field(max_length=40, pattern=r"^(added|gone|words)-[0-9]{1,9}$", examples=["words-41"])


class ChangeOut(Schema):
    """What a corrected document says otherwise: ``kind`` added, gone or words; empty where there is nothing."""

    change: str
    kind: str
    path: str
    before: str
    after: str


class ChangesOut(Schema):
    """改动, and the version of the draft they are taken into."""

    draft: int
    version: int
    changes: list[ChangeOut]


class Piece(Schema):
    """Words of the lines around; ``own`` are those the commitment stands on."""

    words: str
    own: bool


class OriginOut(Schema):
    """Where the words of a commitment stand."""

    document: int
    title: str
    number: str
    doc_on: date
    path: str
    start: int
    end: int
    pieces: list[Piece]

    @classmethod
    def of(cls, origin: queries.Origin) -> OriginOut:
        """From what the query found."""
        return cls(
            document=origin.document.pk,
            title=origin.document.title,
            number=origin.document.number,
            doc_on=origin.document.doc_on,
            path=origin.item.number,
            start=origin.item.source_start,
            end=origin.item.source_end,
            pieces=[Piece(words=words, own=own) for words, own in origin.pieces],
        )


class PlaceIn(Schema):
    """Which matter a highest item goes to; 0 makes a new one."""

    item: Id
    matter: int = Field(ge=0, le=99)


class IssueIn(Schema):
    """A new programme with its authority, or the key of one to add to."""

    programme: str = Field("", max_length=60, examples=["ten_matters"])
    matters: list[PlaceIn] = Field([], max_length=99)
    different: str = Field("", max_length=500)
    matter: str = Field("", max_length=200)
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
    """A clause and what came of it; ``below`` counts the commitments of a heading's parts."""

    start: int
    end: int
    words: str
    items: list[int]
    commitments: list[TraceCommitment]
    below: int


class TraceOut(Schema):
    """政策链; ``left`` counts the clauses nobody took up."""

    left: int
    clauses: list[TraceClause]
