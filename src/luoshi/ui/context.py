"""What every page knows（页面通识）: who acts, from which seat, in which language, where one can go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_urlconf
from django.utils.translation import get_language, pgettext

from luoshi.rules.permissions import Actor, Role, receives_documents
from luoshi.ui.jinja import safe_url

READS_NEWS = frozenset({Role.HEAD, Role.OFFICE})
"""Whose posts have the news in the navigation; its pages are open to every post."""


READS_CAMPAIGNS = frozenset({Role.HEAD, Role.OFFICE, Role.AUDITOR})
"""Whose posts have the campaigns in the navigation; their pages are open to whoever may see one."""

BENEATH = {"assurance:directed": "assurance:campaigns", "assurance:look_backs": "assurance:campaigns"}
"""Pages that are reached from a page of the main navigation and have their address elsewhere: theirs is the entry."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation; ``on`` for the page one is on or below."""

    label: str
    url: str
    icon: str
    on: bool


@lru_cache(maxsize=8)
def _destinations(_language: str, _urlconf: str | None) -> tuple[tuple[str, str, str], ...]:
    """Label, address and icon of every page of the main navigation that exists."""
    wanted = (
        (pgettext("nav", "Today"), "desk:today", "today"),
        (pgettext("nav", "Board"), "desk:board", "board"),
        (pgettext("nav", "Visits"), "assurance:visits", "visit"),
        (pgettext("nav", "Register"), "desk:register", "filter"),
        (pgettext("nav", "News"), "intake:news", "news"),
        (pgettext("nav", "Intake"), "intake:documents", "intake"),
        (pgettext("nav", "Programmes"), "delivery:programmes", "programme"),
        (pgettext("nav", "Sampling"), "assurance:campaigns", "sample"),
        (pgettext("nav", "Meetings"), "meetings:meetings", "meeting"),
        (pgettext("nav", "Units"), "units:tree", "unit"),
        (pgettext("nav", "Messages"), "office:messages", "message"),
        (pgettext("nav", "Ledger"), "desk:ledger", "book"),
        (pgettext("nav", "Jobs"), "office:jobs", "work"),
    )
    return tuple((label, address, icon) for label, name, icon in wanted if (address := safe_url(name)))


@lru_cache(maxsize=8)
def _beneath(_urlconf: str | None) -> tuple[tuple[str, str], ...]:
    """Where pages below an entry of the navigation stand, and where that entry does; only of those that exist."""
    found = [(safe_url(name), safe_url(entry)) for name, entry in BENEATH.items()]
    return tuple((address, entry) for address, entry in found if address and entry)


def navigation(path: str, actor: Actor | None = None) -> list[NavItem]:
    """The main navigation: only pages that exist; the longest address that fits ``path`` is the current one.

    The intake is shown to those who work there: a supervision office, the head of an area; the news to every head and
    office, who get the digest; the visits to verifiers.
    """
    found = _destinations(get_language() or "", get_urlconf())
    if actor is None or actor.role not in READS_NEWS:
        found = tuple(one for one in found if one[2] != "news")
    if actor is None or actor.role is not Role.VERIFIER:
        found = tuple(one for one in found if one[2] != "visit")
    if actor is None or not receives_documents(actor):
        found = tuple(one for one in found if one[2] != "intake")
    if actor is None or actor.role not in READS_CAMPAIGNS:
        found = tuple(one for one in found if one[2] != "sample")
    for address, entry in _beneath(get_urlconf()):
        if path.startswith(address):
            path = entry
    fitting = [
        address for _label, address, _icon in found if address == path or (address != "/" and path.startswith(address))
    ]
    current = max(fitting, key=len, default=None)
    return [NavItem(label, address, icon, address == current) for label, address, icon in found]


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor; reads what the middleware has put on the request and tolerates its absence."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "actor": getattr(request, "actor", None),
        "seats": getattr(request, "seats", ()),
        "demo": bool(getattr(request, "demo", False)),
        "demo_people": getattr(request, "demo_people", ()),
        "unread": getattr(request, "unread", 0),
        "language": language,
        "html_lang": "en" if language.startswith("en") else "zh-Hans",
        "nav": navigation(request.path, getattr(request, "actor", None)),
    }
