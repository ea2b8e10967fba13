"""Deciding an objection（申辩决定）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import SHANGHAI, World

from luoshi.delivery.models import Commitment, Objection
from luoshi.delivery.queries.objecting import late_decisions
from luoshi.delivery.services import chase_objections
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.units.services import appoint_deputy


def objected(world: World, by: str = "verifier") -> Commitment:
    c = world.do("record_finding", by, world.accepted(), words="不符")
    c = world.do("conclude_finding", by, c, upheld=True, reason="属实")
    return world.do("raise_objection", "a_head", c, words="不服")


@pytest.mark.principle(8)
def test_a_person_who_took_no_part_decides(world: World) -> None:
    c = world.do("decide_objection", "office", objected(world), upheld=True, decision="更正结论")
    assert (c.open_objections, c.objections.get().upheld) == (0, True)
    world.audit()


@pytest.mark.principle(8)
def test_whoever_took_part_recuses(world: World) -> None:
    c = objected(world, by="office")
    world.refuses("must_recuse", "decide_objection", "office", c, upheld=False, decision="维持")
    appoint_deputy(
        actor=SYSTEM,
        at=world.at,
        principal_ref="P-office",
        deputy_ref="P-head",
        from_on=dt.date(2026, 3, 1),
        until_on=None,
        reason="代管",
    )
    world.refuses("must_recuse", "decide_objection", "head", c, upheld=False, decision="维持")
    assert world.do("decide_objection", "office2", c, upheld=False, decision="维持").open_objections == 0


def test_not_otherwise(world: World) -> None:
    c, no = objected(world), {"upheld": False, "decision": "维持"}
    world.refuses("reason_missing", "decide_objection", "office", c, upheld=False, decision=" ")
    world.closed_to_others("decide_objection", "office", c, **no)
    for name in ("a_head", "verifier"):
        world.refuses("not_your_act", "decide_objection", name, c, **no)
    world.bad_input(Act.DECIDE_OBJECTION, "office", c, "decision", upheld=True)
    world.refuses("no_objection_open", "decide_objection", "office", world.accepted(), **no)
    world.refuses("wrong_state", "decide_objection", "office", world.issued(), **no)


@pytest.mark.principle(8)
@pytest.mark.parametrize("part", ["found", "concluded", "looked back", "verified"])
def test_everybody_who_took_part_recuses_whatever_the_part(world: World, part: str) -> None:
    if part == "found":
        c = world.do("record_finding", "office", world.accepted(), words="不符")
        c = world.do("conclude_finding", "office2", c, upheld=True, reason="属实")
    elif part == "concluded":
        c = world.do("record_finding", "verifier", world.accepted(), words="不符")
        c = world.do("conclude_finding", "office", c, upheld=True, reason="属实")
    elif part == "looked back":
        c = world.do("look_back_commitment", "verifier", world.closed(), passed=False, percent=40, words="又堵了")
    else:
        c = world.do(
            "verify_commitment", "verifier", world.reported(), method="desk", passed=False, percent=50, words="半数"
        )
    c = world.do("raise_objection", "a_head", c, words="不服")
    facts = c.facts()
    parties = {"found": {"office", "office2"}, "concluded": {"office", "verifier"}}.get(part, {"verifier"})
    assert {name for name, user in world.users.items() if user.pk in facts.took_part} == parties
    for name in parties & {"office", "office2"}:
        world.refuses("must_recuse", "decide_objection", name, c, upheld=False, decision="维持")
    assert world.do("decide_objection", "head", c, upheld=False, decision="维持").open_objections == 0


@pytest.mark.principle(8)
def test_whoever_was_a_deputy_at_that_time_recuses_although_he_is_none_any_more(world: World) -> None:
    appoint_deputy(
        actor=SYSTEM,
        at=world.at,
        principal_ref="P-office",
        deputy_ref="P-office2",
        from_on=dt.date(2026, 3, 1),
        until_on=dt.date(2026, 3, 3),
        reason="代管",
    )
    c = objected(world, by="office")
    later = world.at + dt.timedelta(days=10)
    world.refuses("must_recuse", "decide_objection", "office2", c, upheld=False, decision="维持", at=later)
    assert world.do("decide_objection", "head", c, upheld=False, decision="维持", at=later).open_objections == 0


@pytest.mark.principle(8)
def test_nothing_is_closed_while_an_objection_waits(world: World) -> None:
    c = world.do("raise_objection", "a_head", world.verified(), words="首次核查日期有误")
    world.refuses("objection_open", "close_commitment", "office", c, opinion="同意")
    c = world.do("decide_objection", "office", c, upheld=False, decision="维持")
    assert world.do("close_commitment", "office2", c, opinion="同意").state == "closed"


def chased(world: World, day: dt.date) -> list[str]:
    """What the clock says on the morning of a day, by kind and post."""
    before = set(Message.objects.values_list("pk", flat=True))
    at = dt.datetime.combine(day, dt.time(8), SHANGHAI)
    while chase_objections(actor=SYSTEM, at=at):
        pass
    rows = Message.objects.exclude(pk__in=before).filter(kind__startswith="delivery.objection-")
    return sorted(
        f"{row.kind.removeprefix('delivery.objection-')} {row.post.ref}" for row in rows.select_related("post")
    )


@pytest.mark.principle(8)
def test_the_clock_chases_the_decision_and_tells_the_unit_above(world: World) -> None:
    own = world.draft(actor=world.who("a_office"), lead="530402")
    own = world.do("issue_commitment", "a_office", own)
    own = world.do("accept_commitment", "ht_handler", own)
    own = world.do("record_finding", "verifier", own, words="不符")
    own = world.do("conclude_finding", "a_office", own, upheld=True, reason="属实")
    own = world.do("raise_objection", "ht_head", own, words="不服")
    row = own.objections.get()
    assert row.decide_by_on == dt.date(2026, 4, 1)
    assert chased(world, dt.date(2026, 3, 24)) == []
    assert chased(world, dt.date(2026, 3, 25)) == ["soon P-a_office"]
    assert chased(world, dt.date(2026, 3, 26)) == [], "once, not every day"
    assert chased(world, dt.date(2026, 4, 1)) == [], "on the last day it is still in time"
    assert chased(world, dt.date(2026, 4, 2)) == ["late P-a_office"]
    assert chased(world, dt.date(2026, 4, 9)) == ["above P-head", "above P-office", "above P-office2"]
    assert chased(world, dt.date(2026, 6, 1)) == []
    kinds = list(Entry.objects.filter(type="delivery.ObjectionsChased"))
    assert len(kinds) == 3
    world.audit()


def test_after_an_outage_only_the_last_step_is_told(world: World) -> None:
    objected(world)
    told = chased(world, dt.date(2026, 5, 1))  # nobody stands above the province: its own head and offices are told
    assert told == ["above P-head", "above P-office", "above P-office2"]
    assert Message.objects.filter(kind="delivery.objection-soon").count() == 0


def test_what_is_decided_is_not_chased(world: World) -> None:
    world.do("decide_objection", "office", objected(world), upheld=True, decision="更正")
    assert Objection.objects.get().next_step_at is None
    assert chased(world, dt.date(2026, 5, 1)) == []


@pytest.mark.principle(8)
def test_late_decisions_are_listed_for_those_above_and_for_the_unit_that_waits(world: World) -> None:
    c, last = objected(world), dt.date(2026, 4, 1)
    for name, place, ours in (("head", "530000", True), ("a_head", "530400", False)):
        found = late_decisions(world.who(name), world.programme, world.units[place], last + dt.timedelta(days=3))
        assert [(one.objection.commitment.ref, one.days, one.ours) for one in found.rows] == [(c.ref, 3, ours)]
        assert found.total == 1
    assert late_decisions(world.who("head"), world.programme, world.units["530000"], last).total == 0
    assert late_decisions(world.who("head"), world.programme, world.units["532900"], dt.date(2026, 9, 1)).total == 0
