"""Visits a post may see（走访查询）: its own, and of those only what has been revealed by today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from luoshi.assurance.models import Visit
from luoshi.office.models import StoredFile
from luoshi.rules import visiting
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.queries import shapes_for

WITH = ("unit", "commitment", "commitment__lead", "commitment__programme", "campaign")
SHOWN = 200
"""Visits on one list; nobody makes more in the weeks it looks back on."""


def mine(actor: Actor, at: datetime) -> QuerySet[Visit]:
    """Visits of the actor's post up to today（本岗走访）: what comes tomorrow is revealed tomorrow."""
    own = Visit.objects.filter(verifier_post_id=actor.effective.post_id, day__lte=local_day(at))
    return own.select_related(*WITH).order_by("day", "route", "id")


def open_visits(actor: Actor, at: datetime) -> list[Visit]:
    """Those that wait to be made, the oldest day first, in the order of the route."""
    return list(mine(actor, at).filter(state=Visit.State.ASSIGNED)[:SHOWN])


def past_visits(actor: Actor, at: datetime) -> list[Visit]:
    """Those that are over, the last recorded first."""
    over = mine(actor, at).exclude(state=Visit.State.ASSIGNED)
    return list(over.order_by("-recorded_at", "-id")[:20])


def visit_for(actor: Actor, key: UUID, at: datetime) -> Visit:
    """One of the actor's visits.

    Raises:
        Refused: ``not_found`` also for what is revealed later and for what is another's.
    """
    found = mine(actor, at).filter(key=key).first()
    if found is None:
        raise Refused("not_found")
    return found


def lock_visit(actor: Actor, key: UUID, at: datetime) -> Visit:
    """The same, locked until the transaction ends.

    Raises:
        Refused: ``not_found``.
    """
    found = mine(actor, at).select_for_update(of=("self",)).filter(key=key).first()
    if found is None:
        raise Refused("not_found")
    return found


def criteria_of(visit: Visit) -> list[str]:
    """The criteria a verdict is asked for, as they stand in the commitment."""
    return [str(one) for one in visit.commitment.criteria]


def place_of(visit: Visit) -> str:
    """What the place is called in sentences."""
    return f"{visit.unit.name}（{visit.commitment.ref}）"


def photo_of(visit: Visit, digest: str) -> tuple[StoredFile, str]:
    """A photo of a visit and its name.

    Raises:
        Refused: ``not_found``.
    """
    name = next((one["name"] for one in visit.photos if one["digest"] == digest), None)
    stored = StoredFile.objects.filter(digest=digest).first() if name is not None else None
    if name is None or stored is None:
        raise Refused("not_found")
    return stored, name


def reaches(visits: Sequence[Visit]) -> dict[int, tuple[tuple[float, float], int]]:
    """Unit → its middle (longitude, latitude in degrees) and its reach in metres, of those that are on a map.

    The telephone compares where it stands with this and says near or far; its own position never leaves it.
    """
    _map, shapes = shapes_for([one.unit_id for one in visits], geometry=True) if visits else (None, {})
    return {unit: visiting.reach(box) for unit, shape in shapes.items() if (box := _box(shape.geometry)) is not None}


def _box(geometry: dict[str, object]) -> tuple[float, float, float, float] | None:
    positions = list(_positions(geometry.get("coordinates")))
    if not positions:
        return None
    east, north = [one[0] for one in positions], [one[1] for one in positions]
    return min(east), min(north), max(east), max(north)


def _positions(part: object) -> Iterable[tuple[float, float]]:
    if not isinstance(part, list | tuple) or not part:
        return
    if isinstance(part[0], int | float):
        yield float(part[0]), float(part[1])
        return
    for one in part:
        yield from _positions(one)
