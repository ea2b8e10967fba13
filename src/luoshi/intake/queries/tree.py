"""The tree of a draft（草案条目树）: how items hang together, and what a person should look at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from luoshi.delivery.models import Commitment, Programme
from luoshi.intake.models import Document, Draft, DraftItem
from luoshi.rules.documents import drafts


@dataclass(slots=True)
class Line:
    """One item as it stands in the tree: how deep, what is below, what a person should look at."""

    item: DraftItem
    depth: int
    children: list[Line]
    concerns: list[str]
    commitments: list[Commitment]

    @property
    def task(self) -> bool:
        """Whether it becomes a commitment: what asks for something and has no parts, or is given to units itself."""
        return self.item.kind != drafts.HEADING and (not self.children or bool(self.item.units))


def lines(items: Sequence[DraftItem], *, dropped: bool = False) -> list[Line]:
    """The items as a tree walked from the top; a dropped item's children hang on what is above it."""
    by_key = {item.pk: item for item in items}
    made = {item.pk: Line(item, 0, [], [], []) for item in items if dropped or not item.dropped}
    roots: list[Line] = []
    out: list[Line] = []
    for line in made.values():
        above = by_key.get(line.item.parent_id or 0)
        while above is not None and above.pk not in made:
            above = by_key.get(above.parent_id or 0)
        (made[above.pk].children if above else roots).append(line)
    waiting = list(reversed(roots))
    while waiting:
        line = waiting.pop()
        out.append(line)
        for child in line.children:
            child.depth = line.depth + 1
        waiting += reversed(line.children)
    for line in out:
        line.concerns = concerns(line)
    return out


NO_LEAD, SEVERAL, NO_UNIT, UNCLEAR, NO_DATE, DOUBTFUL, UNSURE, RHYTHM = (
    "no_lead",
    "several_leads",
    "unit_unknown",
    "unit_unclear",
    "no_date",
    "doubtful",
    "unsure",
    "rhythm",
)
RHYTHMS: Final = frozenset({"weekly", "monthly", "quarterly", "half_yearly", "yearly"})


def leads(item: DraftItem) -> list[dict[str, Any]]:
    """Who answers for an item as written: the leads, else the one unit that is responsible."""
    led = [one for one in item.units if one["role"] == "lead"]
    if led:
        return led
    return [one for one in item.units if one["role"] == "responsible"]


def concerns(line: Line) -> list[str]:
    """What a person should look at before an item is issued, the graver first."""
    item, out = line.item, []
    if line.task and not item.dropped:
        named = leads(item)
        if not named:
            out.append(NO_LEAD)
        elif len(named) > 1:
            out.append(SEVERAL)
        if item.due_on is None and item.frequency not in RHYTHMS:
            out.append(RHYTHM if item.frequency else NO_DATE)
    states = {one.get("state") for one in item.units}
    out += [UNCLEAR] if "unclear" in states else []
    out += [NO_UNIT] if "unknown" in states else []
    if not item.checked:
        out += [DOUBTFUL] if item.doubts else []
        out += [UNSURE] if item.sure < 70 else []
    return out


def folded(name: str) -> str:
    """A name without marks, widths and spaces, so that the same name is found however it was typed."""
    return re.sub(r"\W+|_", "", unicodedata.normalize("NFKC", drafts.readable(name, simplify=True))).casefold()


def matters_named(programme: Programme, roots: Sequence[Line]) -> dict[int, int]:
    """Highest item → number of the one matter of that name（同名事项）; what fits none or several is not in it."""
    names: dict[str, set[int]] = {}
    for matter in programme.matters.all():
        for name in (matter.name_zh, matter.name_en, matter.short_zh, matter.short_en):
            if folded(name):
                names.setdefault(folded(name), set()).add(matter.number)
    out = {}
    for root in roots:
        fits = names.get(folded(root.item.name), set())
        if len(fits) == 1:
            out[root.item.pk] = next(iter(fits))
    return out


def difference(draft: Draft, items: Sequence[DraftItem], revision: Document) -> drafts.Difference:
    """What a corrected document says otherwise than the draft."""
    known = [
        drafts.Known(item.pk, tuple(item.path), item.source_text)
        for item in items
        if not item.dropped and item.kind != DraftItem.Kind.ADDED
    ]
    text = revision.text
    return drafts.compare(known, [{**one, "requirement": text[one["start"] : one["end"]]} for one in revision.tree])


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a corrected document （一处改动）: its name, what it is, the words before and after."""

    name: str
    kind: str
    path: str
    before: str
    after: str


def changes(draft: Draft, items: Sequence[DraftItem], revision: Document) -> list[Change]:
    """What a corrected document says otherwise: other words, new, gone, in this order."""
    told = difference(draft, items, revision)
    by_key = {item.pk: item for item in items}

    def branch(at: int) -> str:
        here = revision.tree[at]
        return str(revision.text[here["start"] : here["end"]])

    return [
        *(
            Change(f"words-{key}", "words", by_key[key].number, by_key[key].source_text, branch(at))
            for key, at in told.changed
        ),
        *(
            Change(f"added-{at}", "added", " ".join(map(str, revision.tree[at]["path"])), "", branch(at))
            for at in told.added
        ),
        *(Change(f"gone-{key}", "gone", by_key[key].number, by_key[key].source_text, "") for key in told.gone),
    ]
