"""The board（总览）: units one level below × matters, from stored cells, within what a programme lets its viewers see.

Totals of units outside the viewer's subtree are shown as the programme's setting allows; nothing below a total is ever
reached from there: no list, no report, no further level.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.rules import lights, paths, rollup
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import Unit

NEEDS = 6
GAP = 20
"""Percentage points between said and verified from which a commitment is named on the board."""


@dataclass(slots=True)
class Row:
    """One line of the board: a unit (None: the viewed unit's own level) and its summaries by matter."""

    unit: Unit | None
    cells: dict[int, rollup.Summary]
    open: bool
    """Whether the viewer may go further from here."""

    @property
    def total(self) -> rollup.Summary:
        """All matters together."""
        return sum(self.cells.values(), rollup.ZERO)


@dataclass(slots=True)
class Board:
    """What one viewer sees of one unit in one programme."""

    programme: Programme
    matters: list[Matter]
    unit: Unit
    line: list[Unit]
    inside: bool
    rows: list[Row] = field(default_factory=list)
    total: rollup.Summary = rollup.ZERO


def choose_programme(actor: Actor, key: str = "") -> Programme | None:
    """The programme asked for, else the first in force, else any; ``Refused("not_found")`` for one out of reach."""
    if key:
        return delivery.programme_for(actor, key)
    found = sorted(delivery.programmes(actor), key=lambda p: (p.state != "issued", p.key))
    return found[0] if found else None


def may_view(actor: Actor, programme: Programme, unit: Unit) -> bool:
    """Whether the viewer may see the rows below ``unit``: its own subtree, or totals above it as the programme says."""
    own = actor.effective.area_path
    if paths.within(unit.path, own) or actor.role is Role.SYSTEM:
        return True
    if programme.visibility == Programme.Visibility.OWN:
        return False
    if paths.directly_above(unit.path, own):
        return True
    return programme.visibility == Programme.Visibility.ALL and unit.pk == programme.owner.area_id


def upward(actor: Actor, programme: Programme, unit: Unit) -> list[Unit]:
    """The areas above ``unit`` whose board the viewer may open, the highest first; one statement."""
    line = units.line_above(unit)
    return [area for area in line if may_view(actor, programme, area)]


def area_for(actor: Actor, programme: Programme, unit_id: int | None) -> Unit:
    """The area to be viewed.

    Raises:
        Refused: ``not_found`` when there is none or the viewer may not see it; the two cannot be told apart.
    """
    found = Unit.objects.select_related("area", "parent").filter(pk=unit_id or units.home_id(actor)).first()
    if found is None or not found.is_area or not may_view(actor, programme, found):
        raise Refused("not_found")
    return found


def board(actor: Actor, programme: Programme, unit: Unit) -> Board:
    """The board of one area（总览）; six statements, whatever the number of units and matters."""
    matters = list(programme.matters.all())
    inside = paths.within(unit.path, actor.effective.area_path) or actor.role is Role.SYSTEM
    below = list(units.areas_below(unit))
    cells = delivery.cells([unit.pk, *(child.pk for child in below)], matters)
    made = Board(programme, matters, unit, upward(actor, programme, unit), inside)
    own = {matter.pk: cells.get((unit.pk, matter.pk), rollup.ZERO) for matter in matters}
    for child in below:
        row = {matter.pk: cells.get((child.pk, matter.pk), rollup.ZERO) for matter in matters}
        reach = paths.within(child.path, actor.effective.area_path) or actor.role is Role.SYSTEM
        made.rows.append(Row(child, row, reach))
        if inside:
            own = {pk: own[pk] - row[pk] for pk in own}
    if inside and any(own.values()):
        made.rows.append(Row(None, own, True))
    made.total = sum((row.total for row in made.rows), rollup.ZERO)
    return made


@dataclass(frozen=True, slots=True)
class Need:
    """One line of “what needs you”, with the rule that put it there."""

    commitment: Commitment
    rule: str
    light: lights.Light


def needs(actor: Actor, programme: Programme, unit: Unit, at: datetime) -> list[Need]:
    """What needs the viewer（要您拿主意的）: longest overdue, waiting for a reply, largest gap; three statements."""
    rows = within_unit(actor, programme, unit).exclude(kind="period")
    waiting = rows.filter(open_requests__gt=0, state__in=["issued", "accepted", "suspended"]).order_by("due_on", "pk")
    gap = (
        rows.exclude(verified_how="")
        .exclude(state__in=["closed", "withdrawn"])
        .filter(gap__gte=GAP, children_count=0)
        .order_by("-gap", "pk")
    )
    overdue = rows.filter(light="red").order_by("due_on", "pk")
    found: dict[int, Need] = {}
    for rule, some in (("reply", waiting[:2]), ("overdue", overdue[:3]), ("gap", gap[:3])):
        for commitment in some:
            found.setdefault(commitment.pk, Need(commitment, rule, lights.light(commitment.light_facts(), at)))
    return list(found.values())[:NEEDS]


def within_unit(actor: Actor, programme: Programme, unit: Unit, own_level: bool = False) -> QuerySet[Commitment]:
    """Live commitments led in the subtree of ``unit``, or by its own level only, as far as the viewer may see."""
    rows = delivery.visible(actor).filter(programme=programme).exclude(state__in=rollup.NOT_LIVE)
    if own_level:
        return rows.filter(lead__area=unit)
    return rows.filter(**paths.subtree("lead_path", unit.path))
