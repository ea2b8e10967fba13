"""Single rows written by statements whose text is composed once（成句写行）: for the few that every act writes.

An act changes a handful of a commitment's fifty columns; composing an UPDATE of all of them took a fifth of a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from django.db import connection, models

from luoshi.ledger.adapters import Statement, planned


@cache
def _written(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """The columns we write: neither the key nor what the database generates."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key and not field.generated)


@cache
def _update(model: type[models.Model], columns: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(column)} = %s" for column in columns)
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608 - names of our own columns


@cache
def _insert(model: type[models.Model]) -> str:
    quote = connection.ops.quote_name
    columns = [quote(str(field.column)) for field in _written(model)]
    places = ", ".join(["%s"] * len(columns))
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) RETURNING {key}"  # noqa: S608


def columns_of(row: models.Model) -> dict[str, Any]:
    """What stands in the columns that were read, to be compared with later; lists and dicts are copied."""
    told = row.__dict__
    found = {field.attname: told[field.attname] for field in _written(type(row)) if field.attname in told}
    return {name: deepcopy(value) if isinstance(value, list | dict) else value for name, value in found.items()}


def changes_of(row: models.Model, before: Mapping[str, Any]) -> Statement | None:
    """The statement that writes the columns in which a saved row differs from ``before``, as :meth:`Model.save` would.

    Args:
        row: a row that was read, and is locked by whoever writes it; its values are values, not expressions.
        before: what :func:`columns_of` said when it was read; a column set that had not been read is written.

    Returns:
        None when nothing differs.
    """
    changed = []
    for field in _written(type(row)):
        name = field.attname
        if name not in row.__dict__:
            continue
        value = field.pre_save(row, False)
        if name not in before or value != before[name]:
            changed.append((field, value))
    if not changed:
        return None
    values = [field.get_db_prep_save(value, connection) for field, value in changed]
    return Statement(_update(type(row), tuple(str(field.column) for field, _value in changed)), [*values, row.pk])


def write_new(row: models.Model) -> None:
    """Insert one new row with an automatic key, as :meth:`Model.save` would, and give it its key.

    Args:
        row: unsaved; of a model without columns that the database fills in.
    """
    if connection.vendor != "postgresql":
        row.save(force_insert=True)
        return
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in _written(type(row))]
    with planned() as cursor:
        cursor.execute(_insert(type(row)), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
