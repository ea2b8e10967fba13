"""The board（总览）: units × matters, from stored cells, within what a programme lets its viewers see.

The rows are the units one level below, or all counties at once. Totals of units outside the viewer's subtree are shown
as the programme's setting allows; nothing below a total is ever reached from there: no list, no report, no further
level, no counties of others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Case, QuerySet, When

from luoshi.accounts.adapters import composed_once
from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.rules import paths, rollup
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import Kind, Level, Unit

UNITS, COUNTIES, OWN = "units", "counties", "own"
"""The views of a board: one level below, all counties at once, or the one row of the unit itself."""


@dataclass(slots=True)
class Row:
    """One line of the board: a unit (None: what is led above the units shown) and its summaries by matter."""

    unit: Unit | None
    cells: dict[int, rollup.Summary]
    open: bool
    """Whether the viewer may go further from here."""
    total: rollup.Summary = rollup.ZERO
    """All matters together."""
    above: str = ""
    """The short name of the unit above, where rows of several units stand together."""

    def summary(self, matter_id: int | None) -> rollup.Summary:
        """One matter, or all together."""
        return self.total if matter_id is None else self.cells.get(matter_id, rollup.ZERO)


@dataclass(slots=True)
class Board:
    """What one viewer sees of one unit in one programme."""

    programme: Programme
    matters: list[Matter]
    unit: Unit
    line: list[Unit]
    inside: bool
    view: str = UNITS
    rows: list[Row] = field(default_factory=list)
    total: rollup.Summary = rollup.ZERO
    by_matter: dict[int, rollup.Summary] = field(default_factory=dict)
    """The headline of each matter."""

    def summary(self, matter_id: int | None) -> rollup.Summary:
        """The headline: of one matter, or of all."""
        return self.total if matter_id is None else self.by_matter.get(matter_id, rollup.ZERO)

    @property
    def shown(self) -> list[Unit]:
        """The units that have a row."""
        return [row.unit for row in self.rows if row.unit is not None]


def programmes_for(actor: Actor) -> list[Programme]:
    """Every programme within the actor's reach, those in force first; one statement."""
    area = actor.effective.area_path
    found = composed_once(Programme, ("reaching", area), lambda: delivery.programmes(actor))
    return sorted(found, key=lambda p: (p.state != "issued", p.key))


def chosen_programme(found: list[Programme], key: str = "") -> Programme | None:
    """The one of ``found`` asked for, else the first; ``Refused("not_found")`` for one out of reach."""
    if not key:
        return found[0] if found else None
    for one in found:
        if one.key == key:
            return one
    raise Refused("not_found")


def choose_programme(actor: Actor, key: str = "") -> Programme | None:
    """The programme asked for, else the first in force, else any; ``Refused("not_found")`` for one out of reach."""
    return chosen_programme(programmes_for(actor), key)


def reaches(actor: Actor, unit: Unit) -> bool:
    """Whether the unit lies in the viewer's own subtree, where everything may be seen."""
    return actor.role is Role.SYSTEM or paths.within(unit.path, actor.effective.area_path)


def may_view(actor: Actor, programme: Programme, unit: Unit) -> bool:
    """Whether the viewer may see the rows below ``unit``: its own subtree, or totals above it as the programme says."""
    if reaches(actor, unit):
        return True
    if programme.visibility == Programme.Visibility.OWN:
        return False
    if paths.directly_above(unit.path, actor.effective.area_path):
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
    wanted = unit_id or units.home_id(actor)
    found = next(iter(composed_once(Unit, ("one", wanted), lambda: Unit.objects.filter(pk=wanted))), None)
    if found is None or not found.is_area or not may_view(actor, programme, found):
        raise Refused("not_found")
    return found


def has_counties(actor: Actor, unit: Unit) -> bool:
    """Whether all counties at once is a view of its own here: two levels below, in one's own subtree."""
    return unit.level == Level.PROVINCE and reaches(actor, unit)


def counties_below(unit: Unit) -> QuerySet[Unit]:
    """All counties below a province in the order of their codes; ``above`` names the prefecture."""
    return (
        units.standing()
        .filter(kind=Kind.AREA, level=Level.COUNTY, receives=True, **paths.subtree("path", unit.path))
        .annotate(above=Case(When(parent__short_name="", then="parent__name"), default="parent__short_name"))
        .only("code", "name", "short_name", "path", "kind", "level", "area_id")
        .order_by("code", "id")
    )


def board(actor: Actor, programme: Programme, unit: Unit, view: str = UNITS) -> Board:
    """The board of one area（总览）; six statements, whatever the number of units and matters.

    Raises:
        Refused: ``not_found`` when all counties are asked for where they may not be seen or are no view of their own,
            or the own row of a unit beside one's own.
    """
    if (view == COUNTIES and not has_counties(actor, unit)) or (view == OWN and not reaches(actor, unit)):
        raise Refused("not_found")
    matters = composed_once(Matter, ("of", programme.pk), programme.matters.all)
    inside = reaches(actor, unit)
    choose = counties_below if view == COUNTIES else units.areas_below
    below = composed_once(Unit, (view, unit.pk, unit.path), lambda: choose(unit)) if view != OWN else []
    cells = delivery.cells([unit.pk, *(child.pk for child in below)], matters)
    line = upward(actor, programme, unit) if view != OWN else []
    made = Board(programme, matters, unit, line, inside, view)
    keys = [matter.pk for matter in matters]
    for child in below:
        row = {key: found for key in keys if (found := cells.get((child.pk, key)))}
        above = str(getattr(child, "above", ""))
        made.rows.append(Row(child, row, inside or reaches(actor, child), rollup.total(row.values()), above))
    shown = {key: rollup.total(row.cells[key] for row in made.rows if key in row.cells) for key in keys}
    if inside:
        made.by_matter = {key: cells.get((unit.pk, key), rollup.ZERO) for key in keys}
        own = {key: made.by_matter[key] - shown[key] for key in keys} if view != OWN else {}
        if any(own.values()):
            made.rows.append(Row(None, own, view == UNITS, rollup.total(own.values())))
    else:
        made.by_matter = shown
    made.total = rollup.total(made.by_matter.values())
    return made


def within_unit(actor: Actor, programme: Programme, unit: Unit, own_level: bool = False) -> QuerySet[Commitment]:
    """Live commitments led in the subtree of ``unit``, or by its own level only, as far as the viewer may see."""
    rows = delivery.visible(actor, below=unit.path).filter(programme=programme).exclude(state__in=rollup.NOT_LIVE)
    if own_level:
        return rows.filter(lead__area=unit)
    return rows
