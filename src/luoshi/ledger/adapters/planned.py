"""Statements that are planned once a connection（预备语句）: for those asked by every request, where planning them
takes ten times what running them does.

Only for statements whose best plan is the same for whoever asks: the plan is kept, not the values. It stands here, in
the lowest application that asks a database anything, so that every other may use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.db import connection

_answers: ContextVar[list[tuple[Any, Callable[[Any], None]]] | None] = ContextVar("answers awaited", default=None)


class Statement(NamedTuple):
    """A statement and the values of its places（语句）; without rows to fetch."""

    text: str
    values: Sequence[Any]


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
    if _answers.get() is not None:
        yield
        return
    awaited: list[tuple[Any, Callable[[Any], None]]] = []
    token = _answers.set(awaited)
    try:
        with connection.wrap_database_errors, connection.connection.pipeline():
            yield
            for cursor, take in awaited:
                take(cursor.fetchone())
    finally:
        _answers.reset(token)
        for cursor, _take in awaited:
            cursor.close()


def run(statement: Statement) -> None:
    """Run a planned statement; among what is sent together the database begins on it at once."""
    with planned() as cursor:
        cursor.execute(*statement)
    _leave()


def ask_for(statement: Statement, take: Callable[[Any], None]) -> None:
    """Run a planned statement and give its first row to ``take``（先发后取）: at once, or, among what is sent together,
    at its end.

    There the database works on it while we go on: what takes it long should be asked first. Until then nobody may
    need the row.
    """
    awaited = _answers.get()
    if awaited is None:
        with planned() as cursor:
            cursor.execute(*statement)
            take(cursor.fetchone())
        return
    cursor = planned()
    awaited.append((cursor, take))
    cursor.execute(*statement)  # type: ignore[attr-defined]
    _leave()


def _leave() -> None:
    """Let what is sent together leave now; otherwise it leaves with the last of it."""
    if _answers.get() is not None:
        connection.connection.pgconn.flush()
