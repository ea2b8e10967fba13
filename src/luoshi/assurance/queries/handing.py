"""What handing out needs to read（派员查询）: the campaign, what comes next, whom visits have met, points on a map."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from luoshi.assurance.models import Campaign, Place, SealedLot, Visit, VisitApproval
from luoshi.assurance.queries import campaigns
from luoshi.delivery.queries.slips import plan_of
from luoshi.rules import slips
from luoshi.rules.eligibility import looked_at_twice
from luoshi.rules.frequency import Met
from luoshi.rules.paths import subtree
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.rules.routes import Point
from luoshi.units.models import Unit
from luoshi.units.queries import shapes_for

STANDS = ~Q(state=Visit.State.WITHDRAWN)
"""Visits that count as handed out."""


def campaign_for(actor: Actor, ref: str, *, lock: bool = False) -> Campaign:
    """One campaign within the actor's sight, locked until the transaction ends if wanted.

    Raises:
        Refused: ``not_found``.
    """
    if not lock:
        return campaigns.campaign_for(actor, ref)
    found = campaigns.campaigns_seen(actor).select_for_update(of=("self",)).filter(ref=ref).first()
    if found is None:
        raise Refused("not_found")
    return found


def ordering_area(campaign: Campaign) -> Unit:
    """The area that has the visits of a campaign made."""
    return campaign.by_post.unit.area


def period_days(area: Unit, day: date) -> int:
    """Days within which a unit is met once, by the supervision plan of the area（督查计划）."""
    plan = plan_of(area, day)
    return plan.period_days if plan else slips.PERIOD_DAYS


def next_places(campaign: Campaign, count: int) -> list[Place]:
    """The first places of the drawn order that nobody is sent to（下一批）; no place is passed over."""
    sent = Visit.objects.filter(STANDS, place=OuterRef("pk"), kind=Visit.Kind.DRAWN)
    rows = campaign.places.filter(~Exists(sent), position__isnull=False).order_by("position")
    return list(rows.select_related("unit__area", "commitment__lead__area", "commitment__issuer__area")[:count])


def to_look_at_again(campaign: Campaign, secret: str, day: date) -> list[Visit]:
    """First visits of days before, drawn by the sealed lot and not looked at again yet（待盲复核）."""
    again = Visit.objects.filter(STANDS, first=OuterRef("pk"), kind=Visit.Kind.BLIND)
    rows = campaign.visits.filter(
        ~Exists(again), kind=Visit.Kind.DRAWN, day__lt=day, state__in=(Visit.State.ASSIGNED, Visit.State.DONE)
    )
    rows = rows.select_related("place", "unit__area", "commitment__lead__area", "commitment__issuer__area")
    return [
        one
        for one in rows.order_by("place__position")
        if one.place and looked_at_twice(campaign.seed, secret, one.place.code, campaign.second_visits_bp)
    ]


def plans_visits(actor: Actor) -> bool:
    """Whether the actor plans the visits of its area: its office or its head, not the head of a department."""
    seat = actor.effective
    return actor.role is Role.OFFICE or (actor.role is Role.HEAD and seat.unit_path == seat.area_path)


def known_to(actor: Actor, today: date, campaign: Campaign | None = None) -> Q:
    """Visits an actor may know of（可知走访）: those whose day has come, and what it plans itself.

    What another side has made for a day to come is nobody's knowledge: not by a list, not by what a list leaves out,
    and not by a refusal. The clock plans for all and tells nobody.

    Args:
        actor: who looks or acts.
        today: the day of looking.
        campaign: the one whose visits it hands out, if any.
    """
    if actor.role is Role.SYSTEM:
        return Q()
    known = Q(day__lte=today)
    if plans_visits(actor):
        known |= Q(ordered_by__path=actor.effective.area_path)
    return known | Q(campaign=campaign) if campaign is not None else known


def met(units: Collection[int], day: date, days: int, known: Q) -> list[Met]:
    """Visits that meet some units within the period of a day, before or after it; one statement.

    A look-back that reached nobody met nobody: it is made again within days.

    Args:
        units: who is met.
        day: around which day.
        days: the period.
        known: of which visits whoever asks may know; see :func:`known_to`.
    """
    nobody = Q(kind=Visit.Kind.LOOK_BACK, state=Visit.State.UNREACHABLE)
    rows = Visit.objects.filter(
        STANDS, ~nobody, known, unit__in=units, day__gt=day - timedelta(days=days), day__lt=day + timedelta(days=days)
    ).order_by("pk")
    return [Met(unit, on, by or 0) for unit, on, by in rows.values_list("unit_id", "day", "ordered_by_id")]


def approvals(area: Unit, units: Iterable[int], campaign: Campaign | None) -> dict[int, VisitApproval]:
    """Unit → the oldest approval of another visit that is not used yet; one statement."""
    rows = VisitApproval.objects.filter(area=area, unit__in=units, visit__isnull=True)
    rows = rows.filter(Q(campaign__isnull=True) | Q(campaign=campaign))
    return {row.unit_id: row for row in rows.order_by("-pk") if row.unit_id is not None}


def seconds_approved(campaign: Campaign) -> VisitApproval | None:
    """The approval of the blind second visits of a campaign."""
    return VisitApproval.objects.filter(campaign=campaign, unit__isnull=True).select_related("by_post__unit").first()


def points(units: Collection[int]) -> dict[int, Point]:
    """Unit → the middle of its outline, of those that stand on a map; three statements at most."""
    _map, shapes = shapes_for(list(units), geometry=True) if units else (None, {})
    found = {}
    for unit, shape in shapes.items():
        corners = list(_positions(shape.geometry.get("coordinates")))
        if corners:
            east, north = [one[0] for one in corners], [one[1] for one in corners]
            found[unit] = ((min(east) + max(east)) / 2, (min(north) + max(north)) / 2)
    return found


def _positions(part: Any) -> Iterable[Point]:
    if not isinstance(part, list | tuple) or not part:
        return
    if isinstance(part[0], int | float):
        yield float(part[0]), float(part[1])
        return
    for one in part:
        yield from _positions(one)


def given(posts: Collection[int], day: date) -> dict[int, int]:
    """Post → visits it has for a day already."""
    rows = Visit.objects.filter(STANDS, verifier_post__in=posts, day=day).order_by()
    return dict(rows.values_list("verifier_post_id").annotate(n=Count("pk")))


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a campaign as its office sees it: how many visits, how many are over; nobody's own figure."""

    day: date
    visits: int
    over: int


def days_of(campaign: Campaign) -> list[DayLine]:
    """The days handed out, the last first（已派日程）; one statement."""
    over = Count("pk", filter=Q(state__in=(Visit.State.DONE, Visit.State.UNREACHABLE)))
    rows = campaign.visits.filter(STANDS).order_by("-day").values("day").annotate(n=Count("pk"), over=over)
    return [DayLine(row["day"], row["n"], row["over"]) for row in rows]


def handed_out(campaign: Campaign) -> int:
    """How many places of the order have their visit."""
    return campaign.visits.filter(STANDS, kind=Visit.Kind.DRAWN).count()


def is_over(campaign: Campaign) -> bool:
    """Whether a campaign is concluded or stopped."""
    return campaign.stage in (Campaign.Stage.CONCLUDED, Campaign.Stage.STOPPED)


def open_by(campaign: Campaign, day: date) -> list[Visit]:
    """Visits up to a day that are not made yet, in the order of the tree; who goes is not among it."""
    rows = campaign.visits.filter(state=Visit.State.ASSIGNED, day__lte=day)
    return list(rows.select_related("unit").order_by("day", "unit__path")[:300])


def visit_to_withdraw(actor: Actor, key: UUID, today: date, *, lock: bool = False) -> Visit:
    """A visit that the actor may take back: his own once it is revealed, or one his side has made.

    Raises:
        Refused: ``not_found``; whether the side may is asked of the rules.
    """
    rows = Visit.objects.select_for_update(of=("self",)) if lock else Visit.objects.all()
    found = (
        rows.select_related("ordered_by__area", "campaign__by_post__unit", "unit", "commitment__programme")
        .filter(key=key)
        .first()
    )
    if found is None or (found.day > today and actor.role is Role.VERIFIER):
        raise Refused("not_found")
    own = found.verifier_post_id == actor.effective.post_id
    if not own and (found.ordered_by is None or actor.role is Role.VERIFIER):
        raise Refused("not_found")
    return found


def sealed_lot(campaign: Campaign) -> SealedLot | None:
    """The sealed lot of a campaign, once something was handed out."""
    return SealedLot.objects.filter(campaign=campaign).first()


def approvals_of(campaign: Campaign, actor: Actor, today: date) -> QuerySet[VisitApproval]:
    """What was approved for a campaign, the last first; an approval that rests on a visit still to come is its side's.

    Args:
        campaign: the campaign.
        actor: who looks.
        today: the day of looking.
    """
    rows = VisitApproval.objects.filter(campaign=campaign)
    if not plans_visits(actor):
        rows = rows.filter(Q(last_on__isnull=True) | Q(last_on__lte=today))
    return rows.select_related("unit", "by_post__unit").order_by("-pk")


def visits_between(path: str, start: date, end: date) -> list[tuple[str, int]]:
    """Paths of units beneath one, and how many visits met each from a day to a day; one statement."""
    rows = Visit.objects.filter(STANDS, day__gte=start, day__lte=end, **subtree("unit__path", path)).order_by()
    return [(row["unit__path"], row["n"]) for row in rows.values("unit__path").annotate(n=Count("pk"))]
