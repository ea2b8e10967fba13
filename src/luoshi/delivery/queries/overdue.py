"""Which promises of superiors are overdue（逾期未办）: found by one statement planned once a connection.

Every board asks it, and mostly nothing is overdue: composing the query took ten times what running it does.
"""

from __future__ import annotations

from datetime import date

from django.db import connection

from luoshi.delivery.models import Commitment, Matter, Objection, Programme, Request
from luoshi.ledger.adapters import planned
from luoshi.rules import paths
from luoshi.rules.lifecycle import OVER
from luoshi.units.models import Unit

_FOUND = (  # names of our own tables, columns and states only; the cross join keeps SQLite from starting with the area
    "SELECT p.id, COUNT(*) OVER () FROM {table} p CROSS JOIN {commitments} c WHERE c.id = p.commitment_id "
    "AND p.{open} IS NULL AND p.{by} < %s AND c.programme_id = %s AND c.lead_path >= %s AND c.lead_path < %s "
    "{live}{{matter}} ORDER BY p.{by}, p.id LIMIT %s"
)
_LIVE = "AND c.state NOT IN ({}) ".format(", ".join(f"'{state.value}'" for state in sorted(OVER)))
_COMMITMENTS = Commitment._meta.db_table
REPLIES = _FOUND.format(
    table=Request._meta.db_table, commitments=_COMMITMENTS, open="replied_at", by="reply_by_on", live=_LIVE
)
"""Questions not replied to; a commitment that is over waits for none."""
DECISIONS = _FOUND.format(
    table=Objection._meta.db_table, commitments=_COMMITMENTS, open="upheld", by="decide_by_on", live=""
)
"""Objections not decided."""


def overdue(
    what: str, programme: Programme, unit: Unit, today: date, matter: Matter | None, limit: int
) -> tuple[list[int], int]:
    """The ids of the longest overdue promises about commitments within ``unit``, and how many there are in all.

    Args:
        what: :data:`REPLIES` or :data:`DECISIONS`.
        programme: of the commitments.
        unit: in whose subtree they are; the caller has made sure that the reader may see it.
        today: by the calendar of the place.
        matter: of the commitments, or any.
        limit: how many ids at most.
    """
    values = [connection.ops.adapt_datefield_value(today), programme.pk, *paths.span(unit.path)]
    values += [matter.pk] if matter is not None else []
    with planned() as cursor:
        cursor.execute(what.format(matter="AND c.matter_id = %s" if matter is not None else ""), [*values, limit])
        rows = cursor.fetchall()
    return [pk for pk, _total in rows], rows[0][1] if rows else 0
