"""佐证台: a gallery and a list of what stands behind the reports, each piece looked at in place, its download."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.delivery.models import Evidence
from luoshi.delivery.queries import evidence as reads
from luoshi.delivery.queries import pages
from luoshi.delivery.views.commitments import crumbs_of, headline
from luoshi.delivery.views.doors import actor_of
from luoshi.office.adapters import contents, previews
from luoshi.office.views import SANDBOX, serve_file
from luoshi.rules import lights
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.addresses import whole_number

declare(
    422,
    no_preview=gettext_noop("This file cannot be shown: it is damaged, too large or unusual. Download it to look."),
)

GALLERY, LIST = "gallery", "list"
COLUMNS = 30
CELL = 200
NAMES = {
    contents.PDF: "PDF",
    contents.JPEG: "JPEG",
    contents.PNG: "PNG",
    contents.WEBP: "WebP",
    contents.DOCX: "Word",
    contents.XLSX: "Excel",
    contents.PPTX: "PowerPoint",
    contents.CSV: "CSV",
}
NOTHING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><rect width="320" height="200" fill="#f3f4f6"/>'
    b'<path d="M140 60h28l18 18v62h-46zM167 60v19h19" fill="none" stroke="#8a919c" stroke-width="3"/></svg>'
)
"""Shown where a file cannot be drawn; the page beside it says why."""


def _cursor(request: HttpRequest) -> int | None:
    return whole_number(request.GET.get("before", ""))


def type_name(item: Evidence) -> str:
    """What kind of thing it is, in a word."""
    if item.file is None:
        return _("link")
    return NAMES.get(item.file.media_type, _("text"))


def _card(piece: reads.Piece, ref: str) -> dict[str, Any]:
    item = piece.item
    return {
        "piece": piece,
        "item": item,
        "type": type_name(item),
        "drawn": item.file is not None and item.file.media_type in previews.DRAWN,
        "ref": item.report.commitment.ref,
        "elsewhere": item.report.commitment.ref != ref,
    }


@login_required
@require_safe
def desk(request: HttpRequest, ref: str) -> HttpResponse:
    """Everything behind the reports（佐证台）; the address holds gallery or list, and whether parts are shown, too."""
    at = timezone.now()
    view = LIST if request.GET.get("view") == LIST else GALLERY
    parts = request.GET.get("parts") == "1"
    found, pieces, following = reads.evidence_page(actor_of(request, at), ref, parts=parts, before=_cursor(request))
    kept = {"view": view if view == LIST else "", "parts": "1" if parts else ""}

    def address(**changes: Any) -> str:
        return "?" + urlencode({name: value for name, value in {**kept, **changes}.items() if value})

    context = {
        **headline(found, lights.light(found.light_facts(), at)),
        "crumb_list": crumbs_of(found, _("Evidence")),
        "cards": [_card(piece, ref) for piece in pieces],
        "view": view,
        "parts": parts,
        "views": [
            (_("Gallery"), address(view=""), view == GALLERY),
            (_("List"), address(view=LIST), view == LIST),
        ],
        "parts_url": address(parts="" if parts else "1"),
        "pager": {"previous": "", "next": address(before=following)[1:] if following else ""},
    }
    return render(request, "delivery/evidence.html", context)


@login_required
@require_safe
def look(request: HttpRequest, ref: str, evidence_id: int) -> HttpResponse:
    """One piece looked at in place（预览）: picture, page of a PDF, beginning of a text; its versions and uses."""
    at = timezone.now()
    found, piece = reads.evidence_piece(actor_of(request, at), ref, evidence_id)
    item = piece.item
    chain = reads.versions(item)
    context: dict[str, Any] = {
        **headline(found, lights.light(found.light_facts(), at)),
        "crumb_list": [
            *crumbs_of(found, _("Evidence"))[:-1],
            (_("Evidence"), reverse("delivery:evidence_list", args=[ref])),
            (item.name, ""),
        ],
        "piece": piece,
        "item": item,
        "type": type_name(item),
        "chain": chain if len(chain) > 1 else [],
        **_shown(item, _page_number(request)),
    }
    return render(request, "delivery/evidence_look.html", context)


def _page_number(request: HttpRequest) -> int:
    told = request.GET.get("page", "") or "1"
    if not (told.isascii() and told.isdigit() and len(told) < 7 and int(told) > 0):
        raise Refused("not_found")
    return int(told)


def _shown(item: Evidence, page: int) -> dict[str, Any]:
    """What the page shows of the content, or the sentence that says why nothing."""
    if item.file is None:
        return {"why": _("A link leads away from here; it is not opened in this page.")}
    media_type = item.file.media_type
    if media_type in previews.DRAWN:
        return _drawn(item, media_type, page)
    if media_type in {contents.TEXT, contents.CSV}:
        try:
            text, whole = previews.words_of(item.digest)
        except OSError as error:
            raise Refused("file_unreadable") from error
        if media_type == contents.CSV:
            return {"rows": _rows(text), "whole": whole}
        return {"text": text, "whole": whole}
    return {"why": _("Office files are not shown here: download the file and open it with your own programme.")}


def _drawn(item: Evidence, media_type: str, page: int) -> dict[str, Any]:
    if page > (previews.PAGES if media_type == contents.PDF else 1):
        raise Refused("not_found")
    made = _preview(item, page, previews.SHEET)
    if made.error == "page":
        raise Refused("not_found")
    if made.error:
        return {
            "why": _("It is too large to be shown here: download it.")
            if made.error == "large"
            else _("It cannot be shown here: the file is damaged or uses something unusual. Download it to look.")
        }
    shown = min(made.pages, previews.PAGES)
    return {"picture": True, "page": page, "pages": made.pages, "shown": shown, "numbers": range(1, shown + 1)}


def _preview(item: Evidence, page: int, edge: int) -> previews.Preview:
    if item.file is None:
        raise Refused("not_found")
    try:
        return previews.preview(item.digest, item.file.media_type, page=page, edge=edge)
    except ValueError as error:
        raise Refused("not_found") from error
    except OSError as error:
        raise Refused("file_unreadable") from error


def _rows(text: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error:
        rows = [[line] for line in text.splitlines()]
    return [[cell[:CELL] for cell in row[:COLUMNS]] for row in rows]


@login_required
@require_safe
def picture(request: HttpRequest, ref: str, evidence_id: int) -> HttpResponseBase:
    """A piece, or a page of it, as a picture made here（预览图）: ``?size=thumb`` or ``sheet``, ``?page=`` from 1."""
    item = pages.evidence_for(actor_of(request, timezone.now()), ref, evidence_id)
    return preview_response(request, item, _page_number(request), thumb=request.GET.get("size") == "thumb")


def preview_response(
    request: HttpRequest, item: Evidence, page: int, *, thumb: bool, placeholder: bool = True
) -> HttpResponseBase:
    """The picture of a page; browsers keep it and ask each time, so that a permission withdrawn takes effect at once.

    With ``placeholder`` a file that cannot be drawn is answered with a plain drawing, for pages.

    Raises:
        Refused: ``not_found`` where nothing is ever drawn, ``no_preview``, ``file_unreadable``.
    """
    edge = previews.THUMB if thumb else previews.SHEET
    etag = f'"{item.digest}-{page}-{edge}"'
    made: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if made is None or made.status_code != 304:
        drawn = _preview(item, page, edge)
        if drawn.error == "page":
            raise Refused("not_found")
        if not drawn.picture and not placeholder:
            raise Refused("no_preview")
        if drawn.picture:
            made = HttpResponse(drawn.picture, content_type="image/jpeg")
        else:
            made = HttpResponse(NOTHING, content_type="image/svg+xml")
    made["ETag"] = etag
    made["Cache-Control"] = "private, no-cache"
    made["X-Content-Type-Options"] = "nosniff"
    made["Cross-Origin-Resource-Policy"] = "same-origin"
    made["Content-Security-Policy"] = SANDBOX
    return made


@login_required
@require_safe
def download(request: HttpRequest, ref: str, evidence_id: int) -> HttpResponseBase:
    """One file behind a report, to whoever may see the commitment（下载佐证）."""
    item = pages.evidence_for(actor_of(request, timezone.now()), ref, evidence_id)
    if item.file is None:
        raise Refused("not_found")
    return serve_file(request, item.file, item.name, inline=request.GET.get("show") == "1")
