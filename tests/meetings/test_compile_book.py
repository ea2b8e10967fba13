"""Compiling a book: one act with one entry, as a job that can be stopped, the same digest for the same rows."""

from __future__ import annotations

import datetime as dt
import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

import pdfplumber
import pytest
from docx import Document
from openpyxl import load_workbook

from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import said
from luoshi.ledger.queries.reading import listed
from luoshi.meetings.models import Book, BookPart, Meeting, Resolution
from luoshi.meetings.queries import books
from luoshi.meetings.services import compile_book, start_book
from luoshi.office.adapters import files
from luoshi.office.jobs import run_ready
from luoshi.office.models import Job, JobState
from luoshi.office.services import cancel_job
from luoshi.rules import book as rules
from luoshi.rules.refusals import Refused

if TYPE_CHECKING:
    from tests.delivery.world import World


def compiled(world: World, **told: dt.date) -> Book:
    return compile_book(actor=world.who("office"), programme="ten", at=world.at, **told)[0]


def test_one_act_writes_the_book_its_parts_and_one_entry(world: World) -> None:
    world.verified()
    world.reported(60, title="第二项")
    before = Entry.objects.count()
    book = compiled(world)
    assert Entry.objects.count() == before + 1
    told = said(listed().get(type="meetings.BookCompiled"))
    assert (told["ref"], told["digest"], told["programme"]) == ("YN-2026-B001", book.digest, "ten")
    kinds = list(book.parts.values_list("kind", flat=True))
    assert kinds == ["resolutions", "whole", "matter", "unit", "unit", "annex"]
    assert rules.digest([part.content for part in book.parts.all()]) == book.digest
    assert book.since_on == dt.date(2026, 1, 1), "the first day of the authority while no meeting is known"
    world.audit()


def test_the_same_book_again_has_the_same_digest_and_the_same_annex(world: World) -> None:
    world.verified()
    first = compiled(world)
    again, _entry = compile_book(actor=world.who("head"), programme="ten", at=world.at + dt.timedelta(hours=3))
    assert (again.ref, again.digest) == ("YN-2026-B002", first.digest)
    assert again.files.get(kind="xlsx").file_id == first.files.get(kind="xlsx").file_id
    world.reported(10, title="又一项")
    assert compiled(world).digest != first.digest


def test_the_full_annex_holds_every_task_and_its_digest_stands_in_the_book(world: World) -> None:
    world.verified()
    world.reported(60, title="=1+1")
    book = compiled(world)
    full = BookPart.objects.get(book=book, kind="annex").content["full"]
    with files.get(full["digest"]) as stored:
        content = stored.read()
    assert hashlib.sha256(content).hexdigest() == full["digest"]
    assert (full["rows"], full["size"]) == (2, len(content))
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] and "Number" in str(row[0]))
    assert {row[2] for row in rows[head + 1 :]} == {"星云湖治污管网", "=1+1"}


def test_who_does_not_steer_the_programme_compiles_no_book(world: World) -> None:
    for name in ("a_head", "auditor"):
        with pytest.raises(Refused) as refused:
            start_book(actor=world.who(name), programme="ten", at=world.at)
        assert refused.value.code == "not_programme_owner"
    with pytest.raises(Refused) as refused:
        start_book(
            actor=world.who("office"), programme="ten", since_on=world.at.date() + dt.timedelta(days=1), at=world.at
        )
    assert refused.value.code == "book_since"
    assert not Book.objects.exists()
    assert not Job.objects.filter(kind=books.JOB).exists()


@pytest.mark.django_db(transaction=True)
def test_a_book_is_a_job_one_at_a_time_that_can_be_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)
    world.reported(60)
    first = start_book(actor=world.who("office"), programme="ten", at=world.at)
    with pytest.raises(Refused) as refused:
        start_book(actor=world.who("head"), programme="ten", at=world.at)
    assert refused.value.code == "book_running"
    cancel_job(first.pk, actor=world.who("office"), at=world.at)
    second = start_book(actor=world.who("office"), programme="ten", at=world.at)
    while run_ready(world.at):
        pass
    second.refresh_from_db()
    assert (second.state, second.refusals) == (JobState.DONE, [])
    book = Book.objects.get()
    assert second.result["link"] == f"/meetings/books/{book.ref}/"
    assert (second.done, second.total) == (1, 1)
    assert books.running(world.programme) is None


def test_a_unit_opens_its_own_part_and_no_other(world: World) -> None:
    world.reported(60)
    book = compiled(world)
    for name in ("head", "office", "auditor"):
        assert books.parts(world.who(name), book).count() == 6
    own = books.parts(world.who("a_handler"), book)
    assert [(part.kind, part.key) for part in own] == [("unit", world.units["530400"].pk)]
    with pytest.raises(Refused):
        books.part_for(world.who("a_head"), book, "whole")
    with pytest.raises(Refused):
        books.part_for(world.who("a_head"), book, "unit", world.units["532900"].pk)
    with pytest.raises(Refused):
        books.book_for(world.who("th_handler"), book.ref)
    with pytest.raises(Refused):
        books.file_for(world.who("a_head"), book, "xlsx")
    assert books.file_for(world.who("head"), book, "xlsx").file.size > 0


def test_every_counted_figure_says_what_it_is_made_of(world: World) -> None:
    world.verified()
    world.reported(60, title="第二项", due_days=5)
    world.issued("532900", title="大理的")
    book = compiled(world, since_on=world.at.date() - dt.timedelta(days=9))
    whole = BookPart.objects.get(book=book, kind="whole").content["figures"]
    office, unit = world.who("office"), world.units["530400"].pk
    for name in books.CONDITIONS:
        count = books.behind(office, book, name, None, None).count()
        if name in whole and name not in {"gap", "desk", "by_visit", "sampled"}:
            assert count == whole[name], name
        assert books.behind(office, book, name, unit, world.matter.pk).count() <= count
    assert [c.title for c in books.behind(office, book, "gap", unit, None)] == ["第二项"]
    with pytest.raises(Refused):
        books.behind(office, book, "nothing", None, None)
    with pytest.raises(Refused):
        books.behind(world.who("a_head"), book, "items", None, None)
    with pytest.raises(Refused):
        books.behind(world.who("a_head"), book, "items", world.units["532900"].pk, None)


def test_the_book_is_printed_in_both_languages_with_the_checkpoint_and_the_same_bytes_again(world: World) -> None:
    world.reported(60, title="管网")
    while ledger.sequence_pending(world.at):
        pass
    ledger.checkpoint(world.at)
    first, again = compiled(world), compiled(world)
    kinds = [(one.kind, one.language) for one in first.files.all()]
    assert kinds == [("docx", "en"), ("docx", "zh"), ("pdf", "en"), ("pdf", "zh"), ("xlsx", "")]
    assert [one.file_id for one in first.files.all()] == [one.file_id for one in again.files.all()]
    assert first.ledger_root
    with files.get(first.files.get(kind="pdf", language="en").file.digest) as stored, pdfplumber.open(stored) as pdf:
        pages = [page.extract_text() for page in pdf.pages]
    assert len(pages) == 7 or len(pages) == 8  # the front of two or three, a matter, two for each of two units, annex
    assert "No meeting has been recorded before this book" in pages[0]
    assert "Said 60 %, verified 0 %" in pages[0]
    assert all(first.ledger_root in page.replace("\n", "") for page in pages)
    assert sum("玉溪市" in page.split("\n")[1] for page in pages) == 2
    with files.get(first.files.get(kind="docx", language="zh").file.digest) as stored:
        document = Document(BytesIO(stored.read()))
    assert any(one.text == "玉溪市" for one in document.paragraphs)
    assert first.ledger_root in document.sections[0].footer.paragraphs[0].text


def meeting(world: World, ref: str, days: int, stage: str) -> Meeting:
    at = world.at + dt.timedelta(days=days)
    office = world.who("office")
    return Meeting.objects.create(
        ref=ref, programme=world.programme, kind="review", title="半年复盘会", held_at=at, papers_due_on=at.date(),
        stage=stage, convened_by=world.units["530000"], by_post_id=office.seat.post_id, created_at=world.at,
        ended_at=at if stage == "ended" else None,
    )  # fmt: skip


def test_page_one_is_what_the_last_meeting_resolved_and_what_became_of_it(world: World) -> None:
    last, following = meeting(world, "M1", -20, "ended"), meeting(world, "M2", 20, "planned")
    begun, idle = world.reported(60, title="议定第一项"), world.issued(title="议定第二项")
    for number, task in enumerate((begun, idle), start=1):
        Resolution.objects.create(
            meeting=last, number=number, matter=world.matter, text=task.title, lead=task.lead, due_on=task.due_on,
            state="issued", commitment=task, by_post_id=world.who("office").seat.post_id, at=world.at,
        )  # fmt: skip
    book, _entry = compile_book(actor=world.who("office"), programme="ten", meeting="M2", at=world.at)
    assert (book.meeting, book.since_on) == (following, world.at.date() - dt.timedelta(days=20))
    part = BookPart.objects.get(book=book, kind="resolutions").content
    assert part["meeting"]["ref"] == "M1"
    assert [(row["title"], row["said"], row["idle"]) for row in part["rows"]] == [
        ("议定第一项", 60, False),
        ("议定第二项", 0, True),
    ]
    whole = BookPart.objects.get(book=book, kind="whole").content
    asked = next(one for one in whole["questions"] if one["code"] == rules.RESOLUTION)
    assert asked["params"] == {"count": 1, "whole": 2}
    with pytest.raises(Refused):
        compile_book(actor=world.who("office"), programme="ten", meeting="M3", at=world.at)
