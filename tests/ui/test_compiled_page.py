"""The frame of compiled pages is that of all others, word for word."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from markupsafe import Markup

from luoshi.accounts.models import User
from luoshi.config.middleware import know
from luoshi.rules.refusals import Refused
from luoshi.ui.pages import page
from luoshi.ui.sentences import refusal_context

CHILD = (
    '{% extends "ui/base.html" %}{% block title %}{{ title }}{% endblock %}'
    "{% block main_class %}{{ main_class }}{% endblock %}{% block crumbs %}{{ crumbs }}{% endblock %}"
    "{% block content %}{{ content }}{% endblock %}{% block scripts %}{{ scripts }}{% endblock %}"
)


def plain(answer: HttpResponse | str) -> str:
    """Without what differs from one drawing to the next: masked tokens, and space between marks."""
    text = answer if isinstance(answer, str) else answer.content.decode()
    text = re.sub(r'(csrfmiddlewaretoken" value=|"X-CSRFToken": )"[^"]+"', r"\1…", text)
    text = text.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    return re.sub(r"\s*([<>])\s*", r"\1", text)


def drawn_both_ways(prepare: Callable[[HttpRequest], None], refusal: object = None) -> tuple[str, str]:
    """The same page by the compiled engine and by Django's."""
    values = {
        "title": "<总览>",
        "content": Markup("<h1>一</h1>"),
        "main_class": "wide-page",
        "crumbs": Markup("<nav>路径</nav>"),
        "scripts": Markup('<script src="/x.js" defer></script>'),
    }
    found: list[str] = []

    def view(compiled: bool) -> Callable[[HttpRequest], HttpResponse]:
        def answer(request: HttpRequest) -> HttpResponse:
            prepare(request)
            if compiled:
                return page(request, refusal=refusal, **values)  # type: ignore[arg-type]
            told = {**values, **({"refusal": refusal} if refusal else {})}
            return HttpResponse(engines["django"].from_string(CHILD).render(told, request))

        return answer

    for compiled in (True, False):
        request = RequestFactory().get("/board/?unit=1&matter=<2>")
        request.user = AnonymousUser()
        inner = MessageMiddleware(know(view(compiled)))
        answer = SessionMiddleware(lambda asked, inner=inner: inner(asked))(request)
        found.append(plain(answer))
    return found[0], found[1]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_for_somebody_signed_in(language: str) -> None:
    user = User.objects.create_user("li<1>", display_name="李 & 王")

    def prepare(request: HttpRequest) -> None:
        request.user = user

    with translation.override(language):
        ours, theirs = drawn_both_ways(prepare)
    assert "<title>&lt;总览&gt; · " in ours
    assert ours == theirs


@pytest.mark.django_db
def test_with_notes_and_a_refusal() -> None:
    def prepare(request: HttpRequest) -> None:
        messages.success(request, "已办 <b>")
        messages.error(request, "未办")

    refusal = refusal_context(Refused("not_found"))
    ours, theirs = drawn_both_ways(prepare, refusal)
    assert "已办 &lt;b&gt;" in ours
    assert "not_found" in ours
    assert ours == theirs
