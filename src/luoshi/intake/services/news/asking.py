"""Asking sources（轮询）: whose time has come, or at once because somebody wants to see it; politely and bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from luoshi.intake import events
from luoshi.intake.adapters import feeds
from luoshi.intake.models import NewsSource
from luoshi.intake.queries import news as queries
from luoshi.intake.services.news.keeping import keep
from luoshi.ledger import services as ledger
from luoshi.office import services as office
from luoshi.office.models import Job
from luoshi.office.services.jobs import refusal
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    news_no_feed=_("There is no feed to ask: the source has no address, or it is out of use."),
    news_just_asked=_("This was asked less than %(minutes)s minutes ago. A source is not asked more often."),
)

SLOWEST = timedelta(days=1)
"""The longest wait after failures, unless the interval itself is longer."""
AT_ONCE = 20
"""Sources asked in one turn."""
BUDGET = 60.0
"""Seconds after which a turn asks no further source: other jobs wait behind it."""
PATIENCE = timedelta(minutes=5)
"""A source is not asked at once again before this has passed."""


@dataclass(slots=True)
class Polled:
    """What one turn brought（轮询结果）."""

    asked: int = 0
    unchanged: int = 0
    failed: int = 0
    kept: int = 0
    withheld: int = 0


def poll(at: datetime, limit: int = AT_ONCE, seconds: float = BUDGET) -> Polled:
    """Ask every source whose time has come（轮询）; one that fails stops no other and is asked less and less often.

    A source is taken before it is asked, so that two workers never ask it at once; no transaction is open meanwhile.
    After ``seconds`` no further source is asked: what is left is due in the next turn.
    """
    told = Polled()
    ends = time.monotonic() + seconds
    due = NewsSource.objects.filter(active=True, next_at__lte=at).exclude(address="").order_by("next_at", "id")
    for source in list(due[:limit]):
        if time.monotonic() > ends:
            break
        _ask(source, at, told)
    return told


def _ask(source: NewsSource, at: datetime, told: Polled) -> Refused | None:
    """Ask one source if nobody else has taken it; what went wrong is kept with it and returned."""
    wait = timedelta(minutes=source.interval_minutes)
    mine = NewsSource.objects.filter(pk=source.pk, version=source.version)
    if not mine.filter(next_at=source.next_at).update(next_at=at + wait):
        return None
    told.asked += 1
    try:
        answer = feeds.ask(source.address, etag=source.etag, modified=source.modified)
    except Refused as refused:
        told.failed += 1
        failures = min(source.failures + 1, 1000)
        slower = max(wait, min(wait * 2 ** min(failures, 10), SLOWEST))
        if refused.code == "feed_busy":
            slower = max(wait, timedelta(minutes=int(str(refused.params["minutes"]))))
        mine.update(polled_at=at, failures=failures, problem=refusal(refused), next_at=at + slower)
        return refused
    told.unchanged += not answer.fresh
    with transaction.atomic():
        kept, withheld = keep(source, answer.items, at)
        mine.update(
            polled_at=at,
            failures=0,
            problem={},
            etag=answer.etag,
            modified=answer.modified,
            withheld=F("withheld") + withheld,
        )
    told.kept += kept
    told.withheld += withheld
    return None


@transaction.atomic
def ask_at_once(*, actor: Actor, source_id: int | None = None, at: datetime) -> Job:
    """Have a source of the actor's area asked at once（立即询问）, or all of them; the job shows how far it is.

    Raises:
        Refused: ``not_found``, ``not_news_keeper``, ``news_no_feed``, ``news_just_asked``.
    """
    if source_id is not None:
        queries.own_source(actor, source_id)
    elif not queries.may_keep(actor):
        raise Refused("not_news_keeper")
    rows = queries.own_sources(actor)
    rows = rows.filter(pk=source_id) if source_id is not None else rows
    found = list(rows[:AT_ONCE])
    if not found:
        raise Refused("news_no_feed")
    chosen = [source for source in found if source.polled_at is None or source.polled_at <= at - PATIENCE]
    if not chosen:
        minutes = int(PATIENCE.total_seconds() // 60)
        raise Refused("news_just_asked", minutes=minutes)
    job = office.start_job(queries.ASK_SOURCES, {"sources": [source.pk for source in chosen]}, actor=actor, at=at)
    ledger.append(events.SourcesAsked(tuple(source.pk for source in chosen)), actor=actor, at=at, after={}, subjects=())
    return job


def ask_each(
    sources: Sequence[int], at: datetime, tell: Callable[[int, str], None]
) -> tuple[Polled, list[tuple[str, Refused]]]:
    """Ask these sources one after the other, due or not; ``tell`` learns how many are done and which comes next.

    Returns:
        what it brought, and which sources failed and why.
    """
    told = Polled()
    wrong: list[tuple[str, Refused]] = []
    rows = NewsSource.objects.filter(pk__in=sources, active=True).exclude(address="").order_by("name", "id")
    for number, source in enumerate(rows):
        tell(number, source.name)
        refused = _ask(source, at, told)
        if refused is not None:
            wrong.append((source.name, refused))
    return told, wrong
