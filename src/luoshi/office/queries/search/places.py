"""Which units are meant（检索地名）, such as 洱源."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from luoshi.office.queries.search.sql import Range, Sql, among, fetch, in_ranges
from luoshi.office.queries.search.texts import NONE, Texts
from luoshi.office.queries.terms import Word
from luoshi.rules.paths import span

EXACT = 60
"""So many units of one name are looked into with all below them, the highest first."""

UNITS = "unit"
"""The kind whose texts are the names of places."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to lie in a place: in one called so, or in one of those whose names hold the word."""

    condition: Sql
    named: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The places a word may stand for: those called exactly so, with all below; those whose name holds it."""

    exact: tuple[Range, ...]
    partial: Sql | None
    many: bool
    """Whether very many units are called so."""

    def ways(self) -> list[Way]:
        """How an entry can lie there, the better first."""
        made = [Way(in_ranges(self.exact), named=True, many=False)] if self.exact else []
        return [*made, *([Way(self.partial, named=False, many=self.many)] if self.partial else [])]

    def __bool__(self) -> bool:
        return bool(self.exact or self.partial)


def places_for(answers: Mapping[Any, Texts], labels: Sequence[Any]) -> dict[Any, Places]:
    """Places by label from the texts of units; one statement."""
    named = {label: answers.get(("exact", label), NONE) for label in labels}
    holding = {label: answers.get(("partial", label), NONE) for label in labels}
    wanted: set[int] = set()
    for texts in (*named.values(), *holding.values()):
        wanted |= texts.ids or frozenset()
    by_text: dict[int, list[str]] = {}
    if wanted:
        listed = among("e.text_id", sorted(wanted))
        sql = f"SELECT e.text_id, e.path FROM office_searchentry e WHERE e.kind = %s AND {listed.text}"  # noqa: S608
        for text, path in fetch(Sql(sql, (UNITS,))):
            by_text.setdefault(text, []).append(path)
    found = {}
    for label in labels:
        exact = sorted(
            (path for text in named[label].ids or () for path in by_text.get(text, ())), key=lambda p: (len(p), p)
        )
        spans: list[Range] = []
        for path in exact[:EXACT]:
            if not any(low <= path < high for low, high in spans):
                spans.append(span(path))
        partial: Sql | None = None
        if holding[label].ids is None:
            partial = _of_many_units(holding[label])
        else:
            paths = sorted({path for text in holding[label].ids or () for path in by_text.get(text, ())})
            if paths:
                partial = Sql(f"e.path IN ({', '.join(['%s'] * len(paths))})", tuple(paths))
        found[label] = Places(tuple(spans), partial, holding[label].ids is None)
    return found


def _of_many_units(texts: Texts) -> Sql:
    """Entries that lie in one of very many units, such as every 村委会."""
    condition = texts.condition("u")
    if connection.vendor == "postgresql":
        sql = f"(SELECT {condition.text} FROM office_searchentry u WHERE u.kind = %s AND u.path = e.path LIMIT 1)"  # noqa: S608
    else:
        sql = f"+e.path IN (SELECT u.path FROM office_searchentry u WHERE u.kind = %s AND {condition.text})"  # noqa: S608
    order = (*condition.params, UNITS) if connection.vendor == "postgresql" else (UNITS, *condition.params)
    return Sql(sql, order)


def may_be_place(word: Word) -> bool:
    """Whether a word is long enough to stand for a place."""
    return len(word.text) > 1
