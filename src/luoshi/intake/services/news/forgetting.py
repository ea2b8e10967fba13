"""Forgetting news（清理要闻）: what nobody drew on is kept so many days.

What a draft or an instruction stands on is kept for ever.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from luoshi.intake import events
from luoshi.intake.models import Article, ArticleDraft, ArticleInstruction, NewsDismissal
from luoshi.ledger import services as ledger
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import SYSTEM

AT_ONCE = 2000
"""Articles deleted in one transaction."""
MOST = 50
"""Transactions in one turn of the clock."""


def kept_from(today: date) -> date:
    """The first day whose news is kept; the earliest day there is when news is kept for ever."""
    days: int = settings.NEWS_DAYS
    return today - timedelta(days=days) if days > 0 else date.min


def forget_news(at: datetime) -> int:
    """Delete articles published and found longer ago than ``LUOSHI_NEWS_DAYS``（清理要闻）; how many.

    An article that was drafted from, or that an instruction names, stays. A digest keeps the titles it told.
    """
    first = kept_from(local_day(at))
    if first == date.min:
        return 0
    gone = 0
    for _turn in range(MOST):
        found = _forget(first, at)
        gone += found
        if found < AT_ONCE:
            break
    return gone


@transaction.atomic
def _forget(first: date, at: datetime) -> int:
    drawn = Exists(ArticleDraft.objects.filter(article=OuterRef("pk")))
    named = Exists(ArticleInstruction.objects.filter(article=OuterRef("pk")))
    since = at - timedelta(days=settings.NEWS_DAYS)
    rows = Article.objects.filter(~drawn, ~named, published_on__lt=first, found_at__lt=since).order_by("published_on")
    old = list(rows.values_list("pk", "story")[:AT_ONCE])
    if not old:
        return 0
    Article.objects.filter(pk__in=[pk for pk, _story in old]).delete()
    stories = {story for _pk, story in old}
    left = Article.objects.filter(story__in=stories).values("story")
    NewsDismissal.objects.filter(story__in=stories).exclude(story__in=left).delete()
    told = events.NewsForgotten(first.isoformat(), len(old))
    ledger.append(told, actor=SYSTEM, at=at, after={}, subjects=())
    return len(old)
