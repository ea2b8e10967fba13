"""覆盖: how far what was handed down has come, by level and by unit, and who is missing, by name.

Counts are made in the database: the statements are the same for sixteen units and for sixteen thousand, and names are
read a page at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count as Number
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length, Substr

from luoshi.delivery.models import Commitment, Matter, Programme, Reminder
from luoshi.delivery.queries.register import visible
from luoshi.rules import coverage, paths
from luoshi.rules.calendar import local_day
from luoshi.rules.coverage import OPEN_IN, STEPS, Count, Coverage
from luoshi.rules.lifecycle import OVER, Act, Kind, State
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import LEVELS, Post, Unit
from luoshi.units.models import Kind as UnitKind
from luoshi.units.queries import home_id, line_above, unit_in_scope

PAGE = 50
"""Holes on one page."""
SHOWN_UNITS = 300
"""Units listed one level below; areas come first."""
STEP = paths.WIDTH + 1

_NOT_HANDED_DOWN = (State.DRAFT, State.WITHDRAWN)
_BELOW = (
    "WITH RECURSIVE below(id) AS ("
    "SELECT id FROM delivery_commitment WHERE parent_id = %s"
    " UNION ALL SELECT part.id FROM delivery_commitment part JOIN below ON part.parent_id = below.id"
    ") SELECT id FROM below"
)


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed down and is looked at: parts of one commitment, or a programme's, within one unit."""

    rows: QuerySet[Commitment]
    top: Unit
    line: tuple[Unit, ...] = ()
    """Areas between the widest view open to the reader and ``top``, the widest first."""
    commitment: Commitment | None = None
    programme: Programme | None = None
    matter: Matter | None = None


@dataclass(frozen=True, slots=True)
class LevelLine:
    """One level of government, areas and their departments apart."""

    level: str
    area: bool
    counts: Coverage


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit one level below, with everything under it."""

    unit: Unit
    counts: Coverage
    further: bool
    """Whether something was handed down below it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The whole picture: in all, by level, by unit."""

    total: Coverage
    levels: Sequence[LevelLine]
    units: Sequence[UnitLine]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Hole:
    """A unit that has not taken a step: since when, and by when it was asked."""

    commitment: Commitment
    since: datetime | None
    due_on: date | None
    open: bool
    """Whether it can take the step now; a unit that has not accepted cannot report yet."""
    reminded_at: datetime | None
    reminded_today: bool


# --- What is looked at ------------------------------------------------------------------------------------------------


def handed_down(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """Only what reached a unit: no drafts, nothing withdrawn, no periods of duties."""
    return rows.exclude(state__in=_NOT_HANDED_DOWN).exclude(kind=Kind.PERIOD)


def below(commitment: Commitment) -> Q:
    """Everything a commitment was broken down into, over all levels."""
    return Q(pk__in=RawSQL(_BELOW, [commitment.pk]))  # noqa: S611 - our own statement, the value is a parameter


def parts_handed(actor: Actor, commitment: Commitment, unit_id: int | None = None) -> Handed:
    """The parts of a commitment on every level, within one unit below it when asked; with permission.

    Raises:
        Refused: ``not_found`` for a unit out of sight or not below the lead.
    """
    rows = handed_down(visible(actor)).filter(below(commitment))
    top = commitment.lead.area
    if unit_id is None or unit_id == top.pk:
        return Handed(rows, top, commitment=commitment)
    unit = Unit.objects.select_related("area").filter(pk=unit_id).first()
    if unit is None or not paths.within(unit.path, top.path):
        raise Refused("not_found")
    if not (commitment.issuer_id == actor.effective.unit_id or _sees(actor, unit)):
        raise Refused("not_found")
    line = tuple(one for one in line_above(unit) if paths.within(one.path, top.path))
    return Handed(rows.filter(**paths.subtree("lead_path", unit.path)), unit, line, commitment=commitment)


def programme_handed(
    actor: Actor, programme: Programme, matter_id: int | None = None, unit_id: int | None = None
) -> Handed:
    """Everything of a programme, or of one matter, handed down within one unit; with permission.

    Raises:
        Refused: ``not_found`` for a unit out of scope or a matter of another programme.
    """
    unit = unit_in_scope(actor, unit_id or home_id(actor))
    matter = None
    if matter_id is not None:
        matter = programme.matters.filter(pk=matter_id).first()
        if matter is None:
            raise Refused("not_found")
    rows = handed_down(visible(actor)).filter(programme=programme, **paths.subtree("lead_path", unit.path))
    if matter is not None:
        rows = rows.filter(matter=matter)
    line = tuple(one for one in line_above(unit) if _sees(actor, one))
    return Handed(rows, unit, line, programme=programme, matter=matter)


def _sees(actor: Actor, unit: Unit) -> bool:
    return actor.role is Role.SYSTEM or paths.within(unit.path, actor.effective.area_path)


# --- The steps --------------------------------------------------------------------------------------------------------


def taken(step: Act) -> Q:
    """Commitments on which the step was taken."""
    if step is Act.ACCEPT:
        never = Q(state=State.SUSPENDED, resume_state=State.ISSUED)
        return ~Q(state__in=[State.ISSUED, State.DECLINED]) & ~never
    if step is Act.BREAK_DOWN:
        return Q(children_count__gt=0)
    return Q(lead_post__isnull=False) if step is Act.ASSIGN else Q(reports_count__gt=0)


def hole(step: Act) -> Q:
    """Commitments whose lead owes the step and has not taken it.

    Only an area with receiving areas below owes breaking down, only a place that has posts owes naming one (villages
    are answered for by their township); nothing is owed on what is over; an off-system item holds no reports.
    """
    if step is Act.ACCEPT:
        never = Q(state=State.SUSPENDED, resume_state=State.ISSUED)
        return Q(state__in=[State.ISSUED, State.DECLINED]) | never
    running = ~Q(state__in=[state.value for state in OVER])
    if step is Act.BREAK_DOWN:
        above = Unit.objects.filter(kind=UnitKind.AREA, receives=True, valid_until__isnull=True, parent__isnull=False)
        return running & Q(children_count=0, lead__kind=UnitKind.AREA, lead_id__in=above.order_by().values("parent_id"))
    if step is Act.ASSIGN:
        manned = Post.objects.filter(active=True).order_by().values("unit__area_id")
        return running & Q(lead_post__isnull=True, lead__area_id__in=manned)
    return running & Q(reports_count=0, off_system=False)


# --- Counting ---------------------------------------------------------------------------------------------------------


def _figures() -> dict[str, Any]:
    found: dict[str, Any] = {"total": Number("pk")}
    for number, step in enumerate(STEPS):
        found[f"done_{number}"] = Number("pk", filter=taken(step))
        found[f"hole_{number}"] = Number("pk", filter=hole(step))
    return found


def _read(row: Mapping[str, Any]) -> Coverage:
    counts = [Count(row[f"done_{n}"] + row[f"hole_{n}"], row[f"done_{n}"]) for n in range(len(STEPS))]
    return Coverage(row["total"], *counts)


def total(handed: Handed) -> Coverage:
    """All four steps in all; one statement."""
    return _read(handed.rows.select_related(None).order_by().aggregate(**_figures()))


def covered(handed: Handed) -> Covered:
    """The picture by level and by unit one level below ``top``（各级、各单位覆盖情况）; two statements."""
    length = len(handed.top.path)
    grouped = (
        handed.rows.select_related(None)
        .order_by()
        .annotate(place=Substr("lead_path", 1, length + STEP), level=F("lead__level"), sort=F("lead__kind"))
        .annotate(deeper=Length("lead_path"))
        .values("place", "level", "sort", "deeper")
        .annotate(**_figures())
    )
    levels: dict[tuple[str, bool], Coverage] = {}
    units: dict[str, Coverage] = {}
    further: set[str] = set()
    whole = coverage.NOTHING
    for row in grouped:
        counts = _read(row)
        whole += counts
        kind = (row["level"], row["sort"] == UnitKind.AREA)
        levels[kind] = levels.get(kind, coverage.NOTHING) + counts
        units[row["place"]] = units.get(row["place"], coverage.NOTHING) + counts
        if row["deeper"] > length + STEP:
            further.add(row["place"])
    named = Unit.objects.filter(path__in=list(units))
    found = [UnitLine(unit, units[unit.path], unit.path in further) for unit in named]
    found.sort(key=lambda line: (line.unit.pk != handed.top.pk, line.unit.kind != UnitKind.AREA, line.unit.path))
    order = sorted(levels, key=lambda kind: (LEVELS.index(kind[0]) if kind[0] in LEVELS else 9, not kind[1]))
    return Covered(
        whole,
        [LevelLine(level, area, levels[level, area]) for level, area in order],
        found[:SHOWN_UNITS],
        max(0, len(found) - SHOWN_UNITS),
    )


# --- The holes by name ------------------------------------------------------------------------------------------------


def holes(
    handed: Handed, step: Act, at: datetime, *, level: str = "", after: int | None = None, limit: int = PAGE
) -> tuple[list[Hole], int | None]:
    """Units that have not taken a step（缺口）, in the order of the tree, by keyset; at most two statements.

    Args:
        handed: what is looked at, fetched with permission.
        step: one of :data:`luoshi.rules.coverage.STEPS`.
        at: now.
        level: only units of that level.
        after: the cursor of the page before.
        limit: at most so many.

    Returns:
        the holes, and the cursor of the page that follows or nothing.
    """
    rows = hole_rows(handed, step, level=level)
    if after is not None:
        last = handed.rows.filter(pk=after).values_list("lead_path", flat=True).first()
        if last is not None:
            rows = rows.filter(Q(lead_path__gt=last) | Q(lead_path=last, pk__gt=after))
    found = list(rows[: limit + 1])
    today = local_day(at)
    made = [_hole(row, step, today) for row in found[:limit]]
    return made, (found[limit - 1].pk if len(found) > limit else None)


def hole_rows(handed: Handed, step: Act, *, level: str = "") -> QuerySet[Commitment]:
    """All of them in the order of the tree, each with ``reminded_at``; to be read in pieces."""
    rows = handed.rows.filter(hole(step))
    if level in LEVELS:
        rows = rows.filter(lead__level=level)
    return (
        rows.select_related(None)
        .select_related("lead__parent")
        .annotate(reminded_at=_last(step))
        .order_by("lead_path", "pk")
    )


def _last(step: Act) -> Subquery:
    newest = Reminder.objects.filter(commitment=OuterRef("pk"), unit=OuterRef("lead"), step=step.value).order_by("-on")
    return Subquery(newest.values("at")[:1])


def _hole(row: Commitment, step: Act, today: date) -> Hole:
    reminded: datetime | None = row.reminded_at  # type: ignore[attr-defined]
    return Hole(
        commitment=row,
        since=row.issued_at if step is Act.ACCEPT else (row.accepted_at or row.issued_at),
        due_on=row.accept_by if step is Act.ACCEPT else row.due_on,
        open=row.state == OPEN_IN[step],
        reminded_at=reminded,
        reminded_today=reminded is not None and local_day(reminded) == today,
    )


# --- Whom the actor may remind ----------------------------------------------------------------------------------------


def speaks_for_ids(actor: Actor) -> list[int]:
    """Units the seat speaks for: its own, and for an office the area it serves."""
    seat = actor.effective
    return [seat.unit_id, paths.own_id(seat.area_path)] if seat.role is Role.OFFICE else [seat.unit_id]


def may_remind(actor: Actor) -> Q | None:
    """Commitments whose lead the actor may remind: the issuing side, and heads and offices above; never one's own.

    A handler reminds the parts its own unit handed down; nobody else reminds.
    """
    seat = actor.effective
    own = speaks_for_ids(actor)
    if seat.role is Role.HANDLER:
        return Q(issuer_id__in=own) & ~Q(lead_id__in=own)
    if seat.role not in (Role.HEAD, Role.OFFICE):
        return None
    found = Q(issuer_id__in=own)
    presides = seat.role is Role.OFFICE or seat.unit_path == seat.area_path
    if presides and seat.area_path:
        found |= Q(**paths.subtree("lead_path", seat.area_path))
    if seat.role is Role.HEAD and seat.unit_path == seat.area_path:
        found |= Q(issuer__area_id=seat.unit_id)
    return found & ~Q(lead_id__in=own)


def to_remind(handed: Handed, step: Act, actor: Actor) -> QuerySet[Commitment]:
    """Holes the actor may remind now, in the order of the tree; the step is open to their leads."""
    allowed = may_remind(actor)
    rows = handed.rows.filter(hole(step), state=OPEN_IN[step])
    rows = rows.filter(allowed) if allowed is not None else rows.none()
    return rows.select_related(None).select_related("lead").order_by("lead_path", "pk")


def reminded_on(step: Act, rows: QuerySet[Commitment], day: date) -> list[Reminder]:
    """Reminders of that step written on that day for any of the rows; one statement."""
    ids = rows.order_by().values("pk")
    found = Reminder.objects.filter(step=step.value, on=day, commitment__in=ids, unit=F("commitment__lead"))
    return list(found.only("commitment_id", "at").order_by("at"))
