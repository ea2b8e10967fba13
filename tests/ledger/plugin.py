"""For ``pytest_plugins``: lets the test runner empty a database whose ledger only grows.

Transactional tests end with a flush (TRUNCATE or DELETE of every table), which the ledger's triggers refuse, as they
should. Here, and only here, the triggers are taken off around that flush and put back as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Run a block with the ledger's triggers taken off, as somebody with the rights of the database's owner could."""
    from luoshi.ledger.models import GUARDED

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
            for table in GUARDED:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_only_grows")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN "
                f"({', '.join(['%s'] * len(GUARDED))})",
                GUARDED,
            )
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in GUARDED:
                    cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_only_grows")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            else:
                for _, sql in triggers:
                    cursor.execute(sql)


@pytest.fixture(autouse=True, scope="session")
def _flush_with_ledger_triggers_lifted() -> Iterator[None]:
    from django.db import connection
    from django.test import TransactionTestCase

    original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: Any) -> None:
        if "ledger_entry" not in connection.introspection.table_names():
            original(self)
            return
        with lifted(connection):
            original(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[attr-defined]
