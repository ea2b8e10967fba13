"""Keeping sources（要闻来源）: adding, changing, putting out of use; what was published stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.intake import events
from luoshi.intake.adapters import feeds
from luoshi.intake.models import NewsSource
from luoshi.intake.queries import news as queries
from luoshi.ledger import services as ledger
from luoshi.rules.documents import screening
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    403,
    not_news_keeper=_("Only the head or the supervision office of an area keeps its news sources."),
)
declare(
    422,
    news_name=_("Give the source a name of at most 120 characters."),
    news_interval=_("The interval is between 15 minutes and 7 days."),
)
declare(
    409,
    news_name_taken=_("Your area has a source named “%(name)s” already."),
)

SHORTEST, LONGEST = 15, 7 * 24 * 60
"""Minutes between two looks."""


def _fit(actor: Actor, name: str, address: str, minutes: int) -> tuple[str, str]:
    if not queries.may_keep(actor):
        raise Refused("not_news_keeper")
    name = screening.screen(" ".join(name.split())).text
    if not name or len(name) > 120:
        raise Refused("news_name")
    if not SHORTEST <= minutes <= LONGEST:
        raise Refused("news_interval")
    return name, feeds.checked_address(address) if address.strip() else ""


@transaction.atomic
def add_source(
    *, actor: Actor, name: str, address: str = "", interval_minutes: int = 60, is_demo: bool = False, at: datetime
) -> NewsSource:
    """Add a source（增加来源） to the actor's area; without an address its pages are pasted by hand.

    Raises:
        Refused: ``not_news_keeper``, ``news_name``, ``news_name_taken``, ``news_interval``, ``feed_address``.
    """
    name, address = _fit(actor, name, address, interval_minutes)
    unit = Unit.objects.get(path=actor.effective.area_path)
    if NewsSource.objects.filter(unit=unit, name=name).exists():
        raise Refused("news_name_taken", name=name)
    source = NewsSource.objects.create(
        unit=unit,
        name=name,
        address=address,
        interval_minutes=interval_minutes,
        is_demo=is_demo,
        created_at=at,
        next_at=at if address else None,
    )
    record(source, events.NewsSourceAdded(source.pk, name, address), actor, at)
    return source


@transaction.atomic
def change_source(
    *,
    actor: Actor,
    source_id: int,
    version: int,
    name: str,
    address: str,
    interval_minutes: int,
    active: bool,
    at: datetime,
) -> NewsSource:
    """Change a source（修改来源）, put it out of use or back; what it published stays.

    Raises:
        Refused: ``not_found``, ``stale_version`` and those of :func:`add_source`.
    """
    queries.own_source(actor, source_id)
    source = NewsSource.objects.select_for_update().get(pk=source_id)
    require_version(version, source.version, ref=source.name)
    name, address = _fit(actor, name, address, interval_minutes)
    if NewsSource.objects.filter(unit=source.unit_id, name=name).exclude(pk=source_id).exists():
        raise Refused("news_name_taken", name=name)
    if address != source.address:
        source.etag = source.modified = ""
    source.name, source.address, source.interval_minutes, source.active = name, address, interval_minutes, active
    source.next_at = at if address and active else None
    source.failures, source.problem, source.version = 0, {}, source.version + 1
    source.save()
    record(source, events.NewsSourceChanged(source.pk, name, address, active), actor, at)
    return source


def record(source: NewsSource, event: object, actor: Actor, at: datetime) -> None:
    """Write the one entry of an act on a source."""
    ledger.append(event, actor=actor, at=at, after={source.ledger_key: source.ledger_state()}, subjects=())  # type: ignore[arg-type]
