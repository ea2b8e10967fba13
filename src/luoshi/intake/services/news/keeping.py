"""Keeping short quotations（摘录）: what is new, which story it tells, what it bears on; or a page pasted by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import transaction

from luoshi.intake import events
from luoshi.intake.adapters import feeds
from luoshi.intake.models import Article, ArticleMatch, ArticleUnit, NewsSource
from luoshi.intake.models.news import SUMMARY, TITLE
from luoshi.intake.queries import news as queries
from luoshi.intake.services.news.forgetting import kept_from
from luoshi.intake.services.news.sources import record
from luoshi.office.queries.terms import words
from luoshi.rules import matching
from luoshi.rules.calendar import local_day
from luoshi.rules.documents import screening
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    news_words=_("An article needs a title of at most 200 characters."),
    news_link=_("The link must begin with http:// or https://, or stay empty."),
    news_date=_("The day of an article cannot lie in the future."),
)
declare(
    409,
    news_known=_("This article is here already."),
)

RECENT = timedelta(days=3)
"""Stories of so many days may be told again under another title."""
OLD = timedelta(days=30)
"""What was published earlier than this is not news."""
_TRACKING = ("utm_", "spm", "from", "share")


def canonical(link: str) -> str:
    """A link as it is compared（规范链接）: without scheme, default port, fragment and tracking; query in order."""
    parts = urlsplit(link)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    asked = sorted(pair for pair in parse_qsl(parts.query) if not pair[0].lower().startswith(_TRACKING))
    return urlunsplit(("", host + port, parts.path.rstrip("/"), urlencode(asked), ""))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def keep(source: NewsSource, items: Iterable[feeds.Item], at: datetime) -> tuple[int, int]:
    """Keep short quotations of what is new（摘录） and find what they bear on, in the caller's transaction.

    Returns:
        how many were kept, and how many were withheld because of a secrecy mark or a number of a person.
    """
    today = local_day(at)
    new: dict[str, Article] = {}
    withheld = 0
    for item in items:
        day = local_day(item.published_at) if item.published_at else today
        if not item.title or day < max(today - OLD, kept_from(today)):
            continue
        try:
            title, summary = screening.screen(item.title).text, screening.screen(item.summary).text
        except Refused:
            withheld += 1
            continue
        key = _digest(canonical(item.link) if item.link else f"{matching.plain_title(title)} {day}")
        new.setdefault(
            key,
            Article(
                source=source,
                key=key,
                story=key,
                title=_short(title, TITLE),
                summary=_short(summary, SUMMARY),
                link=item.link,
                published_on=min(day, today),
                found_at=at,
            ),
        )
    known = set(Article.objects.filter(source=source, key__in=list(new)).values_list("key", flat=True))
    rows = [article for key, article in new.items() if key not in known]
    if not rows:
        return 0, withheld
    _tell_stories(rows, today)
    Article.objects.bulk_create(rows)
    _match(rows)
    return len(rows), withheld


def _tell_stories(rows: list[Article], today: date) -> None:
    """Give each new article the story it tells: of the same link, or of nearly the same title in these days."""
    told = Article.objects.filter(published_on__gte=today - RECENT).order_by("id").values_list("story", "title")
    stories = matching.Stories(told[:5000])
    linked = Article.objects.filter(key__in=[row.key for row in rows]).order_by("-id").values_list("key", "story")
    by_link = dict(linked)
    for row in rows:
        row.story = by_link.get(row.key) or stories.find(row.title) or row.key
        stories.add(row.story, row.title)


def _match(rows: list[Article]) -> None:
    names = queries.unit_names()
    matcher = queries.matter_words(names)
    found: list[ArticleMatch] = []
    named: list[ArticleUnit] = []
    for row in rows:
        text = f"{row.title}\n{row.summary}"
        found += [
            ArticleMatch(article=row, matter_id=match.key, weight=int(match.score * 1000), words=list(match.words[:8]))
            for match in matcher.matches(words(text))
        ]
        called = matching.names_in(text, names)
        named += [ArticleUnit(article=row, unit_id=unit, name=name) for unit, name in list(called.items())[:20]]
    ArticleMatch.objects.bulk_create(found)
    ArticleUnit.objects.bulk_create(named)


@transaction.atomic
def paste_page(
    *, actor: Actor, source_id: int, title: str, text: str, published_on: date, link: str = "", at: datetime
) -> Article:
    """Paste a page as news（粘贴要闻）: title, day, source, and the first 200 characters are kept, never the page.

    Raises:
        Refused: ``not_found``, ``news_words``, ``news_link``, ``news_date``, ``news_known``, or a screening code.
    """
    source = queries.own_source(actor, source_id)
    title = " ".join(screening.screen(title).text.split())
    summary = " ".join(screening.screen(text).text.split())
    if not title or len(title) > TITLE:
        raise Refused("news_words")
    if link and not feeds.urlsplit_safe(link):
        raise Refused("news_link")
    if published_on > local_day(at):
        raise Refused("news_date")
    key = _digest(canonical(link) if link else f"{matching.plain_title(title)} {published_on}")
    row = Article(
        source=source,
        key=key,
        story=key,
        title=title,
        summary=_short(summary, SUMMARY),
        link=link,
        published_on=published_on,
        found_at=at,
    )
    if Article.objects.filter(source=source, key=key).exists():
        raise Refused("news_known")
    _tell_stories([row], local_day(at))
    row.save()
    _match([row])
    record(source, events.PagePasted(source.pk, row.pk), actor, at)
    return row
