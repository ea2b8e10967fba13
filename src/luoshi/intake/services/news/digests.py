"""The daily digest（每日要闻）: made once a day for each head whom something concerns, and told once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from luoshi.intake.models import Article, NewsDigest
from luoshi.intake.queries import news as queries
from luoshi.office import services as office
from luoshi.rules.calendar import SHANGHAI
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import gettext_noop
from luoshi.units.models import Post

_ = gettext_noop
DIGEST_HOUR = 7
"""The digest is made after this hour of the day, Shanghai time."""
SUBJECT = _("News of %(day)s that bear on your work: %(count)s")
BODY = _("%(lines)s")


def line_text(number: int, line: queries.Line) -> str:
    """One article of the digest as text: the title as published, and the words and the matter that brought it."""
    why = line.why[0]
    goal = f"{why.matter.number} {why.matter.short_zh or why.matter.name_zh}"
    if line.commitment is not None:
        goal += f" · {line.commitment.ref} {line.commitment.title}"
    article = line.article
    return f"{number}. {article.title}（{article.source.name}）\n   {'、'.join(why.words[:4])} → {goal}"


def make_digests(at: datetime) -> int:
    """Make today's digest of every head and tell it once（每日要闻）; before the hour, or told already: nothing.

    Whom nothing concerns today is told nothing（减负）, and is looked at again within the day.

    Returns:
        how many digests were made.
    """
    local = at.astimezone(SHANGHAI)
    if local.hour < DIGEST_HOUR:
        return 0
    today, made = local.date(), 0
    # Yesterday's evening papers belong to this morning: the day before is looked at, too.
    days = (today - timedelta(days=1), today)
    if not Article.objects.filter(published_on__in=days).exists():
        return 0
    heads = Post.objects.filter(role=Role.HEAD.value, active=True).exclude(
        pk__in=NewsDigest.objects.filter(on=today).values("post_id")
    )
    for post in heads.select_related("unit__area").order_by("unit__path", "id").iterator(chunk_size=500):
        actor = Actor(user_id=0, username="", name="", seat=post.seat())
        before = {
            article
            for items in NewsDigest.objects.filter(post=post, on=days[0]).values_list("items", flat=True)
            for article in (item["story"] for item in items)
        }
        found = [line for day in reversed(days) for line in queries.digest(actor, day)]
        lines = list({one.article.story: one for one in reversed(found) if one.article.story not in before}.values())
        lines = sorted(lines, key=lambda line: line.rank)[: queries.MOST]
        if lines:
            made += _tell(post, today, lines, at)
    return made


def _tell(post: Post, today: date, lines: list[queries.Line], at: datetime) -> int:
    items = [
        {
            "article": line.article.pk,
            "story": line.article.story,
            "title": line.article.title,
            "source": line.article.source.name,
            "matter": line.why[0].matter.pk,
            "words": list(line.why[0].words),
            "commitment": line.commitment.ref if line.commitment else "",
        }
        for line in lines
    ]
    try:
        with transaction.atomic():
            NewsDigest.objects.create(post=post, on=today, items=items, made_at=at)
            office.notify(
                [post],
                kind="intake.news",
                key=f"news:{today.isoformat()}",
                link=f"/intake/news/?day={today.isoformat()}",
                subject=SUBJECT,
                body=BODY,
                params={
                    "day": today.isoformat(),
                    "count": len(lines),
                    "lines": "\n".join(line_text(number, line) for number, line in enumerate(lines, 1)),
                },
                at=at,
            )
    except IntegrityError:  # another tick was faster
        return 0
    return 1
