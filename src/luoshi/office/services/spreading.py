"""Spreading（分发）: which channels a message travels by, found after its act is committed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from luoshi.office.models import BOTS, PHONES, Channel, Delivery, Message, Outlet, Wish
from luoshi.office.services.channels import HOLD
from luoshi.office.services.messages import holders_by_post
from luoshi.rules.paths import within
from luoshi.units.models import Post

_NUMBER: Final = re.compile(r"(?<!\d)\+?\d(?:[ -]?\d){6,14}(?!\d)")
AT_ONCE: Final = 1000
"""Messages spread in one transaction."""


def number_of(post: Post) -> str:
    """The first telephone number in the official contact of a post, its digits only; empty when there is none."""
    found = _NUMBER.search(post.contact)
    return re.sub(r"[ -]", "", found.group()) if found else ""


def covers(outlet: Outlet, message: Message) -> bool:
    """Whether a message travels by a channel: of its unit or below, newer than it, urgent where that counts."""
    if outlet.created_at > message.created_at or (outlet.urgent_only and not message.urgent):
        return False
    if outlet.kind in PHONES and not (message.urgent and number_of(message.post)):
        return False
    unit = message.post.unit
    return within(unit.path, outlet.unit.path) if outlet.below else unit.pk == outlet.unit_id


def spread_due(at: datetime) -> int:
    """Give new messages to the channels（分发消息）; returns how many were looked at; one statement for none."""
    if not Message.objects.filter(spread=False).exists():
        return 0
    with transaction.atomic():
        fresh = Message.objects.filter(spread=False).select_for_update(of=("self",), skip_locked=True)
        rows = list(fresh.select_related("post__unit").order_by("pk")[:AT_ONCE])
        alive = Q(enabled=True) | Q(died=True, disabled_at__gt=at - HOLD)
        outlets = list(Outlet.objects.filter(alive).exclude(kind=Channel.EMAIL).select_related("unit").order_by("pk"))
        if outlets and rows:
            Delivery.objects.bulk_create(_wanted(rows, outlets, at), ignore_conflicts=True, batch_size=500)
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(spread=True)
    return len(rows)


def _wanted(rows: list[Message], outlets: list[Outlet], at: datetime) -> list[Delivery]:
    """The deliveries of these messages; a group is told a thing once, however many of its posts are told it."""
    groups = [outlet.pk for outlet in outlets if outlet.kind in BOTS]
    told = set()
    if groups:
        there = Delivery.objects.filter(outlet__in=groups, message__key__in={row.key for row in rows})
        told = set(there.values_list("outlet_id", "message__key"))
    silent = _without_phone([row for row in rows if row.urgent], at)
    made = []
    for row in rows:
        for outlet in outlets:
            if not covers(outlet, row) or (outlet.kind in PHONES and row.post_id in silent):
                continue
            if outlet.kind in BOTS:
                if (outlet.pk, row.key) in told:
                    continue
                told.add((outlet.pk, row.key))
            made.append(Delivery(message=row, channel=outlet.kind, outlet=outlet, next_at=at))
    return made


def _without_phone(rows: list[Message], at: datetime) -> set[int]:
    """Posts all of whose holders want no call and no text message."""
    if not rows:
        return set()
    holders = holders_by_post({row.post_id for row in rows}, at)
    refused = set(
        Wish.objects.filter(phone=False, user_id__in={one for some in holders.values() for one in some}).values_list(
            "user_id", flat=True
        )
    )
    return {post_id for post_id, some in holders.items() if some and some <= refused}
