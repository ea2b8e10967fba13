"""Pages that are asked for again and again（条件请求）: answered by 304 while nothing they show has changed.

The mark of a page is made of everything it can show: which acts are in the ledger, how the stored cells stand, the day,
who looks from which seat in which language, what else stands on every page. It is read *before* the page, so a page is
never taken for newer than it is.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

import luoshi
from luoshi.delivery import queries as delivery
from luoshi.ledger import queries as ledger
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor


@cache
def build() -> str:
    """What the pages are made with: the version, and on a developer's machine the newest template or style."""
    folder = Path(luoshi.__file__).parent
    newest = max(
        (path.stat().st_mtime_ns for kind in ("html", "css", "js", "mo") for path in folder.rglob(f"*.{kind}")),
        default=0,
    )
    return f"{luoshi.__version__}:{newest}"


def digest(*parts: object) -> str:
    """A weak entity tag of some values."""
    return 'W/"' + hashlib.sha256(repr(parts).encode()).hexdigest()[:32] + '"'


State = tuple[object, ...]


def state(at: datetime) -> State:
    """What every figure depends on（共同依据）, whoever looks; two statements.

    A light that turns by time alone changes a delta; every act appends an entry; what is only counted in days changes
    with the day.
    """
    return build(), delivery.cells_state(), ledger.mark(), local_day(at), get_language()


def shared(actor: Actor, known: State) -> State:
    """The same with who looks and from which seat."""
    seat = actor.effective
    return (
        *known,
        (actor.user_id, actor.name, actor.seat.post_ref, seat.post_ref, seat.unit_id, seat.area_path, seat.role.value),
    )


def page_tag(request: HttpRequest, actor: Actor, known: State) -> str:
    """The tag of a page for this request; empty when it must be made anew.

    Beside the figures a page shows the unread count, the demonstration's bar, notes of what was just done, and forms
    that belong to the browser's own token.
    """
    if len(get_messages(request)):
        return ""
    get_token(request)  # a browser without a token gets one, with this page
    token = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    if not token:
        return ""
    told: Any = request
    return digest(
        shared(actor, known),
        request.get_full_path(),
        request.session.session_key,
        token,
        getattr(told, "unread", 0),
        getattr(told, "demo", False),
        [person["username"] + person["label"] for person in getattr(told, "demo_people", ())],
    )


def unchanged(request: HttpRequest, tag: str) -> HttpResponseBase | None:
    """304 when the browser holds the page of this tag; ``None`` when the page must be made."""
    if not tag:
        return None
    answer = get_conditional_response(request, etag=tag)
    if answer is not None and answer.status_code == 304:
        return mark(answer, tag)
    return None


def mark(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    """Tell the browser to keep the page for itself and to ask before it shows it again."""
    response["Cache-Control"] = "private, no-cache" if tag else "private, no-store"
    if tag:
        response["ETag"] = tag
    if isinstance(response, HttpResponse):
        patch_vary_headers(response, ["Cookie", "Accept-Language", "Authorization"])
    return response
