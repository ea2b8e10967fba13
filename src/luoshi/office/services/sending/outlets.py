"""Channels outside（外部渠道）: bots, webhooks and gateways of text messages and calls."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from luoshi.office.adapters import bots, posting, seals
from luoshi.office.adapters.mail import NotSent
from luoshi.office.models import BOTS, PHONES, Attempt, Channel, Delivery, DeliveryState, Outlet
from luoshi.office.queries.wishes import house_hours
from luoshi.office.services import channels
from luoshi.office.services.sending.claiming import (
    Ended,
    claim_rows,
    complete,
    due_at,
    locked,
    mark,
    put_off,
    stamp,
    went,
)
from luoshi.office.services.sending.letters import absolute
from luoshi.office.services.spreading import number_of
from luoshi.rules import telling
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.queries import calendar_for

LINES = 8
"""Connections to one webhook at a time: one that takes a twentieth of a second still takes a hundred a second."""

BOT_LINES = 20
"""Messages that become one message of a bot."""

BOT_REST = timedelta(seconds=4)
"""Bots take twenty messages a minute at most; more, and some are silenced for ten."""

WAITS = _("A message waits for %(post)s: %(link)s")


def outlets_due(at: datetime) -> list[Outlet]:
    """Channels for which something is due and that do not rest; two statements, one when there is nothing."""
    ids = list(due_at(at).filter(outlet__isnull=False).order_by().values_list("outlet_id", flat=True).distinct())
    if not ids:
        return []
    awake = Q(rest_until=None) | Q(rest_until__lte=at)
    return list(Outlet.objects.filter(awake, pk__in=ids, enabled=True).select_related("unit").order_by("pk"))


def send_by(found: Outlet, at: datetime, limit: int, only: QuerySet[Delivery] | None = None) -> tuple[int, int]:
    """Send by one channel what is due; how many rows were looked at, and how many deliveries were sent."""
    claim = secrets.token_hex(16)
    many = found.kind in BOTS
    with transaction.atomic():
        due = (due_at(at) if only is None else only).filter(outlet=found)
        looked = locked(due, min(limit, BOT_LINES) if many else limit)
        rows = looked if only is not None else _allowed(found, looked, at)
        if many:
            rows = rows[: _fitting(found, rows)]
        attempts = claim_rows(rows, at, claim, found.key_id if found.kind in channels.OWN_KEY else "") if rows else {}
    if not rows:
        return len(looked), 0
    error: NotSent | None = None
    sent = 0
    try:
        address, secret = seals.unseal(found.sealed_address), ""
        if found.sealed_secret:
            secret = seals.unseal(found.sealed_secret)
    except seals.Unreadable:
        error = NotSent("sealed with another secret key: add the channel anew", server=True, final=True)
        for attempt in attempts.values():
            went(attempt, time.perf_counter(), error)
        put_off(rows, claim, error, at)
    else:
        send = _by_bot if many else _one_by_one
        sent, error = send(found, address, secret, rows, attempts, claim, at)
    complete(attempts.values())
    if error is not None and (error.server or not (sent or error.final)):
        channels.note_failure(found, error, at=at)
    elif sent:
        channels.note_success(found, at=at, rest=BOT_REST if many else None)
    return len(looked), sent


def _allowed(found: Outlet, rows: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Rows that may leave now: a bot speaks to people, and is silent in the quiet hours of the installation."""
    if found.kind not in BOTS:
        return list(rows)
    house, calendar = house_hours(), calendar_for(found.unit.path)
    if telling.may_send(at, house, calendar):
        return list(rows)
    later = [row.pk for row in rows if not row.message.urgent]
    if later:
        Delivery.objects.filter(pk__in=later).update(next_at=telling.next_allowed(at, house, calendar))
    return [row for row in rows if row.message.urgent]


def _line(found: Outlet, row: Delivery) -> str:
    """What a bot or a telephone is told of one message."""
    link = absolute(row.message.link or "/office/messages/")
    if found.discreet:
        return gettext(WAITS) % {"post": f"{row.message.post.unit.name} {row.message.post.title}", "link": link}
    return f"{row.message.subject_text}\n{link}"


def _fitting(found: Outlet, rows: Sequence[Delivery]) -> int:
    """How many of the rows fit into one message of the bot, at least one."""
    room, count = bots.LIMITS[Channel(found.kind)], 0
    with translation.override(settings.LANGUAGE_CODE):
        for row in rows:
            room -= len(_line(found, row).encode()) + 2
            if room < 0 and count:
                break
            count += 1
    return count


def _by_bot(
    found: Outlet,
    address: str,
    secret: str,
    rows: Sequence[Delivery],
    attempts: dict[int, Attempt],
    claim: str,
    at: datetime,
) -> tuple[int, NotSent | None]:
    """Many messages as one message of a bot."""
    with translation.override(settings.LANGUAGE_CODE):
        text = "\n\n".join(_line(found, row) for row in rows)
    body, query = bots.request(found.kind, text, secret=secret, at=time.time())
    began = time.perf_counter()
    try:
        with posting.Line(address) as line:
            told = bots.judge(found.kind, line.post(body, {}, extra_query=query))
    except NotSent as error:
        for attempt in attempts.values():
            went(attempt, began, error)
        put_off(rows, claim, error, at)
        return 0, error
    for attempt in attempts.values():
        went(attempt, began, status=told.status)
    done = {"state": DeliveryState.SENT, "sent_at": at, "last_error": "", "next_at": None}
    return sum(mark(row, claim, **done) for row in rows), None


@dataclass(slots=True)
class _Request:
    """One signed request, made in the worker's thread and posted in another; the database is asked by neither."""

    row: Delivery
    attempt: Attempt
    body: bytes
    headers: dict[str, str]
    told: posting.Told | None = None
    error: NotSent | None = None
    began: float = 0.0


def _one_by_one(
    found: Outlet,
    address: str,
    secret: str,
    rows: Sequence[Delivery],
    attempts: dict[int, Attempt],
    claim: str,
    at: datetime,
) -> tuple[int, NotSent | None]:
    """Signed requests to a webhook or a gateway, one a message, over a few connections that are kept.

    Once one of them fails because of the channel, no other is begun.
    """
    requests = []
    for row in rows:
        key, attempt = stamp(row), attempts[row.pk]
        to = number_of(row.message.post) if found.kind in PHONES else ""
        if found.kind in PHONES and not to:
            mark(row, claim, state=DeliveryState.SPARED, last_error="the post has no official number", next_at=None)
            continue
        body = _spoken(found, row, key, to) if to else _told(found, row, key)
        headers = posting.signed(secret, key_id=attempt.key_id, body=body, at=time.time())
        attempt.signature = headers["X-Luoshi-Signature"].removeprefix("v1=")
        requests.append(_Request(row, attempt, body, {**headers, "Idempotency-Key": key}))
    last, later = None, []
    with Ended(claim, at) as ended:
        for one in _posted(address, requests):
            if one.began:
                went(one.attempt, one.began, one.error, one.told.status if one.told else None)
            if one.told is not None:
                ended.add(one.row, one.headers["Idempotency-Key"], one.row.address)
            elif one.error is not None and not one.error.server:
                last = last or one.error
                put_off([one.row], claim, one.error, at)
            else:
                last = one.error if one.error is not None else last
                later.append(one)
    if later and last is not None:
        put_off([one.row for one in later], claim, last, at)
    return ended.written, last


def _posted(address: str, requests: Sequence[_Request]) -> Iterator[_Request]:
    """The requests as they are answered, over :data:`LINES` connections at most."""
    broken = threading.Event()
    free: SimpleQueue[posting.Line] = SimpleQueue()

    def post(one: _Request) -> _Request:
        if broken.is_set():
            return one
        line = free.get()
        one.began = time.perf_counter()
        try:
            one.told = posting.judged(line.post(one.body, one.headers))
        except NotSent as error:
            one.error = error
            if error.server:
                broken.set()
        finally:
            free.put(line)
        return one

    with ExitStack() as open_lines:
        for _number in range(min(LINES, len(requests))):
            free.put(open_lines.enter_context(posting.Line(address)))
        if len(requests) < 2:
            yield from map(post, requests)
            return
        with ThreadPoolExecutor(LINES, thread_name_prefix="luoshi-post") as pool:
            # The next one begins when an answer was taken: whatever happens, few are in doubt.
            waiting = iter(requests)
            under_way = {pool.submit(post, one) for one in islice(waiting, LINES)}
            while under_way:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
                    under_way |= {pool.submit(post, one) for one in islice(waiting, 1)}


def _told(found: Outlet, row: Delivery, key: str) -> bytes:
    """The body of a webhook: the same bytes on every repeat, as long as the message is the same."""
    message = row.message
    with translation.override(settings.LANGUAGE_CODE):
        data: dict[str, Any] = {
            "v": 1,
            "key": key,
            "kind": message.kind,
            "post": message.post.ref,
            "unit": {"id": message.post.unit_id, "code": message.post.unit.code, "name": message.post.unit.name},
            "urgent": message.urgent,
            "link": absolute(message.link) if message.link else "",
            "created_at": message.created_at.astimezone(timezone.get_default_timezone()).isoformat(),
        }
        if not found.discreet:
            data |= {"subject": message.subject_text, "body": message.body_text, "params": message.params}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, default=str).encode()


def _spoken(found: Outlet, row: Delivery, key: str, to: str) -> bytes:
    """The body for a gateway of text messages or calls."""
    with translation.override(settings.LANGUAGE_CODE):
        text = _line(found, row)
    data = {"v": 1, "key": key, "kind": found.kind, "to": to, "text": text, "urgent": row.message.urgent}
    return json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
