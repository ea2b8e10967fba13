"""Calendar feeds（日历订阅）: a secret address that gives the deadlines of a post to a calendar program."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from luoshi.ledger import services as ledger
from luoshi.office import events
from luoshi.office.adapters import calendars
from luoshi.office.adapters.calendars import Day
from luoshi.office.models import CalendarFeed
from luoshi.office.services.messages import holders_by_post
from luoshi.rules.permissions import Actor, Seat
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    409,
    too_many_feeds=_("You have %(most)s calendar addresses already: withdraw one that you no longer use."),
    feed_for_own_post=_("A calendar address is for a post you hold yourself: choose it first, instead of standing in."),
)
declare(
    404,
    feed_gone=_("This calendar address was withdrawn, or its post is held by somebody else by now."),
)
MOST = 5
"""Addresses a person may have at one time."""

Source = Callable[[Seat, datetime, bool], Iterable[Day]]
"""The deadlines of a post at a moment, discreet or not; registered by the application that keeps them."""
SOURCES: list[Source] = []
NAME = _("Deadlines: %(post)s")


def register_deadlines(source: Source) -> None:
    """Let an application bring deadlines（登记期限来源）; called once in ``AppConfig.ready()``."""
    if source not in SOURCES:
        SOURCES.append(source)


def digest_of(token: str) -> str:
    """SHA-256 of a token, which has 256 random bits: no salt, no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_feed(*, actor: Actor, discreet: bool = True, at: datetime) -> tuple[CalendarFeed, str]:
    """Make an address for the deadlines of the post（开通日历订阅）; returned once, kept as a digest only.

    Args:
        actor: holds the post himself.
        discreet: titles and numbers only, no other words.
        at: now.

    Raises:
        Refused: ``too_many_feeds``, ``feed_for_own_post``.
    """
    if actor.principal is not None:
        raise Refused("feed_for_own_post")
    if CalendarFeed.objects.filter(user_id=actor.user_id, revoked_at=None).count() >= MOST:
        raise Refused("too_many_feeds", most=MOST)
    token = secrets.token_urlsafe(32)
    made = CalendarFeed.objects.create(
        user_id=actor.user_id,
        post_id=actor.seat.post_id,
        digest=digest_of(token),
        discreet=discreet,
        created_at=at,
    )
    told = events.CalendarFeedMade(user=actor.user_id, post=actor.seat.post_ref, discreet=discreet)
    ledger.append(told, actor=actor, at=at, subjects=(f"office.feed:{made.pk}",))
    return made, token


@transaction.atomic
def revoke_feed(feed_id: int, *, actor: Actor, at: datetime) -> CalendarFeed:
    """Withdraw an address（停用日历订阅）; doing it twice changes nothing.

    Raises:
        Refused: ``not_found`` for anybody else's.
    """
    rows = CalendarFeed.objects.select_for_update(of=("self",)).select_related("post").filter(user_id=actor.user_id)
    found = rows.filter(pk=feed_id).first() if 0 < feed_id < 2**63 else None
    if found is None:
        raise Refused("not_found")
    if found.revoked_at is None:
        found.revoked_at = at
        found.save(update_fields=["revoked_at"])
        told = events.CalendarFeedRevoked(user=actor.user_id, post=found.post.ref)
        ledger.append(told, actor=actor, at=at, subjects=(f"office.feed:{found.pk}",))
    return found


def feeds_of(actor: Actor) -> list[CalendarFeed]:
    """The actor's own addresses that are not withdrawn; one statement."""
    return list(CalendarFeed.objects.filter(user_id=actor.user_id, revoked_at=None).select_related("post__unit"))


def read_feed(token: str, at: datetime) -> bytes:
    """The calendar behind an address（日历内容）; only while its person holds the post.

    Raises:
        Refused: ``feed_gone``.
    """
    rows = CalendarFeed.objects.select_related("user", "post__unit__area").filter(revoked_at=None)
    feed = rows.filter(digest=digest_of(token), post__active=True).first() if len(token) <= 100 else None
    if feed is None or feed.user_id not in holders_by_post([feed.post_id], at).get(feed.post_id, set()):
        raise Refused("feed_gone")
    language = feed.user.language or settings.LANGUAGE_CODE
    seat = feed.post.seat()
    with translation.override(language), timezone.override(settings.TIME_ZONE):
        days = [day for source in SOURCES for day in source(seat, at, feed.discreet)]
        name = gettext(NAME) % {"post": feed.post.title}
        return calendars.calendar(days, name=name, base=settings.BASE_URL.rstrip("/"), language=language)
