"""News as a post may read it（要闻查询）: sources of its own area and of the areas above; why each article is shown.

What an article bears on is told within the reader's sight: matters of programmes that reach him, units of his area,
commitments he may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.intake.models import Article, ArticleMatch, ArticleUnit, NewsSource
from luoshi.office.queries.terms import words
from luoshi.rules import lifecycle, paths
from luoshi.rules.matching import Match, Matcher
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit
from luoshi.units.queries import in_scope

MOST = 10
"""Items of a digest."""
CANDIDATES = 400
"""Commitments at most that the articles of one page are held against."""
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
    return actor.role in {Role.OFFICE, Role.HEAD}


def own_source(actor: Actor, source_id: int) -> NewsSource:
    """A source of the actor's own area, which its office may change.

    Raises:
        Refused: ``not_found``.
    """
    found = sources(actor).filter(pk=source_id, unit__area__path=actor.effective.area_path).first()
    if found is None or not may_keep(actor):
        raise Refused("not_found")
    return found


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


def matter_words() -> Matcher[int]:
    """Every matter that is worked on, with its words: names, sub-matters, the sentence it stands on."""
    rows = Matter.objects.exclude(programme__state=Programme.State.ENDED).prefetch_related("sub_matters")
    return Matcher(
        {
            matter.pk: words(
                "\n".join(
                    [
                        matter.name_zh,
                        matter.name_en,
                        matter.short_zh,
                        matter.source_quote,
                        *(f"{part.name_zh}\n{part.name_en}" for part in matter.sub_matters.all()),
                    ]
                )
            )
            for matter in rows
        }
    )


def unit_names() -> dict[str, list[int]]:
    """Names of units an article may mean: areas down to the township and departments, by every name they bear."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = Unit.objects.filter(valid_until__isnull=True, receives=True).exclude(level="village")
    for pk, name, short, others in rows.values_list("pk", "name", "short_name", "aliases"):
        for one in {name, short, *(others or ())}:
            if len(one) > 1:
                found[one].append(pk)
    return {name: units for name, units in found.items() if len(units) <= 3}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason an article is shown: the matter, and the words that brought it."""

    matter: Matter
    words: tuple[str, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Line:
    """An article with what it bears on, as one reader sees it."""

    article: Article
    why: tuple[Why, ...] = ()
    units: tuple[tuple[Unit, str], ...] = ()
    commitment: Commitment | None = None
    also: tuple[str, ...] = field(default=())

    @property
    def concerns(self) -> bool:
        """Whether it bears on anything of the reader's."""
        return bool(self.why)

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
    whys: dict[int, list[Why]] = defaultdict(list)
    named: dict[int, list[tuple[Unit, str]]] = defaultdict(list)
    rows = ArticleMatch.objects.filter(article__in=chosen, matter__programme__in=delivery.programmes(actor))
    for row in rows.select_related("matter__programme").order_by("-weight", "id"):
        whys[row.article_id].append(Why(row.matter, tuple(row.words), row.weight))
    for name in in_scope(
        ArticleUnit.objects.filter(article__in=chosen).select_related("unit"), "unit__path", actor
    ).order_by("id"):
        named[name.article_id].append((name.unit, name.name))
    at_hand = _candidates(actor, whys, named)
    titles = Matcher({one.pk: words(one.title) for one in at_hand.values()})
    return [
        Line(
            article,
            tuple(whys[article.pk][:3]),
            tuple(named[article.pk][:5]),
            _commitment(article, whys[article.pk], named[article.pk], at_hand, titles),
            tuple(dict.fromkeys(also[article.story])),
        )
        for article in chosen
    ]


def _candidates(
    actor: Actor, whys: Mapping[int, Iterable[Why]], named: Mapping[int, Iterable[tuple[Unit, str]]]
) -> dict[int, Commitment]:
    """The reader's commitments under those matters: whole ones, and those led by a unit an article names."""
    wanted = {why.matter.pk for some in whys.values() for why in some}
    units = {unit.pk for some in named.values() for unit, _name in some}
    if not wanted:
        return {}
    rows = delivery.visible(actor).filter(matter__in=wanted, off_system=False)
    rows = rows.filter(Q(parent__isnull=True) | Q(lead__in=units)).exclude(state__in=lifecycle.OVER)
    return {one.pk: one for one in rows.exclude(kind=lifecycle.Kind.PERIOD).order_by("-id")[:CANDIDATES]}


def _commitment(
    article: Article,
    whys: Sequence[Why],
    named: Sequence[tuple[Unit, str]],
    at_hand: Mapping[int, Commitment],
    titles: Matcher[int],
) -> Commitment | None:
    about = {why.matter.pk for why in whys}
    units = {unit.pk for unit, _name in named}
    told = set(words(f"{article.title}\n{article.summary}"))
    best: tuple[tuple[int, int, float, int], Commitment] | None = None
    for pk, one in at_hand.items():
        if one.matter_id not in about:
            continue
        shared = told & set(words(one.title))
        names = int(one.lead_id in units)
        if not names and len(shared) < RARE and not any(titles.holders(word) <= RARE for word in shared):
            continue
        order = (names, len(shared), titles.score(pk, shared), -pk)
        if best is None or order > best[0]:
            best = (order, one)
    return best[1] if best else None


def digest(actor: Actor, on: date, limit: int = MOST) -> list[Line]:
    """What bears on the actor's work of the articles published on a day（每日要闻）: at most ten, the nearest first."""
    mine = ArticleMatch.objects.filter(matter__programme__in=delivery.programmes(actor)).values("article_id")
    rows = list(articles(actor).filter(published_on=on, pk__in=mine).order_by("-id")[:300])
    return sorted((line for line in lines(actor, rows) if line.concerns), key=lambda line: line.rank)[:limit]


__all__ = ["Line", "Match", "Why", "article_for", "articles", "digest", "lines", "matters", "page", "sources"]
