"""复盘册: ask for a book as a job, and compile it as one act with one entry."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from luoshi.delivery.models import Programme
from luoshi.delivery.queries import programme_for
from luoshi.delivery.services.drafting import require_steering
from luoshi.ledger.models import Checkpoint, Entry
from luoshi.ledger.queries.snapshots import snapshot
from luoshi.meetings import events
from luoshi.meetings.adapters.books import pdf, word
from luoshi.meetings.models import Book, BookFile, BookPart, Meeting
from luoshi.meetings.queries import annexes, books, contents, figures, meetings, printed, resolved
from luoshi.meetings.queries.contents import Part
from luoshi.meetings.queries.figures import Ground
from luoshi.meetings.services.recording import enter
from luoshi.office import services as office
from luoshi.office.adapters import contents as types
from luoshi.office.adapters import exports
from luoshi.office.models import Job, StoredFile
from luoshi.office.services.files import clean_name
from luoshi.rules import book as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    book_running=_("A book of this programme is being compiled already: wait for it, or stop it."),
)
declare(
    422,
    book_since=_("The book counts from the day of the last meeting: %(day)s has not come yet."),
)


LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""Languages a book is printed in, each with the code of its catalogue."""


class Told(Protocol):
    """To whom it is told how far the book is; may raise when it shall stop."""

    def __call__(self, done: int, total: int = 0, note: str = "", **params: Any) -> None:
        """So many rows of so many, and what is worked on."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What was made before the act writes it down: parts, their digest, files by kind."""

    on: Ground
    parts: Sequence[Part]
    digest: str
    files: Sequence[tuple[str, str, StoredFile, str]]
    """Kind, language, stored file, name."""
    mark: Checkpoint | None
    """The newest checkpoint of the ledger when the figures were read."""


def start_book(*, actor: Actor, programme: str, since_on: date | None = None, meeting: str = "", at: datetime) -> Job:
    """Ask for the book of a programme（起编复盘册）; the job compiles it, and asking alone changes nothing.

    Args:
        actor: the head or the office of the unit that owns the programme.
        programme: its key.
        since_on: the day after which things count; that of the last meeting when not given.
        meeting: the number of the meeting it is laid before; the one before that is the last meeting.
        at: now.

    Raises:
        Refused: ``not_found``, ``not_programme_owner``, ``book_since``, ``book_running``.
    """
    found = _steered(actor, programme)
    laid_before = _meeting(actor, found, meeting)
    since = _since(found, since_on, laid_before, local_day(at))
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=found.pk)  # two who ask at once meet here
        if books.running(found) is not None:
            raise Refused("book_running")
        args = {"programme": found.key, "name": str(found), "since_on": since.isoformat(), "meeting": meeting}
        return office.start_job(books.JOB, args, actor=actor, at=at)


def _steered(actor: Actor, key: str) -> Programme:
    found = programme_for(actor, key)
    require_steering(found, actor)
    return found


def _meeting(actor: Actor, programme: Programme, ref: str) -> Meeting | None:
    if not ref:
        return None
    found = meetings.meeting_for(actor, ref)
    if found.programme_id != programme.pk:
        raise Refused("not_found")
    return found


def _since(programme: Programme, told: date | None, laid_before: Meeting | None, today: date) -> date:
    since = told or books.since_for(programme, laid_before)
    if since > today:
        raise Refused("book_since", day=since.isoformat())
    return since


def compile_book(
    *,
    actor: Actor,
    programme: str,
    since_on: date | None = None,
    meeting: str = "",
    at: datetime,
    told: Told | None = None,
) -> tuple[Book, Entry]:
    """Compile the review book of a programme（编复盘册）: one act, one entry with the digest of its content.

    The figures are read as of one moment; the full annex is read right after, row by row. Nothing is written before
    everything is made, so a job that dies or is stopped leaves no half book.

    Args:
        actor: the head or the office of the unit that owns the programme.
        programme: its key.
        since_on: the day after which things count; that of the last meeting when not given.
        meeting: the number of the meeting it is laid before; the one before that is the last meeting.
        at: now.
        told: is told how far it is.

    Raises:
        Refused: ``not_found``, ``not_programme_owner``, ``book_since``.
    """
    found = _steered(actor, programme)
    today = local_day(at)
    laid_before = _meeting(actor, found, meeting)
    on = figures.ground(found, _since(found, since_on, laid_before, today), today)
    made = _make(on, books.last_meeting(found, laid_before), at, told or _silent)
    return _write(actor, made, laid_before, at)


def _silent(done: int, total: int = 0, note: str = "", **params: Any) -> None:
    return None


def _make(on: Ground, last: Meeting | None, at: datetime, told: Told) -> Compiled:
    told(0, 0, _("Reading the figures"))
    with snapshot():
        parts = contents.contents(on, resolved.resolved(on, last))
        count = contents.all_items(on).order_by().count()
        mark = Checkpoint.objects.order_by("-size").first()
    with tempfile.TemporaryDirectory(prefix="luoshi-book-") as folder:
        annex, name = _annex(on, count, Path(folder), at, told)
        high = next(part for part in parts if part["kind"] == contents.ANNEX)
        high["full"] = {"digest": annex.digest, "size": annex.size, "rows": count}
        digest = rules.digest(parts)
        files = [(BookFile.Kind.ANNEX.value, "", annex, name)]
        for language, code in LANGUAGES.items():
            told(count, count, _("Setting the pages"))
            with translation.override(code):
                files += _papers(on, parts, digest, mark, language, Path(folder), at)
    return Compiled(on, parts, digest, files, mark)


def _papers(
    on: Ground, parts: Sequence[Part], digest: str, mark: Checkpoint | None, language: str, folder: Path, at: datetime
) -> list[tuple[str, str, StoredFile, str]]:
    """The printed book in the active language: to print, and to edit."""
    book = printed.printed(parts)
    book["head"] = {
        "lang": language,
        "title": gettext("Review book: %(programme)s") % {"programme": on.programme},
        "days": gettext("after %(since)s, as of %(until)s")
        % {"since": on.since.isoformat(), "until": on.today.isoformat()},
        "demo": on.programme.is_demo,
        "digest": digest,
        "root": mark.root if mark else "",
        "size": mark.size if mark else 0,
    }
    made = []
    for kind, media, write in ((BookFile.Kind.PDF, types.PDF, pdf.write), (BookFile.Kind.DOCX, types.DOCX, word.write)):
        path = folder / f"{language}.{kind.value}"
        path.write_bytes(write(book))
        mark_ = gettext("Demonstration") + " " if on.programme.is_demo else ""
        name = f"{mark_}{book['head']['title']} {on.today.isoformat()}.{kind.value}"
        made.append((kind.value, language, office.keep_made(path, media, at=at), clean_name(name, media)))
    return made


def _annex(on: Ground, count: int, folder: Path, at: datetime, told: Told) -> tuple[StoredFile, str]:
    path = folder / "annex.xlsx"
    with translation.override("zh-hans"), path.open("wb") as stream:
        export = annexes.full_annex(on, count)
        exports.write_xlsx(export, stream, lambda done: told(done, count, _("Writing the full annex")))
        name = export.file_name("xlsx")
    return office.keep_made(path, types.XLSX, at=at), name


@transaction.atomic
def _write(actor: Actor, made: Compiled, laid_before: Meeting | None, at: datetime) -> tuple[Book, Entry]:
    programme = Programme.objects.select_for_update().get(pk=made.on.programme.pk)  # books are numbered in order
    mark = made.mark
    book = Book.objects.create(
        ref=f"{programme.prefix}-B{programme.books.count() + 1:03d}",
        programme=programme,
        meeting=laid_before,
        since_on=made.on.since,
        as_on=made.on.today,
        digest=made.digest,
        ledger_size=mark.size if mark else 0,
        ledger_root=mark.root if mark else "",
        by_post_id=actor.effective.post_id,
        compiled_at=at,
    )
    BookPart.objects.bulk_create(
        BookPart(book=book, number=number, kind=part["kind"], key=part["key"], content=part)
        for number, part in enumerate(made.parts)
    )
    BookFile.objects.bulk_create(
        BookFile(book=book, kind=kind, language=language, file=file, name=name)
        for kind, language, file, name in made.files
    )
    event = events.BookCompiled(
        ref=book.ref,
        programme=programme.key,
        since_on=book.since_on.isoformat(),
        as_on=book.as_on.isoformat(),
        digest=book.digest,
        files=tuple(file.digest for _kind, _language, file, _name in made.files),
    )
    return book, enter(event, [book], [book.ref, programme.key], actor=actor, at=at)
