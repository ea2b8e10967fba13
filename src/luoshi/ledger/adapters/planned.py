"""Statements that are planned once a connection（预备语句）: for those asked by every request, where planning them
takes ten times what running them does.

Only for statements whose best plan is the same for whoever asks: the plan is kept, not the values. It stands here, in
the lowest application that asks a database anything, so that every other may use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections


class Statement(NamedTuple):
    """A statement and the values of its places（语句）; without rows to fetch."""

    text: str
    values: Sequence[Any]


@dataclass(slots=True)
class _Together:
    """What is sent together."""

    awaited: list[tuple[Any, Callable[[Any], None]]] = field(default_factory=list)
    """Cursors that will have a row, and who takes it."""
    spare: Any = None
    """A cursor whose answers nobody awaits: making one takes as long as sending with it."""

    def cursor(self) -> Any:
        """The spare one or a new one."""
        cursor, self.spare = self.spare, None
        return cursor or planned()

    def close(self) -> None:
        """Close every cursor."""
        for cursor, _take in self.awaited:
            cursor.close()
        if self.spare is not None:
            self.spare.close()


_together: ContextVar[_Together | None] = ContextVar("what is sent together", default=None)


@cache
def _prepared() -> Any:
    """The kind of cursor; asked for on PostgreSQL only, because its driver may be absent elsewhere."""
    from luoshi.ledger.adapters.postgresql import Prepared

    return Prepared


def planned() -> AbstractContextManager[Any]:
    """A cursor whose statements PostgreSQL plans once a connection; elsewhere, and behind a pooler, a plain one.

    While statements are logged it is a plain one, too: Django cannot tell what a prepared one was.

    ``DISABLE_SERVER_SIDE_CURSORS`` says that a pooler hands out another connection for each transaction, where a
    prepared statement may be a stranger's.
    """
    connection = connections[DEFAULT_DB_ALIAS]  # once: the usual name looks it up again at every dot
    pooled = connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if connection.vendor != "postgresql" or pooled or connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0  # only our cursor asks for it: Django's binds on this side
    cursor: Any = _prepared()(connection.connection)
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
    connection = connections[DEFAULT_DB_ALIAS]
    if not connection.in_atomic_block:
        raise RuntimeError("statements are sent together in a transaction: use transaction.atomic()")
    if connection.vendor != "postgresql" or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        yield
        return
    if _together.get() is not None:
        yield
        return
    together = _Together()
    token = _together.set(together)
    try:
        with connection.wrap_database_errors, connection.connection.pipeline():
            yield
        for cursor, take in together.awaited:  # not inside: asking there would wait for the database twice
            take(cursor.fetchone())
    finally:
        _together.reset(token)
        together.close()


def run(statement: Statement) -> None:
    """Run a planned statement; among what is sent together the database begins on it at once."""
    together = _together.get()
    if together is None:
        with planned() as cursor:
            cursor.execute(*statement)
        return
    cursor = together.cursor()
    together.spare = cursor
    _send(cursor, statement)


def ask_for(statement: Statement, take: Callable[[Any], None]) -> None:
    """Run a planned statement and give its first row to ``take``（先发后取）: at once, or, among what is sent together,
    at its end.

    There the database works on it while we go on: what takes it long should be asked first. Until then nobody may
    need the row.
    """
    together = _together.get()
    if together is None:
        with planned() as cursor:
            cursor.execute(*statement)
            take(cursor.fetchone())
        return
    cursor = together.cursor()
    together.awaited.append((cursor, take))
    _send(cursor, statement)


def _send(cursor: Any, statement: Statement) -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.execute_wrappers:  # somebody wants to see what is asked
        cursor.execute(*statement)
    else:
        cursor.cursor.execute(*statement)  # the driver's own: its errors are translated where all are sent together
    connection.connection.pgconn.flush()  # otherwise it leaves with the last
