"""Acts of the news（要闻）: keeping sources, asking them, quoting, the daily digest, and acting on an article."""

from luoshi.intake.services.news.acting import draft_from_article, instruct_on_article, put_aside
from luoshi.intake.services.news.asking import ask_at_once, ask_each, poll
from luoshi.intake.services.news.digests import make_digests
from luoshi.intake.services.news.forgetting import forget_news
from luoshi.intake.services.news.keeping import paste_page
from luoshi.intake.services.news.sources import add_source, change_source

__all__ = [
    "add_source",
    "ask_at_once",
    "ask_each",
    "change_source",
    "draft_from_article",
    "forget_news",
    "instruct_on_article",
    "make_digests",
    "paste_page",
    "poll",
    "put_aside",
]
