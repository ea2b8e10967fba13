"""One commitment through the whole chain, with its entry beside each act and a clean audit at the end."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import DAY, World

from luoshi.delivery import jobs, projections, queries, services
from luoshi.delivery.models import Commitment
from luoshi.ledger import queries as ledger
from luoshi.rules import rollup
from luoshi.rules.refusals import Refused


def audit_clean(at: dt.datetime) -> None:
    report = ledger.audit(at=at + dt.timedelta(seconds=1))
    assert not report.difference, report.difference


def test_whole_chain(world: World) -> None:
    c = world.closed()
    assert (c.state, c.said, c.verified, c.verified_how) == ("closed", 100, 100, "visited")
    types = [entry.type.split(".")[1] for entry in ledger.entries_for(c.ref)]
    assert types == [
        "CommitmentClosed",
        "CommitmentVerified",
        "ClosureApplied",
        "CommitmentReported",
        "CommitmentAccepted",
        "CommitmentIssued",
        "CommitmentDrafted",
    ]
    c = world.do("look_back_commitment", "verifier2", c, passed=False, percent=62, words="三处渗漏")
    assert (c.state, c.reopened, c.verified) == ("accepted", 1, 62)
    audit_clean(world.at)


def test_cells_follow_every_act(world: World) -> None:
    c = world.verified()
    jobs.tick(world.at)
    world.do("close_commitment", "office", c, opinion="同意")
    ids = [world.units["530000"].pk, world.units["530400"].pk, world.units["532900"].pk]
    cells = queries.cells(ids, [world.matter])
    assert cells[ids[0], world.matter.pk] == cells[ids[1], world.matter.pk]
    assert cells[ids[0], world.matter.pk].state_closed == 1
    assert cells.get((ids[2], world.matter.pk), rollup.ZERO) == rollup.ZERO
    zero = projections.fold_from_zero()
    assert {key: value for key, value in cells.items() if value} == {
        key: value for key, value in zero.items() if key[0] in ids and value
    }


def test_break_down_to_every_county(world: World) -> None:
    c = world.accepted()
    proposal = services.propose_breakdown(actor=world.who("a_head"), ref=c.ref, at=world.at)
    assert [unit.name for unit in proposal.units] == ["红塔区", "通海县"]
    assert proposal.price.answers == 4
    c = world.do("break_down_commitment", "a_head", c, counted_with_parent=False)
    parts = list(Commitment.objects.filter(parent=c).order_by("lead__path"))
    assert [part.lead.name for part in parts] == ["红塔区", "通海县"]
    assert c.children_count == 2
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="完成")
    with pytest.raises(Refused, match="parts"):
        world.do("apply_for_closure", "a_head", c, statement="完成")
    audit_clean(world.at)


def test_three_hands(world: World) -> None:
    c = world.verified()
    with pytest.raises(Refused) as refused:
        world.do("close_commitment", "verifier", c, opinion="同意")
    assert refused.value.code == "not_your_act"


def test_line_verifier_is_refused(world: World) -> None:
    c = world.applied()
    with pytest.raises(Refused) as refused:
        world.do(
            "verify_commitment",
            "a_verifier",
            c,
            method="desk",
            documents=["验收报告"],
            passed=True,
            percent=100,
            words="看过",
        )
    assert refused.value.code == "verifier_on_line"


def test_village_is_answered_for_by_its_township(world: World) -> None:
    c = world.accepted()
    world.do("break_down_commitment", "a_head", c)
    county = Commitment.objects.get(lead=world.units["530423"])
    world.do("accept_commitment", "th_handler", county)
    world.do("break_down_commitment", "th_head", county)
    town = Commitment.objects.get(lead=world.units["530423100"])
    world.do("accept_commitment", "town_handler", town)
    world.do("break_down_commitment", "town_handler", town)
    village = Commitment.objects.get(lead=world.units["530423100201"])
    world.do("accept_commitment", "town_handler", village)
    village = world.do("report_on_commitment", "town_handler", village, percent=40, words="已入户走到")
    report = village.reports.get()
    assert (report.for_unit_id, report.by_post.ref) == (village.lead_id, "P-town_handler")
    audit_clean(world.at)


def test_date_passes_and_stays_visible(world: World) -> None:
    c = world.reported(percent=60)
    later = world.at + dt.timedelta(days=61)
    jobs.tick(later)
    c.refresh_from_db()
    assert (c.light, c.missed) == ("red", True)
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="补上", at=later)
    assert c.light == "yellow"
    assert jobs.oldest_due(later) is None
    audit_clean(later)


def test_duty_and_periods(world: World) -> None:
    c = world.accepted(kind="duty", frequency="monthly", due_days=None)
    jobs.tick(world.at)
    item = Commitment.objects.get(parent=c, kind="period")
    assert item.period_until_on == DAY.replace(day=31)
    jobs.tick(world.at + dt.timedelta(days=30))
    item.refresh_from_db()
    assert item.state == "missed"
    assert Commitment.objects.filter(parent=c, kind="period").count() == 2
    with pytest.raises(Refused) as refused:
        world.do("apply_for_closure", "a_head", c, statement="完成")
    assert refused.value.code == "duty_never_closed"
    audit_clean(world.at + dt.timedelta(days=30))


def test_off_system_item_keeps_no_words(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.draft(off_system=True)
    assert refused.value.code == "off_system_words"
    c = world.draft(off_system=True, title="", requirement="", criteria=())
    assert (c.title, c.requirement, c.source_quote) == ("（离线办理）", "", "")
    c = world.do("accept_commitment", "a_head", world.do("issue_commitment", "office", c))
    with pytest.raises(Refused) as refused:
        world.do("report_on_commitment", "a_head", c, percent=10, words="字")
    assert refused.value.code == "off_system_act"
    with pytest.raises(Refused) as refused:
        world.do("apply_for_closure", "a_head", c, statement="字")
    assert refused.value.code == "off_system_words"
    c = world.do("apply_for_closure", "a_head", c, statement="")
    c = world.do("verify_commitment", "verifier", c, method="desk", passed=True, percent=100, words="")
    c = world.do("close_commitment", "office", c, opinion="")
    assert c.state == "closed"
    audit_clean(world.at)
