"""Bulk acts as one may see them（批量办理）."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from luoshi.delivery.models import Bulk, BulkSubject
from luoshi.delivery.queries.register import visible
from luoshi.rules.lifecycle import Act, State
from luoshi.rules.paths import subtree
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post

BULK_ACTS = (Act.CLOSE, Act.RE_DATE, Act.ASSIGN, Act.BREAK_DOWN)
"""What can be done in bulk."""
TELL_BULK = "delivery.tell_bulk"
CLEAR_PLANS = "delivery.clear_plans"
"""Kinds of jobs: telling those whom an act concerns, and ending plans nobody confirmed."""
OFFERED = 500


def plan_kind(act: Act) -> str:
    """The kind of job that plans a bulk act."""
    return f"delivery.plan_{act.value.replace('-', '_')}"


def do_kind(act: Act) -> str:
    """The kind of job that does it."""
    return f"delivery.bulk_{act.value.replace('-', '_')}"


def bulks(actor: Actor) -> QuerySet[Bulk]:
    """Those the actor asked for, and those of his unit when he is its head or its supervision office."""
    mine = Q(user_id=actor.user_id)
    if actor.role in {Role.HEAD, Role.OFFICE}:
        mine |= Q(unit_path=actor.effective.unit_path) & ~Q(unit_path="")
    return Bulk.objects.filter(mine).select_related("user", "plan_job", "do_job")


def bulk_for(actor: Actor, bulk_id: int) -> Bulk:
    """One bulk act within sight.

    Raises:
        Refused: ``not_found``.
    """
    found = bulks(actor).filter(pk=bulk_id).first() if 0 < bulk_id < 2**63 else None
    if found is None:
        raise Refused("not_found")
    return found


def bulk_page(actor: Actor, *, before: int | None = None, limit: int = 50) -> tuple[list[Bulk], int | None]:
    """At most ``limit`` bulk acts from the newest, and the cursor of the next page."""
    rows = bulks(actor).defer("refs").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=min(before, 2**63 - 1))
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def subjects(bulk: Bulk, outcome: str, *, after: int = 0, limit: int = 100) -> list[BulkSubject]:
    """Subjects of one outcome in the order of the list, after a place; with what a page shows of them."""
    rows = bulk.subjects.filter(outcome=outcome, place__gt=after)
    return list(rows.select_related("commitment__lead", "unit").order_by("place")[:limit])


def reasons(bulk: Bulk, limit: int = 5) -> list[tuple[dict[str, Any], int]]:
    """Why subjects were refused and how many for each reason, the most frequent first, at most ``limit`` reasons."""
    found = bulk.subjects.filter(outcome=BulkSubject.Outcome.REFUSED).order_by().values("refusal")
    counted = found.annotate(n=Count("pk")).order_by("-n", "refusal")[:limit]
    return [(one["refusal"], one["n"]) for one in counted]


def every_refusal(bulk: Bulk) -> Iterator[BulkSubject]:
    """All refused subjects, streamed, for the list to download."""
    rows = bulk.subjects.filter(outcome=BulkSubject.Outcome.REFUSED).select_related("commitment__lead", "unit")
    return rows.order_by("place").iterator(chunk_size=1000)


def to_close(actor: Actor, at: datetime) -> tuple[list[tuple[str, str, str]], int]:
    """What waits for the actor's approval: ref, title and lead, at most 500; and how many there are in all."""
    seat = actor.effective
    if seat.role not in (Role.HEAD, Role.OFFICE):
        return [], 0
    issuing = Q(issuer_id=seat.unit_id)
    if seat.role is Role.OFFICE:
        issuing |= Q(issuer__path=seat.area_path)
    else:
        issuing |= Q(issuer__area_id=seat.unit_id)
    rows = visible(actor).filter(issuing, state=State.VERIFIED)
    shown = rows.order_by("lead_path", "ref").values_list("ref", "title", "lead__name")[:OFFERED]
    return list(shown), rows.count()


def posts_within(actor: Actor) -> list[tuple[str, str]]:
    """Posts that may be named for work of the actor's unit and of the units below it: ref and name, at most 500."""
    seat = actor.effective
    top = seat.area_path if seat.role is Role.OFFICE else seat.unit_path
    posts = Post.objects.filter(
        **subtree("unit__path", top), active=True, role__in=[Role.HEAD, Role.OFFICE, Role.HANDLER]
    )
    rows = posts.select_related("unit").order_by("unit__path", "ref")[:OFFERED]
    return [(post.ref, f"{post.unit.name} · {post.title}") for post in rows]
