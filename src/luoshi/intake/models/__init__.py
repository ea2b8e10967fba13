"""Tables of the intake."""

from luoshi.intake.models.documents import Document, WaitingPaper
from luoshi.intake.models.drafts import Draft, DraftItem, Outcome
from luoshi.intake.models.news import (
    Article,
    ArticleDraft,
    ArticleInstruction,
    ArticleMatch,
    ArticleUnit,
    NewsDigest,
    NewsDismissal,
    NewsSource,
)

__all__ = [
    "Article",
    "ArticleDraft",
    "ArticleInstruction",
    "ArticleMatch",
    "ArticleUnit",
    "Document",
    "Draft",
    "DraftItem",
    "NewsDigest",
    "NewsDismissal",
    "NewsSource",
    "Outcome",
    "WaitingPaper",
]
