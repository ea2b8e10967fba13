"""Channels, deliveries and attempts（渠道与投递）, each with who may see it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Prefetch, Q, QuerySet

from luoshi.office.models import Attempt, Channel, Delivery, DeliveryState, Message, Outlet
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.queries import in_scope

SHOWN = 50


def managed(actor: Actor) -> QuerySet[Outlet]:
    """The channels of the actor's area, for an administrator.

    Raises:
        Refused: ``administrators_only``.
    """
    if actor.role not in {Role.ADMINISTRATOR, Role.SYSTEM}:
        raise Refused("administrators_only", unit=actor.effective.title)
    return in_scope(Outlet.objects.select_related("unit", "owner"), "unit__path", actor)


def outlet(actor: Actor, outlet_id: int, *, lock: bool = False) -> Outlet:
    """One channel of the actor's area.

    Raises:
        Refused: ``administrators_only``, ``not_found``.
    """
    rows = managed(actor)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=outlet_id).first() if 0 < outlet_id < 2**63 else None
    if found is None:
        raise Refused("not_found")
    return found


def listed(actor: Actor) -> list[Outlet]:
    """The channels of the actor's area, those that stand still first; one statement. At most 200.

    Raises:
        Refused: ``administrators_only``.
    """
    waiting = Count("deliveries", filter=Q(deliveries__state__in=["pending", "failed", "held"]))
    given_up = Count("deliveries", filter=Q(deliveries__state="dead"))
    rows = managed(actor).annotate(waiting=waiting, given_up=given_up)
    return list(rows.order_by("-died", "-enabled", "kind", "id")[:200])


def dead(actor: Actor | None = None) -> list[Outlet]:
    """Channels that the clock disabled, at most 50; of the actor's area, or all of them."""
    rows = Outlet.objects.filter(died=True, enabled=False).select_related("unit", "owner").order_by("-disabled_at")
    return list((in_scope(rows, "unit__path", actor) if actor else rows)[:SHOWN])


def concerning(actor: Actor) -> list[Outlet]:
    """Channels by which messages to the actor's post travel, and the mail server; one statement."""
    path = actor.effective.unit_path
    above = [path[:end] for end in range(len(path) + 1)]
    mine = Q(unit_id=actor.effective.unit_id) | Q(below=True, unit__path__in=above) | Q(kind=Channel.EMAIL)
    return list(Outlet.objects.filter(mine).select_related("unit").order_by("kind", "id")[:SHOWN])


def _with_tries(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    tries = Prefetch("tries", queryset=Attempt.objects.order_by("-id"))
    return rows.select_related("message__post__unit", "outlet", "user").prefetch_related(tries)


def deliveries_of_outlet(
    found: Outlet, *, state: str = "", before: int | None = None, limit: int = SHOWN
) -> tuple[list[Delivery], int | None]:
    """Deliveries by a channel, newest first, with their attempts; and the cursor of the next page. Two statements."""
    limit = max(1, min(limit, 200))
    mine = Q(outlet=found) if found.kind != Channel.EMAIL else Q(channel=Channel.EMAIL, outlet=None)
    rows = _with_tries(Delivery.objects.filter(mine)).order_by("-id")
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(pk__lt=min(before, 2**63 - 1))
    got = list(rows[: limit + 1])
    return got[:limit], got[limit - 1].pk if len(got) > limit else None


def record(actor: Actor, message_id: int) -> tuple[Message, list[Delivery]]:
    """A message with its deliveries（投递记录）, for the post it went to, the post that caused it, and administrators.

    Three statements.

    Raises:
        Refused: ``not_found``.
    """
    post = actor.effective.post_id
    seen = Q(post_id=post) | Q(sender_id=post)
    rows = Message.objects.select_related("post__unit", "sender__unit")
    if actor.role is Role.ADMINISTRATOR:
        administered = in_scope(Message.objects.all(), "post__unit__path", actor)
        seen |= Q(pk__in=administered.filter(pk=message_id).values("pk"))
    found = rows.filter(seen, pk=message_id).first() if 0 < message_id < 2**63 else None
    if found is None:
        raise Refused("not_found")
    return found, deliveries_of([found])


def deliveries_of(rows: Sequence[Message]) -> list[Delivery]:
    """The deliveries of these messages with their attempts; two statements."""
    return list(_with_tries(Delivery.objects.filter(message__in=rows)).order_by("id"))


def sent_by(actor: Actor, *, before: int | None = None, limit: int = SHOWN) -> tuple[list[Message], int | None]:
    """What acts of the actor's post told others（我发出的）, newest first, with deliveries; never whether it was read.

    Two statements.
    """
    limit = max(1, min(limit, 200))
    rows = Message.objects.filter(sender_id=actor.effective.post_id).select_related("post__unit").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=min(before, 2**63 - 1))
    found = list(rows.prefetch_related("deliveries")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None
