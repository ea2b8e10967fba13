"""复盘册的数字: what stands in the cells, and what happened since the last meeting, for each unit and matter.

Said, verified, late and the like come from the kept cells; what no cell knows is counted by one grouped statement each.
So the number of statements depends neither on the units nor on the commitments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Substr

from luoshi.assurance.models import LookBackDraw, Visit
from luoshi.delivery import queries as delivery
from luoshi.delivery.models import (
    Commitment,
    Extension,
    Finding,
    LookBack,
    Matter,
    Programme,
    Report,
    Request,
    Snapshot,
    SnapshotCell,
)
from luoshi.delivery.queries.foreseen import expected
from luoshi.rules import book, burden, paths, rollup
from luoshi.rules.calendar import due_moment
from luoshi.rules.lifecycle import Kind, State
from luoshi.units import queries as units
from luoshi.units.models import Unit

ABOVE = 0
"""The key of what is led above the units of the book: by the owner's own departments."""
COUNTED_VISITS = (Visit.Kind.DRAWN, Visit.Kind.DIRECTED, Visit.Kind.LOOK_BACK)
"""Visits that look for themselves; a blind second one looks at the first."""
POINTS = 12
"""Kept days drawn in a line of the book at most."""

Counts = dict[str, int]
Table = dict[tuple[int, int], Counts]
"""(unit or :data:`ABOVE`, matter) → counts by name."""


@dataclass(frozen=True)
class Ground:
    """What a book is about: a programme within the area of its owner, since the last meeting, as of a day."""

    programme: Programme
    area: Unit
    since: date
    today: date
    matters: Sequence[Matter]
    units: Sequence[Unit]

    @cached_property
    def keys(self) -> frozenset[int]:
        """The keys of the units of the book."""
        return frozenset(unit.pk for unit in self.units)

    @property
    def begins(self) -> datetime:
        """The first moment after the day of the last meeting."""
        return due_moment(self.since)

    @property
    def ends(self) -> datetime:
        """The moment up to which acts count: the end of the day of the book."""
        return due_moment(self.today)

    @property
    def width(self) -> int:
        """Characters of the path of a unit directly below the area."""
        return len(self.area.path) + paths.STEP

    def unit_of(self, path: str) -> int:
        """The unit of the book a path lies in, else :data:`ABOVE`."""
        key = paths.own_id(path[: self.width]) if len(path) >= self.width else ABOVE
        return key if key in self.keys else ABOVE


def ground(programme: Programme, since: date, today: date) -> Ground:
    """The matters and the units one level below of a programme's owner; two statements."""
    area = programme.owner.area
    return Ground(programme, area, since, today, list(programme.matters.all()), list(units.areas_below(area)))


def live(on: Ground) -> QuerySet[Commitment]:
    """Every commitment that counts within the ground, as cells count it."""
    rows = Commitment.objects.filter(programme=on.programme, **paths.subtree("lead_path", on.area.path))
    return rows.exclude(state__in=rollup.NOT_LIVE).exclude(kind=Kind.PERIOD)


def _beneath(on: Ground, way: str = "") -> Q:
    """Rows about commitments of the ground, by the way to the commitment (``commitment__`` or nothing)."""
    conditions = {f"{way}{name}": value for name, value in paths.subtree("lead_path", on.area.path).items()}
    return Q(**{f"{way}programme": on.programme}, **conditions)


def _grouped(on: Ground, rows: QuerySet[Any], way: str = "", **counts: Any) -> Table:
    """Counts of rows by unit and matter; one statement."""
    found: Table = defaultdict(lambda: defaultdict(int))
    placed = rows.order_by().annotate(place_=Substr(f"{way}lead_path", 1, on.width))
    for told in placed.values("place_", matter_=F(f"{way}matter_id")).annotate(**counts):
        mine = found[on.unit_of(told["place_"]), told["matter_"]]
        for name in counts:
            mine[name] += told[name] or 0
    return found


def happened(on: Ground) -> Table:
    """What happened and what is foreseen, by unit and matter（期内情况）; eight statements."""
    whole: Table = defaultdict(lambda: defaultdict(int))
    for part in (_tasks(on), _extended(on), _visits(on), _findings(on), _requests(on), _looked_back(on), _asked(on)):
        for key, counts in part.items():
            for name, n in counts.items():
                whole[key][name] += n
    return whole


def _tasks(on: Ground) -> Table:
    promised = Q(first_due_on__gt=on.since, first_due_on__lte=on.today)
    return _grouped(
        on,
        live(on),
        promised=Count("pk", filter=promised),
        promised_said=Count("pk", filter=promised & Q(said=100)),
        promised_closed=Count("pk", filter=promised & Q(state=State.CLOSED)),
        closed_since=Count("pk", filter=Q(state=State.CLOSED, closed_at__gte=on.begins)),
        extended_again=Count("pk", filter=extended_again()),
        foreseen=Count("pk", filter=expected(on.today)),
        silent=Count("pk", filter=silent(on.today)),
    )


def silent(today: date) -> Q:
    """Leaves under way that were not heard of for long."""
    since = due_moment(today - timedelta(days=book.LIMITS.silent_days + 1))
    return Q(state=State.ACCEPTED, said__lt=100, open_requests=0, children_count=0, heard_at__lt=since)


def extended_again() -> Q:
    """What was extended more than once and is not over."""
    return Q(extensions_granted__gte=2) & ~Q(state__in=(State.CLOSED, State.ENDED))


def _extended(on: Ground) -> Table:
    rows = Extension.objects.filter(
        _beneath(on, "commitment__"), granted=True, decided_at__gte=on.begins, decided_at__lt=on.ends
    )
    return _grouped(on, rows, "commitment__", extended=Count("commitment_id", distinct=True))


def visits(on: Ground) -> QuerySet[Visit]:
    """Visits made since the last meeting that look for themselves."""
    return Visit.objects.filter(
        _beneath(on, "commitment__"),
        kind__in=COUNTED_VISITS,
        state__in=(Visit.State.DONE, Visit.State.UNREACHABLE),
        day__gt=on.since,
        day__lte=on.today,
    )


def visits_after_said(on: Ground) -> QuerySet[Visit]:
    """Those that were made where it had been said that everything is done, and found something or other."""
    whole = Report.objects.filter(commitment=OuterRef("commitment"), percent=100)
    return visits(on).filter(Exists(whole), state=Visit.State.DONE)


def _visits(on: Ground) -> Table:
    whole = Exists(Report.objects.filter(commitment=OuterRef("commitment"), percent=100))
    done = Q(state=Visit.State.DONE)
    return _grouped(
        on,
        visits(on).annotate(whole_=whole),
        "commitment__",
        visited=Count("pk", filter=done),
        visited_failed=Count("pk", filter=Q(holds=False)),
        visited_said=Count("pk", filter=done & Q(whole_=True)),
        visited_said_failed=Count("pk", filter=Q(holds=False, whole_=True)),
        unreachable=Count("pk", filter=Q(state=Visit.State.UNREACHABLE)),
    )


def _findings(on: Ground) -> Table:
    rows = Finding.objects.filter(_beneath(on, "commitment__"))
    open_ = Q(conclusion="")
    lately = Q(at__gte=on.begins)
    return _grouped(
        on,
        rows.filter(open_ | lately),
        "commitment__",
        findings_open=Count("pk", filter=open_),
        findings_unanswered=Count("pk", filter=open_ & Q(answered_at__isnull=True)),
        findings_raised=Count("pk", filter=lately),
        findings_answered=Count("pk", filter=lately & Q(answered_at__isnull=False)),
        findings_upheld=Count("pk", filter=lately & Q(conclusion="upheld")),
    )


def owed(on: Ground) -> QuerySet[Request]:
    """Open requests whose reply is owed above the unit that asks（上级欠复）, with the first day it is late."""
    rows = Request.objects.filter(_beneath(on, "commitment__"), replied_at__isnull=True, withdrawn_at__isnull=True)
    lies_with = Coalesce("lies_with__path", "commitment__issuer__path")
    rows = rows.annotate(theirs_=Substr(lies_with, 1, on.width), asker_=Substr("commitment__lead_path", 1, on.width))
    return rows.exclude(theirs_=F("asker_"))


def _requests(on: Ground) -> Table:
    late = Q(reply_by_on__lt=on.today)
    return _grouped(on, owed(on), "commitment__", owed=Count("pk"), owed_late=Count("pk", filter=late))


def looked_back(on: Ground) -> QuerySet[LookBack]:
    """Looks at what had been struck off, made since the last meeting（期内回头看）."""
    return LookBack.objects.filter(_beneath(on, "commitment__"), at__gte=on.begins, at__lt=on.ends)


def drawn(on: Ground) -> QuerySet[LookBackDraw]:
    """Those of the half-year cycle on which a lot fell and that were made; one still to come tells nobody of itself."""
    visits = {"visit__state": Visit.State.DONE, "visit__day__gt": on.since, "visit__day__lte": on.today}
    return LookBackDraw.objects.filter(_beneath(on, "commitment__"), **visits)


def _looked_back(on: Ground) -> Table:
    found = _grouped(
        on,
        looked_back(on),
        "commitment__",
        looked_back=Count("pk"),
        held=Count("pk", filter=Q(passed=True)),
        relapsed=Count("pk", filter=Q(passed=False)),
    )
    for key, counts in _grouped(on, drawn(on), "commitment__", drawn_back=Count("pk")).items():
        found[key]["drawn_back"] += counts["drawn_back"]
    return found


def still_asked() -> Q:
    """What says that it is complete and is asked for by the calendar all the same."""
    return Q(state__in=(State.ACCEPTED, State.APPLIED, State.VERIFIED), said=100) & ~Q(cadence="on_change")


def _asked(on: Ground) -> Table:
    """What is asked now: tasks and minutes a week by the rule of thumb of :mod:`luoshi.rules.burden`."""
    rows = live(on).filter(state__in=(State.ISSUED, State.ACCEPTED, State.APPLIED, State.VERIFIED))
    placed = rows.order_by().annotate(place_=Substr("lead_path", 1, on.width))
    grouped = placed.values_list("place_", "matter_id", "cadence", "asks_files", "asks_photos").annotate(
        n=Count("pk"), idle=Count("pk", filter=still_asked())
    )
    minutes: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    found: Table = defaultdict(lambda: defaultdict(int))
    for path, matter, cadence, files, photos, n, idle in grouped:
        key = on.unit_of(path), matter
        each = burden.weekly_minutes(cadence, files=files, photos=photos)
        minutes[key][0] += n * each
        minutes[key][1] += idle * each
        found[key]["asks"] += n
        found[key]["asked_complete"] += idle
    for key, (weekly, idle_minutes) in minutes.items():
        found[key]["weekly_minutes"] += round(weekly)
        found[key]["asked_minutes"] += round(idle_minutes)
    return found


# --- What the cells know ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What stood on the first kept day since the meeting, and the line of days from there; empty without one."""

    on: date | None = None
    then: Mapping[tuple[int, int], rollup.Summary] = field(default_factory=dict)
    days: Sequence[tuple[date, Mapping[tuple[int, int], rollup.Summary]]] = ()


def kept(on: Ground) -> Kept:
    """The days kept since the last meeting, thinned to :data:`POINTS`（历日）; two statements."""
    days = dict(Snapshot.objects.filter(on__gte=on.since, on__lt=on.today).order_by("on").values_list("on", "pk"))
    drawn = book.thinned(list(days), POINTS - 1)
    if not drawn:
        return Kept()
    keys = [on.area.pk, *(unit.pk for unit in on.units)]
    rows = SnapshotCell.objects.filter(
        snapshot__in=[days[day] for day in drawn], unit__in=keys, matter__in=[matter.pk for matter in on.matters]
    )
    by_day: dict[int, dict[tuple[int, int], rollup.Summary]] = defaultdict(dict)
    for snapshot, unit, matter, *columns in rows.values_list(
        "snapshot_id", "unit_id", "matter_id", *SnapshotCell.COLUMNS
    ):
        told = dict(zip(SnapshotCell.COLUMNS, columns, strict=True))
        by_day[snapshot][unit, matter] = rollup.Summary(**told)
    line = [(day, by_day[days[day]]) for day in drawn]
    return Kept(drawn[0], line[0][1], line)


def standing(on: Ground) -> dict[tuple[int, int], rollup.Summary]:
    """The cells of the area and its units as they stand now; one statement."""
    return delivery.cells([on.area.pk, *(unit.pk for unit in on.units)], on.matters)


VARIABLES = ("counties", "townships", "villages", "tasks", "weight")
_LEVELS = {"county": "counties", "township": "townships", "village": "villages"}


def values_of(on: Ground, cells: Mapping[tuple[int, int], rollup.Summary]) -> dict[int, Counts]:
    """What is known of every unit today, by which units are compared（可比变量）; one statement.

    Subordinate areas of each level, tasks, and their weight; nothing that says how well anybody does.
    """
    found: dict[int, Counts] = {unit.pk: dict.fromkeys(VARIABLES, 0) for unit in on.units}
    rows = units.standing().filter(kind="area", **paths.subtree("path", on.area.path)).order_by()
    below = rows.annotate(place_=Substr("path", 1, on.width)).values_list("place_", "level").annotate(n=Count("pk"))
    for path, level, n in below:
        key = on.unit_of(path)
        if key in found and level in _LEVELS:
            found[key][_LEVELS[level]] += n
    for unit in on.units:
        own = rollup.total(cell for matter in on.matters if (cell := cells.get((unit.pk, matter.pk))) is not None)
        found[unit.pk] |= {"tasks": own.items, "weight": own.weight}
    return found


def varying(values: Mapping[int, Counts]) -> tuple[str, ...]:
    """The variables that tell units apart at all."""
    return tuple(name for name in VARIABLES if len({told[name] for told in values.values()}) > 1)


def added(tables: Iterable[Counts]) -> Counts:
    """Counts added by name."""
    whole: Counts = defaultdict(int)
    for one in tables:
        for name, n in one.items():
            whole[name] += n
    return dict(whole)
