"""The outbox（发件箱）: written with the act; :mod:`luoshi.office.services.sending` sends it afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from luoshi.office.adapters import mail
from luoshi.office.models import Channel, Delivery, DeliveryState, Message
from luoshi.office.models.many import FEW, add_numbered, add_rows, add_values, among, may_take_ids
from luoshi.office.queries import messages as queries
from luoshi.rules.permissions import Actor
from luoshi.units.models import Holding, Post


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
    urgent: bool = False,
    prompt: bool = False,
    sender: int | None = None,
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
        urgent: an alarm: it leaves at once, at night too, and is in no digest.
        prompt: it is in no digest either, but keeps the quiet hours: a paper with a number and a day for its answer.
        sender: the id of the post whose act this tells of; ``None`` or 0: the clock.

    Returns:
        The messages newly written (those already there are left out).
    """
    note = Note(tuple(posts), key, link, params or {})
    told = _Told(kind, subject, body, at, urgent, prompt, sender or None)
    with transaction.atomic():
        new = [told.message(note, post) for told, note, post in _new([(told, note)])]
        add_rows(new)
        _deliver([(message.pk, message.post_id) for message in new], at)
    return new


@dataclass(frozen=True, slots=True)
class _Told:
    """What all messages of one call share."""

    kind: str
    subject: str
    body: str
    at: datetime
    urgent: bool
    prompt: bool
    sender: int | None

    def message(self, note: Note, post: Addressee) -> Message:
        """One message."""
        return Message(**dict(zip(COLUMNS, self.values(note, post), strict=True)))

    def values(self, note: Note, post: Addressee) -> tuple[Any, ...]:
        """The same as plain values, in the order of :data:`COLUMNS`."""
        own = (note.key, post.pk, note.link, dict(note.params))
        return (*own, self.kind, self.subject, self.body, self.urgent, self.prompt, self.sender, self.at, False)


COLUMNS = (
    "key", "post_id", "link", "params", "kind", "subject", "body", "urgent", "prompt", "sender_id", "created_at",
    "spread",
)  # fmt: skip
"""What is written of a message."""
FIELDS = tuple(name.removesuffix("_id") for name in COLUMNS)


def _new(notes: Iterable[tuple[_Told, Note]]) -> list[tuple[_Told, Note, Addressee]]:
    """What is not written yet of these notes to their posts."""
    wanted = {(note.key, post.pk): (told, note, post) for told, note in notes for post in note.posts}
    known = Message.objects.filter(key__in=among({key for key, _post in wanted}))
    there = set(known.values_list("key", "post_id")) if wanted else set()
    return [told for place, told in wanted.items() if place not in there]


def notify_each(
    notes: Iterable[Note],
    *,
    kind: str,
    subject: str,
    body: str = "",
    at: datetime,
    urgent: bool = False,
    prompt: bool = False,
    sender: int | None = None,
) -> int:
    """Tell each of many notes to its posts（批量通知）; the number of statements does not grow with theirs.

    See :func:`notify` for what the arguments mean.

    Returns:
        how many messages were newly written.
    """
    told = _Told(kind, subject, body, at, urgent, prompt, sender or None)
    return _write([(told, note) for note in notes], at)


def notify_all(some: Iterable[tuple[str, str, Iterable[Note]]], *, at: datetime, prompt: Collection[str] = ()) -> int:
    """Tell notes of several sentences to their posts（批量通知）, in as many statements as for one sentence.

    Args:
        some: kind, sentence and notes, as for :func:`notify_each`.
        at: the moment of the act, which is the clock's.
        prompt: kinds that wait for no digest.

    Returns:
        how many messages were newly written.
    """
    return _write(
        [
            (told, note)
            for kind, subject, notes in some
            for told in [_Told(kind, subject, "", at, False, kind in prompt, None)]
            for note in notes
        ],
        at,
    )


def _write(notes: Sequence[tuple[_Told, Note]], at: datetime) -> int:
    if not notes:
        return 0
    with transaction.atomic():
        new = _new(notes)
        if len(new) >= FEW and may_take_ids():
            ids = add_numbered(Message, FIELDS, [told.values(note, post) for told, note, post in new])
        else:
            made = [told.message(note, post) for told, note, post in new]
            add_rows(made)
            ids = [message.pk for message in made]
        _deliver([(pk, post.pk) for pk, (_told, _note, post) in zip(ids, new, strict=True)], at)
    return len(new)


def _deliver(new: Sequence[tuple[int, int]], at: datetime) -> None:
    """Put new messages into the message centre, and on their way to the holders' mail; (message, post) of each."""
    deliveries: list[Delivery] = []
    if len(new) < FEW:
        deliveries = [Delivery(message_id=message, **_IN_APP, sent_at=at) for message, _post in new]
    else:
        names, values = zip(*_shown(at).items(), strict=True)
        add_values(Delivery, ("message", *names), ((message, *values) for message, _post in new))
    if new and mail.configured():
        holders = holders_of([post for _message, post in new], at)
        deliveries += [
            Delivery(message_id=message, channel=Channel.EMAIL, user_id=user_id, address=address, next_at=at)
            for message, post in new
            for user_id, address in holders.get(post, {}).items()
        ]
    add_rows(deliveries)


_IN_APP: dict[str, Any] = {"channel": Channel.IN_APP.value, "state": DeliveryState.SENT.value}


def _shown(at: datetime) -> dict[str, Any]:
    """The columns of a delivery to the message centre, where a message is as soon as it is written."""
    made = Delivery(**_IN_APP, sent_at=at)
    skipped = {"id", "message"}
    return {
        field.name: getattr(made, field.attname) for field in made._meta.concrete_fields if field.name not in skipped
    }


def holders_of(post_ids: Iterable[int], at: datetime) -> dict[int, dict[int, str]]:
    """Post → current holder → e-mail address, for those who have one; one statement."""
    rows = _held(post_ids, at).exclude(user__email="").values_list("post_id", "user_id", "user__email")
    found: dict[int, dict[int, str]] = {}
    for post_id, user_id, address in rows:
        found.setdefault(post_id, {})[user_id] = address
    return found


def holders_by_post(post_ids: Iterable[int], at: datetime) -> dict[int, set[int]]:
    """Post → the users who hold it; one statement."""
    found: dict[int, set[int]] = {}
    for post_id, user_id in _held(post_ids, at).values_list("post_id", "user_id"):
        found.setdefault(post_id, set()).add(user_id)
    return found


def _held(post_ids: Iterable[int], at: datetime) -> QuerySet[Holding]:
    today = timezone.localdate(at)
    rows = Holding.objects.filter(Q(until_on=None) | Q(until_on__gt=today), from_on__lte=today)
    return rows.filter(post_id__in=set(post_ids), user__is_active=True)


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
