"""Pieces of SQL（检索语句）: names of our own tables and columns; every value is a parameter or a whole number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

Range = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


NEVER = Sql("1 = 0")


def both(*parts: Sql) -> Sql:
    """All of these conditions."""
    return Sql(" AND ".join(part.text for part in parts), tuple(p for part in parts for p in part.params))


def either(parts: Sequence[Sql]) -> Sql:
    """One of these conditions; of none, never."""
    if not parts:
        return NEVER
    inside = " OR ".join(f"({part.text})" for part in parts)
    return Sql(f"({inside})", tuple(p for part in parts for p in part.params))


def negated(part: Sql) -> Sql:
    """Not this condition."""
    return Sql(f"NOT ({part.text})", part.params)


def among(column: str, ids: Iterable[int]) -> Sql:
    """A column that holds one of these numbers."""
    listed = ", ".join(map(str, map(int, ids)))
    return Sql(f"{column} IN ({listed})") if listed else NEVER


def in_ranges(ranges: Iterable[Range], sign: str = "") -> Sql:
    """An entry that lies in one of these ranges of paths; ``sign`` is that of :func:`aside`."""
    return either([Sql(f"{sign}e.path >= %s AND {sign}e.path < %s", one) for one in ranges])


def aside(passive: bool) -> str:
    """What keeps SQLite, which guesses how many rows lie in a range, from starting at this column."""
    return "+" if passive and connection.vendor == "sqlite" else ""


def fetch(statement: Sql) -> list[tuple[Any, ...]]:
    """Every row of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())


def union(branches: Sequence[Sql]) -> Sql:
    """One statement of many limited ones."""
    texts = [f"SELECT * FROM ({branch.text}) AS b{at}" for at, branch in enumerate(branches)]  # noqa: S608
    return Sql(" UNION ALL ".join(texts), tuple(p for branch in branches for p in branch.params))
