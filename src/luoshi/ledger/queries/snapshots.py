"""One view of the database for a long read, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything as of one moment, without keeping anybody from writing（快照）.

    Inside a transaction or another snapshot that is open already, its view is used.
    """
    if connection.in_atomic_block or _reading():
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # Plain BEGIN: the settings' IMMEDIATE would keep writers out for as long as the reading takes.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def _reading() -> bool:
    """Whether SQLite is in a transaction that Django does not know of: a snapshot opened here."""
    return connection.vendor == "sqlite" and bool(connection.connection and connection.connection.in_transaction)
