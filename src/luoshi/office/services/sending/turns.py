"""Turns of sending（投递轮次）: everything that is due, by mail and by every channel."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from luoshi.office.models import Delivery
from luoshi.office.services.sending.letters import mail_due
from luoshi.office.services.sending.outlets import outlets_due, send_by
from luoshi.office.services.spreading import spread_due

WHOLE_TURN = 20.0
"""Seconds that one turn of the clock sends at most."""


def deliver_due(at: datetime, limit: int = 100) -> int:
    """Send what is due（投递）; returns how many deliveries were sent. At most ``limit`` of each channel."""
    spread_due(at)
    limit = max(1, min(limit, 1000))
    return mail_due(at, limit)[1] + sum(send_by(found, at, limit)[1] for found in outlets_due(at))


def deliver_all(clock: Callable[[], datetime] = timezone.now, *, seconds: float = WHOLE_TURN) -> int:
    """Send until nothing is due any more, or the time is over; what the clock does each turn."""
    ends, sent = time.monotonic() + seconds, 0
    while True:
        at = clock()
        looked = spread_due(at)
        done = [mail_due(at, 100), *(send_by(found, at, 100) for found in outlets_due(at))]
        sent += sum(count for _looked, count in done)
        if not looked + sum(count for count, _sent in done) or time.monotonic() > ends:
            return sent


def send_now(delivery_id: int, at: datetime) -> Delivery:
    """Send one delivery at once（立即投递）, as a test message is; its attempt says how it went."""
    row = Delivery.objects.select_related("outlet").get(pk=delivery_id)
    if row.outlet is None:
        mail_due(at, 1, only=Delivery.objects.filter(pk=delivery_id))
    else:
        send_by(row.outlet, at, 1, only=Delivery.objects.filter(pk=delivery_id))
    return Delivery.objects.prefetch_related("tries").get(pk=delivery_id)
