"""Keeping the search index（检索）; it holds nothing that cannot be made again from the rows.

What acts write shows up in two ways. Commitments are entered by the act itself, in bulk when it is a bulk act: parts
that share their words cost one text and a row each. Reports and their files only leave a note（待入检索）in the act's
own transaction, and the next turn of the clock enters them, a few seconds later: an act never waits for words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef

from luoshi.accounts.adapters import write_new
from luoshi.office.models import SearchEntry, SearchLater, SearchText
from luoshi.office.queries.search.pages import place_rank
from luoshi.office.queries.terms import BODY, plain, terms

BATCH = 2000
FORGOTTEN = 5000
LATER = 1000
"""So many waiting rows are entered in one transaction."""


@dataclass(frozen=True)
class Item:
    """One thing that should be found: number, title, text, the path of the unit whose scope it lies in, its page.

    ``names`` are what it is called exactly (units); ``rank`` orders equals, the depth of the path where it is missing;
    ``subject`` is the row whose rights decide for those who see it from elsewhere.
    """

    kind: str
    ref: str
    title: str
    body: str
    unit_path: str
    url: str
    names: tuple[str, ...] = ()
    rank: int | None = None
    subject: int = 0

    @cached_property
    def number(self) -> str:
        """The number as it is searched and told apart."""
        return plain(self.ref)[:64]

    @property
    def words(self) -> tuple[str, str, str, str]:
        """What its text is made of; equal words are kept once."""
        return (
            self.kind,
            self.title[:300].replace("\x00", ""),
            self.body[:BODY].replace("\x00", ""),
            "\n".join(self.names),
        )


Source = Callable[[Sequence[int] | None], Iterable[Item]]
"""Gives the items of some rows, or of all rows for ``None``."""

SOURCES: dict[str, Source] = {}
"""Kind → where its items come from; filled by the applications when they are ready."""


def register_source(kind: str, source: Source) -> None:
    """Make ``source`` known for ``kind``（登记检索来源）: later applications add theirs, documents for instance."""
    SOURCES[kind] = source


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    stream = iter(items)
    while batch := list(islice(stream, BATCH)):
        yield list({(item.kind, item.number): item for item in batch}.values())


def index(items: Iterable[Item]) -> int:
    """Enter or renew things in the index（入检索）; returns how many had changed. Five statements for 2,000 things."""
    known: dict[tuple[str, ...], int] = {}
    changed = 0
    for batch in _batches(items):
        with transaction.atomic():
            changed += _index(batch, known)
    return changed


def _hold() -> None:
    """Keep a rebuild from taking away texts between our looking them up and our naming them; acts do not wait."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE office_searchtext IN ROW EXCLUSIVE MODE")


def _still() -> None:
    """Let nobody enter anything while texts are taken away; readers go on. SQLite's one writer is us already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE office_searchtext IN EXCLUSIVE MODE")


def _index(batch: list[Item], known: dict[tuple[str, ...], int], *, fresh: bool = False) -> int:
    if not fresh:
        _hold()
    texts = _texts(batch, known)
    rows = [
        SearchEntry(
            kind=item.kind,
            ref=item.ref[:64],
            number=item.number,
            text_id=texts[item.words],
            path=item.unit_path,
            rank=place_rank(item.unit_path) if item.rank is None else item.rank,
            subject=item.subject,
            url=item.url,
        )
        for item in batch
    ]
    if fresh:
        SearchEntry.objects.bulk_create(rows, batch_size=1000)
        return len(rows)
    standing: dict[tuple[str, str], tuple[object, ...]] = {}
    kinds = {row.kind for row in rows}
    fields = ("kind", "number", "text_id", "path", "rank", "subject", "url", "ref")
    for start in range(0, len(rows), 500):
        numbers = [row.number for row in rows[start : start + 500]]
        for kind, number, *rest in SearchEntry.objects.filter(kind__in=kinds, number__in=numbers).values_list(*fields):
            standing[kind, number] = tuple(rest)
    new = [
        row
        for row in rows
        if standing.get((row.kind, row.number)) != (row.text_id, row.path, row.rank, row.subject, row.url, row.ref)
    ]
    if not new:
        return 0
    if any((row.kind, row.number) in standing for row in new):
        SearchEntry.objects.bulk_create(
            new,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["kind", "number"],
            update_fields=["ref", "text", "path", "rank", "subject", "url"],
        )
    else:
        SearchEntry.objects.bulk_create(new, batch_size=1000)
    return len(new)


def _digest(words: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(words).encode(errors="replace")).hexdigest()[:32]


def _texts(batch: list[Item], known: dict[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """The texts of a batch by their words, made where they are new; ``known`` remembers them for the next batch."""
    asked = dict.fromkeys(item.words for item in batch)
    wanted = {words: _digest(words) for words in asked if words not in known}
    if len(known) > 10_000:
        for words in list(known.keys() - asked.keys()):
            del known[words]
    if wanted:
        digests = list(wanted.values())
        made = [
            SearchText(kind=kind, title=title, body=body, names=names, digest=digest)
            for (kind, title, body, names), digest in wanted.items()
        ]
        before = _ids(digests)
        new = [row for row in made if row.digest not in before]
        # Another transaction may be making the same text: it is made once, whoever commits first.
        SearchText.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
        ids = before | (_ids([row.digest for row in new]) if new else {})
        _write_words([(ids[row.digest], row) for row in new])
        known |= {words: ids[digest] for words, digest in wanted.items()}
    return known


def _ids(digests: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(digests), 500):
        rows = SearchText.objects.filter(digest__in=digests[start : start + 500])
        found |= dict(rows.values_list("digest", "id"))
    return found


def _terms(row: SearchText) -> list[str]:
    return sorted(terms(row.kind, row.title, row.body, row.names.split("\n") if row.names else ()))


def _write_words(rows: Sequence[tuple[int, SearchText]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = (
                "INSERT INTO office_searchwords (id, terms) VALUES (%s, array_to_tsvector(%s::text[]))"
                " ON CONFLICT (id) DO UPDATE SET terms = excluded.terms"
            )
            cursor.executemany(sql, [(pk, _terms(row)) for pk, row in rows])
        else:
            sql = "INSERT INTO office_searchwords (rowid, terms) VALUES (%s, %s)"
            cursor.executemany(sql, [(pk, " ".join(_terms(row))) for pk, row in rows])


def forget_texts() -> int:
    """Remove texts of which no entry speaks any more（清理）, with their words; returns how many. Part of the tick."""
    orphans = SearchText.objects.filter(~Exists(SearchEntry.objects.filter(text=OuterRef("pk"))))
    if not orphans.exists():
        return 0
    with transaction.atomic():
        _still()
        gone = list(orphans[:FORGOTTEN])
        ids = [row.pk for row in gone]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("DELETE FROM office_searchwords WHERE id = ANY(%s)", [ids])
            else:
                sql = "INSERT INTO office_searchwords (office_searchwords, rowid, terms) VALUES ('delete', %s, %s)"
                cursor.executemany(sql, [(row.pk, " ".join(_terms(row))) for row in gone])
        for start in range(0, len(ids), 500):
            SearchText.objects.filter(pk__in=ids[start : start + 500]).delete()
    return len(gone)


def remove(kind: str, refs: Iterable[str]) -> int:
    """Take things out of the index; returns how many were in it."""
    with transaction.atomic():
        gone = SearchEntry.objects.filter(kind=kind, number__in=[plain(ref)[:64] for ref in refs])
        count, _by_model = gone.delete()
    return count


def move(old_path: str, new_path: str) -> int:
    """Everything below a place has moved with it（随迁）; one statement, returns how many entries."""
    sql = (
        "UPDATE office_searchentry SET path = %s || substr(path, %s),"
        " rank = CASE WHEN rank = 0 THEN 0 ELSE rank + %s END WHERE path >= %s AND path < %s"
    )
    deeper = place_rank(new_path) - place_rank(old_path)
    with connection.cursor() as cursor:
        cursor.execute(sql, [new_path, len(old_path) + 1, deeper, old_path, old_path + "~"])
        return int(cursor.rowcount)


def take_along(subjects: Iterable[tuple[int, str]], kinds: Sequence[str]) -> None:
    """Entries of these kinds follow their subject to another place（随改）: (subject, path) each."""
    for subject, path in subjects:
        SearchEntry.objects.filter(subject=subject, kind__in=kinds).update(path=path)


def index_later(kind: str, keys: Sequence[int]) -> None:
    """Leave a note that rows are to be entered（待入检索）, in the act's own transaction: one statement."""
    if len(keys) == 1:
        write_new(SearchLater(kind=kind, key=keys[0]))
    else:
        SearchLater.objects.bulk_create([SearchLater(kind=kind, key=key) for key in keys], batch_size=1000)


def index_due(limit: int = 20_000) -> int:
    """Enter what acts have left notes of（补入检索）; part of the tick, safe in several processes at once."""
    done = 0
    while done < limit:
        with transaction.atomic():
            rows = SearchLater.objects.order_by("pk")
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True)
            waiting = list(rows[:LATER])
            if not waiting:
                break
            by_kind: dict[str, list[int]] = {}
            for row in waiting:
                by_kind.setdefault(row.kind, []).append(row.key)
            for kind, keys in by_kind.items():
                if kind in SOURCES:
                    index(SOURCES[kind](sorted(set(keys))))
            ids = [row.pk for row in waiting]
            for start in range(0, len(ids), 500):
                SearchLater.objects.filter(pk__in=ids[start : start + 500]).delete()
            done += len(waiting)
    return done


def rebuild_search() -> int:
    """Make the whole index again from its sources（重建检索）, in one transaction; returns the number of entries.

    Entries of which no source speaks any more disappear; readers see the old index until the new one is whole.
    """
    with transaction.atomic():
        _still()
        with connection.cursor() as cursor:
            _clear(cursor)
        SearchLater.objects.all().delete()
        SearchEntry.objects.all()._raw_delete(SearchEntry.objects.db)
        SearchText.objects.all()._raw_delete(SearchText.objects.db)
        known: dict[tuple[str, ...], int] = {}
        count = 0
        for source in SOURCES.values():
            for batch in _batches(source(None)):
                count += _index(batch, known, fresh=True)
        with connection.cursor() as cursor:
            _settle(cursor)
    return count


def rewrite_words() -> None:
    """Fill the table of words from the texts, after a restore brought back the texts alone."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            _clear(cursor)
        rows = SearchText.objects.order_by("pk").iterator(chunk_size=2000)
        while batch := list(islice(rows, 2000)):
            _write_words([(row.pk, row) for row in batch])
        with connection.cursor() as cursor:
            _settle(cursor)


def _clear(cursor: CursorWrapper) -> None:
    if connection.vendor == "postgresql":
        cursor.execute("DELETE FROM office_searchwords")
    else:
        cursor.execute("INSERT INTO office_searchwords (office_searchwords) VALUES ('delete-all')")


def _settle(cursor: CursorWrapper) -> None:
    """Tell the planner what is there now."""
    if connection.vendor == "postgresql":
        cursor.execute("ANALYZE office_searchwords")
        cursor.execute("ANALYZE office_searchentry")
    else:
        cursor.execute("INSERT INTO office_searchwords (office_searchwords) VALUES ('optimize')")
