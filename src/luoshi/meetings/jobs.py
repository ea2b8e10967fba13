"""Jobs of meetings: a book is compiled by one; the clock reminds of papers. The clock is read here or by the caller."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from luoshi.meetings.queries import books
from luoshi.meetings.services import remind_of_papers
from luoshi.meetings.services.books import compile_book
from luoshi.office.jobs import Report, register
from luoshi.office.models import Job
from luoshi.office.services.jobs import actor_of
from luoshi.rules.refusals import gettext_noop


def compile_as_job(job: Job, report: Report) -> dict[str, Any]:
    """Compile a book（编复盘册作业）; started again after a crash it begins anew, because nothing was written."""
    at, args = timezone.now(), job.args
    book, entry = compile_book(
        actor=actor_of(job, at),
        programme=args["programme"],
        since_on=date.fromisoformat(args["since_on"]),
        meeting=args.get("meeting", ""),
        at=at,
        told=report,
    )
    return {"link": f"/meetings/books/{book.ref}/", "book": book.ref, "entry": entry.pk}


def tick(at: datetime) -> dict[str, int]:
    """Remind of papers that are due; safe to run anywhere, any number of times."""
    return {"papers_reminded": remind_of_papers(at)}


register(books.JOB, compile_as_job, title=gettext_noop("Review book: %(name)s"))
