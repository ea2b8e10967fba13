"""Folding deltas into cells: one statement a batch, by several clocks at once, beside people who act; rebuilding."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from tests.delivery import writers
from tests.delivery.world import World, build

from luoshi.delivery import projections, queries, services
from luoshi.delivery.models import Cell, CellDelta, Commitment
from luoshi.rules import rollup
from luoshi.rules.permissions import SYSTEM


@pytest.mark.slow
@pytest.mark.principle(6)
@pytest.mark.django_db(transaction=True)
def test_several_clocks_fold_while_people_report_and_nothing_is_counted_twice() -> None:
    world = build()
    refs = [world.accepted().ref for _ in range(4)]
    actor = world.who("a_handler")

    def fold(_number: int) -> int:
        folded = 0
        try:
            for _turn in range(60):
                folded += projections.fold(limit=7)
        finally:
            connections.close_all()
        return folded

    def report(number: int) -> int:
        try:
            for step in range(15):
                said = [services.Said(ref, (number * 15 + step) % 101, "推进") for ref in refs]
                services.report_on_commitments(actor=actor, said=said, at=world.at)
        finally:
            connections.close_all()
        return 0

    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(fold, number) for number in range(3)] + [pool.submit(report, number) for number in range(2)]
        folded = sum(job.result(timeout=120) for job in jobs)
    assert folded > 0
    while projections.fold():
        pass
    assert not CellDelta.objects.exists()
    writers.assert_cells_right()
    assert Commitment.objects.filter(reports_count=30).count() == 4


def test_a_fold_takes_no_more_statements_for_more_cells(world: World) -> None:
    def statements(count: int) -> int:
        for _ in range(count):
            world.issued()
        with CaptureQueriesContext(connection) as seen:
            projections.fold()
        return len(seen)

    statements(1)  # the very first also makes the row that holds the version
    assert statements(1) == statements(6)


def test_a_fold_takes_at_most_its_limit_and_the_rest_later(world: World) -> None:
    projections.fold()
    world.issued()
    waiting = CellDelta.objects.count()
    assert waiting > 1
    assert projections.fold(limit=1) == 1
    assert CellDelta.objects.count() == waiting - 1
    assert projections.fold() == waiting - 1
    assert projections.fold() == 0


def stored() -> dict[tuple[int, int], rollup.Summary]:
    rows = Cell.objects.values_list("unit_id", "matter_id", *rollup.COLUMNS)
    return {(row[0], row[1]): rollup.Summary(*row[2:]) for row in rows}


def test_the_database_counts_as_the_rule_does(world: World) -> None:
    """Every state and light, leaves and wholes, parts counted with the whole, what was verified and how."""
    world.closed()
    whole = world.do("break_down_commitment", "a_head", world.reported(60), counted_with_parent=True)
    world.do("withdraw_commitment", "a_head", whole.children.first(), reason="误发")
    world.do("break_down_commitment", "a_head", world.accepted())
    world.draft()
    world.do("suspend_commitment", "office", world.accepted(), reason="等")
    world.do("decline_commitment", "a_head", world.issued(), reason="不属职责")
    world.do("verify_commitment", "verifier", world.reported(40), method="desk", passed=False, percent=30, words="看过")
    world.do("record_finding", "verifier", world.reported(40), words="不符")
    duty = world.accepted(kind="duty", frequency="monthly")
    world.do("open_period", "office", duty)
    world.at += dt.timedelta(days=400)
    services.pass_dates(actor=SYSTEM, at=world.at)
    projections.recount(world.at)
    zero = projections.fold_from_zero()
    assert stored() == zero
    assert any(one.missed for one in zero.values())
    assert any(one.verified_visited for one in zero.values())
    units = [unit.pk for unit in world.units.values()]
    assert {key: one for key, one in queries.cells(units, [world.matter]).items() if one} == zero


def test_a_rebuild_mends_whatever_is_wrong_and_writes_nothing_that_is_right(world: World) -> None:
    world.do("break_down_commitment", "a_head", world.accepted())
    projections.remake_cells()
    right, ids = stored(), set(Cell.objects.values_list("pk", flat=True))
    projections.remake_cells()
    assert (stored(), set(Cell.objects.values_list("pk", flat=True))) == (right, ids)
    first, second, *_rest = Cell.objects.order_by("pk")
    Cell.objects.filter(pk=first.pk).update(items=99, said=-3)
    Cell.objects.filter(pk=second.pk).delete()
    Cell.objects.create(unit=world.units["532901"], matter=world.matter, items=5)
    projections.append_deltas([(world.units["530400"].path, world.matter.pk, rollup.Summary(items=3))])
    projections.remake_cells()
    assert stored() == right
    assert not CellDelta.objects.exists()
