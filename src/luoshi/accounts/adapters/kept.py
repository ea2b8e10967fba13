"""A query composed once a thread and asked with other values（成句复用）: for the few that every act asks.

Composing the query that fetches a commitment with its unit, issuer and programme took more than running it, and a
third of a whole report. What Django composed is kept with its way of making rows of it, and only the values change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models import query as composing

from luoshi.ledger.adapters import planned

M = TypeVar("M", bound=Model)
MARKED = -(2**62)
"""The first mark of a number; no key of ours is negative."""
TEXTS = 4096
"""Statements whose text a process keeps."""
_texts: dict[Hashable, _Text] = {}
_Converters = dict[int, tuple[list[Any], Any]]
"""By the place of a column: what makes a field's value of the database's, and for which expression."""
_populators: Any = composing.get_related_populators
"""Not public, but the same since Django 1.8; the tests compare what it makes with what a query makes."""


@dataclass(frozen=True, slots=True)
class _Composed:
    """What one thread keeps."""

    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    """Where in the parameters which of the values belongs."""
    fields: slice
    """Which columns are the model's own."""
    names: list[str]
    populators: list[Any]
    converters: _Converters


class Kept(Generic[M]):
    """A query of which only some values change from one asking to the next.

    The query is made with marks in the place of these values; where a mark went, the value goes. It must not depend on
    anything else, and what is asked ``FOR UPDATE`` needs a transaction, as always.
    """

    def __init__(self, texts: int, make: Callable[..., QuerySet[M]], *, numbers: int = 0) -> None:
        """Keep the maker; nothing is composed before it is first asked.

        Args:
            texts: how many texts change.
            make: the query for as many texts and then numbers.
            numbers: how many whole numbers change.
        """
        self._marks: list[str | int] = [f"\u0001mark {number}\u0001" for number in range(texts)]
        self._marks += [MARKED - number for number in range(numbers)]
        self._make = make
        self._local = threading.local()

    def ask(self, *values: str | int) -> list[M]:
        """The rows for these values, with their relations as the query selects them; one statement.

        Raises:
            RuntimeError: outside a transaction, for a query that locks.
        """
        kept: _Composed = getattr(self._local, "kept", None) or self._compose()
        query = kept.compiler.query
        if query.select_for_update and not connection.in_atomic_block:
            raise RuntimeError("rows are locked in a transaction: use transaction.atomic()")
        params = list(kept.params)
        for place, number in kept.places:
            params[place] = values[number]
        with planned() as cursor:
            cursor.execute(kept.sql, params)
            rows: Sequence[Any] = cursor.fetchall()
        return self._made(kept, rows) if rows else []

    def _compose(self) -> _Composed:
        query = self._make(*self._marks).query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        places = tuple((place, self._marks.index(told)) for place, told in enumerate(params) if told in self._marks)
        if {number for _place, number in places} != set(range(len(self._marks))):
            raise ValueError("every value must stand in the query as it is")
        told = compiler.klass_info
        fields = slice(told["select_fields"][0], told["select_fields"][-1] + 1)
        self._local.kept = kept = _Composed(
            compiler,
            sql,
            tuple(params),
            places,
            fields,
            [one[0].target.attname for one in compiler.select[fields]],
            _populators(told, compiler.select, DEFAULT_DB_ALIAS),
            compiler.get_converters([one[0] for one in compiler.select]),
        )
        return kept

    def _made(self, kept: _Composed, rows: Sequence[Any]) -> list[M]:
        """Instances of rows, as :class:`django.db.models.query.ModelIterable` makes them."""
        if kept.converters:
            rows = _converted(rows, kept.converters)
        model = kept.compiler.klass_info["model"]
        made = []
        for row in rows:
            instance = model.from_db(DEFAULT_DB_ALIAS, kept.names, row[kept.fields])
            for populator in kept.populators:
                populator.populate(row, instance)
            made.append(instance)
        return made


class _Text(NamedTuple):
    """What a process keeps of a query of whole rows."""

    sql: str
    params: tuple[Any, ...]
    names: list[str]
    """Of the columns of the model, which come first."""
    more: list[tuple[int, str]]
    """Where what was annotated stands, and what it is called."""
    converters: _Converters


def composed_once(model: type[M], key: Hashable, make: Callable[[], QuerySet[M]]) -> list[M]:
    """The rows of a query whose text is composed once a process（一次成句）: composing took longer than asking.

    Args:
        model: of the rows.
        key: tells this query, with everything it depends on, from every other of the model.
        make: the query: of whole rows without relations, with what is annotated, and of nothing that depends on the
            moment.
    """
    told = _texts.get((model, key))
    if told is None:
        if len(_texts) >= TEXTS:
            _texts.clear()
        told = _texts[model, key] = _text(make().select_related(None))
    with planned() as cursor:
        cursor.execute(told.sql, told.params)
        rows: Sequence[Any] = cursor.fetchall()
    if told.converters:
        rows = _converted(rows, told.converters)
    made = [model.from_db(DEFAULT_DB_ALIAS, told.names, row[: len(told.names)]) for row in rows]
    for place, name in told.more:
        for instance, row in zip(made, rows, strict=True):
            setattr(instance, name, row[place])
    return made


def _text(query: QuerySet[Any]) -> _Text:
    compiler: Any = query.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    columns = [one[0] for one in compiler.select]
    own = len(compiler.klass_info["select_fields"])
    return _Text(
        sql,
        tuple(params),
        [column.target.attname for column in columns[:own]],
        [(own + place, alias) for place, (_column, _sql, alias) in enumerate(compiler.select[own:])],
        compiler.get_converters(columns),
    )


def _converted(rows: Sequence[Any], converters: _Converters) -> list[list[Any]]:
    """Values of the database as values of fields; as Django's compiler does it, for whichever thread asks."""
    made = [list(row) for row in rows]
    for place, (steps, expression) in converters.items():
        for step in steps:
            for row in made:
                row[place] = step(row[place], expression, connection)
    return made
