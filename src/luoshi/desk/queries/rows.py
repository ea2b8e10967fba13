"""The register's rows as they are read for a page（台账行）: plain values, one statement composed once for its filters.

A page shows a few columns of fifty rows. Making four model objects for each cost more than everything the database did,
and composing the statement anew cost more than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate

from luoshi.accounts.adapters import planned
from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.models.timings import calendar_if, timing_of
from luoshi.rules import lights
from luoshi.rules.calendar import SHANGHAI, WorkCalendar


def _local(moment: str) -> TruncDate:
    return TruncDate(moment, tzinfo=SHANGHAI)


def _of_programme(column: str) -> Subquery:
    """A column of the programme, in no order: sorting the one row of it for each line costs."""
    return Subquery(Programme.objects.filter(pk=OuterRef("programme_id")).order_by().values(column))


LIGHT: Mapping[str, Any] = {
    "state": F("state"),
    "said": F("said"),
    "missed": F("missed"),
    "due_on": F("due_on"),
    "first_due_on": F("first_due_on"),
    "accept_by": F("accept_by"),
    "reopened_parts": F("reopened_parts"),
    "open_children": F("open_children"),
    "issued_on": _local("issued_at"),
    "accepted_on": _local("accepted_at"),
    "completed_on": _local("completed_at"),
    "closed_on": _local("closed_at"),
    "timing_id": F("timing_id"),
    "waiting_since": F("waiting_since"),
    "lead_path": F("lead_path"),
    "timing_now_id": _of_programme("timing_now_id"),
    "warning_days": _of_programme("warning_days"),
}
"""What the light is computed from; of moments the local day alone, which is quicker made there than here."""
_FACTS = tuple(name for name in LIGHT if name not in {"timing_id", "timing_now_id", "warning_days", "lead_path"})
Lit = dict[tuple[Any, ...], tuple[lights.Light, WorkCalendar | None]]
"""Lights of one moment, by what they were computed from; with the calendar, so that it lives as long as they."""


class Row:
    """One commitment as far as it was read, called as on the model: ``row.title``, ``row.lead.name``."""

    __slots__ = ("__dict__",)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, told: dict[str, Any]) -> None:
        self.__dict__ = told

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def pk(self) -> int:
        """The key."""
        key: int = self.id
        return key

    def shines(self, at: datetime, known: Lit) -> lights.Light:
        """The light at a moment; ``known`` keeps those of this moment, as parts handed down together shine alike."""
        told = self.__dict__
        thresholds, calendar = self._clock()
        facts = (thresholds, id(calendar), *[told[name] for name in _FACTS])
        found = known.get(facts)
        if found is None:
            found = known[facts] = (lights.light(self.light_facts(), at), calendar)
        return found[0]

    def light_facts(self) -> lights.Facts:
        """What the light is computed from, as the model tells it."""
        thresholds, calendar = self._clock()
        return lights.Facts(
            state=self.state,
            issued_on=self.issued_on,
            accept_by=self.accept_by,
            accepted_on=self.accepted_on,
            first_due_on=self.first_due_on,
            due_on=self.due_on,
            said=self.said,
            completed_on=self.completed_on,
            missed=self.missed,
            closed_on=self.closed_on,
            part_reopened=bool(self.reopened_parts and self.open_children),
            waiting_since=self.waiting_since,
            thresholds=thresholds,
            calendar=calendar,
        )

    def _clock(self) -> tuple[lights.Thresholds, WorkCalendar | None]:
        """The thresholds it was issued under, or those of now, and the calendar they need."""
        key = self.timing_id if self.issued_on else self.timing_now_id
        thresholds = timing_of(key, self.warning_days).thresholds
        return thresholds, calendar_if(thresholds, self.lead_path)

    def get_verified_how_display(self) -> str:
        """How it was verified, in the reader's language."""
        return str(Commitment.How(self.verified_how).label)

    def get_cadence_display(self) -> str:
        """How often a report is asked, in the reader's language."""
        return str(Commitment.Cadence(self.cadence).label)


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement ready to be narrowed by a place, ordered and cut; and how its answer is read.

    An empty one is known to find nothing and asks nothing.
    """

    sql: str
    params: tuple[Any, ...]
    converters: tuple[tuple[int, Any, Any], ...]
    plain: tuple[str, ...]
    related: tuple[tuple[str, Callable[[tuple[Any, ...]], Any], int, int], ...]
    kept: bool = False
    """Whether it will be asked again, so that the database should keep its plan."""

    def read(self, order: Sequence[str], *, after: Sequence[Any], backwards: bool, limit: int) -> list[Row]:
        """The rows beyond a place in an order; one statement.

        Args:
            order: columns of the commitment, as one index has them.
            after: where to begin, a value for each column; empty for the very beginning.
            backwards: whether to walk the other way.
            limit: rows at most.
        """
        if not self.sql:
            return []
        sql, params = self.sql, list(self.params)
        if after:
            marks = ", ".join(["%s"] * len(order))
            sql += f" AND ({', '.join(map(_quoted, order))}) {'<' if backwards else '>'} ({marks})"
            params += map(_adapted, after)
        with planned() if self.kept else connection.cursor() as cursor:
            cursor.execute(f"{sql}{_ordered(order, backwards)} LIMIT {limit:d}", params)
            return self._rows(cursor.fetchall())

    def stream(self, order: Sequence[str], *, backwards: bool, chunk: int) -> Iterator[Row]:
        """Every row in an order, ``chunk`` of them in memory; one statement, so that all stand as at one moment."""
        if not self.sql:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.sql + _ordered(order, backwards), self.params)
            while answer := cursor.fetchmany(chunk):
                yield from self._rows(answer)

    def _rows(self, answer: list[tuple[Any, ...]]) -> list[Row]:
        if self.converters:
            answer = [self._converted(values) for values in answer]
        return [self._row(values) for values in answer]

    def _converted(self, values: Sequence[Any]) -> tuple[Any, ...]:
        made = list(values)
        for place, converter, expression in self.converters:
            made[place] = converter(made[place], expression, connection)
        return tuple(made)

    def _row(self, values: tuple[Any, ...]) -> Row:
        told = dict(zip(self.plain, values, strict=False))
        for name, make, start, end in self.related:
            told[name] = make(values[start:end])
        return Row(told)


def composed(rows: QuerySet[Commitment], names: Sequence[str], *, lit: bool = True, kept: bool = False) -> Composed:
    """The statement that reads those columns of those rows.

    A single column of a related row is looked up for each of the few rows that are shown, which is planned faster than
    a join; several are joined.

    Args:
        rows: narrowed by at least one condition on their own columns, in no order.
        names: columns beside those of the light, ``lead__name`` for those of a related row.
        lit: whether to read what a light is computed from, for :meth:`Row.light_facts`.
        kept: whether it will be asked again and again. Its conditions are then part of its text, because the best plan
            depends on them: all of a province is walked in order, a village is gathered and sorted.
    """
    facts = LIGHT if lit else {}
    plain = tuple(dict.fromkeys(["id", *(name for name in names if "__" not in name), *facts]))
    asked: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        if "__" in name:
            relation, column = name.split("__", 1)
            asked.setdefault(relation, []).append(column)
    wanted: list[Any] = [LIGHT[name] if name in facts else name for name in plain]
    related = []
    for relation, columns in asked.items():
        field = Commitment._meta.get_field(relation)
        model: Any = field.related_model
        if len(columns) == 1:
            column = columns[0]
            wanted.append(Subquery(model.objects.filter(pk=OuterRef(f"{relation}_id")).order_by().values(column)))
            make: Callable[[tuple[Any, ...]], Any] = _single(column)
        else:
            wanted += [f"{relation}__{column}" for column in columns]
            make = _several(model, tuple(columns))
        related.append((relation, make, len(wanted) - len(columns), len(wanted)))
    told = rows.order_by().values_list(*wanted)
    compiler = told.query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return Composed("", (), (), plain, tuple(related))
    select = compiler.select[: len(wanted)] if compiler.select else []
    found = compiler.get_converters(expression for expression, _sql, _alias in select)
    converters = tuple(
        (place, converter, expression) for place, (several, expression) in found.items() for converter in several
    )
    if kept and connection.vendor == "postgresql":
        operations: Any = connection.ops
        sql, params = operations.compose_sql(sql, params).replace("%", "%%"), ()
    return Composed(sql, tuple(params), converters, plain, tuple(related), kept)


def _single(column: str) -> Callable[[tuple[Any, ...]], Any]:
    def make(values: tuple[Any, ...]) -> Any:
        return None if values[0] is None else SimpleNamespace(**{column: values[0]})

    return make


def _several(model: type[models.Model], columns: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
    @lru_cache(maxsize=256)
    def make(values: tuple[Any, ...]) -> Any:
        return None if values[0] is None else model(**dict(zip(columns, values, strict=True)))

    return make


def _ordered(order: Sequence[str], backwards: bool) -> str:
    turned = " DESC" if backwards else ""
    return f" ORDER BY {', '.join(_quoted(name) + turned for name in order)}"


@lru_cache(maxsize=64)
def _quoted(name: str) -> str:
    quote = connection.ops.quote_name
    field: Any = Commitment._meta.get_field(name)
    return f"{quote(Commitment._meta.db_table)}.{quote(field.column)}"


def _adapted(value: Any) -> Any:
    """A place's value as the database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
