"""The outbox（发件箱）: written with the act, sent afterwards, at least once and always under the same number."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext

from luoshi.office.adapters import mail
from luoshi.office.models import Channel, Delivery, DeliveryState, Message
from luoshi.office.models.many import add_rows
from luoshi.office.queries import messages as queries
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.models import Holding, Post

LEASE = timedelta(minutes=5)
STEPS = (1, 2, 5, 15, 30, 60, 120, 240, 360)
"""Minutes to wait after each failure; the last step repeats."""
ATTEMPTS = 12
GIVE_UP_AFTER = timedelta(days=3)
"""A delivery is given up only after :data:`ATTEMPTS` tries *and* this long: a mail server may be down for a weekend."""
FOOT = _("This message was written by the system. Open the page it is about: %(link)s")


class Addressee(Protocol):
    """A post, or as much of one as a message needs."""

    @property
    def pk(self) -> int:
        """Its id."""


@dataclass(frozen=True, slots=True)
class Note:
    """One message to some posts: its key, the page it is about and the values for the places of its sentence."""

    posts: tuple[Addressee, ...]
    key: str
    link: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def notify(
    posts: Iterable[Post],
    *,
    kind: str,
    key: str,
    subject: str,
    body: str = "",
    link: str = "",
    at: datetime,
    params: Mapping[str, Any] | None = None,
) -> list[Message]:
    """Tell posts something（通知）, in the caller's transaction.

    The same ``key`` reaches a post once, however often this is called. ``subject`` and ``body`` are message ids with
    ``%(name)s`` places, ``params`` their JSON-safe values: each reader sees his own language.

    Args:
        posts: the recipients; whoever holds them now also gets an e-mail when one is on record and mail is set up.
        kind: what sort of message (for filters), such as ``delivery.issued``.
        key: at most 160 characters; the act and the step, such as ``commitment:YN-2024-03-0231:issued``.
        subject: one line.
        body: the text.
        link: the path of the page it is about.
        at: the moment of the act.
        params: values for the places.

    Returns:
        The messages newly written (those already there are left out).
    """
    note = Note(tuple(posts), key, link, params or {})
    return notify_each([note], kind=kind, subject=subject, body=body, at=at)


def notify_each(notes: Iterable[Note], *, kind: str, subject: str, body: str = "", at: datetime) -> list[Message]:
    """Tell each of many notes to its posts（批量通知）; the number of statements does not grow with theirs.

    See :func:`notify` for what the arguments mean.
    """
    wanted = {(note.key, post.pk): (note, post) for note in notes for post in note.posts}
    with transaction.atomic():
        there: set[tuple[str, int]] = set()
        keys = sorted({key for key, _post in wanted})
        for start in range(0, len(keys), 500):
            known = Message.objects.filter(key__in=keys[start : start + 500])
            there.update(known.values_list("key", "post_id"))
        new = [
            Message(
                key=note.key,
                post_id=post.pk,
                kind=kind,
                subject=subject,
                body=body,
                link=note.link,
                params=dict(note.params),
                created_at=at,
            )
            for place, (note, post) in wanted.items()
            if place not in there
        ]
        add_rows(new)
        deliveries = [
            Delivery(message_id=message.pk, channel=Channel.IN_APP, state=DeliveryState.SENT, sent_at=at)
            for message in new
        ]
        if new and mail.configured():
            holders = _holders([message.post_id for message in new], at)
            deliveries += [
                Delivery(message_id=message.pk, channel=Channel.EMAIL, user_id=user_id, address=address, next_at=at)
                for message in new
                for user_id, address in holders.get(message.post_id, {}).items()
            ]
        add_rows(deliveries)
    return new


def _holders(post_ids: Iterable[int], at: datetime) -> dict[int, dict[int, str]]:
    """Post → current holder → e-mail address, for those who have one."""
    today = timezone.localdate(at)
    rows = (
        Holding.objects.on(today)
        .filter(post_id__in=set(post_ids), user__is_active=True)
        .exclude(user__email="")
        .values_list("post_id", "user_id", "user__email")
    )
    found: dict[int, dict[int, str]] = {}
    for post_id, user_id, address in rows:
        found.setdefault(post_id, {})[user_id] = address
    return found


def mark_read(message_id: int, *, actor: Actor, at: datetime) -> Message:
    """Mark a message as read by the post（已读）; ``Refused("not_found")`` when it is not the actor's."""
    message = queries.message(actor, message_id)
    if message.read_at is None:
        queries.to(actor).filter(pk=message_id, read_at=None).update(read_at=at)
        message.read_at = at
    return message


def mark_all_read(*, actor: Actor, at: datetime) -> int:
    """Mark every message of the post as read; returns how many were new."""
    return queries.to(actor).filter(read_at=None).update(read_at=at)


def deliver_due(at: datetime, limit: int = 100) -> int:
    """Send what is due（投递）; returns how many were sent.

    Each worker claims rows by a conditional update with a lease. When one dies between sending and saying so, the lease
    passes and the message goes once more under the same Message-ID: at least once, never lost.
    """
    claim = secrets.token_hex(16)
    open_states = (DeliveryState.PENDING, DeliveryState.FAILED)
    due = Delivery.objects.filter(channel=Channel.EMAIL, state__in=open_states, next_at__lte=at)
    ids = list(due.order_by("next_at").values_list("pk", flat=True)[: max(1, min(limit, 1000))])
    if not ids or not due.filter(pk__in=ids).update(claim=claim, next_at=at + LEASE, attempts=F("attempts") + 1):
        return 0
    rows = list(Delivery.objects.filter(claim=claim).select_related("message", "user").order_by("pk"))
    holders = _holders([row.message.post_id for row in rows], at)
    sent = 0
    try:
        with mail.connection() as link:
            for number, row in enumerate(rows):
                address = holders.get(row.message.post_id, {}).get(row.user_id or 0)
                if address is None:
                    _mark(row, claim, state=DeliveryState.DEAD, last_error="no longer holds the post", next_at=None)
                    continue
                try:
                    provider = mail.send(link, address=address, stamp=stamp(row), **_letter(row))
                except mail.NotSent as error:
                    if error.server:
                        _put_off(rows[number:], claim, error, at)
                        break
                    _put_off([row], claim, error, at)
                    continue
                done = {"state": DeliveryState.SENT, "sent_at": at, "provider_id": provider}
                sent += _mark(row, claim, **done, address=address, last_error="", next_at=None)
    except mail.NotSent as error:
        _put_off(rows, claim, error, at)
    return sent


def stamp(row: Delivery) -> str:
    """The number that stays the same on every repeat: of key, post and recipient."""
    return hashlib.sha256(f"{row.message.key}|{row.message.post_id}|{row.user_id}".encode()).hexdigest()[:40]


def _letter(row: Delivery) -> dict[str, str]:
    language = (row.user.language if row.user else "") or settings.LANGUAGE_CODE
    with translation.override(language):
        body = row.message.body_text or row.message.subject_text
        if row.message.link:
            address = settings.BASE_URL.rstrip("/") + row.message.link
            body = f"{body}\n\n{gettext(FOOT) % {'link': address}}\n"
        return {"subject": row.message.subject_text, "body": body}


def _put_off(rows: Iterable[Delivery], claim: str, error: mail.NotSent, at: datetime) -> None:
    for row in rows:
        old = row.attempts >= ATTEMPTS and at - row.message.created_at >= GIVE_UP_AFTER
        if old or (error.final and row.attempts >= 3):
            _mark(row, claim, state=DeliveryState.DEAD, last_error=error.reason, next_at=None)
        else:
            wait = timedelta(minutes=STEPS[min(row.attempts, len(STEPS)) - 1])
            _mark(row, claim, state=DeliveryState.FAILED, last_error=error.reason, next_at=at + wait)


def _mark(row: Delivery, claim: str, **values: Any) -> int:
    return Delivery.objects.filter(pk=row.pk, claim=claim).update(claim="", **values)
