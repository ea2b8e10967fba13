"""Reading entries: one, those about a subject, the head, and what a page shows of an entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce

from luoshi.ledger import registry
from luoshi.ledger.models import FREQUENT, Checkpoint, Entry, EntrySubject, Node, Pending, Sequence
from luoshi.rules import chain
from luoshi.rules.refusals import Refused

T = TypeVar("T")
PAGE = 50
PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands（册首）: entries numbered, the root over them and the chain after the last, in hex."""

    size: int
    root: str
    chain: str


def mark() -> tuple[int, int]:
    """The last number given and how many entries wait for theirs（册状态）; one statement, no lock.

    Two equal marks mean the same committed entries: waiting ones only become more until some are numbered, and then the
    number rises. So a page that told the mark it was made at can say whether anything was done since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        number, waiting = cursor.fetchone()
    return int(number), int(waiting)


_MARK = (
    f"SELECT COALESCE((SELECT MAX(number) FROM {Sequence._meta.db_table}), 0), "  # noqa: S608 - our own tables
    f"(SELECT COUNT(*) FROM {Pending._meta.db_table})"
)


def nodes(coordinates: Iterable[chain.Coordinate]) -> dict[chain.Coordinate, bytes]:
    """The stored digests at ``coordinates``, in at most two statements; a missing one is simply not there."""
    wanted = list(coordinates)
    found: dict[chain.Coordinate, bytes] = {}
    leaves = [index + 1 for level, index in wanted if level == 0]
    if leaves:
        for number, leaf in Sequence.objects.filter(number__in=leaves).values_list("number", "leaf"):
            found[(0, number - 1)] = bytes.fromhex(leaf)
    above = [Q(level=level, index=index) for level, index in wanted if level]
    if above:
        for level, index, digest in Node.objects.filter(reduce(or_, above)).values_list("level", "index", "hash"):
            found[(level, index)] = bytes.fromhex(digest)
    return found


def from_stored(question: Callable[[chain.NodeAt], T]) -> T:
    """Answer a question about the tree from its stored nodes, fetched together beforehand.

    Raises:
        KeyError: a stored node is missing; the audit will name it.
    """
    found = nodes(chain.needed(question))
    return question(lambda level, index: found[(level, index)])


def size() -> int:
    """How many entries are numbered."""
    return Sequence.objects.order_by("-number").values_list("number", flat=True).first() or 0


def head() -> Head:
    """The size, root and chain of the ledger now."""
    last = Sequence.objects.order_by("-number").first()
    if last is None:
        return Head(0, chain.root_of(lambda level, index: b"", 0).hex(), chain.GENESIS.hex())
    root = from_stored(lambda node: chain.root_of(node, last.number))
    return Head(last.number, root.hex(), last.chain)


def entries() -> QuerySet[Entry]:
    """All entries with their contents and numbers, one statement however many are shown."""
    return Entry.objects.select_related("payload", "sequence")


def listed() -> QuerySet[Entry]:
    """All entries as lists show them: with their numbers and what they said, without the contents of bulk acts.

    Ask :func:`said` what one said; its ``payload`` would be a statement more.
    """
    brief, whole = F("brief__data"), F("payload__text")
    return Entry.objects.select_related("sequence").annotate(
        told=Coalesce(brief, whole), told_whole=ExpressionWrapper(Q(brief__isnull=True), BooleanField())
    )


def said(entry: Entry) -> dict[str, Any]:
    """What an entry of :func:`listed` or :func:`entries_for` said: the fields of its event."""
    told = json.loads(entry.told)  # type: ignore[attr-defined]
    data: dict[str, Any] = told["data"] if entry.told_whole else told  # type: ignore[attr-defined]
    return data


def about(*refs: str) -> QuerySet[EntrySubject]:
    """The places in the index of the entries about any of ``refs``: subjects, or keys ``app.model:ref``（索引）."""
    return EntrySubject.objects.filter(ref__in={one for ref in refs for one in registry.asked_by(ref)})


def entries_for(*refs: str, before: int | None = None, limit: int = PAGE) -> list[Entry]:
    """The entries about any of ``refs``, newest first（时间线）, as :func:`listed` gives them.

    A ref is a subject or a key ``app.model:ref``; parts have no entries of their own, see ``registry.govern``.

    Args:
        refs: subjects as they were given to the ledger, or keys of governed rows; matched exactly.
        before: the ``id`` of the last entry of the page before, for the next page.
        limit: how many at most; never more than 200.
    """
    places = about(*refs)
    if before is not None:
        places = places.filter(entry_id__lt=before)
    ids = places.order_by("-entry_id").values_list("entry_id", flat=True).distinct()[: min(limit, PAGE_LIMIT)]
    return sorted(listed().filter(pk__in=list(ids)), key=lambda entry: -entry.pk)


def done_from(
    post: str,
    *,
    user: int,
    kinds: Collection[str],
    since: datetime,
    until: datetime | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> list[Entry]:
    """What a person did from a post in his own name, newest first（本岗位的办理）, as :func:`listed` gives it.

    Acts for another post, and those of a stand-in, are not among it. A walk of one index.

    Args:
        post: the number of the post.
        user: who did it.
        kinds: types of acts; :data:`FREQUENT` is never among them.
        since: the first moment.
        until: the moment before which it was done.
        before: moment and ``id`` of the last entry of the page before, for the next page.
        limit: how many at most; never more than 200 and one.
    """
    rows = listed().filter(actor_post=post, ts__gte=since, actor_user=user, on_behalf_of__isnull=True)
    rows = rows.filter(type__in=sorted(kinds)).exclude(type=FREQUENT)
    if until is not None:
        rows = rows.filter(ts__lt=until)
    if before is not None:
        rows = rows.filter(Q(ts__lt=before[0]) | Q(ts=before[0], pk__lt=before[1]), ts__lte=before[0])
    return list(rows.order_by("-ts", "-pk")[: min(limit, PAGE_LIMIT + 1)])


def get_entry(number: int | None = None, *, id: int | None = None) -> Entry:  # noqa: A002 - the column's own name
    """One entry, by its number or by its internal id.

    Raises:
        Refused: ``not_found``.
    """
    found = entries().filter(Q(sequence__number=number) if number is not None else Q(pk=id)).first()
    if found is None:
        raise Refused("not_found")
    return found


def number_of(entry: Entry) -> int | None:
    """The number of an entry, or None while it waits for one."""
    found: Sequence | None = getattr(entry, "sequence", None)
    return found.number if found else None


def person_is(entry: Entry, username: str) -> bool:
    """Whether the person hash in the entry's content is that of ``username``."""
    told = json.loads(entry.payload.text)["actor"]["person"]
    return bool(told == chain.person_hash(entry.person_salt, username))


def inclusion(entry: Entry, upto: int | None = None) -> dict[str, Any] | None:
    """What proves that an entry stands in the ledger（包含证明）, or None while it has no number.

    Args:
        entry: the entry.
        upto: the size of the tree to prove it in; the present size by default.

    Returns:
        ``number``, ``index`` (from 0), ``size``, ``leaf`` (text), ``leaf_digest``, ``root``, ``path`` (hex, from the
        leaf up), ``holds`` (checked here and now).
    """
    number = number_of(entry)
    if number is None:
        return None
    total = size() if upto is None else upto
    path, root = from_stored(
        lambda node: (chain.inclusion_proof(node, number - 1, total), chain.root_of(node, total)),
    )
    leaf = chain.leaf_digest(entry.leaf.encode())
    return {
        "number": number,
        "index": number - 1,
        "size": total,
        "leaf": entry.leaf,
        "leaf_digest": leaf.hex(),
        "root": root.hex(),
        "path": [step.hex() for step in path],
        "holds": chain.verify_inclusion(leaf, number - 1, total, path, root),
    }


def consistency(old: int, new: int) -> list[str]:
    """The proof that the ledger of ``new`` entries only adds to the one of ``old``, in hex（一致性证明）.

    Raises:
        ValueError: not ``0 < old ≤ new``.
    """
    return [step.hex() for step in from_stored(lambda node: chain.consistency_proof(node, old, new))]


def entry_facts(entry: Entry) -> dict[str, Any]:
    """Everything the page of an entry shows: who, when, what, what changed, and the proof."""
    content = json.loads(entry.payload.text)
    number = number_of(entry)
    covering = (
        Checkpoint.objects.filter(size__gte=number).order_by("size").values("size", "root", "chain", "at").first()
        if number
        else None
    )
    return {
        "id": entry.pk,
        "number": number,
        "type": entry.type,
        "v": entry.v,
        "ts": entry.ts,
        "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "sequenced_at": entry.sequence.at if number else None,
        "actor_post": entry.actor_post,
        "on_behalf_of": entry.on_behalf_of,
        "actor_user": entry.actor_user,
        "role": content["actor"]["role"],
        "person": content["actor"]["person"],
        "data": content["data"],
        "after": content["after"],
        "subjects": content["subjects"],
        "payload_sha256": entry.payload_sha256,
        "subjects_digest": entry.subjects_digest,
        "leaf": entry.leaf,
        "leaf_digest": entry.leaf_digest,
        "chain": entry.sequence.chain if number else None,
        "checkpoint": covering,
        "proof": inclusion(entry),
    }
