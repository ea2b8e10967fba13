"""Keeping sources, asking them, matching what they published, the daily digest, and acting on an article（要闻）."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import IntegrityError, transaction

from luoshi.delivery import services as delivery
from luoshi.delivery.services import Done
from luoshi.intake import events
from luoshi.intake.adapters import feeds
from luoshi.intake.models import Article, ArticleMatch, ArticleUnit, NewsDigest, NewsSource
from luoshi.intake.models.news import SUMMARY, TITLE
from luoshi.intake.queries import news as queries
from luoshi.ledger import services as ledger
from luoshi.office import services as office
from luoshi.office.queries.terms import words
from luoshi.office.services.jobs import refusal
from luoshi.rules import matching
from luoshi.rules.calendar import SHANGHAI, local_day
from luoshi.rules.documents import screening
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Post, Unit

_ = gettext_noop
log = logging.getLogger(__name__)
declare(
    403,
    not_news_keeper=_("Only the head or the supervision office of an area keeps its news sources."),
)
declare(
    422,
    news_name=_("Give the source a name of at most 120 characters."),
    news_interval=_("The interval is between 15 minutes and 7 days."),
    news_words=_("An article needs a title of at most 200 characters."),
    news_link=_("The link must begin with http:// or https://, or stay empty."),
    news_date=_("The day of an article cannot lie in the future."),
)
declare(
    409,
    news_name_taken=_("Your area has a source named “%(name)s” already."),
    news_known=_("This article is here already."),
)

SHORTEST, LONGEST = 15, 7 * 24 * 60
"""Minutes between two looks."""
SLOWEST = timedelta(days=1)
"""The longest wait after failures, unless the interval itself is longer."""
AT_ONCE = 20
"""Sources asked in one turn."""
RECENT = timedelta(days=3)
"""Stories of so many days may be told again under another title."""
OLD = timedelta(days=30)
"""What was published earlier than this is not news."""
DIGEST_HOUR = 7
"""The digest is made after this hour of the day, Shanghai time."""
SUBJECT = _("News of %(day)s that bear on your work: %(count)s")
BODY = _("%(lines)s")
_TRACKING = ("utm_", "spm", "from", "share")


# --- Sources ----------------------------------------------------------------------------------------------------------


def _fit(actor: Actor, name: str, address: str, minutes: int) -> tuple[str, str]:
    if not queries.may_keep(actor):
        raise Refused("not_news_keeper")
    name = screening.screen(" ".join(name.split())).text
    if not name or len(name) > 120:
        raise Refused("news_name")
    if not SHORTEST <= minutes <= LONGEST:
        raise Refused("news_interval")
    return name, feeds.checked_address(address) if address.strip() else ""


@transaction.atomic
def add_source(
    *, actor: Actor, name: str, address: str = "", interval_minutes: int = 60, is_demo: bool = False, at: datetime
) -> NewsSource:
    """Add a source（增加来源） to the actor's area; without an address its pages are pasted by hand.

    Raises:
        Refused: ``not_news_keeper``, ``news_name``, ``news_name_taken``, ``news_interval``, ``feed_address``.
    """
    name, address = _fit(actor, name, address, interval_minutes)
    unit = Unit.objects.get(path=actor.effective.area_path)
    if NewsSource.objects.filter(unit=unit, name=name).exists():
        raise Refused("news_name_taken", name=name)
    source = NewsSource.objects.create(
        unit=unit,
        name=name,
        address=address,
        interval_minutes=interval_minutes,
        is_demo=is_demo,
        created_at=at,
        next_at=at if address else None,
    )
    _record(source, events.NewsSourceAdded(source.pk, name, address), actor, at)
    return source


@transaction.atomic
def change_source(
    *,
    actor: Actor,
    source_id: int,
    version: int,
    name: str,
    address: str,
    interval_minutes: int,
    active: bool,
    at: datetime,
) -> NewsSource:
    """Change a source（修改来源）, put it out of use or back; what it published stays.

    Raises:
        Refused: ``not_found``, ``stale_version`` and those of :func:`add_source`.
    """
    queries.own_source(actor, source_id)
    source = NewsSource.objects.select_for_update().get(pk=source_id)
    if source.version != version:
        raise Refused("stale_version", ref=source.name, what="", version=source.version)
    name, address = _fit(actor, name, address, interval_minutes)
    if NewsSource.objects.filter(unit=source.unit_id, name=name).exclude(pk=source_id).exists():
        raise Refused("news_name_taken", name=name)
    if address != source.address:
        source.etag = source.modified = ""
    source.name, source.address, source.interval_minutes, source.active = name, address, interval_minutes, active
    source.next_at = at if address and active else None
    source.failures, source.problem, source.version = 0, {}, source.version + 1
    source.save()
    _record(source, events.NewsSourceChanged(source.pk, name, address, active), actor, at)
    return source


def _record(source: NewsSource, event: object, actor: Actor, at: datetime) -> None:
    ledger.append(event, actor=actor, at=at, after={source.ledger_key: source.ledger_state()}, subjects=())  # type: ignore[arg-type]


# --- Asking -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Polled:
    """What one turn brought（轮询结果）."""

    asked: int = 0
    unchanged: int = 0
    failed: int = 0
    kept: int = 0
    withheld: int = 0


def poll(at: datetime, limit: int = AT_ONCE) -> Polled:
    """Ask every source whose time has come（轮询）; one that fails stops no other and is asked less and less often.

    A source is taken before it is asked, so that two workers never ask it at once; no transaction is open meanwhile.
    """
    told = Polled()
    due = NewsSource.objects.filter(active=True, next_at__lte=at).exclude(address="").order_by("next_at", "id")
    for source in list(due[:limit]):
        wait = timedelta(minutes=source.interval_minutes)
        mine = NewsSource.objects.filter(pk=source.pk, version=source.version)
        if not mine.filter(next_at=source.next_at).update(next_at=at + wait):
            continue
        told.asked += 1
        try:
            answer = feeds.ask(source.address, etag=source.etag, modified=source.modified)
        except Refused as refused:
            told.failed += 1
            failures = min(source.failures + 1, 1000)
            slower = max(wait, min(wait * 2 ** min(failures, 10), SLOWEST))
            mine.update(polled_at=at, failures=failures, problem=refusal(refused), next_at=at + slower)
            continue
        told.unchanged += not answer.fresh
        with transaction.atomic():
            kept, withheld = keep(source, answer.items, at)
            mine.update(polled_at=at, failures=0, problem={}, etag=answer.etag, modified=answer.modified)
        told.kept += kept
        told.withheld += withheld
    return told


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
        if not item.title or day < today - OLD:
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
    matcher, names = queries.matter_words(), queries.unit_names()
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
    _record(source, events.PagePasted(source.pk, row.pk), actor, at)
    return row


# --- The digest -------------------------------------------------------------------------------------------------------


def line_text(number: int, line: queries.Line) -> str:
    """One article of the digest as text: the title as published, and the words and the matter that brought it."""
    why = line.why[0]
    goal = f"{why.matter.number} {why.matter.short_zh or why.matter.name_zh}"
    if line.commitment is not None:
        goal += f" · {line.commitment.ref} {line.commitment.title}"
    article = line.article
    return f"{number}. {article.title}（{article.source.name}）\n   {'、'.join(why.words[:4])} → {goal}"


def make_digests(at: datetime) -> int:
    """Make today's digest of every head and tell it once（每日要闻）; before the hour, or told already: nothing.

    Whom nothing concerns today is told nothing（减负）, and is looked at again within the day.

    Returns:
        how many digests were made.
    """
    local = at.astimezone(SHANGHAI)
    if local.hour < DIGEST_HOUR:
        return 0
    today, made = local.date(), 0
    # Yesterday's evening papers belong to this morning: the day before is looked at, too.
    days = (today - timedelta(days=1), today)
    if not ArticleMatch.objects.filter(article__published_on__in=days).exists():
        return 0
    heads = Post.objects.filter(role=Role.HEAD.value, active=True).exclude(
        pk__in=NewsDigest.objects.filter(on=today).values("post_id")
    )
    for post in heads.select_related("unit__area").order_by("unit__path", "id").iterator(chunk_size=500):
        actor = Actor(user_id=0, username="", name="", seat=post.seat())
        before = {
            article
            for items in NewsDigest.objects.filter(post=post, on=days[0]).values_list("items", flat=True)
            for article in (item["story"] for item in items)
        }
        found = [line for day in reversed(days) for line in queries.digest(actor, day)]
        lines = list({one.article.story: one for one in reversed(found) if one.article.story not in before}.values())
        lines = sorted(lines, key=lambda line: line.rank)[: queries.MOST]
        if lines:
            made += _tell(post, today, lines, at)
    return made


def _tell(post: Post, today: date, lines: list[queries.Line], at: datetime) -> int:
    items = [
        {
            "article": line.article.pk,
            "story": line.article.story,
            "matter": line.why[0].matter.pk,
            "words": list(line.why[0].words),
            "commitment": line.commitment.ref if line.commitment else "",
        }
        for line in lines
    ]
    try:
        with transaction.atomic():
            NewsDigest.objects.create(post=post, on=today, items=items, made_at=at)
            office.notify(
                [post],
                kind="intake.news",
                key=f"news:{today.isoformat()}",
                subject=SUBJECT,
                body=BODY,
                params={
                    "day": today.isoformat(),
                    "count": len(lines),
                    "lines": "\n".join(line_text(number, line) for number, line in enumerate(lines, 1)),
                },
                at=at,
            )
    except IntegrityError:  # another tick was faster
        return 0
    return 1


# --- Acting on an article ---------------------------------------------------------------------------------------------


def cited(article: Article) -> str:
    """Where an article stands: source, day, link; at most 200 characters."""
    told = f"{article.source.name}，{article.published_on.isoformat()}"
    whole = f"{told}，{article.link}"
    return whole if article.link and len(whole) <= 200 else told


def draft_from_article(*, actor: Actor, article_id: int, matter: int, lead: int | None = None, at: datetime) -> Done:
    """Draft a commitment from an article（由要闻起草）; its title and quotation are the source. Sent to nobody.

    ``lead``: the unit; else the one of the actor's area the article names, else the actor's own area.

    Raises:
        Refused: ``not_found`` and those of :func:`luoshi.delivery.services.draft_commitment`.
    """
    article = queries.article_for(actor, article_id)
    [line] = queries.lines(actor, [article])
    if lead is None:
        areas = [unit.pk for unit, _name in line.units if unit.is_area]
        lead = areas[0] if areas else Unit.objects.get(path=actor.effective.area_path).pk
    return delivery.draft_commitment(
        actor=actor,
        matter=matter,
        lead=lead,
        title=article.title,
        requirement=article.summary or article.title,
        source_quote="\n".join(filter(None, [article.title, article.summary])),
        source_place=cited(article),
        off_system=False,
        at=at,
    )


def instruct_on_article(*, actor: Actor, article_id: int, ref: str, version: int, words: str, at: datetime) -> Done:
    """Write an instruction（批示） on a commitment, with the article named below it; the lead is told.

    Raises:
        Refused: ``not_found`` and those of :func:`luoshi.delivery.services.instruct_commitment`.
    """
    article = queries.article_for(actor, article_id)
    said = f"{words.strip()}\n——{article.title}（{cited(article)}）" if words.strip() else ""
    return delivery.instruct_commitment(actor=actor, ref=ref, version=version, words=said, at=at)
