"""Programmes and the stored cells of units × matters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from luoshi.accounts.adapters import planned
from luoshi.delivery.models import (
    Authority,
    Cell,
    CellDelta,
    CellVersion,
    Commitment,
    Matter,
    Programme,
    Report,
    Snapshot,
    SnapshotCell,
    Support,
)
from luoshi.rules import paths, rollup
from luoshi.rules.lifecycle import OVER, Kind, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit


def programmes(actor: Actor) -> QuerySet[Programme]:
    """Programmes that reach the actor: owned by an area on the actor's line or within its subtree."""
    area = actor.effective.area_path
    rows = Programme.objects.select_related("owner")
    if not area:
        return rows
    return rows.filter(Q(owner__area__path__in=paths.line(area)) | Q(**paths.subtree("owner__path", area)))


_TIMINGS = (
    f"SELECT p.timing_now_id, p.warning_days FROM {Programme._meta.db_table} p "
    f"JOIN {Unit._meta.db_table} o ON o.id = p.owner_id LEFT JOIN {Unit._meta.db_table} a ON a.id = o.area_id "
    "WHERE (%s = '' OR p.key = %s)"
)


Timings = list[tuple[int | None, int]]
"""Of each programme the key of its timing and its warning window."""


def timings_of(actor: Actor, key: str = "") -> Timings:
    """Key of the timing and warning window of each programme that reaches the actor, or of the one called ``key``."""
    with planned() as cursor:
        cursor.execute(*_timings(actor, key))
        return [(timing, days) for timing, days in cursor.fetchall()]


def _timings(actor: Actor, key: str) -> tuple[str, list[Any]]:
    area = actor.effective.area_path
    line = paths.line(area)
    reached = f" AND (a.path IN ({', '.join(['%s'] * len(line))}) OR (o.path >= %s AND o.path < %s))" if area else ""
    return _TIMINGS + reached, [key, key, *((*line, *paths.span(area)) if area else ())]


def programme_for(actor: Actor, key: str) -> Programme:
    """One programme within reach.

    Raises:
        Refused: ``not_found``.
    """
    found = programmes(actor).filter(key=key).first()
    if found is None:
        raise Refused("not_found")
    return found


_FIRST = f"SELECT MIN(from_on) FROM {Authority._meta.db_table} WHERE programme_id = %s"


def first_authority_on(programme: Programme) -> date | None:
    """The first day on which somebody had the authority for a programme; ``None`` without any."""
    with planned() as cursor:
        cursor.execute(_FIRST, [programme.pk])
        (told,) = cursor.fetchone()
    return date.fromisoformat(told) if isinstance(told, str) else told


_COLUMNS = ", ".join(rollup.COLUMNS)
_PART = "SELECT unit_id, matter_id, {columns} FROM {table} WHERE unit_id IN ({{units}}) AND matter_id IN ({{matters}})"
_ALL = "SELECT unit_id, matter_id, {sums} FROM ({base} UNION ALL {deltas}) AS parts GROUP BY unit_id, matter_id"
_SUMS = _ALL.format(  # names of our own tables and columns only; every value is a parameter
    sums=", ".join(f"CAST(SUM({column}) AS bigint)" for column in rollup.COLUMNS),
    base=_PART.format(columns=_COLUMNS, table=Cell._meta.db_table),
    deltas=_PART.format(columns=_COLUMNS, table=CellDelta._meta.db_table),
)
"""Written once instead of composed for every board: composing it cost more than running it."""


def cells(unit_ids: Iterable[int], matters: Iterable[Matter]) -> dict[tuple[int, int], rollup.Summary]:
    """The summary of each unit × matter: stored base plus deltas not folded yet. One statement, whatever the size.

    One statement sees one moment: a fold that commits meanwhile can neither hide a delta nor count it twice. The
    caller has already limited ``unit_ids`` to what the actor may see; empty cells are absent.
    """
    units, matter_ids = list(unit_ids), [matter.pk for matter in matters]
    if not units or not matter_ids:
        return {}
    places = _SUMS.format(
        units=", ".join(["%s"] * len(units)),
        matters=", ".join(["%s"] * len(matter_ids)),
    )
    with planned() as cursor:
        cursor.execute(places, [*units, *matter_ids, *units, *matter_ids])
        return {(row[0], row[1]): rollup.Summary(*row[2:]) for row in cursor.fetchall()}


_ONE = "SELECT {columns} FROM {table} WHERE unit_id = %s{{matters}}"
_LESS = "SELECT {columns} FROM {table} WHERE unit_id IN ({{units}}){{matters}}"
_OUTSIDE = "(c.lead_path < %s OR c.lead_path >= %s)"
_SEEN_BEYOND = (  # one range of an index for each way of seeing something outside one's area
    f"EXISTS (SELECT 1 FROM {Commitment._meta.db_table} c WHERE c.issuer_id = %s AND {_OUTSIDE}) OR "
    f"EXISTS (SELECT 1 FROM {Commitment._meta.db_table} c WHERE c.verifying_unit_id = %s AND {_OUTSIDE}) OR "
    f"EXISTS (SELECT 1 FROM {Support._meta.db_table} s JOIN {Commitment._meta.db_table} c ON c.id = s.commitment_id "
    f"WHERE s.unit_id = %s AND {_OUTSIDE})"
)


def counted_in(
    actor: Actor, unit: int, less: Sequence[int], matters: Sequence[int] | None, *, look_beyond: bool, key: str = ""
) -> tuple[rollup.Summary, bool, Timings]:
    """What the cells of a unit say, less those of ``less``（格内合计）, of some matters or all; one statement.

    With ``look_beyond`` it is also told whether the actor's post sees anything outside its own area. The caller has
    made sure that the unit lies within that area. What :func:`timings_of` says comes along, for the colours.
    """
    if matters is not None and not matters:
        return rollup.ZERO, False, timings_of(actor, key)
    chosen = f" AND matter_id IN ({', '.join(['%s'] * len(matters))})" if matters is not None else ""
    plus = ", ".join(f"{column} AS {column}" for column in rollup.COLUMNS)
    minus = ", ".join(f"-{column}" for column in rollup.COLUMNS)
    tables = (Cell._meta.db_table, CellDelta._meta.db_table)
    parts, params = [], []
    for table in tables:
        parts.append(_ONE.format(columns=plus, table=table).format(matters=chosen))
        params += [unit, *(matters or ())]
    for table in tables if less else ():
        places = ", ".join(["%s"] * len(less))
        parts.append(_LESS.format(columns=minus, table=table).format(units=places, matters=chosen))
        params += [*less, *(matters or ())]
    sums = ", ".join(f"CAST(COALESCE(SUM({column}), 0) AS bigint)" for column in rollup.COLUMNS)
    seat = actor.effective
    beyond = "1 = 0"
    before: list[Any] = []
    if look_beyond:
        beyond = _SEEN_BEYOND
        before = [seat.unit_id, *paths.span(seat.area_path)] * 3
    shown, asked = _timings(actor, key)
    listed = "json_agg(json_build_array" if connection.vendor == "postgresql" else "json_group_array(json_array"
    timings = f"SELECT {listed}(t.timing_now_id, t.warning_days)) FROM ({shown}) t"
    with planned() as cursor:
        cursor.execute(
            f"SELECT {beyond}, ({timings}), {sums} FROM ({' UNION ALL '.join(parts)}) AS parts",
            [*before, *asked, *params],
        )
        row = cursor.fetchone()
    told = json.loads(row[1]) if isinstance(row[1], str) else row[1] or []
    return rollup.Summary(*map(int, row[2:])), bool(row[0]), [(timing, days) for timing, days in told]


def _column(name: str) -> str:
    """How one commitment ``c`` counts in a column of a summary; the SQL twin of ``rollup.contribution``."""
    leaf = "((c.children_count = 0 OR c.carries_parts) AND NOT c.counted_with_parent)"
    if name.startswith(("state_", "light_")):
        field, value = name.split("_", 1)
        return f"CASE WHEN c.{field} = '{value}' THEN 1 ELSE 0 END"
    if name.startswith("verified_"):
        how = name.removeprefix("verified_")
        return f"CASE WHEN {leaf} AND c.verified_how = '{how}' THEN c.weight * c.verified ELSE 0 END"
    return {
        "items": "1",
        "weight": f"CASE WHEN {leaf} THEN c.weight ELSE 0 END",
        "said": f"CASE WHEN {leaf} THEN c.weight * c.said ELSE 0 END",
        "overdue": "CASE WHEN c.light = 'red' THEN 1 ELSE 0 END",
        "open_findings": "c.open_findings",
        "missed": "CASE WHEN c.missed THEN 1 ELSE 0 END",
    }[name]


def counted(*, of_ids: bool = False) -> str:
    """SQL that counts cells from the commitments alone（从头汇总）: unit, matter and every column of a summary.

    Two steps: first by lead and matter, then each of these sums once for every unit above the lead. With ``of_ids``
    only commitments of the ids in the one parameter: an array on PostgreSQL, a JSON list on SQLite.
    """
    commitments, units = Commitment._meta.db_table, Unit._meta.db_table
    postgres = connection.vendor == "postgresql"
    chosen = "c.id = ANY(%s)" if postgres else "c.id IN (SELECT value FROM json_each(%s))"
    leaves = ", ".join(f"SUM({_column(name)}) AS {name}" for name in rollup.COLUMNS)
    above = ", ".join(f"SUM(leaf.{name}) AS {name}" for name in rollup.COLUMNS)
    states = ", ".join(f"'{state}'" for state in sorted(rollup.NOT_LIVE))
    steps = ", ".join(f"({n})" for n in range(1, paths.MAX_DEPTH + 1))
    return (
        f"WITH leaf AS (SELECT c.lead_id, c.matter_id, {leaves} FROM {commitments} c "
        f"WHERE c.state NOT IN ({states}) AND c.kind <> '{Kind.PERIOD.value}'{f' AND {chosen}' if of_ids else ''} "
        "GROUP BY c.lead_id, c.matter_id), "
        f"step (n) AS (VALUES {steps}) "
        f"SELECT a.id AS unit_id, leaf.matter_id, {above} FROM leaf JOIN {units} u ON u.id = leaf.lead_id "
        f"JOIN step ON step.n * {paths.STEP} <= length(u.path) "
        f"JOIN {units} a ON a.path = substr(u.path, 1, step.n * {paths.STEP}) "
        "GROUP BY a.id, leaf.matter_id"
    )


_STATE = (
    f"SELECT COALESCE((SELECT MAX(number) FROM {CellVersion._meta.db_table}), 0), COUNT(*), COALESCE(MAX(id), 0), "
    f"COALESCE((SELECT MAX(id) FROM {Snapshot._meta.db_table}), 0) FROM {CellDelta._meta.db_table}"
)


def cells_state() -> tuple[int, int, int, int]:
    """What a picture of the cells is valid for（格状态）; one statement.

    The version of the bases, the number of unfolded deltas, the highest of them, and the last day that was kept. Two
    equal states mean equal cells and the same line of days: a fold raises the version, and without a fold deltas only
    become more. Ids may commit out of order, which is why they are counted, too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        version, count, highest, kept = cursor.fetchone()
    return int(version), int(count), int(highest), int(kept)


_S, _SC = Snapshot._meta.db_table, SnapshotCell._meta.db_table
_KEPT = (
    f"SELECT s.day, {', '.join(f'SUM(c.{name})' for name in SnapshotCell.COLUMNS)} "
    f'FROM {_SC} c JOIN (SELECT id, "on" AS day FROM {_S}) s ON s.id = c.snapshot_id '
    "WHERE c.unit_id IN ({units}) AND c.matter_id IN ({matters}) AND s.day >= %s GROUP BY s.day ORDER BY s.day"
)


def kept_totals(unit_ids: Sequence[int], matter_ids: Sequence[int], since: date) -> list[tuple[date, rollup.Summary]]:
    """The sum of some cells on every day that was kept since ``since``, oldest first（历日合计）; one statement.

    Only the columns of :attr:`SnapshotCell.COLUMNS` are filled. Days that were not kept are absent.
    """
    if not unit_ids or not matter_ids:
        return []
    places = _KEPT.format(
        units=", ".join(["%s"] * len(unit_ids)),
        matters=", ".join(["%s"] * len(matter_ids)),
    )
    with connection.cursor() as cursor:
        cursor.execute(places, [*unit_ids, *matter_ids, connection.ops.adapt_datefield_value(since)])
        rows = cursor.fetchall()
    return [
        (
            on if isinstance(on, date) else date.fromisoformat(on),
            rollup.Summary(**dict(zip(SnapshotCell.COLUMNS, map(int, sums), strict=True))),
        )
        for on, *sums in rows
    ]


@dataclass(slots=True)
class Counters:
    """What is counted of one commitment: live parts, those not over, reports and when the last was recorded."""

    parts: int = 0
    open_parts: int = 0
    reports: int = 0
    last_reported_at: datetime | None = None


def counters() -> dict[int, Counters]:
    """Commitment → what is counted of it, anew; commitments without parts and reports are absent. Two statements."""
    found: dict[int, Counters] = {}
    parts = Count("pk", filter=~Q(state=State.WITHDRAWN) & ~Q(kind=Kind.PERIOD))
    opened = Count("pk", filter=~Q(state__in=[state.value for state in OVER]))
    children = Commitment.objects.filter(parent__isnull=False).values_list("parent").order_by()
    for parent, count, still in children.annotate(parts=parts, opened=opened).iterator():
        found[parent] = Counters(count, still)
    told = Report.objects.values_list("commitment").order_by().annotate(n=Count("pk"), last=Max("recorded_at"))
    for pk, count, last in told.iterator():
        one = found.setdefault(pk, Counters())
        one.reports, one.last_reported_at = count, last
    return found
