"""Pages of the review book（复盘册）: ask for one, watch it, read it, and see what every figure is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery.models import Programme
from luoshi.delivery.queries import programme_for, programmes
from luoshi.delivery.views.doors import actor_of, once
from luoshi.meetings.forms.books import BookForm
from luoshi.meetings.models import Book, BookFile, Meeting
from luoshi.meetings.queries import books as reads
from luoshi.meetings.queries import contents, wording
from luoshi.meetings.queries.meetings import meeting_for
from luoshi.meetings.services.books import start_book
from luoshi.office.views import serve_file
from luoshi.rules import book as rules
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

SHOWN = 20


def _programme(actor: Actor, key: str) -> Programme | None:
    if key:
        return programme_for(actor, key)
    return programmes(actor).filter(state="issued").order_by("pk").first()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The books of a programme（复盘册）, the one being compiled with its progress, and the form to ask for one."""
    at = timezone.now()
    actor = actor_of(request, at)
    told = request.GET.get("programme", "")
    programme = _programme(actor, told if len(told) <= 60 and "\x00" not in told else "")
    context: dict[str, Any] = {"programme": programme, "found": [], "programmes": []}
    status = 200
    if programme is not None:
        may = reads.steers(actor, programme)
        data = request.POST if request.method == "POST" else None
        laid_before = _meeting(actor, programme, request.GET.get("meeting", ""))
        known = {"since_on": reads.since_for(programme, laid_before), "meeting": laid_before.ref if laid_before else ""}
        form = BookForm(data, initial=known)
        if data is not None:
            status = 422
            if form.is_valid():

                def run() -> dict[str, Any]:
                    return {"job": start_book(actor=actor, programme=programme.key, at=at, **form.payload()).pk}

                try:
                    once(request, run, at=at)
                except Refused as refused:
                    context["refusal"], status = refusal_context(refused), refused.status
                else:
                    return HttpResponseRedirect(f"{reverse('meetings:books')}?programme={programme.key}")
        rows = list(reads.books(actor).filter(programme=programme)[:SHOWN])
        context |= {
            "programmes": list(programmes(actor).filter(state="issued").order_by("pk")[:20]),
            "form": form,
            "laid_before": laid_before,
            "may": may,
            "job": reads.last_job(programme) if may else None,
            "found": [(one, _where(actor, one)) for one in rows],
        }
    return render(request, "meetings/books.html", context, status=status)


def _meeting(actor: Actor, programme: Programme, ref: str) -> Meeting | None:
    if not ref or len(ref) > 40 or "\x00" in ref:
        return None
    found = meeting_for(actor, ref)
    return found if found.programme_id == programme.pk else None


@login_required
@require_safe
def of_meeting(request: HttpRequest, ref: str) -> HttpResponse:
    """The book laid before a meeting（本次会议的复盘册）: the newest one, else where it is asked for."""
    actor = actor_of(request, timezone.now())
    meeting = meeting_for(actor, ref)
    for book in reads.books(actor).filter(meeting=meeting)[:1]:
        if (address := _where(actor, book)) and reads.running(meeting.programme) is None:
            return HttpResponseRedirect(address)
    told = urlencode({"programme": meeting.programme.key, "meeting": meeting.ref})
    return HttpResponseRedirect(f"{reverse('meetings:books')}?{told}")


def _where(actor: Actor, book: Book) -> str:
    """The address of the first part of a book that the actor may open; empty when there is none."""
    if reads.reads_whole(actor, book):
        return reverse("meetings:book", args=[book.ref])
    first = reads.parts(actor, book).first()
    return reverse("meetings:book_unit", args=[book.ref, first.key]) if first is not None else ""


def _context(actor: Actor, book: Book, part: Mapping[str, Any], here: str) -> dict[str, Any]:
    """What every page of a book shows: its head, its neighbours, its foot."""
    whole = reads.reads_whole(actor, book)
    listed = (
        reads.parts(actor, book)
        .filter(kind__in=(contents.UNIT, contents.MATTER))
        .values_list("kind", "key", "content__unit__short", "content__matter__short")
    )
    rows = list(listed)
    return {
        "book": book,
        "whole": whole,
        "part": part,
        "here": here,
        "units": [(key, short) for kind, key, short, _matter in rows if kind == contents.UNIT],
        "matters": [(key, wording.spoken(short)) for kind, key, _unit, short in rows if kind == contents.MATTER],
        "crumb_list": [
            (_("Review books"), f"{reverse('meetings:books')}?programme={book.programme.key}"),
            (book.ref, "" if here == "whole" else reverse("meetings:book", args=[book.ref]) if whole else ""),
            *([] if here == "whole" else [(here, "")]),
        ],
        "files": _files(book) if whole else [],
    }


def _files(book: Book) -> list[tuple[str, BookFile]]:
    language = get_language() or ""
    mine = "en" if language.startswith("en") else "zh"
    rows = book.files.select_related("file").filter(language__in=("", mine))
    return [(f"{reverse('meetings:book_file', args=[book.ref, one.kind])}", one) for one in rows]


def _told(part: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What is read of a part about a unit, a matter or the whole."""
    figures = part["figures"]
    return {
        "figures": figures,
        "headline": wording.headline(figures),
        "moved": wording.moved(figures),
        "groups": wording.groups(figures),
        "questions": wording.questions(part["questions"], names),
        "trend": list(wording.trend(part)),
        "lists": [(_(wording.LIST_NAMES[name]), name, rows) for name, rows in part["lists"].items()],
        "linked": wording.LINKED,
    }


@login_required
@require_safe
def book(request: HttpRequest, ref: str) -> HttpResponse:
    """The whole（总册）: what the last meeting resolved, then units × matters, the trend, questions."""
    actor = actor_of(request, timezone.now())
    found = reads.book_for(actor, ref)
    part = reads.part_for(actor, found, contents.WHOLE).content
    resolved = reads.part_for(actor, found, contents.RESOLUTIONS).content
    context = {
        **_context(actor, found, part, "whole"),
        **_told(part, wording.names_of(part)),
        "resolved": resolved,
        "by_matter": [
            (one["id"], f"{one['number']} {wording.spoken(one['short'])}", one["figures"]) for one in part["matters"]
        ],
        "by_unit": [(one["id"], one["name"], one["figures"]) for one in part["units"]],
        "intact": rules.digest([one.content for one in found.parts.all()]) == found.digest,
        "query": "",
    }
    return render(request, "meetings/book.html", context)


@login_required
@require_safe
def unit(request: HttpRequest, ref: str, key: int) -> HttpResponse:
    """One unit's two pages（分册）."""
    actor = actor_of(request, timezone.now())
    found = reads.book_for(actor, ref)
    part = reads.shown(actor, found, reads.part_for(actor, found, contents.UNIT, key))
    near = part.get("nearest")
    context = {
        **_context(actor, found, part, part["unit"]["name"]),
        **_told(part, wording.names_of(part)),
        "title": part["unit"]["name"],
        "key": key,
        "by_matter": [
            (one["id"], f"{one['number']} {wording.spoken(one['short'])}", one["figures"]) for one in part["matters"]
        ],
        "near": near,
        "variables": wording.variables(near) if near else [],
        "query": urlencode({"unit": key}),
    }
    return render(request, "meetings/book_unit.html", context)


@login_required
@require_safe
def matter(request: HttpRequest, ref: str, key: int) -> HttpResponse:
    """One matter's page（事项页）."""
    actor = actor_of(request, timezone.now())
    found = reads.book_for(actor, ref)
    part = reads.part_for(actor, found, contents.MATTER, key).content
    title = f"{part['matter']['number']} {wording.spoken(part['matter']['name'])}"
    context = {
        **_context(actor, found, part, title),
        **_told(part, wording.names_of(part)),
        "title": title,
        "key": key,
        "by_unit": [(one["id"], one["name"], one["figures"]) for one in part["units"]],
        "query": urlencode({"matter": key}),
    }
    return render(request, "meetings/book_matter.html", context)


@login_required
@require_safe
def annex(request: HttpRequest, ref: str) -> HttpResponse:
    """The printed annex（印附）: items of province and prefectures, and exceptions; the full one is a file."""
    actor = actor_of(request, timezone.now())
    found = reads.book_for(actor, ref)
    part = reads.part_for(actor, found, contents.ANNEX).content
    tables = [
        (_(title), name, part[name], part[f"{name}_count"])
        for name, title in (
            ("items", gettext_noop("Items of the province and the prefectures")),
            ("exceptions", gettext_noop("Exceptions below: overdue, late at some time, extended more than once")),
        )
    ]
    for _title, _name, rows, _count in tables:
        for row in rows:
            row["day"] = _day(row["due_on"])
    context = {**_context(actor, found, part, _("Annex")), "tables": tables, "full": part["full"]}
    return render(request, "meetings/book_annex.html", context)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _key(request: HttpRequest, name: str) -> int | None:
    told = request.GET.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 17 else None


def _unit_name(actor: Actor, book: Book, key: int | None) -> str:
    parts = reads.parts(actor, book).filter(kind=contents.UNIT, key=key or 0)
    return str(parts.values_list("content__unit__name", flat=True).first() or "")


@login_required
@require_safe
def rows(request: HttpRequest, ref: str, name: str) -> HttpResponse:
    """What a figure is made of（数字所据）, as it stands today; the book keeps what it was."""
    actor = actor_of(request, timezone.now())
    found = reads.book_for(actor, ref)
    unit_key, matter_key = _key(request, "unit"), _key(request, "matter")
    behind = reads.behind(actor, found, name, unit_key, matter_key)
    shown = list(behind[: reads.ROWS + 1])
    count = len(shown) if len(shown) <= reads.ROWS else behind.order_by().count()
    title = wording.figure_title(name)
    context = {
        **_context(actor, found, {}, title),
        "title": title,
        "rows": shown[: reads.ROWS],
        "count": count,
        "more": count > reads.ROWS,
        "unit": _unit_name(actor, found, unit_key),
    }
    return render(request, "meetings/book_rows.html", context)


@login_required
@require_safe
def file(request: HttpRequest, ref: str, kind: str) -> HttpResponseBase:
    """A file of the book（下载）."""
    actor = actor_of(request, timezone.now())
    found = reads.book_for(actor, ref)
    language = "" if kind == BookFile.Kind.ANNEX else "en" if (get_language() or "").startswith("en") else "zh"
    one = reads.file_for(actor, found, kind, language)
    return serve_file(request, one.file, one.name)
