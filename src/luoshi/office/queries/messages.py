"""The message centre（消息中心）."""

from __future__ import annotations

from django.db.models import QuerySet

from luoshi.accounts.adapters import planned
from luoshi.office.models import Message
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


def to(actor: Actor) -> QuerySet[Message]:
    """The messages to the post whose powers the actor uses (a deputy reads those of his principal)."""
    return Message.objects.filter(post_id=actor.effective.post_id)


UNREAD = (
    f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM {Message._meta.db_table} "  # noqa: S608 - our own table's name
    "WHERE post_id = %s AND read_at IS NULL LIMIT %s) AS few"
)
"""Asked by every page: written once; it takes a post and how far to count."""
UNREAD_MOST = 100
"""How far is counted: pages show it as “99+”."""


def unread_count(actor: Actor, most: int = UNREAD_MOST) -> int:
    """How many messages the post has not read; counted up to ``most``, which pages show as “99+”."""
    with planned() as cursor:
        cursor.execute(UNREAD, [actor.effective.post_id, most])
        return int(cursor.fetchone()[0])


def message(actor: Actor, message_id: int) -> Message:
    """One message to the actor's post; ``Refused("not_found")`` otherwise."""
    found = to(actor).filter(pk=message_id).first() if 0 < message_id < 2**63 else None
    if found is None:
        raise Refused("not_found")
    return found


def page(
    actor: Actor, *, unread: bool = False, before: int | None = None, limit: int = 50
) -> tuple[list[Message], int | None]:
    """At most ``limit`` (1–200) messages from the newest, and the cursor of the next page (``None`` at the end)."""
    limit = max(1, min(limit, 200))
    rows = to(actor).order_by("-id")
    if unread:
        rows = rows.filter(read_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=min(before, 2**63 - 1))
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None
