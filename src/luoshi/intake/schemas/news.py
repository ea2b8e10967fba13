"""What the API of the news takes and gives（要闻接口的格式）."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from luoshi.intake.models import Article, NewsSource
from luoshi.intake.queries import news as queries
from luoshi.intake.services.news.sources import LONGEST, SHORTEST

Id = Annotated[int, Field(ge=1, le=2**53)]


class ArticleOut(Schema):
    """要闻: a short quotation of what a source published."""

    id: int
    source: int
    source_name: str
    title: str
    summary: str
    link: str
    published_on: date
    story: str
    demo: bool

    @classmethod
    def of(cls, article: Article) -> ArticleOut:
        """From the row with its source."""
        return cls(
            id=article.pk,
            source=article.source_id,
            source_name=article.source.name,
            title=article.title,
            summary=article.summary,
            link=article.link,
            published_on=article.published_on,
            story=article.story,
            demo=article.source.is_demo,
        )


class WhyCommitment(Schema):
    """A commitment of the caller's under that matter."""

    ref: str
    title: str
    lead: str


class WhyOut(Schema):
    """One reason an article is shown: the matter, the words that brought it, the caller's commitments under it."""

    programme: str
    matter: int
    number: int
    name: str
    words: list[str]
    commitments: list[WhyCommitment]


class NamedUnit(Schema):
    """A unit of the caller's area that the article names, by this name."""

    id: int
    name: str
    called: str


class LineOut(Schema):
    """An article with why it is shown, as the caller sees it."""

    article: ArticleOut
    why: list[WhyOut]
    units: list[NamedUnit]
    also_in: list[str]

    @classmethod
    def of(cls, line: queries.Line) -> LineOut:
        """From a line."""
        return cls(
            article=ArticleOut.of(line.article),
            why=[
                WhyOut(
                    programme=why.matter.programme.key,
                    matter=why.matter.pk,
                    number=why.matter.number,
                    name=str(why.matter),
                    words=list(why.words),
                    commitments=[
                        WhyCommitment(ref=one.ref, title=one.title, lead=one.lead.name) for one in why.commitments
                    ],
                )
                for why in line.why
            ],
            units=[NamedUnit(id=unit.pk, name=unit.name, called=name) for unit, name in line.units],
            also_in=list(line.also),
        )


class GoneOut(Schema):
    """An article that was told and is not kept any more."""

    title: str
    source: str
    words: list[str]


class NewsDayOut(Schema):
    """每日要闻; the first lines are what was told in the morning: ``told`` of them, the ``gone`` ones counted in."""

    day: date
    told: int
    told_at: datetime | None
    looked: int
    before: date | None
    items: list[LineOut]
    aside: list[ArticleOut]
    gone: list[GoneOut]


class NewsPage(Schema):
    """A page of articles, the last found first."""

    items: list[LineOut]
    next: int | None


class SourceOut(Schema):
    """要闻来源, with how it goes there; ``problem`` is the sentence of the last failure."""

    id: int
    unit: int
    unit_name: str
    name: str
    address: str
    interval_minutes: int
    active: bool
    demo: bool
    version: int
    etag: str
    modified: str
    polled_at: datetime | None
    next_at: datetime | None
    failures: int
    problem: str
    problem_code: str
    brought: int
    withheld: int
    own: bool

    @classmethod
    def of(cls, source: NewsSource, *, own: bool) -> SourceOut:
        """From the row; ``brought`` is 0 where it was not counted."""
        same = set(cls.model_fields) - {"unit", "unit_name", "demo", "problem", "problem_code", "brought", "own"}
        return cls(
            unit=source.unit_id,
            unit_name=source.unit.name,
            demo=source.is_demo,
            problem=source.problem_text,
            problem_code=str(source.problem.get("code", "")),
            brought=getattr(source, "brought", 0),
            own=own,
            **{name: getattr(source, "pk" if name == "id" else name) for name in same},
        )


class SourcePage(Schema):
    """Every source that reaches the caller; ``own`` are those its post may change."""

    may_keep: bool
    items: list[SourceOut]


class SourceIn(Schema):
    """A source to be added."""

    name: str = Field(max_length=120)
    address: str = Field("", max_length=500)
    interval_minutes: int = Field(60, ge=SHORTEST, le=LONGEST)


class SourceChange(SourceIn):
    """A source as it is to be; every field is said."""

    active: bool


class PasteIn(Schema):
    """A page pasted by hand; the first 200 characters are kept."""

    title: str = Field(max_length=200)
    text: str = Field("", max_length=100_000)
    published_on: date
    link: str = Field("", max_length=1000)


class DraftIn(Schema):
    """The words of the page, when more is to be read than the quotation."""

    text: str = Field("", max_length=100_000)


class InstructionIn(Schema):
    """On which commitment, and what."""

    ref: str = Field(max_length=40)
    words: str = Field(max_length=2000)


class InstructionOut(Schema):
    """The commitment as it is now, and the words as kept."""

    ref: str
    version: int
    words: str


class AsideIn(Schema):
    """Put aside, or taken back."""

    aside: bool = True


class AsideOut(Schema):
    """Whether the caller's post has put the story aside."""

    article: int
    aside: bool


class AskIn(Schema):
    """One source of the caller's area, or all of them."""

    source: Id | None = None


class AskOut(Schema):
    """The job that asks; how far it is stands at the jobs."""

    job: int
    sources: list[int]
