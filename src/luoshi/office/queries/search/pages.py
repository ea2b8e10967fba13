"""Pages of what was found（检索结果）: every one continues where the last one ended and shows each thing once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from luoshi.office.models import SearchEntry
from luoshi.office.queries.search.levels import Sights, Stream, little_seen, look_up
from luoshi.office.queries.search.sql import Sql, both, fetch, union
from luoshi.office.queries.terms import asked
from luoshi.rules.paths import depth

MOST = 1000
"""Entries found at once at most."""

COUNTED = 200
"""So many are counted exactly; above, "more than"."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind were found; with ``more``, that many and more."""

    found: int
    more: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what was found, the cursor of the next（``None`` at the end）, and counts by kind."""

    entries: list[SearchEntry]
    cursor: str | None
    counts: dict[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found, with what orders it."""

    id: int
    rank: int
    text: int
    path: str
    number: str


_COLUMNS = "e.id, e.rank, e.text_id, e.path, e.number"


def search(
    text: str, *, sights: Sights, kind: str = "", limit: int = 30, cursor: str | None = None, counts: bool = True
) -> Page:
    """Find entries that hold everything asked for（检索）, best first; the number of statements does not grow.

    Args:
        text: what was typed; Chinese, words, names of units, the beginning of a number, or initials of pinyin; 200
            characters count.
        sights: by kind, what may be seen; nothing outside is looked at.
        kind: only entries of this kind on the page; counts are of all.
        limit: 1–1,000 entries.
        cursor: the ``cursor`` of the page before; anything else counts as none.
        counts: whether to count by kind.
    """
    limit = max(1, min(limit, MOST))
    question = asked(text)
    if not question or not sights:
        return Page([], None)
    kinds = [one for one, sight in sights.items() if sight and (counts or kind in ("", one))]
    looked = look_up(question, kinds)
    little = little_seen(sights, kinds)
    streams = [stream for one in kinds for stream in looked.streams(one, sights[one], little[one])]
    probed = _probe(streams)
    counted = {one: _count(probed, one) for one in sights} if counts else {}
    order = {one: at for at, one in enumerate(sights)}
    wanted = sorted(
        (stream for stream in streams if not kind or stream.kind == kind),
        key=lambda s: (-s.level, order[s.kind], s.turn),
    )
    after = _cursor(cursor, order)
    found: list[tuple[Stream, Hit]] = []
    for stream in wanted:
        if after and (-stream.level, order[stream.kind], stream.turn) < after.place:
            continue
        since = after.hit if after and (-stream.level, order[stream.kind], stream.turn) == after.place else None
        found += [(stream, hit) for hit in _hits(stream, probed[stream], since, limit + 1 - len(found))]
        if len(found) > limit:
            break
    entries = SearchEntry.objects.select_related("text").in_bulk([hit.id for _stream, hit in found[:limit]])
    following = _told(*found[limit - 1]) if len(found) > limit else None
    return Page([entries[hit.id] for _stream, hit in found[:limit] if hit.id in entries], following, counted)


def _probe(streams: Sequence[Stream]) -> dict[Stream, list[Hit]]:
    """Up to :data:`COUNTED` + 1 entries of each stream, in no order; one statement."""
    found: dict[Stream, list[Hit]] = {stream: [] for stream in streams}
    if streams:
        branches = [
            Sql(
                f"SELECT {at} AS s, {_COLUMNS} FROM office_searchentry e"  # noqa: S608
                f" WHERE {stream.condition.text} LIMIT {COUNTED + 1}",
                stream.condition.params,
            )
            for at, stream in enumerate(streams)
        ]
        for at, *row in fetch(union(branches)):
            found[streams[at]].append(Hit(*row))
    return found


def _count(probed: Mapping[Stream, Sequence[Hit]], kind: str) -> Count:
    found = sum(len(hits) for stream, hits in probed.items() if stream.kind == kind)
    return Count(min(found, COUNTED), found > COUNTED)


def _key(stream: Stream, hit: Hit) -> tuple[Any, ...]:
    return (hit.number, hit.id) if stream.by_number else (hit.rank, -hit.text, hit.path, hit.id)


def _hits(stream: Stream, probed: Sequence[Hit], since: Hit | None, need: int) -> list[Hit]:
    """The next entries of a stream in its order."""
    if len(probed) <= COUNTED:
        ordered = sorted(probed, key=lambda hit: _key(stream, hit))
        if since is not None:
            ordered = [hit for hit in ordered if _key(stream, hit) > _key(stream, since)]
        return ordered[:need]
    return _by_number(stream, since, need) if stream.by_number else _by_rank(stream, since, need)


def _by_number(stream: Stream, since: Hit | None, need: int) -> list[Hit]:
    condition = stream.condition
    if since is not None:
        further = Sql("(e.number > %s OR (e.number = %s AND e.id > %s))", (since.number, since.number, since.id))
        condition = both(condition, further)
    sql = f"SELECT {_COLUMNS} FROM office_searchentry e WHERE {condition.text} ORDER BY e.number, e.id LIMIT {need}"  # noqa: S608
    return [Hit(*row) for row in fetch(Sql(sql, condition.params))]


def _by_rank(stream: Stream, since: Hit | None, need: int) -> list[Hit]:
    """Rank by rank, because each of them can be read from an index in its order."""
    found: list[Hit] = []
    rank: int | None = since.rank if since else _next_rank(stream.kind, -1)
    while rank is not None and len(found) < need:
        condition = both(stream.condition, Sql("e.rank = %s", (rank,)))
        if since is not None and rank == since.rank:
            further = Sql(
                "e.text_id <= %s AND (e.text_id < %s OR e.path > %s OR (e.path = %s AND e.id > %s))",
                (since.text, since.text, since.path, since.path, since.id),
            )
            condition = both(condition, further)
        sql = (
            f"SELECT {_COLUMNS} FROM office_searchentry e WHERE {condition.text}"  # noqa: S608
            f" ORDER BY e.text_id DESC, e.path, e.id LIMIT {need - len(found)}"
        )
        found += [Hit(*row) for row in fetch(Sql(sql, condition.params))]
        if len(found) < need:
            rank = _next_rank(stream.kind, rank)
    return found


def _next_rank(kind: str, rank: int) -> int | None:
    sql = "SELECT e.rank FROM office_searchentry e WHERE e.kind = %s AND e.rank > %s ORDER BY e.rank LIMIT 1"
    return next((int(found) for (found,) in fetch(Sql(sql, (kind, rank)))), None)


_CURSOR = re.compile(
    r"(\d{1,2})~([a-z]{1,16})~(\d{1,2})~(\d{1,4})~(\d{1,15})~([0-9a-z.]{0,255})~(\d{1,15})~([0-9a-z._/-]{0,64})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _After:
    place: tuple[int, int, int]
    hit: Hit


def _told(stream: Stream, hit: Hit) -> str:
    number = hit.number if stream.by_number else ""
    parts = (stream.level, stream.kind, stream.turn, hit.rank, hit.text, hit.path, hit.id, number)
    return "~".join(map(str, parts))


def _cursor(cursor: str | None, order: Mapping[str, int]) -> _After | None:
    found = _CURSOR.fullmatch(cursor or "")
    if found is None or found[2] not in order:
        return None
    hit = Hit(int(found[7]), int(found[4]), int(found[5]), found[6], found[8])
    return _After((-int(found[1]), order[found[2]], int(found[3])), hit)


def place_rank(path: str) -> int:
    """The rank of what lies at a path: wholes before parts."""
    return depth(path)
