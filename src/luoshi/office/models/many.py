"""成批写入: many rows of one table in one statement, on both databases; what thousands of parts or reports need."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
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
    types = [meta.pk.db_type(connection), *(field.db_type(connection) for field in columns)]
    for chunk in _chunks(values):
        told = list(zip(*chunk, strict=True))
        kept = [list(told[0]), *(_prepared(field, column) for field, column in zip(columns, told[1:], strict=True))]
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{cast_type(kind)}[]" for kind in types)
            with planned() as cursor:  # arrays of thousands are bound by the server, not written into the statement
                cursor.execute(
                    f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS v({names}) WHERE {table}.{key} = v.pk",
                    kept,
                )
            continue
        picked = ", ".join(f"json_extract(value, '$[{number + 1}]') AS c{number}" for number in range(len(columns)))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {changes} FROM (SELECT json_extract(value, '$[0]') AS pk, {picked} "
                f"FROM json_each(%s)) AS v WHERE {table}.{key} = v.pk",
                [json.dumps(list(zip(*kept, strict=True)), ensure_ascii=False)],
            )


def _prepared(field: models.Field[Any, Any], column: Sequence[Any]) -> list[Any]:
    """Values as the database takes them; dates, moments, numbers and text go to PostgreSQL as they are."""
    if connection.vendor == "postgresql" and isinstance(field, PLAIN):
        return list(column)
    return [field.get_db_prep_save(value, connection) for value in column]


PLAIN = (models.DateField, models.IntegerField, models.BooleanField, models.CharField, models.ForeignKey)


def add_values(model: type[models.Model], fields: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """Insert rows from plain values（成批写入）, for those who need neither objects nor ids; by COPY on PostgreSQL.

    Args:
        model: whose rows they are; every column without a default of the database is named.
        fields: names of concrete fields.
        values: for each row its values in the order of ``fields``.
    """
    meta = model._meta
    by_name = {field.name: field for field in meta.concrete_fields}
    chosen = [by_name[name] for name in fields]
    table, columns = connection.ops.quote_name(meta.db_table), ", ".join(map(_column, chosen))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(chosen))
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",
            [
                [field.get_db_prep_save(value, connection) for field, value in zip(chosen, row, strict=True)]
                for row in values
            ],
        )


def add_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model（成批写入）, giving them their ids; on PostgreSQL by COPY, the fastest way in.

    Constraints hold as ever; nothing is read back but the ids, taken from the table's own sequence beforehand.

    Args:
        rows: unsaved rows of one model with an automatic key.
    """
    if not rows:
        return
    model = type(rows[0])
    plain = connection.vendor != "postgresql" or any(field.has_db_default() for field in model._meta.concrete_fields)
    if plain or len(rows) < FEW:
        model._default_manager.bulk_create(rows, batch_size=CHUNK)
        return
    meta = model._meta
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, len(rows)],
        )
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias
        fields = [field for field in meta.concrete_fields if not field.generated]
        columns = ", ".join(map(_column, fields))
        wraps = {number: field for number, field in enumerate(fields) if isinstance(field, models.JSONField)}
        made = {number: field for number, field in enumerate(fields) if _made_when_saved(field)}
        take = attrgetter(*(field.attname for field in fields))
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                values = list(take(row))
                for number, field in made.items():
                    values[number] = field.pre_save(row, True)
                for number, field in wraps.items():
                    values[number] = json.dumps(values[number], cls=field.encoder)
                copy.write_row(values)


def _made_when_saved(field: models.Field[Any, Any]) -> bool:
    """Whether a field's value is made from the row when it is saved, as a path from its unit or a moment from now."""
    if isinstance(field, models.DateField | models.TimeField):
        return field.auto_now or field.auto_now_add
    return type(field).pre_save is not models.Field.pre_save


def cast_type(kind: str | None) -> str:
    """The type of a column without its length, for a cast of an array."""
    return (kind or "text").split("(")[0]
