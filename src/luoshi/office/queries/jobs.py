"""Which jobs somebody may see（作业）."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from luoshi.office.models import Job
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused


def visible(actor: Actor) -> QuerySet[Job]:
    """The jobs the actor started, and those of his unit when he is its head or its supervision office.

    Administrators also see the jobs the clock started, which belong to no unit.
    """
    mine = Q(user_id=actor.user_id)
    if actor.role in {Role.HEAD, Role.OFFICE}:
        mine |= Q(unit_path=actor.effective.unit_path) & ~Q(unit_path="")
    if actor.role is Role.ADMINISTRATOR:
        mine |= Q(user=None)
    return Job.objects.filter(mine)


def job(actor: Actor, job_id: int) -> Job:
    """One job the actor may see; ``Refused("not_found")`` otherwise."""
    found = visible(actor).filter(pk=job_id).select_related("user").first() if 0 < job_id < 2**63 else None
    if found is None:
        raise Refused("not_found")
    return found


def page(actor: Actor, *, before: int | None = None, limit: int = 50) -> tuple[list[Job], int | None]:
    """At most ``limit`` (1–200) jobs from the newest, and the cursor of the next page (``None`` at the end)."""
    limit = max(1, min(limit, 200))
    rows = visible(actor).select_related("user").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=min(before, 2**63 - 1))
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None
