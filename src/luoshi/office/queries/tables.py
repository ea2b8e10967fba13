"""Every table of the installation as lines of JSON（全库）, the same on SQLite and PostgreSQL, and back to values.

A line is the array of a row's columns in the order of the model's fields. Moments are UTC, objects have sorted names,
rows come in the order of their keys by bytes: so the same rows make the same bytes on either database, and a digest of
the bytes compares two installations.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import F
from django.db.models.functions import Collate
from django.utils.duration import duration_iso_string

Model = type[models.Model]

CHUNK = 1000
LONG_ROWS = {"ledger.entrypayload": 10, "office.job": 10, "django_tasks_database.dbtaskresult": 50}
"""Tables whose single rows may be megabytes, with how many are fetched together."""
REMADE = ("auth.permission", "contenttypes.contenttype")
"""Tables that the creation of the database itself fills; a restore replaces them. In the order of their removal."""
SESSIONS = "sessions.session"
KEPT_APART = frozenset({"django_migrations"})
"""Tables that no model holds: what they say is compared, never copied."""
REWRITTEN = "office_searchwords"
"""How the names of tables begin that are written anew from the texts of the search index after a restore."""


def stored_models() -> list[Model]:
    """All models with a table of their own, those referred to before those that refer（外键顺序）."""
    rest = [model for model in apps.get_models(include_auto_created=True) if _has_table(model)]
    found: list[Model] = []
    while rest:
        placed = {*found}
        ready = [model for model in rest if all(other in placed or other is model for other in _refers_to(model))]
        found += ready or rest[:1]  # a circle is opened anywhere: keys are checked at the end of the transaction
        rest = [model for model in rest if model not in {*found}]
    return found


def _has_table(model: Model) -> bool:
    return model._meta.managed and not model._meta.proxy and not model._meta.swapped


def _refers_to(model: Model) -> set[Model]:
    others = {field.related_model for field in model._meta.local_fields if field.is_relation and field.concrete}
    return {other for other in others if isinstance(other, type) and _has_table(other)}


def columns(model: Model) -> list[models.Field[Any, Any]]:
    """The stored columns of a model, in the order of its fields."""
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def lines(model: Model) -> Iterator[bytes]:
    """The rows of a table as lines of JSON ending in a newline, streamed in the order of their keys."""
    fields = columns(model)
    rows = model._base_manager.order_by(*_order(model)).values_list(*(field.attname for field in fields))
    for row in rows.iterator(chunk_size=LONG_ROWS.get(model._meta.label_lower, CHUNK)):
        yield (
            json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain).encode() + b"\n"
        )


def _order(model: Model) -> list[Any]:
    return [
        Collate(F(field.attname), "C")
        if isinstance(field, models.CharField) and connection.vendor == "postgresql"
        else F(field.attname)
        for field in model._meta.pk_fields
    ]


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return duration_iso_string(value)
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"a column holds {type(value).__name__}, which no line can hold")


def values(fields: list[models.Field[Any, Any]], line: bytes) -> list[Any]:
    """The values of one line, ready for the database at hand.

    Raises:
        ValueError: the line is no array of as many values as there are columns, or a value does not fit its column.
    """
    row = json.loads(line)
    if not isinstance(row, list) or len(row) != len(fields):
        raise ValueError(f"{len(fields)} values are needed")
    try:
        return [_value(field, value) for field, value in zip(fields, row, strict=True)]
    except Exception as error:  # to_python raises what it likes
        raise ValueError(str(error)) from error


_AS_THEY_ARE: dict[type[Any], type] = {
    models.CharField: str,
    models.TextField: str,
    models.BooleanField: bool,
    models.IntegerField: int,
    models.SmallIntegerField: int,
    models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.BigIntegerField: int,
    models.AutoField: int,
    models.BigAutoField: int,
}
"""Fields of exactly these kinds hold what the line says, when it is of that type; most columns are such."""


@cache
def _held_as(field: models.Field[Any, Any]) -> type | None:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return _AS_THEY_ARE.get(type(field))


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    held = _held_as(field)
    if held is not None and (value is None or type(value) is held):
        return value
    if value is not None:
        while isinstance(field, models.ForeignKey):
            field = field.target_field
        if not isinstance(field, models.JSONField):
            value = field.to_python(value)
    return field.get_db_prep_save(value, connection)


def applied_migrations() -> list[str]:
    """The migrations applied to this database, as ``app.name``, sorted; none for a new database."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations or ())


def known_migrations() -> list[str]:
    """The migrations that the installed programs bring, as ``app.name``, sorted."""
    loader = MigrationLoader(None)
    return sorted(f"{app}.{name}" for app, name in loader.disk_migrations or ())


def first_with_rows() -> str | None:
    """The first table that holds rows of its own, or ``None`` when the database is empty（空库）."""
    for model in stored_models():
        label = model._meta.label_lower
        if label not in REMADE and model._base_manager.order_by().values_list(flat=False)[:1].exists():
            return label
    return None
