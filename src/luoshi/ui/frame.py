"""The frame of every page（页框）: drawn by the compiled renderer, as it stands on all of them.

In Django's own language the frame cost more than a page's content; compiled it costs a fraction. What does not depend
on who asks, the links and the foot, is made once for each language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from markupsafe import Markup

from luoshi.ui import hidden
from luoshi.ui.jinja import drawn, safe_url

LINKS = {
    "tour": "desk:tour",
    "switch": "accounts:switch",
    "login": "account_login",
    "logout": "account_logout",
    "seat": "accounts:seat",
    "password": "account_change_password",
    "search": "desk:search",
    "quick": "desk:quick",
    "language": "accounts:language",
    "complaint": "desk:complaint",
    "how": "desk:how",
}
"""Where the frame leads; a page that does not exist is left out."""


@lru_cache(maxsize=8)
def links(_urlconf: str | None) -> Mapping[str, str]:
    """Every address of the frame."""
    return {key: safe_url(name) for key, name in LINKS.items()}


@lru_cache(maxsize=8)
def foot(language: str, urlconf: str | None) -> Markup:
    """The foot in one language."""
    words = {"draft": gettext("Draft kept on this device {time}"), "copied": gettext("Copied")}
    told = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return drawn("ui/frame/foot.html", {"language": language, "links": links(urlconf), "words": Markup(told)})  # noqa: S704 - above


def head(values: Mapping[str, Any], *, here: str, csrf: str, urlconf: str | None) -> Markup:
    """The head: the bar of a demonstration, name, navigation, search, seat and language.

    Args:
        values: what :func:`luoshi.ui.context.page` told the page, and ``user``.
        here: the address of the page, to come back to.
        csrf: the token of forms; empty where there is none.
        urlconf: the address book in use, if not the usual one.
    """
    user = values["user"]
    told = {
        "actor": values["actor"],
        "seats": values["seats"],
        "people": values["demo_people"],
        "nav": values["nav"],
        "unread": values["unread"],
        "english": values["html_lang"] == "en",
        "user": str(user),
        "signed_in": bool(user is not None and user.is_authenticated),
        "links": links(urlconf),
        "here": here,
        "csrf": hidden.token_input(csrf),
    }
    return (drawn("ui/frame/demo.html", told) if values["demo"] else Markup()) + drawn("ui/frame/top.html", told)
