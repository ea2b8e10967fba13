"""Sending（投递）: what the outbox holds leaves after the act is committed, at least once and always under one number.

Each worker claims rows under their lock, with a lease, and writes the attempts before it opens a socket. When it dies
between sending and saying so, the lease passes and the message goes once more under the same Message-ID or key; the
attempt of the dead worker stays "not known".
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from luoshi.office.adapters import bots, mail, posting, seals
from luoshi.office.adapters.mail import NotSent
from luoshi.office.models import (
    BOTS,
    OPEN_STATES,
    PHONES,
    Attempt,
    Channel,
    Delivery,
    DeliveryState,
    Mode,
    Outcome,
    Outlet,
    Wish,
)
from luoshi.office.models.many import among, set_values
from luoshi.office.queries.wishes import hours_of, house_hours, wishes_of
from luoshi.office.services import channels
from luoshi.office.services.messages import holders_of
from luoshi.office.services.spreading import number_of, spread_due
from luoshi.rules import telling
from luoshi.rules.calendar import WorkCalendar
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.queries import calendar_for

LEASE = timedelta(minutes=5)
ATTEMPTS = 12
GIVE_UP_AFTER = timedelta(days=3)
"""A delivery is given up only after :data:`ATTEMPTS` tries *and* this long: a mail server may be down for a weekend."""
TOGETHER, AT_LATEST = 10, 0.5
"""What has left is written down so many at a time, or after so many seconds: no more than these go twice when a worker
dies, and nobody waits for the disk once a message."""
WHOLE_TURN = 20.0
"""Seconds that one turn of the clock sends at most."""
LINES = 8
"""Connections to one webhook at a time: one that takes a twentieth of a second still takes a hundred a second."""
BOT_LINES = 20
"""Messages that become one message of a bot."""
BOT_REST = timedelta(seconds=4)
"""Bots take twenty messages a minute at most; more, and some are silenced for ten."""
DIGEST_LINES = 100
"""Lines of a digest; the rest is counted, and stands in the message centre."""
FOOT = _("This message was written by the system. Open the page it is about: %(link)s")
MAIL_FOOT = _("How you are told, and when: %(link)s")
WAITS = _("A message waits for %(post)s: %(link)s")
MORE = _("… and %(count)s more in the message centre: %(link)s")


def deliver_due(at: datetime, limit: int = 100) -> int:
    """Send what is due（投递）; returns how many deliveries were sent. At most ``limit`` of each channel."""
    spread_due(at)
    limit = max(1, min(limit, 1000))
    return _mail(at, limit)[1] + sum(_outlet(found, at, limit)[1] for found in _outlets_due(at))


def deliver_all(clock: Callable[[], datetime] = timezone.now, *, seconds: float = WHOLE_TURN) -> int:
    """Send until nothing is due any more, or the time is over; what the clock does each turn."""
    ends, sent = time.monotonic() + seconds, 0
    while True:
        at = clock()
        looked = spread_due(at)
        done = [_mail(at, 100), *(_outlet(found, at, 100) for found in _outlets_due(at))]
        sent += sum(count for _looked, count in done)
        if not looked + sum(count for count, _sent in done) or time.monotonic() > ends:
            return sent


def send_now(delivery_id: int, at: datetime) -> Delivery:
    """Send one delivery at once（立即投递）, as a test message is; its attempt says how it went."""
    row = Delivery.objects.select_related("outlet").get(pk=delivery_id)
    if row.outlet is None:
        _mail(at, 1, only=Delivery.objects.filter(pk=delivery_id))
    else:
        _outlet(row.outlet, at, 1, only=Delivery.objects.filter(pk=delivery_id))
    return Delivery.objects.prefetch_related("tries").get(pk=delivery_id)


def stamp(row: Delivery) -> str:
    """The number that stays the same on every repeat: of key, post and recipient, or of the digest."""
    if row.batch:
        told = f"digest|{row.batch}|{row.user_id}"
    else:
        whom = row.user_id if row.outlet_id is None else f"channel {row.outlet_id}"
        told = f"{row.message.key}|{row.message.post_id}|{whom}"
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def _locked(rows: QuerySet[Delivery], limit: int) -> list[Delivery]:
    """The first rows due, locked; what another worker holds is left to it."""
    found = rows.select_related("message__post__unit", "user").select_for_update(of=("self",), skip_locked=True)
    return list(found.order_by("next_at", "pk")[:limit])


def _due(at: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state__in=OPEN_STATES, next_at__isnull=False, next_at__lte=at)


def _claim(rows: Sequence[Delivery], at: datetime, claim: str, key_id: str = "") -> dict[int, Attempt]:
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


def _said(attempts: Iterable[Attempt]) -> None:
    """Complete the attempts of a batch."""
    Attempt.objects.bulk_update(list(attempts), ["outcome", "status", "took_ms", "error", "signature"], batch_size=200)


def _went(attempt: Attempt, began: float, error: NotSent | None = None, status: int | None = None) -> None:
    attempt.outcome = Outcome.FAILED if error else Outcome.SENT
    attempt.took_ms = posting.milliseconds(began)
    attempt.error = error.reason if error else ""
    attempt.status = error.status if error else status


# --- E-mail -----------------------------------------------------------------------------------------------------------


def _mail(at: datetime, limit: int, only: QuerySet[Delivery] | None = None) -> tuple[int, int]:
    """Send mail that is due; how many rows were looked at, and how many deliveries were sent."""
    due = (_due(at) if only is None else only).filter(channel=Channel.EMAIL)
    if not mail.configured() or not due.exists():
        return 0, 0
    server = Outlet.objects.filter(kind=Channel.EMAIL).first()
    if server is not None and not server.enabled and only is None:
        return 0, 0
    claim = secrets.token_hex(16)
    with transaction.atomic():
        found = _locked(due, limit)
        rows = found if only is not None else _sort_out(found, at)
        attempts = _claim(rows, at, claim) if rows else {}
    if not rows:
        return len(found), 0
    batches = _batches(rows)
    messages = {one.message_id: one.message for row in rows for one in batches[row.pk]}
    holders = holders_of([message.post_id for message in messages.values()], at)
    broken: NotSent | None = None
    ended = _Ended(claim, at)
    try:
        with ended, mail.connection() as link:
            for number, row in enumerate(rows):
                parts = [one for one in batches[row.pk] if holders.get(one.message.post_id, {}).get(one.user_id or 0)]
                if not parts:
                    _mark(row, claim, state=DeliveryState.DEAD, last_error="no longer holds the post", next_at=None)
                    continue
                address = holders[parts[0].message.post_id][parts[0].user_id or 0]
                began = time.perf_counter()
                try:
                    provider = mail.send(link, address=address, stamp=stamp(row), **_letter(row, parts))
                except NotSent as error:
                    _went(attempts[row.pk], began, error)
                    if error.server:
                        _put_off(rows[number:], claim, error, at)
                        broken = error
                        break
                    _put_off([row], claim, error, at)
                    continue
                _went(attempts[row.pk], began)
                ended.add(row, provider, address)
    except NotSent as error:
        for attempt in attempts.values():
            _went(attempt, time.perf_counter(), error)
        _put_off(rows, claim, error, at)
        broken = error
    _said(attempts.values())
    sent = ended.written
    if broken is not None and not sent:
        channels.note_failure(channels.mail_server(at), broken, at=at)
    elif sent:
        channels.note_success(server or channels.mail_server(at), at=at)
    return len(found), sent


def _sort_out(found: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """What may leave now; the rest is put to the next allowed moment, kept for the digest, or not needed.

    In the transaction that holds the rows' locks.
    """
    wishes = wishes_of(row.user_id for row in found if row.user_id)
    house = house_hours()
    usual = Wish()
    go: list[Delivery] = []
    moves: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    spared: list[int] = []
    digests: dict[int, tuple[Wish, WorkCalendar]] = {}
    for row in found:
        wish = wishes.get(row.user_id or 0, usual)
        if not wish.email or (wish.mode == Mode.URGENT and not row.message.urgent):
            spared.append(row.pk)
            continue
        if row.message.urgent:
            go.append(row)
            continue
        hours, calendar = hours_of(wish, house), calendar_for(row.message.post.unit.path)
        if wish.mode == Mode.DAILY and not row.batch:
            if row.state == DeliveryState.HELD and telling.may_send(at, hours, calendar):
                digests[row.user_id or 0] = (wish, calendar)
            else:
                moves["held", telling.digest_at(at, wish.digest_hour, hours, calendar)].append(row.pk)
        elif telling.may_send(at, hours, calendar):
            go.append(row)
        else:
            moves["", telling.next_allowed(at, hours, calendar)].append(row.pk)
    for (state, moment), ids in moves.items():
        Delivery.objects.filter(pk__in=ids).update(next_at=moment, **({"state": state} if state else {}))
    if spared:
        _spare(Delivery.objects.filter(pk__in=spared), "as the person has set it")
    for user_id in digests:
        first = _gather(user_id, at)
        if first is not None:
            go.append(first)
    return go


def _spare(rows: QuerySet[Delivery], why: str) -> None:
    rows.update(state=DeliveryState.SPARED, next_at=None, last_error=why)


def _gather(user_id: int, at: datetime) -> Delivery | None:
    """Make one digest of all that is held for a person; what the post has read meanwhile is not told again."""
    held = Delivery.objects.filter(user_id=user_id, state=DeliveryState.HELD, channel=Channel.EMAIL)
    rows = list(held.select_for_update(of=("self",)).select_related("message__post__unit", "user").order_by("pk"))
    read = [row.pk for row in rows if row.message.read_at is not None]
    if read:
        _spare(Delivery.objects.filter(pk__in=read, state=DeliveryState.HELD), "read before the digest")
    holders = holders_of([row.message.post_id for row in rows], at)
    left = [row.pk for row in rows if user_id not in holders.get(row.message.post_id, {})]
    if left:
        gone = Delivery.objects.filter(pk__in=left, state=DeliveryState.HELD)
        gone.update(state=DeliveryState.DEAD, next_at=None, last_error="no longer holds the post")
    rows = [row for row in rows if row.message.read_at is None and row.pk not in set(left)]
    if not rows:
        return None
    batch = secrets.token_hex(16)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        batch=batch, state=DeliveryState.PENDING, next_at=None
    )
    rows[0].batch, rows[0].state = batch, DeliveryState.PENDING
    return rows[0]


def _batches(rows: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    """Row → the deliveries that travel with it, itself among them; one statement."""
    wanted = [row.batch for row in rows if row.batch]
    together: dict[str, list[Delivery]] = defaultdict(list)
    if wanted:
        for one in Delivery.objects.filter(batch__in=wanted).select_related("message", "user").order_by("pk"):
            if one.state in OPEN_STATES:
                together[one.batch].append(one)
    return {row.pk: together[row.batch] if row.batch else [row] for row in rows}


def _absolute(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path


def _letter(row: Delivery, parts: Sequence[Delivery]) -> dict[str, str]:
    language = (row.user.language if row.user else "") or settings.LANGUAGE_CODE
    with translation.override(language):
        foot = gettext(MAIL_FOOT) % {"link": _absolute("/office/settings/")}
        if len(parts) == 1:
            message = parts[0].message
            body = message.body_text or message.subject_text
            if message.link:
                body = f"{body}\n\n{gettext(FOOT) % {'link': _absolute(message.link)}}"
            return {"subject": message.subject_text, "body": f"{body}\n\n{foot}\n"}
        title = ngettext("%(count)s thing waits for you", "%(count)s things wait for you", len(parts)) % {
            "count": len(parts)
        }
        lines = [f"{title}\n"]
        for one in parts[:DIGEST_LINES]:
            when = timezone.localtime(one.message.created_at).strftime("%m-%d %H:%M")
            lines.append(
                f"· {one.message.subject_text}（{when}）\n  {_absolute(one.message.link or '/office/messages/')}"
            )
        if len(parts) > DIGEST_LINES:
            more = {"count": len(parts) - DIGEST_LINES, "link": _absolute("/office/messages/")}
            lines.append(gettext(MORE) % more)
        return {"subject": title, "body": "\n".join([*lines, "", foot, ""])}


# --- Channels outside -------------------------------------------------------------------------------------------------


def _outlets_due(at: datetime) -> list[Outlet]:
    """Channels for which something is due and that do not rest; two statements, one when there is nothing."""
    ids = list(_due(at).filter(outlet__isnull=False).order_by().values_list("outlet_id", flat=True).distinct())
    if not ids:
        return []
    awake = Q(rest_until=None) | Q(rest_until__lte=at)
    return list(Outlet.objects.filter(awake, pk__in=ids, enabled=True).select_related("unit").order_by("pk"))


def _outlet(found: Outlet, at: datetime, limit: int, only: QuerySet[Delivery] | None = None) -> tuple[int, int]:
    """Send by one channel what is due; how many rows were looked at, and how many deliveries were sent."""
    claim = secrets.token_hex(16)
    many = found.kind in BOTS
    with transaction.atomic():
        due = (_due(at) if only is None else only).filter(outlet=found)
        looked = _locked(due, min(limit, BOT_LINES) if many else limit)
        rows = looked if only is not None else _allowed(found, looked, at)
        if many:
            rows = rows[: _fitting(found, rows)]
        attempts = _claim(rows, at, claim, found.key_id if found.kind in channels.OWN_KEY else "") if rows else {}
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
            _went(attempt, time.perf_counter(), error)
        _put_off(rows, claim, error, at)
    else:
        send = _by_bot if many else _one_by_one
        sent, error = send(found, address, secret, rows, attempts, claim, at)
    _said(attempts.values())
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
    link = _absolute(row.message.link or "/office/messages/")
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
            _went(attempt, began, error)
        _put_off(rows, claim, error, at)
        return 0, error
    for attempt in attempts.values():
        _went(attempt, began, status=told.status)
    done = {"state": DeliveryState.SENT, "sent_at": at, "last_error": "", "next_at": None}
    return sum(_mark(row, claim, **done) for row in rows), None


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
            _mark(row, claim, state=DeliveryState.SPARED, last_error="the post has no official number", next_at=None)
            continue
        body = _spoken(found, row, key, to) if to else _told(found, row, key)
        headers = posting.signed(secret, key_id=attempt.key_id, body=body, at=time.time())
        attempt.signature = headers["X-Luoshi-Signature"].removeprefix("v1=")
        requests.append(_Request(row, attempt, body, {**headers, "Idempotency-Key": key}))
    last, later = None, []
    with _Ended(claim, at) as ended:
        for one in _posted(address, requests):
            if one.began:
                _went(one.attempt, one.began, one.error, one.told.status if one.told else None)
            if one.told is not None:
                ended.add(one.row, one.headers["Idempotency-Key"], one.row.address)
            elif one.error is not None and not one.error.server:
                last = last or one.error
                _put_off([one.row], claim, one.error, at)
            else:
                last = one.error if one.error is not None else last
                later.append(one)
    if later and last is not None:
        _put_off([one.row for one in later], claim, last, at)
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
            "link": _absolute(message.link) if message.link else "",
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


# --- How it ended -----------------------------------------------------------------------------------------------------


class _Ended:
    """What has left and is not written down yet（已发待记）; leaving the block writes the rest, whatever happened."""

    def __init__(self, claim: str, at: datetime) -> None:
        self.written = 0
        self._claim, self._at = claim, at
        self._rows: list[tuple[Delivery, str, str]] = []
        self._since = time.monotonic()

    def __enter__(self) -> _Ended:
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
                self.written += _mark(row, self._claim, **done, provider_id=provider, address=address)
        with transaction.atomic():
            held = Delivery.objects.filter(pk__in=among([row.pk for row, _number, _to in alone]), claim=self._claim)
            mine = set(held.select_for_update(of=("self",)).values_list("pk", flat=True)) if alone else set()
            fields = ("claim", "provider_id", "address", *done)
            values = [(row.pk, "", number, to, *done.values()) for row, number, to in alone if row.pk in mine]
            set_values(Delivery, fields, values)
        self.written += len(values)
        self._rows, self._since = [], time.monotonic()


def _put_off(rows: Iterable[Delivery], claim: str, error: NotSent, at: datetime) -> None:
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


def _mark(row: Delivery, claim: str, **values: Any) -> int:
    """Say how a row ended, and those that travelled with it; 0 when another worker has taken it meanwhile."""
    mine = Delivery.objects.filter(pk=row.pk, claim=claim)
    if not row.batch:
        return mine.update(claim="", **values)
    with transaction.atomic():
        if not mine.update(claim="", **values):
            return 0
        others = Delivery.objects.filter(batch=row.batch, state=DeliveryState.PENDING, next_at=None)
        return 1 + others.exclude(pk=row.pk).update(**values)
