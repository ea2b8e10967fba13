"""Every cell of the board counted anew, against PostgreSQL's own two-step GROUP BY over the same commitments."""

from __future__ import annotations

import time
from typing import Any

from bench import harness, world


def _two_steps() -> str:
    """The floor: the sums of each lead and matter, then of every unit above it; written here, not taken from ours."""
    leaf = "(c.children_count = 0 OR c.carries_parts) AND NOT c.counted_with_parent"
    from luoshi.rules import rollup

    first = {
        "items": "count(*)",
        **{f"state_{name}": f"count(*) FILTER (WHERE c.state = '{name}')" for name in rollup.STATES},
        **{f"light_{name}": f"count(*) FILTER (WHERE c.light = '{name}')" for name in rollup.LIGHTS},
        "weight": f"coalesce(sum(c.weight) FILTER (WHERE {leaf}), 0)",
        "said": f"coalesce(sum(c.weight * c.said) FILTER (WHERE {leaf}), 0)",
        **{
            f"verified_{how}": (
                f"coalesce(sum(c.weight * c.verified) FILTER (WHERE {leaf} AND c.verified_how = '{how}'), 0)"
            )
            for how in rollup.HOWS
        },
        "overdue": "count(*) FILTER (WHERE c.light = 'red')",
        "open_findings": "sum(c.open_findings)",
        "missed": "count(*) FILTER (WHERE c.missed)",
    }
    return (
        "SELECT a.id AS unit_id, leaf.matter_id, "
        + ", ".join(f"sum(leaf.{name})::bigint AS {name}" for name in rollup.COLUMNS)
        + " FROM (SELECT c.lead_id, c.matter_id, "
        + ", ".join(f"{first[name]} AS {name}" for name in rollup.COLUMNS)
        + " FROM delivery_commitment c WHERE c.state NOT IN ('draft', 'withdrawn') AND c.kind <> 'period' "
        "GROUP BY c.lead_id, c.matter_id) leaf JOIN units_unit u ON u.id = leaf.lead_id "
        "CROSS JOIN LATERAL generate_series(6, length(u.path), 6) AS step(n) "
        "JOIN units_unit a ON a.path = substr(u.path, 1, step.n) GROUP BY a.id, leaf.matter_id"
    )


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Rebuild in turn with the floor; afterwards the cells must be those that were there."""
    world.connect(url)
    from django.db import connection
    from django.utils import timezone

    from luoshi.delivery import projections
    from luoshi.delivery.models import Commitment

    while projections.fold():
        pass
    before = _cells()
    floor_sql = f"CREATE TEMPORARY TABLE floor AS {_two_steps()}"

    def floor(_i: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(floor_sql)
            cursor.execute("DROP TABLE floor")

    def ours(_i: int) -> None:
        projections.remake_cells()

    def whole_recount(_i: int) -> None:
        projections.recount(timezone.now())

    with connection.cursor() as cursor:
        cursor.execute(_two_steps())
        counted = {(row[0], row[1]): tuple(map(int, row[2:])) for row in cursor.fetchall()}
    found = harness.compare(
        "rebuild_cells",
        "every cell counted anew and compared with what is stored, against the bare two-step GROUP BY",
        ours,
        floor,
        limit=2.0,
        rounds=7,
        steps=1,
        notes={"cells": len(before)},
    )
    whole = harness.compare(
        "rebuild_all_figures",
        "counters, lights and cells of all commitments counted anew and compared, against the same GROUP BY",
        whole_recount,
        floor,
        limit=2.0,
        rounds=7,
        steps=1,
        notes={"commitments": Commitment.objects.count()},
    )
    same = before == _cells() == counted
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM delivery_cell WHERE id % 2 = 0")
        cursor.execute("UPDATE delivery_cell SET said = said + 7")
    began = time.perf_counter()
    projections.remake_cells()
    found.notes["seconds_when_all_are_wrong"] = round(time.perf_counter() - began, 2)
    same = same and _cells() == before
    began = time.perf_counter()
    by_rule = {key: tuple(summary) for key, summary in projections.fold_from_zero().items()}
    found.notes["seconds_of_the_fold_in_python"] = round(time.perf_counter() - began, 2)
    if not same or by_rule != before:
        raise RuntimeError("the rebuilt cells differ from the maintained ones")
    found.notes["equal_to_the_maintained_cells"] = True
    return [found, whole]


def _cells() -> dict[tuple[int, int], tuple[Any, ...]]:
    from luoshi.delivery.models import Cell
    from luoshi.rules import rollup

    rows = Cell.objects.values_list("unit_id", "matter_id", *rollup.COLUMNS).iterator()
    return {(row[0], row[1]): tuple(row[2:]) for row in rows if any(row[2:])}
