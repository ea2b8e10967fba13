"""Channels, delivery records, one's own settings and calendar addresses in the API（渠道接口）."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from luoshi.office import services
from luoshi.office.api.work import REFUSALS, Cursor, Limit, router
from luoshi.office.models import Delivery, Outlet, Wish
from luoshi.office.queries import channels as queries
from luoshi.office.queries.wishes import wish_of
from luoshi.office.services.feeds import feeds_of
from luoshi.units.queries import actor_for_request


class ChannelOut(Schema):
    """A channel（渠道）: never its address or key; ``host`` is what may be shown."""

    id: int
    kind: str
    name: str
    unit: int
    below: bool
    urgent_only: bool
    discreet: bool
    host: str
    key_id: str
    enabled: bool
    disabled_by_clock: bool
    disabled_why: str
    failures: int
    last_error: str
    last_error_at: datetime | None
    last_sent_at: datetime | None


class ChannelMade(ChannelOut):
    """A channel with the key that was made for it, told this once."""

    secret: str | None


class ChannelIn(Schema):
    """A new channel; ``secret`` is what a DingTalk or Feishu bot signs with."""

    kind: Literal["webhook", "wecom", "dingtalk", "feishu", "sms", "voice"]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    address: Annotated[str, Field(min_length=8, max_length=1000)]
    unit: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    below: bool = False
    urgent_only: bool = False
    discreet: bool = True
    secret: Annotated[str, Field(max_length=200)] = ""


class Why(Schema):
    """Why a channel is disabled."""

    why: Annotated[str, Field(max_length=300)] = ""


class AttemptOut(Schema):
    """One attempt（一次投递）."""

    number: int
    at: datetime
    outcome: str
    status: int | None
    took_ms: int | None
    error: str
    key_id: str
    signature: str
    replayed_by: str


class DeliveryOut(Schema):
    """A delivery（投递）with its attempts, the newest first."""

    id: int
    message: int
    kind: str
    post: str
    channel: str
    channel_id: int | None
    state: str
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    last_error: str
    key: str
    tries: list[AttemptOut]


class DeliveryPage(Schema):
    """At most ``limit`` deliveries; ``next`` is the cursor of the page that follows."""

    items: list[DeliveryOut]
    next: int | None


class Repeat(Schema):
    """Which deliveries to send again: one, or without it all that were given up (``since`` a moment)."""

    delivery: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    since: datetime | None = None


class Repeated(Schema):
    """How many deliveries go out again."""

    count: int


class WishData(Schema):
    """How a person wants to be told（通知设置）; hours are those of Shanghai."""

    email: bool = True
    phone: bool = True
    mode: Literal["each", "daily", "urgent"] = "each"
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 9
    quiet: Literal["house", "own", "none"] = "house"
    quiet_from: time | None = None
    quiet_until: time | None = None
    working_days: bool = True


class FeedOut(Schema):
    """A calendar address（日历订阅）; the address itself is told once, when it is made."""

    id: int
    post: str
    discreet: bool
    created_at: datetime


class FeedMade(FeedOut):
    """A calendar address with its secret part; what is told again on a repeat of the request has none."""

    secret: str | None


class FeedIn(Schema):
    """What a calendar shows: with ``discreet`` titles and numbers only."""

    discreet: bool = True


def _channel(row: Outlet) -> dict[str, object]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "unit": row.unit_id,
        "below": row.below,
        "urgent_only": row.urgent_only,
        "discreet": row.discreet,
        "host": row.host,
        "key_id": row.key_id,
        "enabled": row.enabled,
        "disabled_by_clock": row.died,
        "disabled_why": row.disabled_why,
        "failures": row.failures,
        "last_error": row.last_error,
        "last_error_at": row.last_error_at,
        "last_sent_at": row.last_sent_at,
    }


def _delivery(row: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=row.pk,
        message=row.message_id,
        kind=row.message.kind,
        post=row.message.post.ref,
        channel=row.channel,
        channel_id=row.outlet_id,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        sent_at=row.sent_at,
        last_error=row.last_error,
        key=services.stamp(row) if row.channel != "in_app" else "",
        tries=[
            AttemptOut(
                number=one.number,
                at=one.at,
                outcome=one.outcome,
                status=one.status,
                took_ms=one.took_ms,
                error=one.error,
                key_id=one.key_id,
                signature=one.signature,
                replayed_by=one.replayed_by,
            )
            for one in row.tries.all()
        ],
    )


def _wish(row: Wish) -> WishData:
    return WishData(
        email=row.email,
        phone=row.phone,
        mode=row.mode,  # type: ignore[arg-type]
        digest_hour=row.digest_hour,
        quiet=row.quiet,  # type: ignore[arg-type]
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        working_days=row.working_days,
    )


@router.get("/channels", response={200: list[ChannelOut], **REFUSALS}, operation_id="list_channels", tags=["channels"])
def list_channels(request: HttpRequest) -> list[ChannelOut]:
    """Channels of the caller's area, for administrators; those that stand still first."""
    actor = actor_for_request(request, timezone.now())
    return [ChannelOut(**_channel(row)) for row in queries.listed(actor)]  # type: ignore[arg-type]


@router.post("/channels", response={200: ChannelMade, **REFUSALS}, operation_id="add_channel", tags=["channels"])
def add_channel(request: HttpRequest, body: ChannelIn) -> ChannelMade:
    """Add a channel; the key of a webhook or gateway is told this once."""
    at = timezone.now()
    told = body.dict()
    unit = told.pop("unit")
    made, key = services.add_channel(actor=actor_for_request(request, at), unit_id=unit, at=at, **told)
    return ChannelMade(**_channel(made), secret=key or None)  # type: ignore[arg-type]


@router.get(
    "/channels/{int:channel_id}", response={200: ChannelOut, **REFUSALS}, operation_id="get_channel", tags=["channels"]
)
def get_channel(request: HttpRequest, channel_id: int) -> ChannelOut:
    """One channel and how it does."""
    actor = actor_for_request(request, timezone.now())
    return ChannelOut(**_channel(queries.outlet(actor, channel_id)))  # type: ignore[arg-type]


@router.get(
    "/channels/{int:channel_id}/deliveries",
    response={200: DeliveryPage, **REFUSALS},
    operation_id="list_channel_deliveries",
    tags=["channels"],
)
def list_channel_deliveries(
    request: HttpRequest,
    channel_id: int,
    state: Literal["", "pending", "held", "sent", "failed", "dead", "spared"] = "",
    before: Cursor = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """What was sent by a channel, newest first, with every attempt."""
    actor = actor_for_request(request, timezone.now())
    found = queries.outlet(actor, channel_id)
    rows, following = queries.deliveries_of_outlet(found, state=state, before=before, limit=limit)
    return DeliveryPage(items=[_delivery(row) for row in rows], next=following)


@router.post(
    "/channels/{int:channel_id}/test",
    response={200: DeliveryOut, **REFUSALS},
    operation_id="test_channel",
    tags=["channels"],
)
def test(request: HttpRequest, channel_id: int) -> DeliveryOut:
    """Send a test message by a channel at once; the answer says how it went."""
    at = timezone.now()
    row = services.try_channel(channel_id, actor=actor_for_request(request, at), at=at)
    return _delivery(queries.deliveries_of([row.message])[0])


@router.post(
    "/channels/{int:channel_id}/disable",
    response={200: ChannelOut, **REFUSALS},
    operation_id="disable_channel",
    tags=["channels"],
)
def disable_channel(request: HttpRequest, channel_id: int, body: Why) -> ChannelOut:
    """Disable a channel; what waits for it is given up."""
    at = timezone.now()
    found = services.disable_channel(channel_id, actor=actor_for_request(request, at), why=body.why, at=at)
    return ChannelOut(**_channel(found))  # type: ignore[arg-type]


@router.post(
    "/channels/{int:channel_id}/enable",
    response={200: ChannelOut, **REFUSALS},
    operation_id="enable_channel",
    tags=["channels"],
)
def enable_channel(request: HttpRequest, channel_id: int) -> ChannelOut:
    """Enable a channel again; what has waited at most seven days goes out."""
    at = timezone.now()
    found = services.enable_channel(channel_id, actor=actor_for_request(request, at), at=at)
    return ChannelOut(**_channel(found))  # type: ignore[arg-type]


@router.post(
    "/channels/{int:channel_id}/key",
    response={200: ChannelMade, **REFUSALS},
    operation_id="change_channel_key",
    tags=["channels"],
)
def change_channel_key(request: HttpRequest, channel_id: int) -> ChannelMade:
    """Give a webhook or gateway a new key, told this once; the old one signs nothing from now on."""
    at = timezone.now()
    found, key = services.change_channel_key(channel_id, actor=actor_for_request(request, at), at=at)
    return ChannelMade(**_channel(found), secret=key)  # type: ignore[arg-type]


@router.post(
    "/channels/{int:channel_id}/repeat",
    response={200: Repeated, **REFUSALS},
    operation_id="repeat_deliveries",
    tags=["channels"],
)
def repeat_deliveries(request: HttpRequest, channel_id: int, body: Repeat) -> Repeated:
    """Send again, under the key it has always had: one delivery, or all that were given up."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    since = body.since
    if since is not None and timezone.is_naive(since):
        since = timezone.make_aware(since)
    count = services.repeat_deliveries(channel_id, actor=actor, at=at, delivery_id=body.delivery, since=since)
    return Repeated(count=count)


@router.get(
    "/messages/{int:message_id}/deliveries",
    response={200: list[DeliveryOut], **REFUSALS},
    operation_id="list_message_deliveries",
)
def list_message_deliveries(request: HttpRequest, message_id: int) -> list[DeliveryOut]:
    """The delivery record of a message: for the post it went to, the post whose act caused it, and administrators."""
    _message, rows = queries.record(actor_for_request(request, timezone.now()), message_id)
    return [_delivery(row) for row in rows]


@router.get("/notifications", response={200: WishData, **REFUSALS}, operation_id="get_notifications")
def get_notifications(request: HttpRequest) -> WishData:
    """How the caller wants to be told."""
    return _wish(wish_of(actor_for_request(request, timezone.now()).user_id))


@router.post("/notifications", response={200: WishData, **REFUSALS}, operation_id="set_notifications")
def set_notifications(request: HttpRequest, body: WishData) -> WishData:
    """Keep how the caller wants to be told; the message centre always has everything."""
    at = timezone.now()
    return _wish(services.set_wish(actor=actor_for_request(request, at), at=at, **body.dict()))


@router.get("/calendar-feeds", response={200: list[FeedOut], **REFUSALS}, operation_id="list_calendar_feeds")
def list_calendar_feeds(request: HttpRequest) -> list[FeedOut]:
    """The caller's own calendar addresses that are not withdrawn."""
    rows = feeds_of(actor_for_request(request, timezone.now()))
    return [FeedOut(id=row.pk, post=row.post.ref, discreet=row.discreet, created_at=row.created_at) for row in rows]


@router.post("/calendar-feeds", response={200: FeedMade, **REFUSALS}, operation_id="make_calendar_feed")
def make_calendar_feed(request: HttpRequest, body: FeedIn) -> FeedMade:
    """Make a secret address from which a calendar program reads the deadlines of the caller's post; told this once."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    made, token = services.make_feed(actor=actor, discreet=body.discreet, at=at)
    address = settings.BASE_URL.rstrip("/") + reverse("office:calendar", args=[token])
    return FeedMade(
        id=made.pk, post=actor.seat.post_ref, discreet=made.discreet, created_at=made.created_at, secret=address
    )


@router.post(
    "/calendar-feeds/{int:feed_id}/revoke", response={200: FeedOut, **REFUSALS}, operation_id="revoke_calendar_feed"
)
def revoke_calendar_feed(request: HttpRequest, feed_id: int) -> FeedOut:
    """Withdraw a calendar address."""
    at = timezone.now()
    row = services.revoke_feed(feed_id, actor=actor_for_request(request, at), at=at)
    return FeedOut(id=row.pk, post=row.post.ref, discreet=row.discreet, created_at=row.created_at)
