"""Pages of the news（要闻）: the digest of a day, one article and what is done with it, the whole list."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import commitment_for
from luoshi.delivery.views.doors import actor_of, done_sentence, once, tell_masked
from luoshi.intake.forms.news import DraftForm, InstructForm
from luoshi.intake.models import Article
from luoshi.intake.queries import news as queries
from luoshi.intake.services import news as services
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules import lifecycle
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor, receives_documents
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

HAN = re.compile(r"[\u4e00-\u9fff]")
"""What is written in Chinese is said to be, whatever the language of the page."""
SEVERAL = 50
"""Articles on a page of the whole list."""


def crumbs(here: str) -> list[tuple[str, str]]:
    """The way to a page of the news."""
    return [(_("News"), reverse("intake:news")), (here, "")]


def _told_day(request: HttpRequest, today: date) -> date:
    """The day asked for; anything that is none, or lies ahead, is today."""
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return today


def _row(line: queries.Line) -> dict[str, Any]:
    """A line as the page shows it: texts in pieces with the telling words marked."""
    telling = [word for why in line.why for word in why.words] + [name for _unit, name in line.units]
    return {
        "line": line,
        "title": queries.marks(line.article.title, telling),
        "summary": queries.marks(line.article.summary, telling),
        "lang": "zh-Hans" if HAN.search(line.article.title) else "",
    }


@login_required
@require_safe
def digest(request: HttpRequest) -> HttpResponse:
    """What bears on one's work of a day's news（每日要闻）: at most ten, each with why it is there."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    on = _told_day(request, today)
    found = queries.day(actor, on, today)
    sources = list(queries.source_rows(actor))
    context = {
        "day": found,
        "today": today,
        "rows": [_row(line) for line in found.lines],
        "aside": found.aside,
        "sources": sources,
        "failing": [one for one in sources if one.active and one.problem],
        "asked_at": max((one.polled_at for one in sources if one.polled_at), default=None),
        "may_keep": queries.may_keep(actor),
        "may_draft": receives_documents(actor),
        "here": request.get_full_path(),
    }
    return render(request, "intake/news.html", context)


@login_required
@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """Every article that reaches the post, the newest first, of one matter if asked（全部要闻）."""
    actor = actor_of(request, timezone.now())
    matter, before = _number(request.GET.get("matter", "")), _number(request.GET.get("before", ""))
    found, further = queries.page(actor, matter=matter, before=before, limit=SEVERAL)
    matters = queries.matters(actor)
    context = {
        "rows": [_row(line) for line in queries.lines(actor, found)],
        "further": further,
        "matters": matters,
        "matter": next((one for one in matters if one.pk == matter), None),
        "crumb_list": crumbs(_("All articles")),
    }
    return render(request, "intake/news_all.html", context)


def _number(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 12 else None


def _instructable(line: queries.Line, actor: Actor, at: datetime) -> list[Commitment]:
    """Of the commitments an article bears on, those the actor may write an instruction on."""
    return [
        one
        for one in line.commitments
        if any(
            found.act is Act.INSTRUCT and found.refusal is None
            for found in lifecycle.possibilities(one.facts(), actor=actor, at=at)
        )
    ]


def _page(
    request: HttpRequest, actor: Actor, article: Article, at: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    [line] = queries.lines(actor, [article])
    instructable = _instructable(line, actor, at)
    context = {
        **_row(line),
        "article": article,
        "crumb_list": crumbs(article.title),
        "drafts": queries.drafts_of(actor, article),
        "instructed": queries.instructed_on(actor, article),
        "aside": queries.is_aside(actor, article),
        "may_draft": receives_documents(actor),
        "draft_form": DraftForm(),
        "instruct_form": InstructForm(chosen=instructable),
        "instructable": instructable,
        "others": queries.other_sources(actor, article),
        "today": local_day(at),
        **more,
    }
    return render(request, "intake/news_article.html", context, status=status)


@login_required
@require_safe
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """One article: the quotation, why it is shown, what can be done with it（要闻）."""
    at = timezone.now()
    actor = actor_of(request, at)
    return _page(request, actor, queries.article_for(actor, article_id), at)


@login_required
@require_POST
def draft(request: HttpRequest, article_id: int) -> HttpResponse:
    """Make a draft of an article（起草）: straight from the list, or with the words of the page."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.article_for(actor, article_id)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, found, at, 422, draft_form=form)
    text = form.cleaned_data["text"]
    try:
        answer, _again = once(
            request,
            lambda: {
                "id": services.draft_from_article(actor=actor, article_id=article_id, text=text, at=at)[0].pk,
            },
            at=at,
        )
    except Refused as refused:
        return _page(request, actor, found, at, refused.status, draft_form=form, refusal=refusal_context(refused))
    tell_masked(request, [text])
    messages.success(request, _("A draft was made of the article. Who leads and by when stays empty until you say so."))
    return redirect("intake:document", answer["id"])


@login_required
@require_POST
def instruct(request: HttpRequest, article_id: int) -> HttpResponse:
    """Write an instruction on a commitment, with the article named below it（批示）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.article_for(actor, article_id)
    form = InstructForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, found, at, 422, instruct_form=form)
    ref, words = form.cleaned_data["ref"], form.cleaned_data["words"]
    try:
        # The version is the one that stands: the page offers a number to be typed, too, and an instruction rewrites
        # nothing that somebody else might have changed meanwhile.
        version = commitment_for(actor, ref).version
        answer, _again = once(
            request,
            lambda: {
                "entry": services.instruct_on_article(
                    actor=actor, article_id=article_id, ref=ref, version=version, words=words, at=at
                ).entry.pk
            },
            at=at,
        )
    except Refused as refused:
        return _page(request, actor, found, at, refused.status, instruct_form=form, refusal=refusal_context(refused))
    tell_masked(request, [words])
    messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
    return redirect("delivery:commitment", ref)


@login_required
@require_POST
def aside(request: HttpRequest, article_id: int) -> HttpResponse:
    """Put an article aside for one's post, or take it back（与我无关）."""
    at = timezone.now()
    actor = actor_of(request, at)
    wanted = request.POST.get("back") != "1"
    once(
        request,
        lambda: {"id": services.put_aside(actor=actor, article_id=article_id, aside=wanted, at=at).pk},
        at=at,
    )
    if wanted:
        messages.success(request, _("Put aside for your post. It can be taken back at the foot of the day's page."))
    there = request.POST.get("next", "")
    fits = url_has_allowed_host_and_scheme(there, allowed_hosts={request.get_host()})
    return redirect(there if fits else reverse("intake:news"))
