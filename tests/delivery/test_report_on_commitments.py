"""Many reports in one act（成批反馈）."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.delivery.world import World, everything

from luoshi.delivery import projections, queries, services
from luoshi.delivery.models import Commitment, Report
from luoshi.delivery.services import Said
from luoshi.ledger.models import Entry


def cells(world: World) -> dict[tuple[int, int], object]:
    found = queries.cells([unit.pk for unit in world.units.values()], [world.matter])
    return {key: one for key, one in found.items() if one}


@pytest.mark.principle(6)
def test_many_reports_are_one_entry_that_names_them_all(world: World) -> None:
    refs = [world.accepted().ref for _ in range(3)]
    entries = Entry.objects.count()
    said = [Said(ref, percent=30 + 10 * number, words="管网接通") for number, ref in enumerate(refs)]
    done = services.report_on_commitments(actor=world.who("a_handler"), said=said, at=world.at)
    assert (Entry.objects.count(), done.refused) == (entries + 1, ())
    assert done.entry is not None
    assert {row.ref for row in done.entry.subjects.all()} >= set(refs)
    for number, ref in enumerate(refs):
        c = Commitment.objects.get(ref=ref)
        assert (c.said, c.reports_count, c.version) == (30 + 10 * number, 1, 4)
        assert c.reports.get().words == "管网接通"
    assert cells(world) == projections.fold_from_zero()
    world.audit()


@pytest.mark.principle(9)
def test_a_refused_row_changes_nothing_and_stops_no_other(world: World) -> None:
    good, stale, issued = world.accepted(), world.accepted(), world.issued()
    foreign = world.accepted("532900", by="b_handler")
    said = [
        Said(good.ref, 40, "管网接通"),
        Said(good.ref, 50, "再说一次"),
        Said(stale.ref, 40, "管网接通", version=1),
        Said(issued.ref, 40, "管网接通"),
        Said(foreign.ref, 40, "管网接通"),
        Said("YN-2026-03-9999", 40, "管网接通"),
        Said(world.accepted().ref, 40, "  "),
        Said(world.accepted().ref, 101, "管网接通"),
        Said(world.accepted().ref, 40, "秘密★5年"),
    ]
    done = services.report_on_commitments(actor=world.who("a_handler"), said=said, at=world.at)
    codes = [refused.code for _ref, refused in done.refused]
    assert codes == [
        "row_twice",
        "stale_version",
        "wrong_state",
        "not_found",
        "not_found",
        "words_missing",
        "percent_out_of_range",
        "secrecy_mark",
    ]
    assert all(str(refused) for _ref, refused in done.refused)
    assert [report.commitment.ref for report in done.reports] == [good.ref]
    assert Report.objects.count() == 1
    world.audit()


def test_whoever_may_not_report_one_may_not_report_many(world: World) -> None:
    c = world.accepted()
    before = everything()
    for name in ("auditor", "duty", "verifier"):
        done = services.report_on_commitments(actor=world.who(name), said=[Said(c.ref, 10, "开工")], at=world.at)
        assert [refused.code for _ref, refused in done.refused] == ["not_your_act"]
        assert done.entry is None
    assert everything() == before


def test_the_unit_above_reports_for_those_below_and_both_are_named(world: World) -> None:
    village = world.accepted("530423100201", by="town_handler")
    done = services.report_on_commitments(
        actor=world.who("town_handler"), said=[Said(village.ref, 100, "完成")], at=world.at
    )
    assert done.reports[0].for_unit_id == village.lead_id
    village.refresh_from_db()
    assert village.last_report_on_behalf
    assert village.completed_at == world.at
    assert cells(world) == projections.fold_from_zero()


def test_statements_do_not_grow_with_the_rows(world: World) -> None:
    actor = world.who("a_handler")

    def statements(count: int) -> int:
        said = [Said(world.accepted().ref, 20, "开工") for _ in range(count)]
        with CaptureQueriesContext(connection) as seen:
            services.report_on_commitments(actor=actor, said=said, at=world.at)
        return sum("ledger_" not in query["sql"] for query in seen)

    assert statements(12) == statements(2)
