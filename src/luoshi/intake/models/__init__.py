"""Tables of the intake."""

from luoshi.intake.models.documents import Document
from luoshi.intake.models.drafts import Draft, DraftItem, Outcome
from luoshi.intake.models.news import Article, ArticleMatch, ArticleUnit, NewsDigest, NewsSource

__all__ = [
    "Article",
    "ArticleMatch",
    "ArticleUnit",
    "Document",
    "Draft",
    "DraftItem",
    "NewsDigest",
    "NewsSource",
    "Outcome",
]
