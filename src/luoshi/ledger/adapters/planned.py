"""Statements that are planned once a connection（预备语句）: for those asked by every request, where planning them
takes ten times what running them does.

Only for statements whose best plan is the same for whoever asks: the plan is kept, not the values. It stands here, in
the lowest application that asks a database anything, so that every other may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import connection


def planned() -> AbstractContextManager[Any]:
    """A cursor whose statements PostgreSQL plans once a connection; elsewhere, and behind a pooler, a plain one.

    While statements are logged it is a plain one, too: Django cannot tell what a prepared one was.

    ``DISABLE_SERVER_SIDE_CURSORS`` says that a pooler hands out another connection for each transaction, where a
    prepared statement may be a stranger's.
    """
    pooled = connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if connection.vendor != "postgresql" or pooled or connection.queries_logged:
        return connection.cursor()
    from luoshi.ledger.adapters.postgresql import Prepared

    connection.ensure_connection()
    connection.connection.prepare_threshold = 0  # only our cursor asks for it: Django's binds on this side
    cursor: Any = Prepared(connection.connection)
    return connection.make_cursor(cursor)


@contextmanager
def sent_together() -> Iterator[None]:
    """Statements inside are sent without waiting for each other's answers（一并发出）, where the database can.

    Whoever fetches rows waits for them there, and for all before; what a statement is refused for is raised then, or at
    the end. How many rows one changed is not known meanwhile, so nothing inside may ask for that: no ``save``, no
    ``update``. It must be inside a transaction: one refused, none stands.

    Raises:
        RuntimeError: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("statements are sent together in a transaction: use transaction.atomic()")
    if connection.vendor != "postgresql" or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        yield
        return
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
