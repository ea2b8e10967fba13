"""成批写入: many rows of one table in one statement, on both databases; what thousands of parts or reports need."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from itertools import chain, islice
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

from luoshi.accounts.adapters import planned

CHUNK = 5_000
"""Rows a statement: enough that statements no longer count, few enough that their text stays small in memory."""

FEW = 50
"""Below this many rows a plain INSERT, which needs one round trip less, is as fast as COPY."""


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    stream = iter(rows)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _column(field: models.Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def among(values: Collection[int] | Collection[str]) -> RawSQL:
    """What stands behind ``__in`` for thousands of keys（按键批量取）: one value to bind, not one a key.

    Args:
        values: keys, all whole numbers or all text.
    """
    kept = list(values)
    if connection.vendor == "postgresql":
        kind = "text" if kept and isinstance(kept[0], str) else "bigint"
        return RawSQL(f"SELECT unnest(%s::{kind}[])", [kept])  # noqa: S611 - bound
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(kept)])


def set_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write the named fields of every row（成批改写）: one ``UPDATE … FROM`` for thousands of rows.

    Django's ``bulk_update`` composes a CASE for each field and row, whose cost grows faster than the rows.

    Args:
        rows: saved rows of one model.
        fields: names of concrete fields.
    """
    if not rows:
        return
    chosen = set(fields)
    columns = [field for field in rows[0]._meta.concrete_fields if field.name in chosen]
    take = [attrgetter(field.attname) for field in columns]
    set_values(
        type(rows[0]), [field.name for field in columns], ((row.pk, *(get(row) for get in take)) for row in rows)
    )


def set_values(model: type[models.Model], fields: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """The same from plain values, for those who need no objects of the rows.

    Args:
        model: whose rows they are.
        fields: names of concrete fields.
        values: for each row its key and then the values in the order of ``fields``.
    """
    meta = model._meta
    by_name = {field.name: field for field in meta.concrete_fields}
    columns = [by_name[name] for name in fields]
    table, key = connection.ops.quote_name(meta.db_table), _column(meta.pk)
    changes = ", ".join(f"{_column(field)} = v.c{number}" for number, field in enumerate(columns))
    names = ", ".join(["pk", *(f"c{number}" for number in range(len(columns)))])
    arrays = _arrays([meta.pk, *columns])
    for chunk in _chunks(values):
        told = list(zip(*chunk, strict=True))
        kept = [list(told[0]), *(_prepared(field, column) for field, column in zip(columns, told[1:], strict=True))]
        if connection.vendor == "postgresql":
            with planned() as cursor:  # arrays of thousands are bound by the server, not written into the statement
                cursor.execute(
                    f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS v({names}) WHERE {table}.{key} = v.pk",
                    kept,
                )
            continue
        sets = ", ".join(f"{_column(field)} = %s" for field in columns)
        with connection.cursor() as cursor:  # inside the same process one statement a row is the quicker way
            cursor.executemany(
                f"UPDATE {table} SET {sets} WHERE {key} = %s", list(zip(*kept[1:], kept[0], strict=True))
            )


def _arrays(fields: Iterable[models.Field[Any, Any]]) -> str:
    """Places of PostgreSQL for one array a column."""
    return ", ".join(f"%s::{cast_type(field.db_type(connection))}[]" for field in fields)


def _prepared(field: models.Field[Any, Any], column: Sequence[Any]) -> list[Any]:
    """Values as the database takes them; dates, moments, numbers and text go to PostgreSQL as they are."""
    if connection.vendor == "postgresql" and isinstance(field, PLAIN):
        return list(column)
    return list(prepared(field, column))


PLAIN = (models.DateField, models.IntegerField, models.BooleanField, models.CharField, models.ForeignKey)

Column = Callable[[Sequence[Any]], Sequence[Any]]
"""Turns the values of a column into those the database stores."""

NONE = type(None)
SAME: dict[type[models.Field[Any, Any]], frozenset[type]] = {
    **dict.fromkeys((models.CharField, models.TextField, models.URLField), frozenset({str, NONE})),
    **dict.fromkeys(
        (
            models.AutoField,
            models.BigAutoField,
            models.IntegerField,
            models.BigIntegerField,
            models.SmallIntegerField,
            models.PositiveIntegerField,
            models.PositiveBigIntegerField,
            models.PositiveSmallIntegerField,
        ),
        frozenset({int, NONE}),
    ),
    models.BooleanField: frozenset({bool, NONE}),
}
"""Kinds of fields → types of values stored as they are. Only these very kinds: one made from them may differ."""
REPEATED: dict[type[models.Field[Any, Any]], frozenset[type]] = {
    models.DateField: frozenset({date, NONE}),
    models.DateTimeField: frozenset({datetime, NONE}),
}
"""Kinds of fields of which a batch has few different values: each is turned once."""


def prepared(field: models.Field[Any, Any], column: Sequence[Any]) -> Sequence[Any]:
    """Values of one column as Django would store them（逐列换算）, without asking Django about each of them.

    What no shorter way is known for goes Django's own.
    """
    return _way(field)(column)


@cache
def _way(field: models.Field[Any, Any]) -> Column:
    """The way of a field, found once."""
    plain = field
    while isinstance(plain, models.ForeignKey):  # stored as the key it points to; an empty one is none
        plain = plain.target_field
    same, repeated = SAME.get(type(plain)), REPEATED.get(type(plain))

    def slowly(column: Sequence[Any]) -> Sequence[Any]:
        return [field.get_db_prep_save(value, connection) for value in column]

    if same is not None and not connection.features.interprets_empty_strings_as_nulls:

        def as_it_is(column: Sequence[Any]) -> Sequence[Any]:
            return (
                column
                if same.issuperset(map(type, column)) and (plain is field or "" not in column)
                else slowly(column)
            )

        return as_it_is
    if type(plain) is models.JSONField and plain.encoder is None and connection.vendor == "sqlite":

        def as_text(column: Sequence[Any]) -> Sequence[Any]:
            return [None if value is None else json.dumps(value) for value in column]

        return as_text
    if repeated is not None:

        def once_each(column: Sequence[Any]) -> Sequence[Any]:
            if not repeated.issuperset(map(type, column)):
                return slowly(column)
            known = {value: field.get_db_prep_save(value, connection) for value in set(column)}
            return [known[value] for value in column]

        return once_each
    return slowly


def _stored(fields: Sequence[models.Field[Any, Any]], rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Rows as the database stores them, worked out column by column."""
    if not rows:
        return iter(())
    columns = zip(*rows, strict=True)
    return zip(*(prepared(field, column) for field, column in zip(fields, columns, strict=True)), strict=True)


def _into(model: type[models.Model], fields: Sequence[str]) -> tuple[list[models.Field[Any, Any]], str]:
    """The fields of these names, and ``table (columns)`` as rows are inserted into them."""
    by_name = {field.name: field for field in model._meta.concrete_fields}
    chosen = [by_name[name] for name in fields]
    return chosen, f"{connection.ops.quote_name(model._meta.db_table)} ({', '.join(map(_column, chosen))})"


def add_values(model: type[models.Model], fields: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Insert rows from plain values（成批写入）, for those who need neither objects nor ids; by COPY on PostgreSQL.

    Args:
        model: whose rows they are; every column without a default of the database is named.
        fields: names of concrete fields.
        values: for each row its values in the order of ``fields``.
    """
    chosen, into = _into(model, fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        _insert(cursor, f"INSERT INTO {into} VALUES ", len(chosen), _stored(chosen, list(values)))


BOUND = 4_000
"""Values bound to one INSERT of SQLite, which takes many times as many; a longer one is not quicker."""


def _insert(cursor: Any, into: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    """Many rows in each statement: twice as quick on SQLite as a statement a row, which opens every index anew."""
    stream, most = iter(rows), max(1, BOUND // width)
    mark = "%s" if connection.queries_logged else "?"  # the driver's own: Django would look for thousands of %s
    place = f"({', '.join([mark] * width)})"
    whole = into + ", ".join([place] * most)
    while some := list(islice(stream, most)):
        text = whole if len(some) == most else into + ", ".join([place] * len(some))
        cursor.execute(text, list(chain.from_iterable(some)))


def add_missing(model: type[models.Model], fields: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Insert those rows that no unique key of the table has already（补写缺行）, from plain values.

    Args:
        model: whose rows they are; every column without a default of the database is named.
        fields: names of concrete fields.
        values: for each row its values in the order of ``fields``.
    """
    chosen, into = _into(model, fields)
    for chunk in _chunks(values):
        if connection.vendor == "postgresql":
            kept = [_prepared(field, column) for field, column in zip(chosen, zip(*chunk, strict=True), strict=True)]
            with planned() as cursor:
                cursor.execute(
                    f"INSERT INTO {into} SELECT * FROM unnest({_arrays(chosen)}) ON CONFLICT DO NOTHING",
                    kept,
                )
            continue
        with connection.cursor() as cursor:
            _insert(cursor, f"INSERT OR IGNORE INTO {into} VALUES ", len(chosen), _stored(chosen, chunk))


def add_numbered(model: type[models.Model], fields: Sequence[str], values: Sequence[Sequence[Any]]) -> Sequence[int]:
    """Insert rows from plain values and say their ids（成批写入并取号）, for those who need ids but no objects.

    Args:
        model: whose rows they are; it has an automatic key. Columns without a default of the database are named.
        fields: names of concrete fields.
        values: for each row its values in the order of ``fields``.

    Raises:
        RuntimeError: where ids cannot be taken beforehand; see :func:`may_take_ids`.
    """
    if not values:
        return ()
    if not may_take_ids():
        raise RuntimeError("ids are taken beforehand in the transaction of the one writer only")
    meta = model._meta
    with connection.cursor() as cursor:
        ids = list(_fresh_ids(cursor, meta, len(values)))
    wraps = []
    if connection.vendor == "postgresql":
        by_name = {field.name: field for field in meta.concrete_fields}
        wraps = [number for number, name in enumerate(fields) if isinstance(by_name[name], models.JSONField)]
    rows: Iterable[Sequence[Any]] = ((pk, *row) for pk, row in zip(ids, values, strict=True))
    for number in wraps:
        rows = [(*row[: number + 1], json.dumps(row[number + 1]), *row[number + 2 :]) for row in rows]
    add_values(model, (meta.pk.name, *fields), rows)
    return ids


def add_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model（成批写入）, giving them their ids; on PostgreSQL by COPY, the fastest way in.

    Constraints hold as ever; nothing is read back but the ids, taken from the table's own sequence beforehand.

    Args:
        rows: unsaved rows of one model with an automatic key.
    """
    if not rows:
        return
    model = type(rows[0])
    meta = model._meta
    if len(rows) < FEW or any(field.has_db_default() for field in meta.concrete_fields) or not may_take_ids():
        model._default_manager.bulk_create(rows, batch_size=CHUNK)
        return
    table = connection.ops.quote_name(meta.db_table)
    fields = [field for field in meta.concrete_fields if not field.generated]
    columns = ", ".join(map(_column, fields))
    made = {number: field for number, field in enumerate(fields) if _made_when_saved(field)}
    take = attrgetter(*(field.attname for field in fields))
    with connection.cursor() as cursor:
        for row, pk in zip(rows, _fresh_ids(cursor, meta, len(rows)), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias

        def values_of(row: models.Model) -> Sequence[Any]:
            if not made:
                return take(row)
            values = list(take(row))
            for number, field in made.items():
                values[number] = field.pre_save(row, True)
            return values

        if connection.vendor != "postgresql":
            into = f"INSERT INTO {table} ({columns}) VALUES "
            _insert(cursor, into, len(fields), _stored(fields, [*map(values_of, rows)]))
            return
        wraps = {number: field for number, field in enumerate(fields) if isinstance(field, models.JSONField)}
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                values = values_of(row)
                if wraps:
                    values = list(values)
                    for number, field in wraps.items():
                        values[number] = json.dumps(values[number], cls=field.encoder)
                copy.write_row(values)


def may_take_ids() -> bool:
    """Whether ids can be taken beforehand: on SQLite only by the one writer, within its transaction."""
    if connection.vendor == "postgresql":
        return True
    return bool(connection.in_atomic_block and getattr(connection, "transaction_mode", None) == "IMMEDIATE")


def _fresh_ids(cursor: Any, meta: Any, count: int) -> Iterable[int]:
    """So many new ids of a table, in the order in which it would give them."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, count],
        )
        return [pk for (pk,) in cursor.fetchall()]
    cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
    last = cursor.fetchone()
    first = (last[0] if last else 0) + 1
    return range(first, first + count)


def _made_when_saved(field: models.Field[Any, Any]) -> bool:
    """Whether a field's value is made from the row when it is saved, as a path from its unit or a moment from now."""
    if isinstance(field, models.DateField | models.TimeField):
        return field.auto_now or field.auto_now_add
    return type(field).pre_save is not models.Field.pre_save


def cast_type(kind: str | None) -> str:
    """The type of a column without its length, for a cast of an array."""
    return (kind or "text").split("(")[0]
