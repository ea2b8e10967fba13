"""Telling those whom a bulk act concerns（批量通知）: after the act, in batches, under keys that repeat."""

from __future__ import annotations

from datetime import datetime

from luoshi.delivery.models import Bulk, BulkSubject, Commitment
from luoshi.delivery.services import notices
from luoshi.office import services as office
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop
from luoshi.units.models import Post

_ = gettext_noop
BATCH = 500
HANDED = _("Handed over to your post: %(count)s commitments of %(post)s")


def tell_bulk(bulk: Bulk, *, actor: Actor, at: datetime, after: int) -> int | None:
    """Write the messages of the next subjects of a bulk act that was done.

    Args:
        bulk: the act.
        actor: who did it; the own post is not told.
        at: now.
        after: the place in the plan that was told last; 0 at the beginning.

    Returns:
        the place told last, or None when everybody was told.
    """
    if bulk.act == Act.ASSIGN:
        posts = Post.objects.filter(ref=bulk.args["to"], active=True).exclude(pk=actor.seat.post_id)
        office.notify(
            posts,
            kind="delivery.hand-over",
            key=f"bulk:{bulk.pk}",
            subject=HANDED,
            link="/today/",
            at=at,
            params={"count": bulk.eligible, "post": bulk.args["post"]},
        )
        return None
    done = bulk.subjects.filter(outcome=BulkSubject.Outcome.IN, place__gt=after).order_by("place")
    rows = list(done.values_list("place", "commitment_id")[:BATCH])
    if not rows:
        return None
    found = Commitment.objects.select_related("lead").filter(pk__in=[pk for _place, pk in rows])
    notices.tell_leads(Act(bulk.act), list(found), key=f"bulk:{bulk.pk}", actor=actor, at=at)
    return int(rows[-1][0])
