"""The review book over the API（复盘册接口）; thin: one service each."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Path, Router

from luoshi.delivery.api.doors import KeyPath, RefPath
from luoshi.delivery.queries import programme_for
from luoshi.meetings.queries import books as reads
from luoshi.meetings.queries import contents
from luoshi.meetings.schemas import books as schemas
from luoshi.meetings.services.books import start_book
from luoshi.office.views import serve_file
from luoshi.units.queries import actor_for_request

router = Router(tags=["books"])
PartKind = Literal["resolutions", "whole", "matter", "unit", "annex"]
PartKey = Annotated[int, Path(ge=0, le=2**53)]


@router.get("/programmes/{key}/books", response=schemas.BooksOut, operation_id="list_books")
def list_books(request: HttpRequest, key: KeyPath) -> schemas.BooksOut:
    """The last twenty books of a programme, the newest first."""
    actor = actor_for_request(request, timezone.now())
    programme = programme_for(actor, key)
    job = reads.running(programme) if reads.steers(actor, programme) else None
    rows = reads.books(actor).filter(programme=programme)[:20]
    return schemas.BooksOut(items=[schemas.BookOut.of(book) for book in rows], job=job.pk if job else None)


@router.post("/programmes/{key}/books", response=schemas.BookStarted, operation_id="compile_book")
def post_book(request: HttpRequest, key: KeyPath, body: schemas.BookIn) -> schemas.BookStarted:
    """Compile a book as a job; when it is done its result names the book."""
    at = timezone.now()
    job = start_book(actor=actor_for_request(request, at), programme=key, at=at, **body.model_dump())
    return schemas.BookStarted(job=job.pk)


@router.get("/books/{ref}", response=schemas.BookDetail, operation_id="get_book")
def get_book(request: HttpRequest, ref: RefPath) -> schemas.BookDetail:
    """A book, the parts the caller may open, and its files."""
    actor = actor_for_request(request, timezone.now())
    book = reads.book_for(actor, ref)
    files = book.files.select_related("file") if reads.reads_whole(actor, book) else ()
    return schemas.BookDetail(
        **schemas.BookOut.of(book).model_dump(),
        parts=[schemas.PartName.of(part) for part in reads.parts(actor, book).defer("content")],
        files=[schemas.FileOut.of(file) for file in files],
    )


@router.get("/books/{ref}/parts/{kind}/{key}", response=schemas.PartOut, operation_id="get_book_part")
def get_book_part(request: HttpRequest, ref: RefPath, kind: PartKind, key: PartKey) -> schemas.PartOut:
    """One part: ``key`` is the unit's or matter's id, 0 for a part about everything."""
    actor = actor_for_request(request, timezone.now())
    book = reads.book_for(actor, ref)
    part = reads.part_for(actor, book, kind, key)
    return schemas.PartOut(kind=part.kind, key=part.key, content=reads.shown(actor, book, part))


@router.get("/books/{ref}/files/{kind}", operation_id="get_book_file")
def get_book_file(
    request: HttpRequest,
    ref: RefPath,
    kind: Literal["xlsx", "pdf", "docx"],
    language: Literal["zh", "en"] = "zh",
) -> HttpResponseBase:
    """A file of the book: the full annex, or the book to print or to edit in a language."""
    actor = actor_for_request(request, timezone.now())
    book = reads.book_for(actor, ref)
    found = reads.file_for(actor, book, kind, "" if kind == contents.ANNEX_FILE else language)
    return serve_file(request, found.file, found.name)
