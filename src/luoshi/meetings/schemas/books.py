"""Inputs and answers of the review book（复盘册）."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints

from luoshi.delivery.schemas.inputs import ActInput, told
from luoshi.meetings.models import Book, BookFile, BookPart
from luoshi.rules.refusals import gettext_noop as _


class BookIn(ActInput):
    """Ask for a book."""

    since_on: dt.date | None = told(
        _("Day of the last meeting"), _("What came after this day is in the book."), default=None
    )

    meeting: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = told(
        _("Number of the meeting it is laid before"), default=""
    )


class BookOut(BaseModel):
    """One book: which days, the digest of its content, the checkpoint it stands on."""

    ref: str
    programme: str
    since_on: dt.date
    as_on: dt.date
    digest: str
    ledger_size: int
    ledger_root: str
    compiled_at: dt.datetime

    @staticmethod
    def of(book: Book) -> BookOut:
        """The book."""
        return BookOut(
            ref=book.ref,
            programme=book.programme.key,
            since_on=book.since_on,
            as_on=book.as_on,
            digest=book.digest,
            ledger_size=book.ledger_size,
            ledger_root=book.ledger_root,
            compiled_at=book.compiled_at,
        )


class BooksOut(BaseModel):
    """The last books of a programme, and the job that compiles one just now."""

    items: list[BookOut]
    job: int | None


class BookStarted(BaseModel):
    """The job that compiles the book; ``/jobs/{job}`` says how far it is."""

    job: int


class PartName(BaseModel):
    """A part the caller may open: its kind and the unit or matter it is about."""

    kind: str
    key: int

    @staticmethod
    def of(part: BookPart) -> PartName:
        """The part."""
        return PartName(kind=part.kind, key=part.key)


class FileOut(BaseModel):
    """A file of the book by the digest of its bytes."""

    kind: str
    language: str
    name: str
    size: int
    digest: str

    @staticmethod
    def of(file: BookFile) -> FileOut:
        """The file."""
        stored = file.file
        return FileOut(kind=file.kind, language=file.language, name=file.name, size=stored.size, digest=stored.digest)


class BookDetail(BookOut):
    """A book with the parts the caller may open, and its files where he may read all of it."""

    parts: list[PartName]
    files: list[FileOut]


class PartOut(BaseModel):
    """One part as plain data: figures, lists, questions by the code of their rule."""

    kind: str
    key: int
    content: dict[str, Any]
