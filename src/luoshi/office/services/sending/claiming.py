"""How a worker takes what is due, and how each of it ended（认领与记录）."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from luoshi.office.adapters import posting
from luoshi.office.adapters.mail import NotSent
from luoshi.office.models import OPEN_STATES, Attempt, Delivery, DeliveryState, Outcome
from luoshi.office.models.many import among, set_values
from luoshi.rules import telling

LEASE = timedelta(minutes=5)
ATTEMPTS = 12
GIVE_UP_AFTER = timedelta(days=3)
"""A delivery is given up only after :data:`ATTEMPTS` tries *and* this long: a mail server may be down for a weekend."""

TOGETHER, AT_LATEST = 10, 0.5
"""What has left is written down so many at a time, or after so many seconds: no more than these go twice when a worker
dies, and nobody waits for the disk once a message."""


def stamp(row: Delivery) -> str:
    """The number that stays the same on every repeat: of key, post and recipient, or of the digest."""
    if row.batch:
        told = f"digest|{row.batch}|{row.user_id}"
    else:
        whom = row.user_id if row.outlet_id is None else f"channel {row.outlet_id}"
        told = f"{row.message.key}|{row.message.post_id}|{whom}"
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def locked(rows: QuerySet[Delivery], limit: int) -> list[Delivery]:
    """The first rows due, locked; what another worker holds is left to it."""
    found = rows.select_related("message__post__unit", "user").select_for_update(of=("self",), skip_locked=True)
    return list(found.order_by("next_at", "pk")[:limit])


def due_at(at: datetime) -> QuerySet[Delivery]:
    """What is to leave by now, or to be tried again."""
    return Delivery.objects.filter(state__in=OPEN_STATES, next_at__isnull=False, next_at__lte=at)


def claim_rows(rows: Sequence[Delivery], at: datetime, claim: str, key_id: str = "") -> dict[int, Attempt]:
    """Take rows for this worker and write down the attempts that begin now; delivery → attempt."""
    ids = [row.pk for row in rows]
    Delivery.objects.filter(pk__in=ids).update(
        claim=claim, next_at=at + LEASE, attempts=F("attempts") + 1, replayed_by=""
    )
    for row in rows:
        row.attempts += 1
    made = Attempt.objects.bulk_create(
        [Attempt(delivery=row, number=row.attempts, at=at, key_id=key_id, replayed_by=row.replayed_by) for row in rows]
    )
    return {attempt.delivery_id: attempt for attempt in made}


def complete(attempts: Iterable[Attempt]) -> None:
    """Complete the attempts of a batch."""
    Attempt.objects.bulk_update(list(attempts), ["outcome", "status", "took_ms", "error", "signature"], batch_size=200)


def went(attempt: Attempt, began: float, error: NotSent | None = None, status: int | None = None) -> None:
    """How an attempt went; ``began`` is the reading of the performance counter when it did, in seconds."""
    attempt.outcome = Outcome.FAILED if error else Outcome.SENT
    attempt.took_ms = posting.milliseconds(began)
    attempt.error = error.reason if error else ""
    attempt.status = error.status if error else status


class Ended:
    """What has left and is not written down yet（已发待记）; leaving the block writes the rest, whatever happened."""

    def __init__(self, claim: str, at: datetime) -> None:
        self.written = 0
        self._claim, self._at = claim, at
        self._rows: list[tuple[Delivery, str, str]] = []
        self._since = time.monotonic()

    def __enter__(self) -> Ended:
        return self

    def __exit__(self, *_error: object) -> None:
        self._write()

    def add(self, row: Delivery, provider: str, address: str) -> None:
        """A message has left: under which number of the provider, and where to."""
        self._rows.append((row, provider, address))
        if len(self._rows) >= TOGETHER or time.monotonic() - self._since > AT_LATEST:
            self._write()

    def _write(self) -> None:
        alone = [told for told in self._rows if not told[0].batch]
        done = {"state": DeliveryState.SENT, "sent_at": self._at, "last_error": "", "next_at": None}
        for row, provider, address in self._rows:
            if row.batch:
                self.written += mark(row, self._claim, **done, provider_id=provider, address=address)
        with transaction.atomic():
            held = Delivery.objects.filter(pk__in=among([row.pk for row, _number, _to in alone]), claim=self._claim)
            mine = set(held.select_for_update(of=("self",)).values_list("pk", flat=True)) if alone else set()
            fields = ("claim", "provider_id", "address", *done)
            values = [(row.pk, "", number, to, *done.values()) for row, number, to in alone if row.pk in mine]
            set_values(Delivery, fields, values)
        self.written += len(values)
        self._rows, self._since = [], time.monotonic()


def put_off(rows: Iterable[Delivery], claim: str, error: NotSent, at: datetime) -> None:
    """Try again later; given up only when old, or when the receiver refuses this one for good.

    What fails because of the channel is never given up here: the channel is, at last, and what waits for it waits.
    """
    groups: dict[tuple[str, datetime | None], list[Delivery]] = defaultdict(list)
    for row in rows:
        old = row.attempts >= ATTEMPTS and at - row.message.created_at >= GIVE_UP_AFTER
        if not error.server and (old or (error.final and row.attempts >= 3)):
            groups[DeliveryState.DEAD, None].append(row)
        else:
            groups[DeliveryState.FAILED, at + telling.wait_after(row.attempts)].append(row)
    for (state, moment), some in groups.items():
        mine = Delivery.objects.filter(pk__in=[row.pk for row in some], claim=claim)
        batches = [row.batch for row in some if row.batch]
        if state == DeliveryState.DEAD and batches:
            Delivery.objects.filter(batch__in=batches, state=DeliveryState.PENDING, next_at=None).update(
                state=state, last_error=error.reason
            )
        mine.update(claim="", state=state, last_error=error.reason, next_at=moment)


def mark(row: Delivery, claim: str, **values: Any) -> int:
    """Say how a row ended, and those that travelled with it; 0 when another worker has taken it meanwhile."""
    mine = Delivery.objects.filter(pk=row.pk, claim=claim)
    if not row.batch:
        return mine.update(claim="", **values)
    with transaction.atomic():
        if not mine.update(claim="", **values):
            return 0
        others = Delivery.objects.filter(batch=row.batch, state=DeliveryState.PENDING, next_at=None)
        return 1 + others.exclude(pk=row.pk).update(**values)
