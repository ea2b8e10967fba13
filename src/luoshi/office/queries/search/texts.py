"""Which texts hold the words（检索词）: few, since the parts of a cascade share theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from luoshi.office.queries.search.sql import Sql, among, aside, fetch, union
from luoshi.office.queries.terms import Clause

BROAD = 1000
"""From so many texts on, texts are asked for inside the database instead of being listed."""


def _match(clauses: Sequence[Clause], without: Sequence[Clause] = ()) -> Sql:
    """The condition on a row of ``office_searchwords w``."""
    if connection.vendor == "postgresql":
        wanted = _tsquery(clauses) + (f" & !({_tsquery(without)})" if without else "")
        return Sql("w.terms @@ %s::tsquery", (wanted,))
    wanted = _fts(clauses) + (f" NOT ({_fts(without)})" if without else "")
    return Sql("office_searchwords MATCH %s", (wanted,))


def _tsquery(clauses: Sequence[Clause]) -> str:
    either = (" | ".join(f"'{term}'" + (":*" if begins else "") for term, begins in clause) for clause in clauses)
    return " & ".join(f"({one})" for one in either)


def _fts(clauses: Sequence[Clause]) -> str:
    either = (" OR ".join(f'"{term}"' + ("*" if begins else "") for term, begins in clause) for clause in clauses)
    return "(" + " AND ".join(f"({one})" for one in either) + ")"


def _words_table() -> tuple[str, str]:
    """The table of words with its alias, and its key."""
    if connection.vendor == "postgresql":
        return "office_searchwords w", "w.id"
    return "office_searchwords", "office_searchwords.rowid"


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of one kind that hold something: listed, or, when they are many, as the question itself."""

    ids: frozenset[int] | None
    clauses: tuple[Clause, ...] = ()
    without: tuple[Clause, ...] = ()

    def __bool__(self) -> bool:
        return self.ids is None or bool(self.ids)

    def condition(self, entry: str = "e", *, passive: bool = False) -> Sql:
        """The condition on an entry, by its alias; a passive one is looked at last.

        Many texts are looked at from the entries in sight, one by one, until enough are found; SQLite looks them all
        up at once, which is quicker there.
        """
        if self.ids is not None:
            return among(f"{aside(passive)}{entry}.text_id", sorted(self.ids))
        match = _match(self.clauses, self.without)
        if connection.vendor == "postgresql":
            sql = f"(SELECT {match.text} FROM office_searchwords w WHERE w.id = {entry}.text_id)"  # noqa: S608
        else:
            sql = f"+{entry}.text_id IN (SELECT rowid FROM office_searchwords WHERE {match.text})"  # noqa: S608
        return Sql(sql, match.params)


NONE = Texts(frozenset())


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to the texts: these terms, and not all of those."""

    clauses: tuple[Clause, ...]
    without: tuple[Clause, ...] = ()


def texts_for(questions: Mapping[Any, Wanted]) -> dict[Any, Texts]:
    """For each question which texts answer it; one statement for all."""
    if not questions:
        return {}
    table, key = _words_table()
    branches = []
    for at, wanted in enumerate(questions.values()):
        match = _match(wanted.clauses, wanted.without)
        sql = f"SELECT {at} AS q, {key} AS id FROM {table} WHERE {match.text} LIMIT {BROAD + 1}"  # noqa: S608
        branches.append(Sql(sql, match.params))
    found: dict[int, set[int]] = {}
    for at, pk in fetch(union(branches)):
        found.setdefault(at, set()).add(pk)
    answers = {}
    for at, (label, wanted) in enumerate(questions.items()):
        ids = found.get(at, set())
        listed = None if len(ids) > BROAD else frozenset(ids)
        answers[label] = Texts(listed, wanted.clauses, wanted.without)
    return answers
