"""逐级催办: every step once, one at a time, whatever happened to the clock; what was issued keeps its ladder."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import AT, World, everything

from luoshi.delivery import jobs, services
from luoshi.delivery.models import Commitment, Ladder, LadderStep, Slip, Sweep
from luoshi.delivery.queries import climbing
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import ORDINARY, Level, Rung, Step
from luoshi.rules.escalation import Ladder as Rule
from luoshi.rules.permissions import SYSTEM

DAY = dt.timedelta(days=1)


def tick(at: dt.datetime) -> int:
    """Everything due at a moment; how many rows were looked at."""
    looked = 0
    while more := services.take_steps(actor=SYSTEM, at=at):
        looked += more
    return looked


def taken(commitment: Commitment) -> list[tuple[str, str]]:
    steps = LadderStep.objects.filter(commitment=commitment).order_by("pk")
    return [(step.rung, step.to) for step in steps]


def run(commitment: Commitment, start: dt.datetime, days: int) -> list[tuple[dt.date, str, str]]:
    """The clock runs every morning; on which day which step was taken."""
    found: list[tuple[dt.date, str, str]] = []
    for n in range(days):
        at = start + n * DAY
        before = len(found)
        tick(at)
        steps = taken(commitment)
        found += [(local_day(at), *step) for step in steps[before:]]
    return found


@pytest.mark.principle(5)
def test_silence_climbs_step_by_step_in_working_days(world: World) -> None:
    c = world.accepted(due_days=60)  # due on 1 May 2026, a Friday
    assert c.due_on == dt.date(2026, 5, 1)
    found = run(c, world.at, 100)
    assert found == [
        (dt.date(2026, 4, 24), "remind", "handler"),
        (dt.date(2026, 5, 1), "remind", "handler"),
        (dt.date(2026, 5, 4), "urge", "handler"),
        (dt.date(2026, 5, 6), "urge", "head"),
        (dt.date(2026, 5, 12), "supervise", "head"),
    ], "the proposal waits for a person, and nothing climbs over it"
    [slip] = Slip.objects.all()
    assert (slip.state, slip.rung, slip.unit_id, slip.number) == ("proposed", "supervise", c.lead_id, "")
    world.audit()


@pytest.mark.principle(6)
def test_a_step_is_taken_once_and_a_batch_is_one_entry(world: World) -> None:
    rows = [world.accepted() for _number in range(4)]
    at = AT + 53 * DAY
    before = Entry.objects.count()
    assert tick(at) == 4
    assert Entry.objects.count() == before + 1
    assert [taken(row) for row in rows] == [[("remind", "handler")]] * 4
    told = everything()
    assert tick(at) == 0
    assert everything() == told
    sweep = Sweep.objects.filter(what="steps").first()
    assert sweep is not None
    assert (sweep.rows, sweep.taken, sweep.entry_id) == (4, 4, Entry.objects.order_by("-pk").first().pk)  # type: ignore[union-attr]
    [message] = Message.objects.filter(kind="delivery.remind")
    assert message.params["count"] == 4, "one message, however many things it is about"
    world.audit()


@pytest.mark.principle(5)
def test_after_an_outage_one_rung_is_told_at_a_time(world: World) -> None:
    c = world.accepted()
    late = dt.datetime(2026, 6, 1, 9, tzinfo=AT.tzinfo)  # a Monday, a month after its date
    found = run(c, late, 8)
    assert found == [
        (dt.date(2026, 6, 1), "remind", "handler"),
        (dt.date(2026, 6, 2), "remind", "handler"),
        (dt.date(2026, 6, 3), "urge", "handler"),
        (dt.date(2026, 6, 5), "urge", "head"),
    ]


def test_a_clock_that_jumps_three_days_skips_nothing_and_tells_nothing_twice(world: World) -> None:
    c = world.accepted()
    at = dt.datetime(2026, 4, 24, 9, tzinfo=AT.tzinfo)
    for jump in range(12):
        tick(at + jump * 3 * DAY)
        tick(at + jump * 3 * DAY)
        tick(at + (jump * 3 - 3) * DAY)  # and back again
    steps = taken(c)
    assert steps == [("remind", "handler")] * 2 + [("urge", "handler"), ("urge", "head"), ("supervise", "head")]
    assert list(LadderStep.objects.order_by("pk").values_list("number", flat=True)) == [0, 1, 2, 3, 4]


@pytest.mark.principle(4)
def test_a_ladder_is_frozen_at_issue(world: World) -> None:
    before = world.accepted()
    stern = Rule((Step(Rung.REMIND, Level.HEAD, -1), Step(Rung.URGE, Level.ABOVE, 1)), 2)
    world.programme.refresh_from_db()
    services.change_ladder(
        actor=world.who("office"), key="ten", version=world.programme.version, ladder=stern, at=world.at
    )
    after = world.accepted()
    assert [row.number for row in Ladder.objects.order_by("number")] == [1, 2]
    assert (before.ladder.number, after.ladder.number) == (1, 2)  # type: ignore[union-attr]
    for n in range(45, 80):
        tick(AT + n * DAY)
    assert taken(before)[:4] == [(step.rung.value, step.to.value) for step in ORDINARY.steps[:4]]
    assert taken(after)[:3] == [("remind", "head"), ("urge", "above"), ("urge", "above")]
    world.audit()


@pytest.mark.principle(4)
def test_a_stopped_clock_takes_no_step(world: World) -> None:
    asked, rests = world.accepted(), world.accepted()
    world.do("raise_request", "a_handler", asked, question="资金何时到位")
    world.do("suspend_commitment", "office", rests, reason="雨季")
    for n in range(45, 90):
        tick(AT + n * DAY)
    assert not LadderStep.objects.exists()
    later = AT + 90 * DAY
    world.do("reply_to_request", "office", asked, reply="月底到位", at=later)
    world.do("resume_commitment", "office", rests, reason="天晴", at=later)
    tick(later)
    assert not LadderStep.objects.exists(), "the date moved by as long as the clock stood still"
    for n in range(91, 160):
        tick(AT + n * DAY)
    assert [taken(asked)[0], taken(rests)[0]] == [("remind", "handler")] * 2


def test_what_is_done_is_not_told_and_what_is_sent_back_is(world: World) -> None:
    c = world.reported(100)
    for n in range(45, 70):
        tick(AT + n * DAY)
    assert taken(c) == []
    world.do("return_commitment", "office", c, reason="没有佐证", at=AT + 70 * DAY)
    tick(AT + 70 * DAY)
    assert taken(c) == [("remind", "handler")]


@pytest.mark.principle(4)
def test_a_new_date_begins_the_ladder_anew(world: World) -> None:
    c = world.accepted()
    run(c, AT + 50 * DAY, 16)
    assert len(taken(c)) == 4
    world.do("re_date_commitment", "office", c, new_due_on=dt.date(2026, 8, 3), reason="省委决定", at=AT + 66 * DAY)
    assert [step for step in run(c, AT + 66 * DAY, 110) if step[0] > dt.date(2026, 5, 7)] == [
        (dt.date(2026, 7, 27), "remind", "handler"),
        (dt.date(2026, 8, 3), "remind", "handler"),
        (dt.date(2026, 8, 4), "urge", "handler"),
        (dt.date(2026, 8, 6), "urge", "head"),
        (dt.date(2026, 8, 12), "supervise", "head"),
    ]
    assert {step.climb for step in LadderStep.objects.filter(commitment=c)} == {2, 3}


def test_who_does_not_take_it_on_is_told_too(world: World) -> None:
    c = world.issued()
    run(c, AT, 12)
    assert taken(c)[0] == ("remind", "handler")
    first = Message.objects.filter(kind="delivery.remind").first()
    assert first is not None
    assert "accept" in first.subject
    world.do("accept_commitment", "a_handler", c, at=AT + 12 * DAY)
    c.refresh_from_db()
    assert (c.told, c.climbs_for) == (0, c.due_on)


def test_a_part_is_looked_at_when_its_own_first_step_comes(world: World) -> None:
    whole = world.accepted()
    world.do("break_down_commitment", "a_head", whole)
    parts: list[Any] = list(Commitment.objects.filter(parent=whole))
    assert parts
    assert all(part.next_step_at > AT and part.ladder_id for part in parts)
    assert tick(AT) <= 1
    assert jobs.oldest_due(AT) is None


def test_the_level_above_hears_of_the_silence(world: World) -> None:
    c = world.accepted(lead="530423", by="th_handler")
    above = Rule(
        (Step(Rung.REMIND, Level.HANDLER, 0), Step(Rung.URGE, Level.ABOVE, 1), Step(Rung.URGE, Level.ABOVE_HEAD, 3))
    )
    Ladder.objects.filter(pk=c.ladder_id).update(steps=above.told()["steps"])
    run(c, AT + 55 * DAY, 12)
    told = Message.objects.filter(kind="delivery.urge").order_by("pk")
    assert [message.post.ref for message in told][:2] == ["P-a_office", "P-a_head"]


def test_nothing_due_is_one_statement(world: World, django_assert_num_queries: Any) -> None:
    world.accepted()
    tick(AT)
    with django_assert_num_queries(1):
        assert climbing.due_for_a_step(AT, 10) == []


def test_statements_do_not_grow_with_the_rows(world: World, django_assert_max_num_queries: Any) -> None:
    for _number in range(12):
        world.accepted()
    with django_assert_max_num_queries(40):
        assert services.take_steps(actor=SYSTEM, at=AT + 60 * DAY) == 12
