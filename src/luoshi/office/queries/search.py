"""Finding things（检索）: words of Chinese text, beginnings of numbers, initials of pinyin, on any database.

The index holds for every entry its terms with a weight. Chinese is cut into words and into pairs of neighbouring
characters: pairs find what a dictionary does not know (洱海), words lift what fits better. What may be seen is a range
on the stored path inside the same index, so that nothing is found first and withheld later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Case, IntegerField, Max, Q, QuerySet, Sum, Value, When

from luoshi.office.models import SearchEntry, SearchTerm

Scope = tuple[str, str] | Sequence[tuple[str, str]]
"""One half-open range of paths, or several."""

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_RUN = re.compile(f"[{CHINESE}]+|[0-9a-z][0-9a-z._/-]*", re.IGNORECASE)
_PART = re.compile(r"[0-9a-z]+")
_REF = re.compile(r"[0-9a-z][0-9a-z._/-]*")
LONGEST = 64
BODY = 20_000
MOST_WORDS = 12
REF, INITIALS, WORD, PAIR = 50, 5, 6, 1
IN_TITLE = 8
TOP = "\x7f"
"""Above every character of a number or of initials, which are plain ASCII."""


def plain(text: str) -> str:
    """``text`` as it is indexed: compatibility forms folded (full-width digits), lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def _cutter() -> Any:
    import rjieba  # 0.2 s: only when something is indexed or searched

    return rjieba


def words(run: str) -> list[str]:
    """The words of a run of Chinese characters, of two characters and more."""
    return [word for word in _cutter().cut(run) if len(word) > 1]


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring characters of a run."""
    return [run[i : i + 2] for i in range(len(run) - 1)]


def initials(title: str) -> set[str]:
    """For each word of a Chinese title the initials of the pinyin from there on (洱海保护 → ``ehbh``, ``bh``)."""
    from pypinyin import Style, lazy_pinyin  # heavy tables: only when something is indexed

    found: set[str] = set()
    for run in re.findall(f"[{CHINESE}]+", plain(title)[:120]):
        letters = "".join(part[:1] for part in lazy_pinyin(run, style=Style.FIRST_LETTER, errors=lambda _: "?"))
        at = 0
        for word in _cutter().cut(run):
            start = letters[at : at + 8]
            if len(start) > 1 and start.isascii() and start.isalpha():
                found.add(start)
            at += len(word)
    return found


def terms(ref: str, title: str, body: str) -> dict[str, int]:
    """Term → weight of one entry. ``r:`` marks its number, ``p:`` initials; other terms stand as they are."""
    found: dict[str, int] = {}

    def add(term: str, weight: int) -> None:
        term = term[:LONGEST]
        found[term] = max(found.get(term, 0), weight)

    if ref:
        add("r:" + plain(ref), REF)
    for text, times in ((title, IN_TITLE), (body[:BODY], 1)):
        for run in _RUN.findall(plain(text)):
            if run[0].isascii():
                add(run.rstrip("._/-"), WORD * times)
                for part in _PART.findall(run):
                    add(part, WORD * times)
                continue
            if times == IN_TITLE:
                for sign in run:
                    add(sign, PAIR)
            for pair in pairs(run):
                add(pair, PAIR * times)
            for word in words(run):
                add(word, WORD * times)
    for start in initials(title):
        add("p:" + start, INITIALS)
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what was found, and the cursor of the next（``None`` at the end）."""

    entries: list[SearchEntry]
    cursor: str | None


def _ranges(scope: Scope) -> list[tuple[str, str]]:
    match scope:
        case (str() as low, str() as high):
            return [(low, high)]
        case _:
            return [one for one in scope if not isinstance(one, str)]


def _required(text: str) -> tuple[list[Q], list[str]]:
    """What every entry must match, and the words that lift an entry."""
    must: list[Q] = []
    lift: list[str] = []
    runs = _RUN.findall(plain(text)[:200])
    for run in runs:
        if run[0].isascii():
            piece = run[: LONGEST - 2]
            either = Q(term=piece) | Q(term__gte="r:" + piece, term__lt="r:" + piece + TOP)
            if len(piece) > 1:
                either |= Q(term__gte=piece, term__lt=piece + TOP)
                if piece.isalpha():
                    either |= Q(term__gte="p:" + piece[:8], term__lt="p:" + piece[:8] + TOP)
            must.append(either)
        elif len(run) > 1:
            must += [Q(term=pair) for pair in dict.fromkeys(pairs(run))]
            lift += words(run)
        elif len(runs) == 1:
            must.append(Q(term=run))
    return must[:MOST_WORDS], list(dict.fromkeys(lift))[:MOST_WORDS]


def search(text: str, *, scope: Scope, limit: int = 20, cursor: str | None = None, kind: str = "") -> Page:
    """Find entries that hold everything asked for（检索）, best first; two statements.

    Args:
        text: what was typed; Chinese, words, the beginning of a number, or initials of pinyin; 200 characters count.
        scope: the range or ranges of paths that may be seen; nothing outside is looked at.
        limit: 1–100 entries.
        cursor: the ``cursor`` of the page before; anything else counts as none.
        kind: only entries of this kind.
    """
    limit = max(1, min(limit, 100))
    must, lift = _required(text)
    ranges = _ranges(scope)
    if not must or not ranges:
        return Page([], None)
    seen = Q()
    for low, high in ranges:
        seen |= Q(unit_path__gte=low, unit_path__lt=high)
    any_term = Q(term__in=lift) if lift else Q()
    for one in must:
        any_term |= one
    rows = SearchTerm.objects.filter(any_term, seen)
    if kind:
        rows = rows.filter(entry__kind=kind)
    having = {}
    for number, one in enumerate(must):
        having[f"has_{number}"] = Max(Case(When(one, then=Value(1)), default=Value(0), output_field=IntegerField()))
    found = rows.values("entry_id").annotate(score=Sum("weight"), **having)
    found = found.filter(**dict.fromkeys(having, 1))
    if (after := _cursor(cursor)) is not None:
        score, pk = after
        found = found.filter(Q(score__lt=score) | Q(score=score, entry_id__lt=pk))
    best = list(found.order_by("-score", "-entry_id").values_list("entry_id", "score")[: limit + 1])
    entries = SearchEntry.objects.in_bulk([pk for pk, _score in best[:limit]])
    following = f"{best[limit - 1][1]}-{best[limit - 1][0]}" if len(best) > limit else None
    return Page([entries[pk] for pk, _score in best[:limit] if pk in entries], following)


def refs_found(text: str, *, scope: Scope, kind: str) -> QuerySet[SearchEntry, str]:
    """The numbers of everything of one kind that holds what was asked for（命中文号）, to narrow another list by.

    A query, not a list: it is meant to stand inside the statement it narrows. ``text`` and ``scope`` as for
    :func:`search`; nothing is found by words that ask for nothing.
    """
    must, _lift = _required(text)
    ranges = _ranges(scope)
    entries = SearchEntry.objects.filter(kind=kind)
    seen = Q(pk__in=())
    for low, high in ranges:
        seen |= Q(unit_path__gte=low, unit_path__lt=high)
    if not must:
        entries = entries.none()
    for one in must:
        entries = entries.filter(pk__in=SearchTerm.objects.filter(one, seen).order_by().values("entry_id"))
    return entries.order_by().values_list("ref", flat=True)


def _cursor(cursor: str | None) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,9})-(\d{1,18})", cursor or "", re.ASCII)
    return (int(found[1]), int(found[2])) if found else None
