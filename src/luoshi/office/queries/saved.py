"""Saved views of a page（常用视图）."""

from __future__ import annotations

from django.db import connection

from luoshi.accounts.adapters import planned
from luoshi.office.models import SavedView
from luoshi.office.queries.messages import UNREAD, UNREAD_MOST
from luoshi.rules.permissions import Actor

_WHERE = "page = %s AND (user_id = %s OR (shared AND unit_path = %s)) ORDER BY name, id LIMIT 100"
_READ = ("id", "user_id", "post_ref", "unit_path", "page", "name", "query", "shared", "opens")
_VIEWS = f"SELECT {', '.join(_READ)} FROM {SavedView._meta.db_table} WHERE {_WHERE}"  # noqa: S608 - our own names only
"""Asked by every register; composing it anew cost ten times what it takes."""


_BOTH = (
    f"SELECT few.n, {', '.join(f'v.{name}' for name in _READ)} FROM ({UNREAD}) few "  # noqa: S608 - as above
    f"LEFT JOIN (SELECT * FROM {SavedView._meta.db_table} WHERE {_WHERE}) v ON 1 = 1 ORDER BY v.name, v.id"
)
"""What a page with saved views shows of the office's tables, in one statement."""


def views_and_unread(actor: Actor, page: str) -> tuple[list[SavedView], int]:
    """:func:`views_of` and how many messages the post has not read（常用视图与未读数）, for a page that shows both."""
    seat = actor.effective
    with planned() as cursor:
        cursor.execute(_BOTH, [seat.post_id, UNREAD_MOST, page, actor.user_id, seat.unit_path])
        rows = cursor.fetchall()
    made = [SavedView.from_db(connection.alias, _READ, row[1:]) for row in rows if row[1] is not None]
    return made, int(rows[0][0])


def views_of(actor: Actor, page: str) -> list[SavedView]:
    """The actor's own views of ``page`` and those his unit shares, by name; at most 100."""
    with planned() as cursor:
        cursor.execute(_VIEWS, [page, actor.user_id, actor.effective.unit_path])
        return [SavedView.from_db(connection.alias, _READ, row) for row in cursor.fetchall()]
