"""Statements that are planned once a connection（预备语句）: for those asked by every request, where planning them
takes ten times what running them does.

Only for statements whose best plan is the same for whoever asks: the plan is kept, not the values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
TEXTS = 4096
"""Statements whose text a process keeps."""
_texts: dict[Hashable, tuple[str, tuple[Any, ...]]] = {}


def planned() -> AbstractContextManager[Any]:
    """A cursor whose statements PostgreSQL plans once a connection; elsewhere, and behind a pooler, a plain one.

    While statements are logged it is a plain one, too: Django cannot tell what a prepared one was.

    ``DISABLE_SERVER_SIDE_CURSORS`` says that a pooler hands out another connection for each transaction, where a
    prepared statement may be a stranger's.
    """
    pooled = connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if connection.vendor != "postgresql" or pooled or connection.queries_logged:
        return connection.cursor()
    from luoshi.accounts.adapters.postgresql import Prepared

    connection.ensure_connection()
    connection.connection.prepare_threshold = 0  # only our cursor asks for it: Django's binds on this side
    cursor: Any = Prepared(connection.connection)
    return connection.make_cursor(cursor)


def composed_once(model: type[M], key: Hashable, make: Callable[[], QuerySet[M]]) -> list[M]:
    """The rows of a query whose text is composed once a process（一次成句）: composing took longer than asking.

    Args:
        model: of the rows.
        key: tells this query, with everything it depends on, from every other of the model.
        make: the query: of whole rows without relations, and of nothing that depends on the moment.
    """
    told = _texts.get((model, key))
    if told is None:
        if len(_texts) >= TEXTS:
            _texts.clear()
        told = _texts[model, key] = make().select_related(None).query.sql_with_params()
    return list(model._default_manager.raw(*told))
