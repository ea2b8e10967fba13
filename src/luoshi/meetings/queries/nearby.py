"""同类按期核实: units like one whose commitment is late, where the same was verified in time; and what stands beside.

Which units are alike is the rule of the review book (:func:`luoshi.rules.book.nearest`) by its variables, shown with
their values. They stand in the order of the tree: this tells where to ask, and ranks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils.translation import gettext

from luoshi.delivery.models import Commitment, Programme, Verification
from luoshi.delivery.queries import visible
from luoshi.delivery.queries.pages import Card
from luoshi.meetings.models import Practice
from luoshi.meetings.queries import figures
from luoshi.meetings.queries.figures import Ground
from luoshi.meetings.queries.practices import latest_verified, of_commitments
from luoshi.rules import book, lights, paths, practices
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Actor, Role
from luoshi.units import queries as units
from luoshi.units.models import Unit

MOST = 400
"""Verified commitments looked at, at most: those of the units beside, of one matter and part."""


@dataclass(frozen=True, slots=True)
class Near:
    """One unit that is alike: its values, the commitment verified there, how, and its write-up if there is one."""

    unit: Unit
    values: Sequence[tuple[str, int]]
    """The words of each variable and its value."""
    commitment: Commitment
    verified: Verification | None
    practice: Practice | None
    seen: bool


@dataclass(frozen=True, slots=True)
class Nearby:
    """The variables by which units are compared, the own values, and the nearest units."""

    unit: Unit
    matter: int
    variables: Sequence[tuple[str, str]]
    """Name and words of each."""
    own: Sequence[tuple[str, int]]
    units: Sequence[Near]


def is_late(commitment: Commitment, light: lights.Light) -> bool:
    """Whether it is late and not over: those who see it may want to know where the same was done in time."""
    return light.colour == "red" or (commitment.missed and State(commitment.state) not in OVER)


def may_compare(actor: Actor, programme: Programme, above: str) -> bool:
    """Whether the actor may see how the units directly below ``above`` (a path) stand, as the programme says."""
    if actor.role is Role.SYSTEM or paths.within(above, actor.effective.area_path):
        return True
    if programme.visibility == Programme.Visibility.OWN:
        return False
    if paths.directly_above(above, actor.effective.area_path):
        return True
    return programme.visibility == Programme.Visibility.ALL and above == programme.owner.area.path


def nearby(actor: Actor, commitment: Commitment, today: date) -> Nearby | None:
    """The units most like the lead that had the same verified in time（同类按期核实）; ``None`` without any.

    The same: of one programme, matter and part of it, led by the area itself or by a department as here, verified or
    struck off, and never late. Units are those beside the lead's own area. Nine statements, whatever there is.
    """
    area, programme = commitment.lead.area, commitment.programme
    above = paths.parent(area.path)
    if not above or not may_compare(actor, programme, above):
        return None
    parent = Unit.objects.get(pk=paths.own_id(above))
    beside = {unit.pk: unit for unit in units.areas_below(parent)}
    if area.pk not in beside:
        return None
    done = _verified(commitment, [pk for pk in beside if pk != area.pk])
    if not done:
        return None
    ground = Ground(programme, parent, today, today, list(programme.matters.all()), list(beside.values()))
    told = figures.values_of(ground, figures.standing(ground))
    names = figures.varying(told)
    if not names:
        return None
    near = book.nearest(area.pk, {pk: told[pk] for pk in beside if pk == area.pk or pk in done}, names)
    written = of_commitments(actor, [row.pk for pk in near for row in done[pk]])
    chosen = {pk: next((row for row in done[pk] if row.pk in written), done[pk][0]) for pk in near}
    looked = latest_verified([row.pk for row in chosen.values()])
    seen = set(visible(actor).filter(pk__in=[row.pk for row in chosen.values()]).values_list("pk", flat=True))
    return Nearby(
        unit=beside[area.pk],
        matter=commitment.matter_id,
        variables=[(name, gettext(book.VARIABLES[name])) for name in names],
        own=_values(told[area.pk], names),
        units=[
            Near(
                unit=beside[pk],
                values=_values(told[pk], names),
                commitment=row,
                verified=looked.get(row.pk),
                practice=written.get(row.pk),
                seen=row.pk in seen,
            )
            for pk, row in chosen.items()
        ],
    )


def _values(told: Mapping[str, int], names: Sequence[str]) -> list[tuple[str, int]]:
    return [(gettext(book.VARIABLES[name]), told[name]) for name in names]


def _verified(late: Commitment, areas: Sequence[int]) -> dict[int, list[Commitment]]:
    """Area → what was verified there in time of the same, that of the same whole first, then the newest."""
    same = Commitment.objects.filter(
        matter=late.matter_id,
        sub_matter=late.sub_matter_id,
        programme=late.programme_id,
        kind=late.kind,
        state__in=sorted(practices.VERIFIED),
        missed=False,
        off_system=False,
    ).select_related("lead")
    if late.lead_id == late.lead.area_id:
        rows = same.filter(lead__in=areas)
    else:
        beside = Unit.objects.filter(area__in=areas, kind=late.lead.kind, valid_until__isnull=True)
        rows = same.filter(lead__in=beside.values("pk"))
    found: dict[int, list[Commitment]] = {}
    for row in rows.order_by(F("closed_at").desc(nulls_last=True), "-pk")[:MOST]:
        found.setdefault(row.lead.area_id, []).append(row)
    for some in found.values():
        some.sort(key=lambda row: late.parent_id is None or row.parent_id != late.parent_id)
    return found


@dataclass(frozen=True, slots=True)
class Own:
    """What stands beside a verified commitment: its write-up, or that its unit may write one."""

    commitment: Commitment
    practice: Practice | None
    may_write: bool


def card(actor: Actor, commitment: Commitment, light: lights.Light, at: datetime) -> Card | None:
    """Beside a late commitment the units nearby; beside a verified one its write-up; else nothing."""
    if commitment.off_system:
        return None
    if State(commitment.state) in practices.VERIFIED:
        practice = of_commitments(actor, [commitment.pk]).get(commitment.pk)
        lead = commitment.lead
        may = practice is None and practices.speaks(actor, lead.path, lead.area.path, village=lead.level == "village")
        return Card("meetings/practice_card.html", Own(commitment, practice, may)) if practice or may else None
    if is_late(commitment, light):
        found = nearby(actor, commitment, local_day(at))
        return Card("meetings/nearby_card.html", found) if found else None
    return None
