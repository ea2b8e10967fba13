"""The policy trace（政策链）: from a clause to what came of it, and from a commitment back to its words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Prefetch

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import visible
from luoshi.intake.models import Document, Draft, DraftItem, Outcome
from luoshi.intake.queries.receiving import documents
from luoshi.rules.permissions import Actor, receives_documents


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a document and what came of it（政策链）."""

    start: int
    end: int
    words: str
    items: tuple[DraftItem, ...]
    commitments: tuple[Commitment, ...]
    below: int = 0
    """How many commitments came of the parts below a heading."""

    @property
    def taken_up(self) -> bool:
        """Whether anything came of it."""
        return bool(self.items)


def with_outcomes(actor: Actor, draft: Draft) -> list[DraftItem]:
    """The items of a draft with the commitments the actor may see; two statements more for any number of items."""
    seen = Outcome.objects.select_related("commitment__lead").filter(commitment__in=visible(actor))
    rows = draft.items.select_related("source").defer("source__text", "source__tree")
    return list(rows.prefetch_related(Prefetch("outcomes", queryset=seen)))


def clauses(document: Document, items: Sequence[DraftItem]) -> list[Clause]:
    """The lines of a document, each with what came of it; the lines nobody took up are those without an item.

    A line belongs to an item when any of its words were read into it: what is asked, a unit, a date; also when the item
    was made one with another.
    """
    out: list[Clause] = []
    for match in re.finditer(r"[^\r\n]+", document.text):
        words = match[0].strip()
        if len(re.sub(r"\W+", "", words)) >= 4:
            out.append(Clause(match.start(), match.end(), words, (), ()))
    starts = [clause.start for clause in out]
    own: dict[int, dict[int, DraftItem]] = {}
    by_key = {item.pk: item for item in items}
    for item in items:
        into = _became(item, by_key)
        if into is None or item.source_id != document.pk:
            continue
        for start, end in _extents(item):
            place = max(0, bisect_right(starts, start) - 1)
            while place < len(out) and starts[place] < end:
                if out[place].end > start:
                    own.setdefault(place, {})[into.pk] = into
                place += 1
    below = _below(items, by_key)
    for place, found in own.items():
        made = tuple(one.commitment for item in found.values() for one in item.outcomes.all())
        parts = 0 if made else sum(below.get(key, 0) for key in found)
        out[place] = replace(out[place], items=tuple(found.values()), commitments=made, below=parts)
    return out


def _below(items: Sequence[DraftItem], by_key: Mapping[int, DraftItem]) -> dict[int, int]:
    """Item → how many commitments came of what is below it."""
    out: dict[int, int] = {}
    for item in items:
        count, seen = len(item.outcomes.all()), {item.pk}
        above = by_key.get(item.parent_id or 0)
        while count and above is not None and above.pk not in seen:
            seen.add(above.pk)
            out[above.pk] = out.get(above.pk, 0) + count
            above = by_key.get(above.parent_id or 0)
    return out


def _became(item: DraftItem, by_key: Mapping[int, DraftItem]) -> DraftItem | None:
    """The item that stands for this one: itself, or the one it was made one with; None when it was dropped."""
    seen: set[int] = set()
    while item.dropped and item.pk not in seen:
        seen.add(item.pk)
        item = by_key.get(item.merged_into_id or 0, item)
    return None if item.dropped else item


def _extents(item: DraftItem) -> list[tuple[int, int]]:
    """Where the words of an item stand in its source."""
    spans = [(item.source_start, item.source_end), *((start, end) for start, end in item.spans.values())]
    return spans + [(one["start"], one["end"]) for one in item.units if one.get("end", 0) > one.get("start", 0)]


@dataclass(frozen=True, slots=True)
class Origin:
    """The words a commitment stands on（原文出处）: the item, its document, and the lines in which they stand."""

    item: DraftItem
    document: Document
    seen: bool
    pieces: tuple[tuple[str, bool], ...]
    """The lines around, cut where the words begin and end; True for what the commitment stands on."""


def outcome_of(commitment: Commitment) -> Outcome | None:
    """What a commitment came of: its own outcome, or that of the one it was broken down from; one statement a level."""
    here: Commitment | None = commitment
    while here is not None:
        found = Outcome.objects.filter(commitment_id=here.pk).select_related("item__draft").first()
        if found is not None:
            return found
        here = here.parent
    return None


def origins(actor: Actor, commitment: Commitment) -> list[Origin]:
    """The words of a commitment the actor may see, in the lines of the document; several where items were made one.

    Who sees the commitment sees the lines its words stand in. The whole document is seen by those of its desk.
    """
    outcome = outcome_of(commitment)
    if outcome is None or commitment.off_system:
        return []
    rows = list(outcome.item.draft.items.all())
    by_key = {item.pk: item for item in rows}
    mine = [item for item in rows if getattr(_became(item, by_key), "pk", None) == outcome.item_id]
    mine.sort(key=lambda item: (item.pk != outcome.item_id, item.place))
    papers = Document.objects.defer("tree").in_bulk({item.source_id for item in mine})
    seen: set[int] = set()
    if receives_documents(actor):
        seen = set(documents(actor).filter(pk__in=papers).values_list("pk", flat=True))
    return [
        Origin(item, papers[item.source_id], item.source_id in seen, _pieces(item, papers[item.source_id].text))
        for item in mine
    ]


def _pieces(item: DraftItem, text: str) -> tuple[tuple[str, bool], ...]:
    spans = sorted(one for one in _extents(item) if 0 <= one[0] < one[1] <= len(text))
    if not spans:
        return ((item.source_text, True),)
    out: list[tuple[str, bool]] = []
    here = text.rfind("\n", 0, spans[0][0]) + 1
    for start, end in spans:
        if start < here:
            start = min(here, end)
        if start > here:
            out.append((text[here:start], False))
        if end > start:
            out.append((text[start:end], True))
        here = max(here, end)
    stop = text.find("\n", here)
    out.append((text[here : stop if stop >= 0 else len(text)], False))
    return tuple((words, own) for words, own in out if words)
