"""News as a post may read it（要闻查询）: sources of its own area and of the areas above; why each article is shown.

What an article bears on is told within the reader's sight: matters of programmes that reach him, units of his area,
commitments he may see.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Max, Min, Q, QuerySet

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.intake.models import (
    Article,
    ArticleDraft,
    ArticleInstruction,
    ArticleMatch,
    ArticleUnit,
    Document,
    NewsDigest,
    NewsDismissal,
    NewsSource,
)
from luoshi.intake.queries import documents
from luoshi.office.queries.terms import words
from luoshi.rules import lifecycle, paths
from luoshi.rules.matching import ENOUGH_WORDS, Match, Matcher, parts_of
from luoshi.rules.permissions import Actor, Role, receives_documents
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit
from luoshi.units.queries import in_scope

ASK_SOURCES: Final = "intake.ask_sources"
"""The kind of the job that asks sources at once."""
MOST = 10
"""Items of a digest."""
READ = 300
"""Articles of a day at most that are looked through for one reader."""
CANDIDATES = 400
"""Commitments at most that the articles of one page are held against."""
OWN = 3
"""Commitments named with one reason."""
RARE = 2
"""A word that so few titles of commitments hold names one of them."""


def sources(actor: Actor) -> QuerySet[NewsSource]:
    """Sources whose news reach the actor: of its own area and of those above; never of a sibling or of one below."""
    rows = NewsSource.objects.select_related("unit__area")
    if actor.role is Role.SYSTEM:
        return rows
    return rows.filter(unit__area__path__in=paths.line(actor.effective.area_path))


def may_keep(actor: Actor) -> bool:
    """Whether the actor keeps the sources of its area: the head and the supervision office do."""
    return receives_documents(actor)


def own_source(actor: Actor, source_id: int) -> NewsSource:
    """A source of the actor's own area, which its office may change.

    Raises:
        Refused: ``not_found``.
    """
    found = sources(actor).filter(pk=source_id, unit__area__path=actor.effective.area_path).first()
    if found is None or not may_keep(actor):
        raise Refused("not_found")
    return found


def own_sources(actor: Actor) -> QuerySet[NewsSource]:
    """The sources in use with an address that the actor may have asked at once: those of its own area."""
    if not may_keep(actor):
        return NewsSource.objects.none()
    rows = sources(actor).filter(unit__area__path=actor.effective.area_path, active=True)
    return rows.exclude(address="").order_by("name", "id")


def articles(actor: Actor) -> QuerySet[Article]:
    """Articles of the sources that reach the actor."""
    return Article.objects.filter(source__in=sources(actor)).select_related("source")


def article_for(actor: Actor, article_id: int) -> Article:
    """One article that reaches the actor.

    Raises:
        Refused: ``not_found``.
    """
    found = articles(actor).filter(pk=article_id).first()
    if found is None:
        raise Refused("not_found")
    return found


def page(
    actor: Actor, *, on: date | None = None, matter: int | None = None, before: int | None = None, limit: int = 50
) -> tuple[list[Article], int | None]:
    """A page of articles, the last found first, and where the next begins: of a day, of a matter, or of all."""
    rows = articles(actor).order_by("-id")
    if on is not None:
        rows = rows.filter(published_on=on)
    if matter is not None:
        rows = rows.filter(pk__in=ArticleMatch.objects.filter(matter_id=matter).values("article_id"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    return found[:limit], (found[limit - 1].pk if len(found) > limit else None)


def matters(actor: Actor) -> list[Matter]:
    """Matters of the programmes that reach the actor, in their order."""
    rows = Matter.objects.filter(programme__in=delivery.programmes(actor).exclude(state=Programme.State.ENDED))
    return list(rows.select_related("programme").order_by("programme__key", "number")[:200])


def matter_words(places: Container[str] = ()) -> Matcher[int]:
    """Every matter that is worked on, with its words: names, sub-matters, the sentence it stands on.

    ``places`` are names of units: they are no words of a matter, what an article names is told beside it.
    """
    rows = Matter.objects.exclude(programme__state=Programme.State.ENDED).prefetch_related("sub_matters")
    told: dict[int, tuple[str, ...]] = {}
    names: dict[int, list[str]] = {}
    for matter in rows:
        parts = list(matter.sub_matters.all())
        own = [matter.name_zh, matter.short_zh, *(part.name_zh for part in parts)]
        names[matter.pk] = [name for name in own if words(name) == (name,)]
        others = [matter.name_en, matter.source_quote, *(part.name_en for part in parts)]
        told[matter.pk] = tuple(word for word in words("\n".join([*own, *others])) if word not in places)
    return Matcher(told, names)


def unit_names() -> dict[str, list[int]]:
    """Names of units an article may mean: areas down to the township and departments.

    Two characters are enough for a province or prefecture（玉溪） only: the short names of counties and townships are
    ordinary words too often（富民、矿山、幸福）, and a township is meant by its full name alone.
    """
    found: dict[str, list[int]] = defaultdict(list)
    rows = Unit.objects.filter(valid_until__isnull=True, receives=True).exclude(level="village")
    for pk, level, name, short, others in rows.values_list("pk", "level", "name", "short_name", "aliases"):
        told = {name} if level == "township" else {name, short, *map(str, others or ())}
        if level == "province":
            told.add(name.removesuffix("省"))
        least = 2 if level in {"province", "prefecture"} else 3
        for one in told:
            if len(one) >= least:
                found[one].append(pk)
    return {name: units for name, units in found.items() if len(units) <= 3}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason an article is shown: the matter, the words that brought it, and the reader's commitments under it."""

    matter: Matter
    words: tuple[str, ...]
    weight: int
    commitments: tuple[Commitment, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An article with what it bears on, as one reader sees it."""

    article: Article
    why: tuple[Why, ...] = ()
    units: tuple[tuple[Unit, str], ...] = ()
    also: tuple[str, ...] = field(default=())

    @property
    def concerns(self) -> bool:
        """Whether it bears on anything of the reader's."""
        return bool(self.why)

    @property
    def commitments(self) -> tuple[Commitment, ...]:
        """The reader's commitments it bears on, the nearest first."""
        return tuple(one for why in self.why for one in why.commitments)

    @property
    def commitment(self) -> Commitment | None:
        """The nearest of them."""
        return next(iter(self.commitments), None)

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The order in a digest: one's own commitment before one's own unit, then the score, then the newest."""
        weight = self.why[0].weight if self.why else 0
        return (-int(self.commitment is not None), -int(bool(self.units)), -weight, -self.article.pk)


def lines(actor: Actor, found: Sequence[Article]) -> list[Line]:
    """Each article once a story, with why it is shown; the number of statements does not grow with the articles."""
    first: dict[str, Article] = {}
    also: dict[str, list[str]] = defaultdict(list)
    for article in sorted(found, key=lambda one: one.pk):
        if article.story in first:
            also[article.story].append(article.source.name)
        else:
            first[article.story] = article
    chosen = [article for article in found if first[article.story] is article]
    if not chosen:
        return []
    whys: dict[int, list[Why]] = defaultdict(list)
    named: dict[int, list[tuple[Unit, str]]] = defaultdict(list)
    rows = ArticleMatch.objects.filter(article__in=chosen, matter__programme__in=delivery.programmes(actor))
    for row in rows.select_related("matter__programme").order_by("-weight", "id"):
        whys[row.article_id].append(Why(row.matter, tuple(row.words), row.weight))
    for name in in_scope(
        ArticleUnit.objects.filter(article__in=chosen).select_related("unit"), "unit__path", actor
    ).order_by("id"):
        named[name.article_id].append((name.unit, name.name))
    at_hand = _at_hand(actor, {unit.pk for some in named.values() for unit, _name in some})
    titles = Matcher({pk: words(one.title) for pk, one in at_hand.items()})
    near = {one.pk: _near(one, whys[one.pk], named[one.pk], at_hand, titles) for one in chosen}
    kept = {near_one.pk for found_near in near.values() for some in found_near.values() for near_one in some[:OWN]}
    rows_kept = Commitment.objects.filter(pk__in=kept).select_related("matter__programme", "lead")
    own = rows_kept.in_bulk() if kept else {}
    return [
        Line(
            article,
            _reasons(whys[article.pk], near[article.pk], own),
            tuple(named[article.pk][:5]),
            tuple(dict.fromkeys(also[article.story])),
        )
        for article in chosen
    ]


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is looked at of a commitment before it is known to be near."""

    title: str
    lead: int
    matter: int


@dataclass(frozen=True, slots=True)
class Near:
    """A commitment an article bears on, by these words."""

    pk: int
    words: tuple[str, ...]
    score: float


def _at_hand(actor: Actor, named: set[int]) -> dict[int, AtHand]:
    """The reader's commitments that run: whole ones, and those led by a unit an article names."""
    rows = delivery.visible(actor).filter(off_system=False).exclude(state__in=lifecycle.OVER)
    rows = rows.filter(Q(parent__isnull=True) | Q(lead__in=named)).exclude(kind=lifecycle.Kind.PERIOD)
    found = rows.order_by("-id").values_list("pk", "title", "lead_id", "matter_id")[:CANDIDATES]
    return {pk: AtHand(title, lead, matter) for pk, title, lead, matter in found}


def _near(
    article: Article,
    whys: Sequence[Why],
    named: Sequence[tuple[Unit, str]],
    at_hand: Mapping[int, AtHand],
    titles: Matcher[int],
) -> dict[int, list[Near]]:
    """Matter → the reader's commitments the article bears on, the nearest first.

    A commitment is near when its title shares two telling words with the article, one of them held by few titles;
    under a matter the article bears on either is enough, and so is that its lead is named.
    """
    about = {why.matter.pk for why in whys}
    units = {unit.pk for unit, _name in named}
    told = parts_of(words(f"{article.title}\n{article.summary}"))
    found: dict[int, list[tuple[tuple[int, int, float, int], Near]]] = defaultdict(list)
    led = {pk for pk, one in at_hand.items() if one.lead in units and one.matter in about}
    for pk in titles.sharing(told) | led:
        one, score = at_hand[pk], titles.score(pk, told)
        shared = sorted((word for word in told if titles.weigh(pk, word) > 0), key=lambda word: -titles.weigh(pk, word))
        enough, rare = len(shared) >= ENOUGH_WORDS, any(titles.holders(word) <= RARE for word in shared)
        if (enough and rare) or pk in led or (one.matter in about and (enough or rare)):
            order = (-int(enough), -int(one.lead in units), -score, -pk)
            found[one.matter].append((order, Near(pk, tuple(shared), score)))
    return {matter: [near for _order, near in sorted(some, key=lambda pair: pair[0])] for matter, some in found.items()}


def _reasons(whys: Sequence[Why], near: Mapping[int, Sequence[Near]], own: Mapping[int, Commitment]) -> tuple[Why, ...]:
    """Why an article is shown: its matters with the reader's commitments under them, at most three.

    A near commitment brings its matter even where the matter's own words do not; the words shared with it come first.
    """
    out = {why.matter.pk: why for why in whys}
    for matter, some in near.items():
        commitments = tuple(own[one.pk] for one in some[:OWN])
        if matter in out:
            told = dict.fromkeys([*some[0].words, *out[matter].words])
            out[matter] = replace(out[matter], commitments=commitments, words=tuple(told))
        else:
            first = some[0]
            out[matter] = Why(commitments[0].matter, first.words, int(first.score * 1000), commitments)
    return tuple(sorted(out.values(), key=lambda why: (not why.commitments, -why.weight, why.matter.pk))[:3])


def published(actor: Actor, on: date, *, aside: bool = False) -> QuerySet[Article]:
    """Articles of a day that reach the actor, without what its post has put aside (or only that)."""
    put = NewsDismissal.objects.filter(post=actor.effective.post_id).values("story")
    rows = articles(actor).filter(published_on=on).order_by("-id")
    return rows.filter(story__in=put) if aside else rows.exclude(story__in=put)


def digest(actor: Actor, on: date, limit: int = MOST) -> list[Line]:
    """What bears on the actor's work of the articles published on a day（每日要闻）: at most ten, the nearest first."""
    rows = list(published(actor, on)[:READ])
    return sorted((line for line in lines(actor, rows) if line.concerns), key=lambda line: line.rank)[:limit]


@dataclass(frozen=True, slots=True)
class Gone:
    """An article that was told and is not kept any more: its title, its source, the words that brought it."""

    title: str
    source: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day's page of a post: the lines, how many of them were told in the morning, what was looked through."""

    on: date
    lines: tuple[Line, ...]
    told: int
    told_at: datetime | None
    looked: int
    aside: tuple[Article, ...]
    gone: tuple[Gone, ...]
    before: date | None
    after: date | None


def day(actor: Actor, on: date, today: date) -> Day:
    """A day's digest as its post reads it: first what it was told in the morning, then what came since; ten at most."""
    kept = NewsDigest.objects.filter(post=actor.effective.post_id, on=on).first()
    first = [int(item["article"]) for item in kept.items] if kept else []
    put = set(NewsDismissal.objects.filter(post=actor.effective.post_id).values_list("story", flat=True))
    rows = list(articles(actor).filter(Q(published_on=on) | Q(pk__in=first)).order_by("-id")[:READ])
    place = {pk: number for number, pk in enumerate(first)}
    found = lines(actor, [row for row in rows if row.story not in put])
    told = sorted((line for line in found if line.article.pk in place), key=lambda line: place[line.article.pk])
    since = sorted((one for one in found if one.article.pk not in place and one.concerns), key=lambda one: one.rank)
    gone = _gone(kept, first)
    days = articles(actor).order_by()
    earlier = days.filter(published_on__lt=on).aggregate(on=Max("published_on"))["on"]
    later = days.filter(published_on__gt=on, published_on__lte=today).aggregate(on=Min("published_on"))["on"]
    return Day(
        on=on,
        lines=tuple([*told, *since][:MOST]),
        told=len(told) + len(gone),
        told_at=kept.made_at if kept else None,
        looked=len({row.story for row in rows if row.published_on == on}),
        aside=tuple({row.story: row for row in rows if row.story in put}.values()),
        gone=gone,
        before=earlier,
        after=later or (today if on < today else None),
    )


def _gone(kept: NewsDigest | None, told: Sequence[int]) -> tuple[Gone, ...]:
    """What a digest told and is kept no more; digests of before titles were kept with them have none to show."""
    if kept is None:
        return ()
    left = set(Article.objects.filter(pk__in=told).values_list("pk", flat=True))
    return tuple(
        Gone(item.get("title", ""), item.get("source", ""), tuple(item.get("words", ())))
        for item in kept.items
        if int(item["article"]) not in left
    )


def instructed_on(actor: Actor, article: Article) -> list[Commitment]:
    """The commitments on which an instruction names the article's story, as far as the actor may see them."""
    made = ArticleInstruction.objects.filter(article__story=article.story).values("commitment_id")
    return list(delivery.visible(actor).filter(pk__in=made).order_by("-id")[:5])


def drafts_of(actor: Actor, article: Article) -> list[Document]:
    """The drafts the actor's area has made of the article's story, as far as the actor may see them."""
    if not receives_documents(actor):
        return []
    made = ArticleDraft.objects.filter(article__story=article.story).values("document_id")
    return list(documents(actor).filter(pk__in=made).defer("text", "tree").order_by("-id")[:5])


def is_aside(actor: Actor, article: Article) -> bool:
    """Whether the actor's post has put the story aside."""
    return NewsDismissal.objects.filter(post=actor.effective.post_id, story=article.story).exists()


def other_sources(actor: Actor, article: Article) -> list[Article]:
    """The same story as other sources told it."""
    return list(articles(actor).filter(story=article.story).exclude(pk=article.pk).order_by("id")[:10])


def marks(text: str, telling: Iterable[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the telling words（标出字词）; the longest word first."""
    wanted = sorted({word for word in telling if word}, key=lambda word: (-len(word), word))
    if not wanted:
        return [(text, False)] if text else []
    found = re.split(f"({'|'.join(map(re.escape, wanted))})", text, flags=re.IGNORECASE)
    return [(piece, number % 2 == 1) for number, piece in enumerate(found) if piece]


def source_rows(actor: Actor) -> QuerySet[NewsSource]:
    """The sources that reach the actor, with how many articles each has brought."""
    return sources(actor).annotate(brought=Count("articles")).order_by("unit__area__path", "name", "id")


__all__ = [
    "Day",
    "Gone",
    "Line",
    "Match",
    "Why",
    "article_for",
    "articles",
    "day",
    "digest",
    "instructed_on",
    "lines",
    "marks",
    "matters",
    "page",
    "source_rows",
    "sources",
]
