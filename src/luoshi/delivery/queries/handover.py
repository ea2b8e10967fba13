"""What goes over with a post: its open commitments, and what its unit has still to decide."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.units.models import Post


def open_items(post: Post) -> Iterator[str]:
    """One line for each open thing of a post（交接清单）.

    Commitments it is named for, and for the head of a unit all that the unit leads, with what is undecided on the
    issuing side marked by an arrow.
    """
    live = Commitment.objects.exclude(state__in=[*(state.value for state in OVER), State.DRAFT])
    mine = Q(lead_post=post)
    if post.role in (Role.HEAD, Role.OFFICE):
        mine |= Q(lead=post.unit_id)
    for row in live.filter(mine).order_by("due_on", "ref"):
        yield f"{row.ref} {row.title} {row.due_on or ''}".strip()
    if post.role in (Role.HEAD, Role.OFFICE):
        waiting = Q(pending_extension=True) | Q(open_requests__gt=0) | Q(state__in=[State.DECLINED, State.VERIFIED])
        for row in live.filter(waiting, issuer=post.unit_id).order_by("ref"):
            yield f"→ {row.ref} {row.title}"


def offer_work(post: Post, actor: Actor) -> tuple[str, str] | None:
    """The way from a post's page to handing its work over to another post（移交任务）, for whoever names posts."""
    seat = actor.effective
    top = seat.area_path if seat.role is Role.OFFICE else seat.unit_path
    if seat.role not in (Role.HEAD, Role.OFFICE, Role.HANDLER) or not within(post.unit.path, top):
        return None
    return gettext(
        "Hand its work over to another post"
    ), f"{reverse('delivery:bulk_start', args=['assign'])}?post={quote(post.ref)}"
