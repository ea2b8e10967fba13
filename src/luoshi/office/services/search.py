"""Keeping the search index（检索）; it holds nothing that cannot be made again from the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from luoshi.office.models import SearchEntry, SearchTerm
from luoshi.office.queries.search import BODY, terms

BATCH = 200
SHOWN = 300
"""Characters of the text kept to show beside the title."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that should be found: number, title, text, the path of the unit whose scope it lies in, its page."""

    kind: str
    ref: str
    title: str
    body: str
    unit_path: str
    url: str

    @property
    def digest(self) -> str:
        """What the index was made from, so that unchanged things cost one comparison."""
        parts = "\x1f".join((self.title, self.body[:BODY], self.unit_path, self.url))
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    stream = iter(items)
    while batch := list(islice(stream, BATCH)):
        yield list({(item.kind, item.ref): item for item in batch}.values())


def index(items: Iterable[Item]) -> int:
    """Enter or renew things in the index（入检索）; returns how many had changed. Four statements for 200 things."""
    changed = 0
    for batch in _batches(items):
        with transaction.atomic():
            changed += _index(batch)
    return changed


def _index(batch: list[Item]) -> int:
    known = {
        (kind, ref): digest
        for kind, ref, digest in SearchEntry.objects.filter(
            kind__in={item.kind for item in batch}, ref__in=[item.ref for item in batch]
        ).values_list("kind", "ref", "digest")
    }
    new = [item for item in batch if known.get((item.kind, item.ref)) != item.digest]
    if not new:
        return 0
    SearchEntry.objects.bulk_create(
        [
            SearchEntry(
                kind=item.kind,
                ref=item.ref,
                title=item.title[:300],
                body=item.body[:SHOWN],
                unit_path=item.unit_path,
                url=item.url,
                digest=item.digest,
            )
            for item in new
        ],
        update_conflicts=True,
        unique_fields=["kind", "ref"],
        update_fields=["title", "body", "unit_path", "url", "digest"],
    )
    rows = SearchEntry.objects.filter(kind__in={item.kind for item in new}, ref__in=[item.ref for item in new])
    ids = {(kind, ref): pk for pk, kind, ref in rows.values_list("pk", "kind", "ref")}
    SearchTerm.objects.filter(entry_id__in=[ids[item.kind, item.ref] for item in new]).delete()
    SearchTerm.objects.bulk_create(
        [
            SearchTerm(entry_id=ids[item.kind, item.ref], term=term, unit_path=item.unit_path, weight=weight)
            for item in new
            for term, weight in terms(item.ref, item.title, item.body).items()
        ],
        batch_size=2000,
    )
    return len(new)


def remove(kind: str, refs: Iterable[str]) -> int:
    """Take things out of the index; returns how many were in it."""
    with transaction.atomic():
        gone = SearchEntry.objects.filter(kind=kind, ref__in=list(refs))
        count = gone.count()
        gone.delete()
    return count


def rebuild_search(sources: Iterable[Iterable[Item]]) -> int:
    """Make the whole index again from its sources（重建检索）, in one transaction; returns the number of entries.

    Entries of which no source speaks any more disappear; readers see the old index until the new one is whole.
    """
    with transaction.atomic():
        SearchTerm.objects.all().delete()
        SearchEntry.objects.all().delete()
        for source in sources:
            index(source)
        return SearchEntry.objects.count()
