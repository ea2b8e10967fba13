"""Growing（成树）: from a reading to the tree of a draft, and the comparison of two readings. Pure; JSON-safe values.

A branch carries the words as found and where each of them stands. What the document does not say stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Final

from opencc import OpenCC

from luoshi.rules.documents.reader.cleaning import HAN
from luoshi.rules.documents.reader.findings import Field, Heading, Item, Reading
from luoshi.rules.documents.reader.form import said

Branch = dict[str, Any]
"""A part of the tree: ``parent`` (its place in the list, or None), ``path``, ``kind``, ``title``, ``requirement``,
``start``, ``end``, ``spans``, ``units``, ``due_on``, ``due_words``, ``frequency``, ``targets``, ``sure`` (0 to 100),
``doubts``."""

HEADING: Final = "heading"
TITLE: Final = 200
LIKE: Final = 0.5
"""How alike two requirements must be to be one item whose words have changed."""


def grow(reading: Reading, text: str) -> list[Branch]:
    """The tree of a reading（成树）: items under the headings that stand above them, in the order of the text."""
    out: list[Branch] = []
    here: dict[tuple[str, ...], int] = {}
    for item in reading.items:
        parent: int | None = None
        for depth in range(1, len(item.path)):
            path = item.path[:depth]
            heading = _above(reading.headings, path, item.requirement.span.start)
            known = here.get(path)
            if heading is None:
                parent = known if known is not None else parent
                continue
            if known is None or out[known]["start"] < heading.words.span.start:
                out.append(_of_heading(heading, parent, text))
                here[path] = known = len(out) - 1
            parent = known
        out.append(_of_item(item, parent, reading, text))
        here[item.path] = len(out) - 1
    return out


def _above(headings: Sequence[Heading], path: tuple[str, ...], before: int) -> Heading | None:
    found = [one for one in headings if one.path == path and one.words.span.start <= before]
    return found[-1] if found else None


def _place(words: Field) -> list[int]:
    return [words.span.start, words.span.end]


def _of_heading(heading: Heading, parent: int | None, text: str) -> Branch:
    words = said(heading.words, text)
    return {
        "parent": parent,
        "path": list(heading.path),
        "kind": HEADING,
        "title": words.strip()[:TITLE],
        "requirement": "",
        "start": heading.words.span.start,
        "end": heading.words.span.end,
        "spans": {"title": _place(heading.words)},
        "units": [],
        "due_on": None,
        "due_words": "",
        "frequency": "",
        "targets": [],
        "sure": round(heading.words.confidence * 100),
        "doubts": [],
    }


def _of_item(item: Item, parent: int | None, reading: Reading, text: str) -> Branch:
    start, end = item.requirement.span.start, item.requirement.span.end
    due = item.due
    spans: dict[str, list[int]] = {"requirement": _place(item.requirement)}
    if item.title is not None:
        spans["title"] = _place(item.title)
    if due is not None:
        spans["due"] = _place(due.words)
    if item.recurring:
        spans["frequency"] = _place(item.recurring[0].words)
    return {
        "parent": parent,
        "path": list(item.path),
        "kind": item.kind.value,
        "title": said(item.title, text).strip()[:TITLE] if item.title else "",
        "requirement": said(item.requirement, text),
        "start": start,
        "end": end,
        "spans": spans,
        "units": [
            {
                "role": unit.role.value,
                "words": said(unit.name, text),
                "start": unit.name.span.start,
                "end": unit.name.span.end,
                "sure": round(unit.name.confidence * 100),
            }
            for unit in item.units
        ],
        "due_on": due.day.isoformat() if due is not None and due.day is not None else None,
        "due_words": said(due.words, text) if due is not None else "",
        "frequency": item.recurring[0].frequency.value if item.recurring else "",
        "targets": [
            {
                "words": said(target.words, text),
                "value": f"{target.value:g}",
                "uom": target.uom,
                "comparator": target.comparator.value,
                "start": target.words.span.start,
                "end": target.words.span.end,
            }
            for target in item.targets
        ],
        "sure": round(item.requirement.confidence * 100),
        "doubts": [doubt.concern.value for doubt in reading.doubts if start <= doubt.words.span.start < end],
    }


_TONED: Final = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_NOTE: Final = re.compile(rf"(?<=[{HAN}])[(（][a-z]{{0,5}}[{_TONED}][a-z]{{0,5}}[)）]")
_DOUBLED: Final = re.compile(r"[,，、:：;；!！。]{2,}")
_HALF: Final = re.compile(rf"(?<=[{HAN}”）》])[,:;!](?=[{HAN}“（《])")
_INVISIBLE: Final = re.compile("[\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f]")
_STRENGTH: Final = {sign: place for place, pair in enumerate((",，", "、", ":：", ";；", "!！", "。")) for sign in pair}
_FULL: Final = str.maketrans(",:;!", "，：；！")


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


def readable(words: str, *, simplify: bool = False) -> str:
    """Words of a document without what copying added（便读）: pinyin notes, doubled and half-width stops.

    Args:
        words: as found; what copying lost stays lost.
        simplify: also from the Traditional script, for texts that are not in the Simplified one throughout.
    """
    if re.search(f"[{HAN}]", words) is None:
        return words
    plain = _NOTE.sub("", _INVISIBLE.sub("", words))
    plain = _DOUBLED.sub(lambda match: max(match[0], key=lambda sign: _STRENGTH[sign]).translate(_FULL), plain)
    plain = _HALF.sub(lambda match: match[0].translate(_FULL), plain)
    return str(_simplified().convert(plain)) if simplify else plain


_FIRST_CLAUSE: Final = re.compile(r"[^。；;!！\n]{2,}")


def title_of(title: str, requirement: str) -> str:
    """The title as written, else the first clause of what is asked, at most 200 characters; nothing is made up."""
    if title.strip():
        return title.strip()[:TITLE]
    match = _FIRST_CLAUSE.search(requirement)
    return (match[0] if match else requirement).strip()[:TITLE]


@dataclass(frozen=True, slots=True)
class Known:
    """An item of a draft, as far as a comparison needs it."""

    key: int
    path: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a corrected document says otherwise（改动）: branches added, items gone, items whose words changed."""

    added: tuple[int, ...]
    gone: tuple[int, ...]
    changed: tuple[tuple[int, int], ...]
    """Pairs: the item's key, the place of the branch."""


def compare(known: Sequence[Known], branches: Sequence[Mapping[str, Any]]) -> Difference:
    """Compare a draft with another reading（比对）: same words first, then the same place with words alike."""
    words = [str(one["requirement"] or one["title"]).strip() for one in branches]
    left = list(known)
    open_places = list(range(len(branches)))
    for exactly in (True, False):
        for one in list(left):
            place = next(
                (
                    at
                    for at in open_places
                    if words[at] == one.words.strip() and (not exactly or tuple(branches[at]["path"]) == one.path)
                ),
                None,
            )
            if place is not None:
                left.remove(one)
                open_places.remove(place)
    changed = []
    for one in list(left):
        best = max(
            (at for at in open_places if tuple(branches[at]["path"]) == one.path),
            key=lambda at: SequenceMatcher(None, words[at], one.words).ratio(),
            default=None,
        )
        if best is not None and SequenceMatcher(None, words[best], one.words).ratio() >= LIKE:
            changed.append((one.key, best))
            left.remove(one)
            open_places.remove(best)
    return Difference(tuple(open_places), tuple(one.key for one in left), tuple(changed))
