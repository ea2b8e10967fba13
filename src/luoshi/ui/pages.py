"""Whole pages of the compiled renderer（编译页）: for those asked for all day, whose frame cost more than the content.

Everything else is a template of Django's, which extends ``ui/base.html``; the frame is the same.
"""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import get_urlconf
from django.utils.translation import get_language
from markupsafe import Markup

from luoshi.ui import context, frame
from luoshi.ui.jinja import drawn
from luoshi.ui.templatetags.luoshi import frame_links


def page(
    request: HttpRequest,
    title: str,
    content: Markup,
    *,
    main_class: str = "",
    crumbs: str = "",
    scripts: str = "",
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page around content that is drawn already.

    Args:
        request: whose page it is.
        title: for the window, without the product's name.
        content: of the middle.
        main_class: of the middle.
        crumbs: above it; empty for none.
        scripts: at the end; empty for none.
        refusal: why something was refused, as :func:`luoshi.ui.sentences.refusal_context` tells it.
        status: of the answer.
    """
    known, token = context.page(request), get_token(request)
    actor, messages = known["actor"], get_messages(request)
    notes = render_to_string("ui/notes.html", {"messages": messages}) if len(messages) else ""
    if refusal:
        notes += render_to_string("ui/refusal.html", {"refusal": refusal})
    urlconf = getattr(request, "urlconf", None)
    told = {
        "html_lang": known["html_lang"],
        "title": title,
        "links": frame_links(),
        "person": actor.username if actor is not None else "",
        "csrf": token,
        "head": frame.head(
            {**known, "user": getattr(request, "user", None)}, here=request.get_full_path(), csrf=token, urlconf=urlconf
        ),
        "path": request.path,
        "main_class": main_class,
        "crumbs": crumbs,
        "notes": notes,
        "content": content,
        "foot": frame.foot(get_language() or "", get_urlconf()),
        "scripts": scripts,
    }
    return HttpResponse(drawn("ui/page.html", told), status=status)
