"""The news over the API（要闻接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.delivery.api.doors import NEEDS_VERSION, needed_version, tagged
from luoshi.intake.queries import news as queries
from luoshi.intake.schemas import DocumentOut
from luoshi.intake.schemas.news import (
    ArticleOut,
    AsideIn,
    AsideOut,
    AskIn,
    AskOut,
    DraftIn,
    GoneOut,
    InstructionIn,
    InstructionOut,
    LineOut,
    NewsDayOut,
    NewsPage,
    PasteIn,
    SourceChange,
    SourceIn,
    SourceOut,
    SourcePage,
)
from luoshi.intake.services import news as services
from luoshi.rules.calendar import local_day
from luoshi.units.queries import actor_for_request

router = Router(tags=["news"])
ArticleId = Annotated[int, Path(ge=1, le=2**53)]
SourceId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/news/digest", response=NewsDayOut, operation_id="get_news_digest")
def get_news_digest(request: HttpRequest, day: date | None = None) -> NewsDayOut:
    """What bears on the caller's work of a day's news, at most ten; today's when no day is said."""
    at = timezone.now()
    actor, today = actor_for_request(request, at), local_day(at)
    found = queries.day(actor, min(day or today, today), today)
    return NewsDayOut(
        day=found.on,
        told=found.told,
        told_at=found.told_at,
        looked=found.looked,
        before=found.before,
        items=[LineOut.of(line) for line in found.lines],
        aside=[ArticleOut.of(one) for one in found.aside],
        gone=[GoneOut(title=one.title, source=one.source, words=list(one.words)) for one in found.gone],
    )


@router.get("/news/articles", response=NewsPage, operation_id="list_articles")
def list_articles(
    request: HttpRequest,
    day: date | None = None,
    matter: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> NewsPage:
    """Articles of the sources that reach the caller, the last found first; one story once a page."""
    actor = actor_for_request(request, timezone.now())
    found, further = queries.page(actor, on=day, matter=matter, before=before, limit=limit)
    return NewsPage(items=[LineOut.of(line) for line in queries.lines(actor, found)], next=further)


@router.get("/news/articles/{article_id}", response=LineOut, operation_id="get_article")
def get_article(request: HttpRequest, article_id: ArticleId) -> LineOut:
    """One article with why it is shown."""
    actor = actor_for_request(request, timezone.now())
    [line] = queries.lines(actor, [queries.article_for(actor, article_id)])
    return LineOut.of(line)


@router.post("/news/articles/{article_id}/draft", response=DocumentOut, operation_id="draft_from_article")
def draft_from_article(request: HttpRequest, article_id: ArticleId, body: DraftIn) -> DocumentOut:
    """Make a draft of an article: a document of the intake that quotes it, read at once. Nothing is issued."""
    at = timezone.now()
    document, _made = services.draft_from_article(
        actor=actor_for_request(request, at), article_id=article_id, text=body.text, at=at
    )
    return DocumentOut.of(document)


@router.post(
    "/news/articles/{article_id}/instruction",
    response=InstructionOut,
    operation_id="instruct_on_article",
    openapi_extra=NEEDS_VERSION,
)
def instruct_on_article(
    request: HttpRequest, response: HttpResponse, article_id: ArticleId, body: InstructionIn
) -> InstructionOut:
    """Write an instruction on a commitment, with the article named below it; the version is the commitment's."""
    at = timezone.now()
    done = services.instruct_on_article(
        actor=actor_for_request(request, at),
        article_id=article_id,
        ref=body.ref,
        version=needed_version(request),
        words=body.words,
        at=at,
    )
    tagged(response, done.commitment.version)
    return InstructionOut(ref=done.commitment.ref, version=done.commitment.version, words=done.extra.words)


@router.post("/news/articles/{article_id}/aside", response=AsideOut, operation_id="put_article_aside")
def put_article_aside(request: HttpRequest, article_id: ArticleId, body: AsideIn) -> AsideOut:
    """Put an article's story aside for the caller's post, or take it back."""
    at = timezone.now()
    article = services.put_aside(actor=actor_for_request(request, at), article_id=article_id, aside=body.aside, at=at)
    return AsideOut(article=article.pk, aside=body.aside)


@router.get("/news/sources", response=SourcePage, operation_id="list_news_sources")
def list_news_sources(request: HttpRequest) -> SourcePage:
    """Every source that reaches the caller: of its own area and of those above."""
    actor = actor_for_request(request, timezone.now())
    keeps, own = queries.may_keep(actor), actor.effective.area_path
    return SourcePage(
        may_keep=keeps,
        items=[SourceOut.of(one, own=keeps and one.unit.path == own) for one in queries.source_rows(actor)],
    )


@router.post("/news/sources", response=SourceOut, operation_id="add_news_source")
def add_news_source(request: HttpRequest, response: HttpResponse, body: SourceIn) -> SourceOut:
    """Add a source to the caller's area; without an address its pages are pasted."""
    at = timezone.now()
    source = services.add_source(actor=actor_for_request(request, at), at=at, **body.model_dump())
    tagged(response, source.version)
    return SourceOut.of(source, own=True)


@router.post(
    "/news/sources/{source_id}",
    response=SourceOut,
    operation_id="change_news_source",
    openapi_extra=NEEDS_VERSION,
)
def change_news_source(
    request: HttpRequest, response: HttpResponse, source_id: SourceId, body: SourceChange
) -> SourceOut:
    """Change a source, put it out of use or back; what it published stays."""
    at = timezone.now()
    source = services.change_source(
        actor=actor_for_request(request, at),
        source_id=source_id,
        version=needed_version(request),
        at=at,
        **body.model_dump(),
    )
    tagged(response, source.version)
    return SourceOut.of(source, own=True)


@router.post("/news/sources/{source_id}/articles", response=ArticleOut, operation_id="paste_article")
def paste_article(request: HttpRequest, source_id: SourceId, body: PasteIn) -> ArticleOut:
    """Paste a page as news; the quotation is kept, never the page."""
    at = timezone.now()
    article = services.paste_page(actor=actor_for_request(request, at), source_id=source_id, at=at, **body.model_dump())
    return ArticleOut.of(article)


@router.post("/news/ask", response=AskOut, operation_id="ask_news_sources")
def ask_news_sources(request: HttpRequest, body: AskIn) -> AskOut:
    """Have a source of the caller's area asked at once, or all of them."""
    at = timezone.now()
    job = services.ask_at_once(actor=actor_for_request(request, at), source_id=body.source, at=at)
    return AskOut(job=job.pk, sources=job.args["sources"])
