"""投影: read rows derived from acts; ``luoshi rebuild`` remakes every one of them from the commitments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Substr, TruncDate

from luoshi.delivery.models import Cell, CellDelta, CellVersion, Commitment, Evidence, Programme, Report, Timing
from luoshi.delivery.models.timings import calendar_if, timing_of
from luoshi.delivery.queries import findable, totals
from luoshi.ledger.adapters import Statement
from luoshi.office import services as office
from luoshi.office.models.many import set_rows
from luoshi.rules import lights, paths, rollup
from luoshi.rules.calendar import SHANGHAI
from luoshi.rules.lifecycle import OVER, Act, Kind, Move, State
from luoshi.units.models import Unit
from luoshi.units.queries.calendars import local_depth

SHOWN_BY = frozenset({Act.EDIT, Act.REISSUE, Act.CHANGE_LEAD})
"""Acts after which a commitment is found under other words or in another scope."""


_CELLS, _DELTAS = Cell._meta.db_table, CellDelta._meta.db_table
_NAMES = ", ".join(rollup.COLUMNS)

OVER_VALUES = tuple(state.value for state in OVER)


def turn_light(commitment: Commitment, *, at: datetime) -> None:
    """Compute light, missed, the next moment at which time alone changes them, and let the ladder begin or stand.

    Nothing is saved here.
    """
    turn_light_alone(commitment, at=at)
    commitment.arm(at)


def turn_light_alone(commitment: Commitment, *, at: datetime) -> None:
    """The same for the light alone: what the clock does when a date passes and nobody acts."""
    commitment.light, commitment.next_due_at, commitment.missed = _turned(commitment.light_facts(), at)


def _turned(facts: lights.Facts, at: datetime) -> tuple[str, datetime | None, bool]:
    """Colour, next moment and whether a date was missed, from facts that may not know yet that it was."""
    light, after = lights.turn(facts, at)
    if light.code == "overdue" and not facts.missed:
        facts = replace(facts, missed=True)
        light, after = lights.turn(facts, at)
    return light.colour, after, facts.missed


def append_deltas(changes: Iterable[tuple[str, int, rollup.Summary]]) -> None:
    """Append one delta row for each unit above each change.

    Args:
        changes: (path of the unit in whose cells it counts, matter id, delta); zero deltas are skipped and equal
            cells are added up first, so a bulk act writes at most one row a cell.
    """
    sums: dict[tuple[int, int], rollup.Summary] = {}
    for path, matter_id, delta in changes:
        if delta:
            for unit_id in paths.ids(path):
                key = unit_id, matter_id
                sums[key] = sums[key] + delta if key in sums else delta
    rows = [(unit_id, matter_id, *delta) for (unit_id, matter_id), delta in sums.items() if delta]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 500):
            values = ", ".join(f"({', '.join(map(str, map(int, row)))})" for row in rows[start : start + 500])
            cursor.execute(f"INSERT INTO {_DELTAS} (unit_id, matter_id, {_NAMES}) VALUES {values}")


def append_new(ids: Sequence[int]) -> None:
    """Append the deltas of commitments that have just been made, thousands at once: counted by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_DELTAS} (unit_id, matter_id, {_NAMES}) {totals.counted(of_ids=True)}",
            [list(ids) if connection.vendor == "postgresql" else json.dumps(list(ids))],
        )


def on_change(commitment: Commitment, before: rollup.Summary, *, old_path: str) -> Statement | None:
    """Carry one act into the cells; the statement returned has still to be run, beside the entry of the act.

    ``old_path`` is the lead's path before the act: when the lead changed, what counted there is taken away there.
    """
    after, path, matter = commitment.summary(), commitment.lead.path, commitment.matter_id
    if old_path != path or connection.vendor != "postgresql":
        append_deltas([(old_path, matter, -before), (path, matter, after)])
        return None
    delta = after - before
    return Statement(_APPEND, [str(matter), _array(paths.ids(path)), _array(delta)]) if delta else None


_APPEND = (
    f"INSERT INTO {_DELTAS} (unit_id, matter_id, {_NAMES}) "
    f"SELECT unit, %s, {', '.join(f'n[{place}]' for place, _name in enumerate(rollup.COLUMNS, 1))} "
    "FROM unnest(%s::bigint[]) unit, (SELECT %s::bigint[] n) numbers"
)
"""One delta for every unit of a line. Its values are text: their size must not make another statement of it."""


def _array(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, map(int, numbers)))}}}"


def on_part(commitment: Commitment, move: Move, *, at: datetime) -> None:
    """Carry one act into the counters of the parent, whose row it locks: before anything is appended to the ledger."""
    if commitment.parent_id is not None:
        _tell_parent(commitment.parent_id, commitment, move, at=at)


def on_words(commitments: Iterable[Commitment]) -> None:
    """Enter commitments into the search index; bulk acts call it once. Parts that share words cost a row each."""
    office.index(findable.commitment_item(commitment) for commitment in commitments)


def on_lead(commitments: Iterable[Commitment]) -> None:
    """Other units lead now: commitments with what was reported on them are found where they are now."""
    rows = list(commitments)
    on_words(rows)
    office.take_along([(row.pk, row.lead.path) for row in rows], findable.HANGING)


def on_said(reports: Sequence[Report], evidence: Sequence[Evidence] = ()) -> None:
    """Reports and what stands behind them are found after the next turn of the clock; an act does not wait for it."""
    if reports:
        office.index_later(findable.REPORT, [row.pk for row in reports])
    if evidence:
        office.index_later(findable.EVIDENCE, [row.pk for row in evidence])


def _tell_parent(parent_id: int, commitment: Commitment, move: Move, *, at: datetime) -> None:
    was_over, is_over = move.before in OVER, move.after in OVER
    if was_over != is_over:
        parts_turned({parent_id: -1 if is_over else 1}, at=at)
    if move.after is State.WITHDRAWN and move.before is not State.WITHDRAWN and commitment.kind != Kind.PERIOD:
        parent = Commitment.objects.select_for_update(of=("self",)).select_related("lead").get(pk=parent_id)
        before = parent.summary()
        parent.children_count -= 1
        parent.save(update_fields=["children_count"])
        append_deltas([(parent.lead.path, parent.matter_id, parent.summary() - before)])


def parts_turned(steps: Mapping[int, int], *, at: datetime) -> None:
    """Count parts that ended or were reopened in their wholes, and show it where a whole is closed already.

    A whole that was struck off is not reopened by its part: its light says so until its approver has weighed it
    （decision 0019）, or until every part is closed again.

    Args:
        steps: id of the whole → how many more (or fewer) of its parts are open now.
        at: now.
    """
    locked = Commitment.objects.select_for_update(of=("self",)).filter(pk__in=steps).order_by("pk")
    closed = [pk for pk, state in locked.values_list("pk", "state") if state == State.CLOSED]
    weighed = Commitment.objects.select_related("lead", "programme").in_bulk(closed) if closed else {}
    for step in sorted(set(steps.values())):
        wholes = [pk for pk, one in sorted(steps.items()) if one == step and pk not in weighed]
        Commitment.objects.filter(pk__in=wholes).update(open_children=F("open_children") + step)
    changes = []
    for _pk, whole in sorted(weighed.items()):
        before, step = whole.summary(), steps[whole.pk]
        whole.open_children += step
        whole.reopened_parts = whole.reopened_parts + max(step, 0) if whole.open_children else 0
        turn_light(whole, at=at)
        whole.save(update_fields=["open_children", "reopened_parts", "light", "next_due_at", "missed"])
        changes.append((whole.lead.path, whole.matter_id, whole.summary() - before))
    append_deltas(changes)


def fold(limit: int = 50_000) -> int:
    """Fold waiting deltas into their cells（归并）; returns how many deltas were folded.

    One transaction and, on PostgreSQL, one statement: it takes deltas that no other folder holds and adds their sums
    to the cells in the order of units and matters, so that any number of ticks may fold at once and none waits
    crosswise. On SQLite the transaction is the only writer.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FOLD, [limit])
            folded = int(cursor.fetchone()[0])
            if folded:
                CellVersion.bump()
            return folded
        cursor.execute(f"SELECT max(id) FROM (SELECT id FROM {_DELTAS} ORDER BY id LIMIT %s)", [limit])
        (last,) = cursor.fetchone()
        if last is None:
            return 0
        cursor.execute(
            f"INSERT INTO {_CELLS} (unit_id, matter_id, {_NAMES}) SELECT unit_id, matter_id, {_SUMS} FROM {_DELTAS} "
            f"WHERE id <= %s GROUP BY unit_id, matter_id {_ADD}",
            [last],
        )
        cursor.execute(f"DELETE FROM {_DELTAS} WHERE id <= %s", [last])
        folded = int(cursor.rowcount)
        CellVersion.bump()
        return folded


_SUMS = ", ".join(f"SUM({name})" for name in rollup.COLUMNS)
_ADD = "ON CONFLICT (unit_id, matter_id) DO UPDATE SET " + ", ".join(
    f"{name} = {_CELLS}.{name} + excluded.{name}" for name in rollup.COLUMNS
)
_FOLD = (
    f"WITH taken AS (DELETE FROM {_DELTAS} WHERE id = ANY(ARRAY("
    f"SELECT id FROM {_DELTAS} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING unit_id, matter_id, {_NAMES}), "
    f"folded AS (INSERT INTO {_CELLS} (unit_id, matter_id, {_NAMES}) SELECT unit_id, matter_id, {_SUMS} FROM taken "
    f"GROUP BY unit_id, matter_id ORDER BY unit_id, matter_id {_ADD}) SELECT count(*) FROM taken"
)


def _still() -> None:
    """Let nobody act while everything is counted; readers go on. SQLite's one writer is us already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            tables = (Commitment._meta.db_table, CellDelta._meta.db_table)
            cursor.execute("LOCK TABLE {}, {} IN EXCLUSIVE MODE".format(*tables))


def remake_cells() -> None:
    """Remake every cell from zero, counted by the database; acts wait meanwhile, readers do not.

    Only cells that differ from the count are written, so that a rebuild that finds nothing wrong writes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _still()
        _follow_paths()
        cursor.execute(f"CREATE TEMPORARY TABLE counted AS {totals.counted()}")
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE counted")
        cursor.execute(f"DELETE FROM {_DELTAS}")
        same = "counted.unit_id = c.unit_id AND counted.matter_id = c.matter_id"
        cursor.execute(f"DELETE FROM {_CELLS} AS c WHERE NOT EXISTS (SELECT 1 FROM counted WHERE {same})")
        told, kept = (", ".join(f"{table}.{name}" for name in rollup.COLUMNS) for table in ("counted", "c"))
        differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        cursor.execute(
            f"INSERT INTO {_CELLS} (unit_id, matter_id, {_NAMES}) "
            f"SELECT counted.unit_id, counted.matter_id, {told} FROM counted LEFT JOIN {_CELLS} c ON {same} "
            f"WHERE ({told}) {differs} ({kept}) ON CONFLICT (unit_id, matter_id) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in rollup.COLUMNS)
        )
        cursor.execute("DROP TABLE counted")
        CellVersion.bump()


def _follow_paths() -> None:
    """Put every commitment below the present path of its lead."""
    path = Subquery(Unit.objects.filter(pk=OuterRef("lead_id")).values("path")[:1])
    Commitment.objects.exclude(lead_path=path).update(lead_path=path)


def recount(at: datetime) -> int:
    """Remake every derived column of commitments and every cell from zero; returns the number of commitments.

    One transaction: readers see the old figures until the new ones are whole. Only rows that differ are written, and
    only those are fetched: the database counts, and a light is computed once for all commitments with the same facts.
    """
    with transaction.atomic():
        _still()
        _recount_parts_and_reports()
        _turn_lights(at)
        remake_cells()
        return Commitment.objects.count()


_COUNTED = ("children_count", "open_children", "reopened_parts", "reports_count", "last_reported_at")
_LIT = ("light", "next_due_at", "missed")
DERIVED = (*_COUNTED, "lead_path", *_LIT)
"""Columns of a commitment that follow from other rows and the clock."""


def _recount_parts_and_reports() -> None:
    counted, nothing = totals.counters(), totals.Counters()
    silent = set(counted)
    wrong: list[Commitment] = []
    columns = ("pk", "state", *_COUNTED)
    quiet = Q(children_count=0, open_children=0, reopened_parts=0, reports_count=0, last_reported_at=None)

    def look(rows: Iterable[tuple[Any, ...]]) -> None:
        for pk, state, *before in rows:
            silent.discard(pk)
            now = counted.get(pk, nothing)
            reopened = before[2] if state == State.CLOSED and now.open_parts else 0
            after = [now.parts, now.open_parts, reopened, now.reports, now.last_reported_at]
            if before != after:
                wrong.append(Commitment(pk=pk, **dict(zip(_COUNTED, after, strict=True))))

    look(Commitment.objects.exclude(quiet).values_list(*columns).iterator())
    for start in range(0, len(ids := sorted(silent)), 500):
        look(Commitment.objects.filter(pk__in=ids[start : start + 500]).values_list(*columns))
    set_rows(wrong, _COUNTED)


def _turn_lights(at: datetime) -> None:
    """Turn every light that is not as it should be; commitments of the same facts are looked at once.

    What the lights know of moments is their day, and of a percentage whether it is full; so there are as many kinds of
    facts as there are dates, not as there are commitments.
    """
    days = {
        f"{name}_on": TruncDate(f"{name}_at", tzinfo=SHANGHAI) for name in ("issued", "accepted", "completed", "closed")
    }
    rows = (
        Commitment.objects.order_by()
        .alias(**days)
        .annotate(
            **{f"the_{name}": F(name) for name in days},
            full=Case(When(said__gte=100, then=Value(100)), default=Value(0)),
            under=_calendar_of(),
            again=Case(When(reopened_parts__gt=0, open_children__gt=0, then=Value(1)), default=Value(0)),
        )
    )
    own = ("state", "accept_by", "due_on", "first_due_on")
    now = ("timing_id", "programme__timing_now_id", "programme__warning_days", "waiting_since")
    kinds = (*own, *(f"the_{name}" for name in days), "full", "again", *now, "under", *_LIT)
    wrong: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for kind in rows.values_list(*kinds).distinct().iterator():
        told = dict(zip(kinds, kind, strict=True))
        key = told["timing_id"] if told["the_issued_on"] else told["programme__timing_now_id"]
        thresholds = timing_of(key, told["programme__warning_days"]).thresholds
        facts = lights.Facts(
            **{name: told[name] for name in own},
            **{name: told[f"the_{name}"] for name in days},
            said=told["full"],
            part_reopened=bool(told["again"]),
            waiting_since=told["waiting_since"],
            thresholds=thresholds,
            calendar=calendar_if(thresholds, told["under"]),
            missed=told["missed"],
        )
        turned = _turned(facts, at)
        if turned != kind[-3:]:
            wrong[kind] = turned
    if not wrong:
        return
    changed = []
    for pk, *kind in rows.values_list("pk", *kinds).iterator():
        if lit := wrong.get(tuple(kind)):
            changed.append(Commitment(pk=pk, **dict(zip(_LIT, lit, strict=True))))
            if len(changed) == 5_000:
                set_rows(changed, _LIT)
                changed.clear()
    set_rows(changed, _LIT)


def _calendar_of() -> Any:
    """As much of the lead's path as tells its calendar apart: down to the lowest area that has days of its own."""
    depth = local_depth() if Timing.objects.filter(Q(warning_kind="working") | Q(grace_kind="working")).exists() else 0
    return Substr("lead_path", 1, depth * paths.STEP) if depth else Value("")


def fold_from_zero() -> dict[tuple[int, int], rollup.Summary]:
    """Every cell computed from the commitments alone by the rule itself, row by row（逐条汇总）.

    The reference that tests and the audit's eye compare the cells with; :func:`remake_cells` lets the database count.
    """
    leaves: dict[tuple[str, int], rollup.Summary] = {}
    for commitment in _all():
        summary = commitment.summary()
        if summary:
            key = commitment.lead.path, commitment.matter_id
            leaves[key] = leaves[key] + summary if key in leaves else summary
    sums: dict[tuple[int, int], rollup.Summary] = {}
    for (path, matter_id), summary in leaves.items():
        for unit_id in paths.ids(path):
            at = unit_id, matter_id
            sums[at] = sums[at] + summary if at in sums else summary
    return sums


def _all() -> Iterator[Commitment]:
    """Every commitment with its lead and programme, which are few and shared, streamed."""
    leads, programmes = Unit.objects.in_bulk(), Programme.objects.in_bulk()
    for commitment in Commitment.objects.order_by("pk").iterator(chunk_size=2000):
        commitment.lead, commitment.programme = leads[commitment.lead_id], programmes[commitment.programme_id]
        yield commitment
