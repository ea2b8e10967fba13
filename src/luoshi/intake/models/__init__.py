"""Rows of the intake（收文）."""

from luoshi.intake.models.news import Article, ArticleMatch, ArticleUnit, NewsDigest, NewsSource

__all__ = ["Article", "ArticleMatch", "ArticleUnit", "NewsDigest", "NewsSource"]
