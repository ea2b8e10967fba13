"""What every act on units shares: who may, which day it is, ids given beforehand, and the shape of ``after``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils import timezone

from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Governed, Post, Unit

_ = gettext_noop

declare(
    403,
    administrators_only=_(
        "Only an administrator of %(unit)s or of a unit above it can do this; ask the administrator of your unit."
    ),
)
declare(
    409,
    dates_out_of_order=_("%(later)s lies before %(earlier)s: choose a later day."),
    unit_closed=_("%(unit)s no longer exists since %(on)s; choose the unit that followed it."),
)


def require_administrator(actor: Actor, unit: Unit | None) -> None:
    """Refuse unless ``actor`` is the clock or an administrator whose area contains ``unit`` (None: the whole tree).

    Raises:
        Refused: ``administrators_only``.
    """
    if actor.role is Role.SYSTEM:
        return
    path = unit.path if unit is not None else ""
    if actor.role is Role.ADMINISTRATOR and within(path, actor.effective.area_path):
        return
    raise Refused("administrators_only", unit=unit.name if unit is not None else "—")


def day_of(at: dt.datetime) -> dt.date:
    """The calendar day of a moment where the office stands (``TIME_ZONE``)."""
    return timezone.localtime(at).date()


def lock_unit(unit_id: int, *, version: int | None = None) -> Unit:
    """The unit, locked until the act is done.

    Raises:
        Refused: ``not_found``, or ``stale_version`` when ``version`` is given and is no longer the unit's.
    """
    unit = Unit.objects.select_for_update(of=("self",)).select_related("area").filter(pk=unit_id).first()
    if unit is None:
        raise Refused("not_found")
    if version is not None and version != unit.version:
        raise Refused("stale_version", ref=unit.name, what=f"{version} → {unit.version}")
    return unit


def lock_post(ref: str, *, version: int | None = None) -> Post:
    """The post, with its unit and area, locked until the act is done.

    Raises:
        Refused: ``not_found``, or ``stale_version`` when ``version`` is given and is no longer the post's.
    """
    post = Post.objects.select_for_update(of=("self",)).select_related("unit__area").filter(ref=ref).first()
    if post is None:
        raise Refused("not_found")
    if version is not None and version != post.version:
        raise Refused("stale_version", ref=post.ref, what=f"{version} → {post.version}")
    return post


def require_standing(unit: Unit, day: dt.date) -> None:
    """Refuse an act on a unit that has ended by ``day``.

    Raises:
        Refused: ``unit_closed``.
    """
    if unit.valid_until is not None and unit.valid_until <= day:
        raise Refused("unit_closed", unit=unit.name, on=unit.valid_until.isoformat())


def allocate_ids(count: int) -> list[int]:
    """``count`` ids of units nobody else gets, so that paths are known before the rows are written."""
    if count <= 0:
        return []
    table = Unit._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [int(row[0]) for row in cursor.fetchall()]
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # noqa: S608 - a table's name, no input
        highest = int(cursor.fetchone()[0])
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        first = max(highest, int(cursor.fetchone()[0])) + 1
    return list(range(first, first + count))


def after_of(rows: Iterable[Governed]) -> dict[str, dict[str, Any]]:
    """The governed state of ``rows`` after the act, by ledger key."""
    return {row.ledger_key: row.ledger_state() for row in rows}
