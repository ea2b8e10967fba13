"""News（要闻）: sources, short quotations of what they published, what these bear on, and the digest of a post."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from luoshi.office.models.words import say

TITLE = 200
SUMMARY = 200
"""Characters of a summary that are kept: a quotation, never the article."""


class NewsSource(models.Model):
    """A source（要闻来源）: a feed that is asked from time to time, or, without an address, pages pasted by hand."""

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=500, blank=True)
    interval_minutes = models.PositiveIntegerField(_("minutes between two looks"), default=60)
    active = models.BooleanField(_("in use"), default=True)
    is_demo = models.BooleanField(_("demonstration"), default=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("added at"))

    etag = models.CharField(max_length=300, blank=True)
    modified = models.CharField(max_length=100, blank=True)
    next_at = models.DateTimeField(_("next look at"), null=True)
    polled_at = models.DateTimeField(_("last look at"), null=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    problem = models.JSONField(_("what went wrong"), default=dict, blank=True)
    withheld = models.PositiveIntegerField(_("withheld"), default=0)

    class Meta:
        verbose_name = _("news source")
        verbose_name_plural = _("news sources")
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["unit", "name"], name="news_source_name_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], name="news_source_due", condition=models.Q(active=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def problem_text(self) -> str:
        """What went wrong at the last look, in the reader's language; empty when nothing did."""
        return say(self.problem.get("text", ""), self.problem.get("params"))

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"intake.newssource:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        return {
            "unit": self.unit_id,
            "name": self.name,
            "address": self.address,
            "interval_minutes": self.interval_minutes,
            "active": self.active,
            "version": self.version,
        }


class Article(models.Model):
    """A short quotation（要闻条目）: title, link, at most 200 characters, day and source.

    ``key`` is the digest of the canonical link (of title and day without one); ``story`` the key of the first article
    that told the same, so that one story shows once whatever the sources.
    """

    source = models.ForeignKey(
        NewsSource, on_delete=models.PROTECT, related_name="articles", verbose_name=_("news source")
    )
    key = models.CharField(max_length=64)
    story = models.CharField(max_length=64)
    title = models.CharField(_("title"), max_length=TITLE)
    link = models.CharField(_("link"), max_length=1000, blank=True)
    summary = models.CharField(_("summary"), max_length=SUMMARY, blank=True)
    published_on = models.DateField(_("published on"))
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering: ClassVar[list[str]] = ["-published_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "key"], name="article_once_per_source"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["published_on", "source"], name="article_day_source"),
            models.Index(fields=["story"], name="article_story"),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleMatch(models.Model):
    """An article bears on a matter（关联事项）, with the words that brought it; the weight in thousandths."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="matches")
    matter = models.ForeignKey("delivery.Matter", on_delete=models.CASCADE, related_name="+")
    weight = models.PositiveIntegerField()
    words = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["-weight", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["article", "matter"], name="article_match_once"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.matter_id}"


class ArticleUnit(models.Model):
    """An article names a unit（点到单位）, by this name."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="named")
    unit = models.ForeignKey("units.Unit", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["article", "unit"], name="article_unit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.unit_id}"


class NewsDigest(models.Model):
    """The digest of a post on a day（每日要闻）: at most ten articles, each with why it is there; once a day."""

    post = models.ForeignKey("units.Post", on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    items = models.JSONField(default=list)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post", "on"], name="news_digest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.on}"


class ArticleDraft(models.Model):
    """A draft made of an article（由要闻起草）: the document of the intake that quotes it."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="drafted")
    document = models.OneToOneField("intake.Document", on_delete=models.PROTECT, related_name="quotes")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.article_id} → {self.document_id}"


class ArticleInstruction(models.Model):
    """An instruction was written on an article（由要闻批示）: the commitment it is on."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="instructed")
    commitment = models.ForeignKey("delivery.Commitment", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.article_id} → {self.commitment_id}"


class NewsDismissal(models.Model):
    """A post has put a story aside（与我无关）: it is in no digest of that post any more, whatever the source."""

    post = models.ForeignKey("units.Post", on_delete=models.CASCADE, related_name="+")
    story = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["post", "story"], name="news_dismissal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.story[:12]}"
