"""Tables of the intake."""

from luoshi.intake.models.documents import Document
from luoshi.intake.models.drafts import Draft, DraftItem, Outcome
from luoshi.intake.models.news import (
    Article,
    ArticleDraft,
    ArticleMatch,
    ArticleUnit,
    NewsDigest,
    NewsDismissal,
    NewsSource,
)

__all__ = [
    "Article",
    "ArticleDraft",
    "ArticleMatch",
    "ArticleUnit",
    "Document",
    "Draft",
    "DraftItem",
    "NewsDigest",
    "NewsDismissal",
    "NewsSource",
    "Outcome",
]
