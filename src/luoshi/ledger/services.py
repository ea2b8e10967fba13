"""The only writers of the ledger: append an entry, number the committed ones, set a checkpoint.

Take your row locks before you append: then the ids of two entries about the same row are in the order of the acts,
and the sequencer, which numbers in the order of ids, keeps that order.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

from django.db import connection, transaction

from luoshi.ledger import models, registry
from luoshi.ledger.adapters import Statement, ask_for, run
from luoshi.ledger.events import Event, data_of
from luoshi.ledger.queries import reading
from luoshi.rules import chain
from luoshi.rules.permissions import Actor

BATCH = 1000
_BLANK = {field.attname: field.get_default() for field in models.Entry._meta.concrete_fields}
"""An entry of which nothing is said yet, column by column."""
_waiting: ContextVar[bool] = ContextVar("numbering waits", default=False)
_LOCK = 0x6C756F736869  # "luoshi"


class Written(NamedTuple):
    """An entry worked out and not written yet: what takes time for thousands of subjects, done before any lock."""

    event: Event
    entry: models.Entry
    text: str
    refs: list[str]

    @property
    def said(self) -> str:
        """What the act said, as its brief keeps it."""
        return chain.canonical(data_of(self.event)).decode()


@dataclass(frozen=True, slots=True)
class Act:
    """One of several acts written together: what was done, the governed fields after it, the refs it is about."""

    event: Event
    after: Mapping[str, Mapping[str, Any] | None]
    subjects: Sequence[str] = ()


def append(
    event: Event,
    *,
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    after: Mapping[str, Mapping[str, Any] | None] | None = None,
    subjects: Sequence[str] = (),
    beside: Statement | None = None,
) -> models.Entry:
    """Write one act into the ledger（留痕）, in the transaction of the act itself.

    On SQLite the entry gets its number at once; on PostgreSQL the sequencer gives it one within two seconds.

    Args:
        event: what was done; JSON-safe fields without floats.
        actor: the person in a seat; only the posts and a salted hash of the person go into the content.
        at: the moment of the act by the clock of the door.
        occurred_at: when it is told to have happened, for an act told later.
        after: key ``app.model:ref`` → the governed fields after the act; None: the row is gone.
        subjects: the refs the act is about; a bulk act names them all in its one entry.
        beside: what else the act appends; on PostgreSQL one statement writes both.

    Raises:
        RuntimeError: outside a transaction, so that act and entry could part.
        ValueError: a key, subject or field that the ledger cannot hold.
    """
    written = prepare(event, actor=actor, at=at, occurred_at=occurred_at, after=after, subjects=subjects)
    return _write([written], beside)[0]


def append_each(
    acts: Sequence[Act], *, actor: Actor, at: datetime, occurred_at: datetime | None = None
) -> list[models.Entry]:
    """Write several acts into the ledger, each with an entry of its own（逐项留痕）, in as many statements as for one.

    All of them are of one transaction: either every act and its entry stand, or none.

    Args:
        acts: in the order in which they are to be numbered.
        actor: as for :func:`append`, as are the others.
        at: the moment of the acts.
        occurred_at: when they are told to have happened.

    Raises:
        RuntimeError: outside a transaction.
        ValueError: a key, subject or field that the ledger cannot hold.
    """
    return _write(
        [
            prepare(act.event, actor=actor, at=at, occurred_at=occurred_at, after=act.after, subjects=act.subjects)
            for act in acts
        ]
    )


def append_prepared(written: Written) -> models.Entry:
    """Write an entry that was worked out before, in the transaction of its act and after its row locks.

    Raises:
        RuntimeError: outside a transaction.
    """
    return _write([written])[0]


def prepare(
    event: Event,
    *,
    actor: Actor,
    at: datetime,
    occurred_at: datetime | None = None,
    after: Mapping[str, Mapping[str, Any] | None] | None = None,
    subjects: Sequence[str] = (),
) -> Written:
    """Work an entry out without writing it; see :func:`append` for what the arguments mean.

    Raises:
        ValueError: a key, subject or field that the ledger cannot hold.
    """
    changed = dict(after or {})
    data = data_of(event)
    for key in changed:
        registry.require_governed(key)
    about = list(dict.fromkeys(subjects))
    for ref in (*about, *changed):
        if not isinstance(ref, str) or not 0 < len(ref) <= models.REF or "\x00" in ref:
            raise ValueError(f"{ref!r} is no subject: a subject is text of 1 to {models.REF} characters")

    chance = os.urandom(32).hex()
    person_salt, salt = chance[:32], chance[32:]
    behalf = actor.principal.post_ref if actor.principal else None
    content = chain.canonical(
        {
            "type": event.TYPE,
            "v": event.V,
            "data": data,
            "after": changed,
            "actor": {
                "post": actor.seat.post_ref,
                "on_behalf_of": behalf,
                "role": str(actor.role),
                "person": chain.person_hash(person_salt, actor.username),
            },
            "subjects": about,
        }
    )
    leaf = chain.Leaf(
        ts=chain.moment(at),
        occurred_at=chain.moment(occurred_at) if occurred_at else None,
        actor_post=actor.seat.post_ref,
        on_behalf_of=behalf,
        type=event.TYPE,
        subjects_digest=chain.subjects_digest(about).hex(),
        payload_sha256=chain.digest(content).hex(),
        salt=salt,
    )
    hashed = leaf.canonical()
    columns = {
        **_BLANK,
        "ts": at,
        "occurred_at": occurred_at,
        "type": event.TYPE,
        "v": event.V,
        "actor_post": leaf.actor_post,
        "on_behalf_of": behalf,
        "actor_user": actor.user_id,
        "person_salt": person_salt,
        "salt": salt,
        "subjects_digest": leaf.subjects_digest,
        "payload_sha256": leaf.payload_sha256,
        "leaf": hashed.decode(),
        "leaf_digest": chain.leaf_digest(hashed).hex(),
    }
    return Written(event, models.Entry.made(columns), content.decode(), registry.indexed(about, changed))


def _write(found: Sequence[Written], beside: Statement | None = None) -> list[models.Entry]:
    if not connection.in_atomic_block:
        raise RuntimeError("an entry is appended in the transaction of its act: use transaction.atomic()")
    entries = [one.entry for one in found]
    long = [one for one in found if len(one.text) > models.LONG]
    if connection.vendor == "postgresql" and len(found) == 1 and not long:
        _write_at_once(found[0], beside)
    else:
        if beside:
            run(beside)
        models.Entry.objects.bulk_create(entries)
        models.EntryPayload.objects.bulk_create([models.EntryPayload(entry=one.entry, text=one.text) for one in found])
        _index([(one.entry, one.refs) for one in found])
        if connection.vendor == "postgresql" or _waiting.get():
            models.Pending.objects.bulk_create([models.Pending(entry=entry) for entry in entries])
        elif entries:
            _number([(entry.pk, entry.leaf_digest) for entry in entries], entries[0].ts)
    if long:
        models.EntryBrief.objects.bulk_create([models.EntryBrief(entry=one.entry, data=one.said) for one in long])
    for one in found:
        for reaction in registry.reactions_to(one.event.TYPE):
            transaction.on_commit(partial(reaction, one.event, one.entry.ts))
    return entries


_UNNUMBERED = models.Sequence._meta.get_field("entry").remote_field
_TOLD = [field for field in models.Entry._meta.concrete_fields if not field.primary_key and not field.has_db_default()]
_NAMES = [field.attname for field in _TOLD]
_FEW = 4
"""Refs that are written one by one; more come as a list, which costs the database as much as three."""
_AT_ONCE = (
    "WITH e AS (INSERT INTO ledger_entry ({columns}, recorded_at) VALUES ({places}, statement_timestamp()) "
    "RETURNING id), "
    "p AS (INSERT INTO ledger_entrypayload (entry_id, text) SELECT id, %s FROM e), "
    "s AS (INSERT INTO ledger_entrysubject (entry_id, ref) {refs}), "
    "w AS (INSERT INTO ledger_pending (entry_id) SELECT id FROM e){beside} SELECT id FROM e"
)


@cache
def _at_once(refs: int, beside: str | None) -> str:
    """The statement for an entry that is found by so many refs, or, for 0, by a list of them."""
    return _AT_ONCE.format(
        columns=", ".join(str(field.column) for field in _TOLD),
        places=", ".join(["%s"] * len(_TOLD)),
        beside=f", b AS ({beside})" if beside else "",
        refs=" UNION ALL ".join(["SELECT id, %s FROM e"] * refs) or "SELECT id, json_array_elements_text(%s) FROM e",
    )


def _write_at_once(written: Written, beside: Statement | None) -> None:
    """The entry, its content, its subjects, its place in the queue and what stands beside it in one statement.

    Among what is sent together the entry has its id at the end of that.
    """
    entry = written.entry

    def stands(row: tuple[int]) -> None:
        entry.pk = row[0]
        del entry.recorded_at  # whoever wants it asks the database
        entry._state.adding, entry._state.db = False, connection.alias
        _UNNUMBERED.set_cached_value(entry, None)  # so that nobody asks for a number that cannot be there yet

    told = [value if value is None or type(value) is str else str(value) for value in map(entry.__dict__.get, _NAMES)]
    few = 0 < len(written.refs) <= _FEW
    refs = written.refs if few else [json.dumps(written.refs)]
    statement = _at_once(len(refs) if few else 0, beside.text if beside else None)
    ask_for(Statement(statement, [*told, written.text, *refs, *(beside.values if beside else ())]), stands)


def _index(found: Sequence[tuple[models.Entry, list[str]]]) -> None:
    """All refs of all entries in one statement, be they one or twenty thousand."""
    pairs = [(entry.pk, ref) for entry, refs in found for ref in refs]
    if not pairs:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO ledger_entrysubject (entry_id, ref) SELECT * FROM unnest(%s::bigint[], %s::text[])",
                [[pk for pk, _ref in pairs], [ref for _pk, ref in pairs]],
            )
        elif len(found) == 1:
            [(entry, refs)] = found
            cursor.execute(
                "INSERT INTO ledger_entrysubject (entry_id, ref) SELECT %s, value FROM json_each(%s)",
                [entry.pk, json.dumps(sorted(refs))],
            )
        else:
            cursor.executemany("INSERT INTO ledger_entrysubject (entry_id, ref) VALUES (%s, %s)", sorted(pairs))


def _number(rows: list[tuple[int, str]], at: datetime) -> None:
    """Give ``(entry id, leaf digest)`` rows the next numbers; the caller holds the lock on the head."""
    last = models.Sequence.objects.order_by("-number").values_list("number", "chain").first()
    number, link = (last[0], bytes.fromhex(last[1])) if last else (0, chain.GENESIS)
    edge = chain.peaks(number)
    stored = reading.nodes(edge)
    frontier = chain.Frontier(number, [stored[place] for place in edge])
    places: list[models.Sequence] = []
    nodes: list[models.Node] = []
    for entry_id, text in rows:
        leaf = bytes.fromhex(text)
        link = chain.chain_digest(link, leaf)
        for level, index, digest in frontier.append(leaf):
            nodes.append(models.Node(level=level, index=index, hash=digest.hex()))
        places.append(
            models.Sequence(number=frontier.size, entry_id=entry_id, leaf=text, chain=link.hex(), at=at),
        )
    models.Sequence.objects.bulk_create(places)
    models.Node.objects.bulk_create(nodes)


@contextmanager
def numbering_later(at: datetime) -> Iterator[None]:
    """Number the entries written inside together at the end（稍后编号）, on SQLite, too: for thousands of acts.

    Everything inside and the numbering are one transaction.
    """
    with transaction.atomic():
        token = _waiting.set(True)
        try:
            yield
        finally:
            _waiting.reset(token)
        while sequence_pending(at):
            pass


def sequence_pending(at: datetime, limit: int = BATCH) -> int:
    """Give committed entries their numbers（编号）, oldest id first, in one transaction; returns how many.

    Run by the tick again and again (at least every second) until it returns 0. Several may run: one at a time
    numbers, under a transaction lock; an entry that commits late simply gets a later number.

    Args:
        at: the moment of numbering.
        limit: how many at most in this batch.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        waiting = models.Pending.objects.order_by("entry_id").values_list("entry_id", flat=True)
        rows = list(
            models.Entry.objects.filter(pk__in=list(waiting[:limit])).order_by("pk").values_list("pk", "leaf_digest")
        )
        if rows:
            _number(rows, at)
            models.Pending.objects.filter(pk__lte=rows[-1][0], pk__in=[pk for pk, _ in rows]).delete()
        return len(rows)


def checkpoint(at: datetime) -> models.Checkpoint | None:
    """Set down where the ledger stands（存证点）; the last one is returned when nothing was added since.

    Returns:
        The checkpoint, or None while the ledger is empty.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        head = reading.head()
        last = models.Checkpoint.objects.order_by("-size").first()
        if head.size == 0 or (last and last.size >= head.size):
            return last
        return models.Checkpoint.objects.create(size=head.size, root=head.root, chain=head.chain, at=at)
