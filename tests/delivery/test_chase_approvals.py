"""催批: a proposal that waits for its approver is chased itself: once a step, in working days, and never too late."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.delivery import writers
from tests.delivery.test_slips import QUICK, do, overdue, quick
from tests.delivery.world import AT, World, build, everything

from luoshi.delivery import jobs, services
from luoshi.delivery.models import LadderStep, Programme, Slip
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Ladder as Rule
from luoshi.rules.escalation import Rung
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.slips import SlipState
from luoshi.units import queries as units

DAY = dt.timedelta(days=1)
ENGLISH = {"accept-language": "en"}
PROPOSED = dt.datetime(2026, 5, 5, 9, tzinfo=AT.tzinfo)
"""A Tuesday: the clock proposes the slip; the holiday of May is over."""


def proposed(world: World, rule: Rule = QUICK, by: str = "office", at: dt.datetime = PROPOSED) -> Slip:
    """A slip the office proposes and nobody decides."""
    quick(world, rule)
    c = world.accepted()
    return services.propose_slip(
        actor=units.actor_for(world.users[by], at=at),
        ref=c.ref,
        version=c.version,
        rung="supervise",
        words="请督办",
        at=at,
    ).extra


def below(world: World, at: dt.datetime = PROPOSED) -> Slip:
    """A slip for a county that the prefecture's office proposes: above it stands the province."""
    quick(world)
    whole = world.accepted()
    [part] = services.break_down_commitment(
        actor=world.who("a_office"),
        ref=whole.ref,
        version=whole.version,
        units=[world.units["530423"].pk],
        duplicates="different",
        different="另一标段",
        at=AT,
    ).extra
    part = world.do("accept_commitment", "th_handler", part)
    return services.propose_slip(
        actor=units.actor_for(world.users["a_office"], at=at),
        ref=part.ref,
        version=part.version,
        rung="supervise",
        words="请督办",
        at=at,
    ).extra


def tick(at: dt.datetime) -> int:
    looked = 0
    while some := services.chase_approvals(actor=SYSTEM, at=at):
        looked += some
    return looked


def steps(slip: Slip) -> list[tuple[dt.date, str, int]]:
    rows = LadderStep.objects.filter(slip=slip).order_by("pk")
    return [(local_day(row.at), row.rung, row.number) for row in rows]


def told(kind: str) -> set[str]:
    return {message.post.ref for message in Message.objects.filter(kind=kind).select_related("post")}


@pytest.mark.principle(5)
def test_the_approver_is_reminded_and_then_the_level_above_is_told(world: World) -> None:
    slip = below(world)
    for n in range(10):
        tick(PROPOSED + n * DAY)
        tick(PROPOSED + n * DAY)
    assert steps(slip) == [
        (dt.date(2026, 5, 7), "remind", 0),
        (dt.date(2026, 5, 12), "urge", 1),
    ], "two and five working days after the proposal; 9 May is a make-up day"
    assert told("delivery.approval-remind") == {"P-a_head", "P-a_office"}
    assert told("delivery.approval-urge") == {"P-office", "P-office2"}
    before = Message.objects.filter(kind="delivery.approval-urge").count()
    for n in range(10, 30):
        tick(PROPOSED + n * DAY)
    assert [step for _day, *step in steps(slip)[2:]] == [["urge", number] for number in range(2, len(steps(slip)))]
    assert Message.objects.filter(kind="delivery.approval-urge").count() > before, "it never stops because it is late"
    world.audit()


@pytest.mark.principle(5)
def test_where_nothing_stands_above_those_who_decide_are_told_again(world: World) -> None:
    slip = proposed(world)
    for n in range(12):
        tick(PROPOSED + n * DAY)
    assert [number for _day, _rung, number in steps(slip)][:2] == [0, 1]
    assert told("delivery.approval-urge") == {"P-head", "P-office", "P-office2"}


@pytest.mark.principle(4)
def test_the_programmes_ladder_says_when(world: World) -> None:
    slip = proposed(world, Rule(QUICK.steps, 5, approve_days=1, above_days=2))
    for n in range(4):
        tick(PROPOSED + n * DAY)
    assert [day for day, _rung, _number in steps(slip)] == [dt.date(2026, 5, 6), dt.date(2026, 5, 7)]
    quick(world, QUICK)
    now = Programme.objects.get(key="ten").ladder_now
    assert now is not None
    assert (now.approve_days, now.above_days) == (2, 5)
    assert Slip.objects.get(pk=slip.pk).ladder_id != now.pk, "what was issued keeps its own"
    world.audit()


@pytest.mark.principle(5)
def test_a_clock_that_jumps_three_days_skips_nothing_and_tells_nothing_twice(world: World) -> None:
    slip = proposed(world)
    for jump in range(8):
        tick(PROPOSED + jump * 3 * DAY)
        tick(PROPOSED + jump * 3 * DAY)
        tick(PROPOSED + (jump * 3 - 3) * DAY)  # and back again
    numbers = [number for _day, _rung, number in steps(slip)]
    assert numbers == list(range(len(numbers)))
    assert numbers[:2] == [0, 1]
    assert Message.objects.count() == Message.objects.values("key", "post").distinct().count()


@pytest.mark.principle(5)
def test_after_an_outage_one_step_is_told_at_a_time(world: World) -> None:
    slip = proposed(world)
    late = dt.datetime(2026, 6, 1, 9, tzinfo=AT.tzinfo)  # a Monday, four weeks later
    assert jobs.oldest_due(late) is not None, "the heartbeat sees that nobody looked"
    tick(late)
    tick(late)
    assert steps(slip) == [(dt.date(2026, 6, 1), "remind", 0)], "the level above is told after a grace, not at once"
    for n in range(1, 5):
        tick(late + n * DAY)
    assert [day for day, _rung, _number in steps(slip)] == [dt.date(2026, 6, 1), dt.date(2026, 6, 4)]


@pytest.mark.principle(6)
def test_a_batch_is_one_entry_and_one_message_and_the_database_refuses_a_second(world: World) -> None:
    some = [proposed(world) for _number in range(3)]
    before = Entry.objects.count()
    assert tick(PROPOSED + 2 * DAY) == 3
    assert Entry.objects.count() == before + 1
    [params] = Message.objects.filter(kind="delivery.approval-remind", post__ref="P-head").values_list(
        "params", flat=True
    )
    assert params["count"] == 3, "one message, however many proposals it is about"
    rows = everything()
    assert tick(PROPOSED + 2 * DAY) == 0
    assert everything() == rows
    row = LadderStep.objects.filter(slip=some[0]).get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    world.audit()


def test_a_decision_ends_it_and_the_form_of_whoever_approves_stays_good(world: World) -> None:
    slip = proposed(world)
    tick(PROPOSED + 2 * DAY)
    at = PROPOSED + 3 * DAY
    assert Slip.objects.get(pk=slip.pk).version == slip.version, "what was opened before can still be sent"
    done = do(world, "drop_slip", "head", slip, at=at, reason="已有进展")
    assert done.next_step_at is None
    other = proposed(world, at=at)
    do(world, "approve_slip", "head", other, at=at, opinion="同意", repeat_reason="情况不同")
    for n in range(4, 30):
        tick(PROPOSED + n * DAY)
    assert [number for _day, _rung, number in steps(slip)] == [0]
    assert steps(other) == []
    assert not Slip.objects.filter(next_step_at__isnull=False, state=SlipState.PROPOSED).exists()


def test_what_the_clock_proposes_is_chased_and_what_it_issues_itself_is_not(world: World) -> None:
    overdue(world)
    slip = Slip.objects.get()
    assert slip.next_step_at is not None
    late = local_day(slip.proposed_at)
    at = slip.proposed_at + 10 * DAY
    counts = jobs.tick(at)
    assert counts["steps"] >= 1
    assert steps(slip) == [(local_day(at), "remind", 0)]
    assert LadderStep.objects.get(slip=slip).due_on == late


def test_pages_say_since_when_it_waits_and_what_comes(world: World) -> None:
    slip = below(world)
    office, above = Client(headers=ENGLISH), Client(headers=ENGLISH)
    office.force_login(world.users["a_office"])
    above.force_login(world.users["office"])
    assert b"Left undecided below you" not in above.get("/slips/").content
    for n in range(9):
        tick(PROPOSED + n * DAY)
    for address in ("/slips/", "/", f"/slips/{slip.pk}/"):
        shown = office.get(address).content.decode()
        assert "the unit above was told on" in shown, address
        assert "is told again on" in shown, address
    shown = above.get("/slips/").content.decode()
    assert "Left undecided below you" in shown
    assert f"/slips/{slip.pk}/" in shown
    told = office.get(f"/api/v1/slips/{slip.pk}").json()
    assert (told["chased"], told["chased_on"]) == (2, "2026-05-12")
    assert told["chased_next_on"]


def test_the_list_does_not_ask_more_with_more_slips(world: World) -> None:
    client = Client(headers=ENGLISH)
    client.force_login(world.users["a_office"])

    def statements() -> int:
        client.get("/slips/")  # what a process keeps for a while is read now, not while it is counted
        with CaptureQueriesContext(connection) as asked:
            client.get("/slips/")
        return len(asked)

    for _number in range(3):
        below(world)
    few = statements()
    for _number in range(4):
        below(world)
    assert statements() <= few


def test_an_api_ladder_that_tells_above_before_the_approver_is_refused(world: World) -> None:
    world.programme.refresh_from_db()
    client = Client(headers=ENGLISH)
    client.force_login(world.users["office"])
    body = {**QUICK.told(), "approve_days": 5, "above_days": 5}
    sent = client.post(
        "/api/v1/programmes/ten/ladder",
        body,
        content_type="application/json",
        headers={"If-Match": f'"{world.programme.version}"', "Idempotency-Key": "ladder-approval"},
    )
    assert (sent.status_code, sent.json()["code"]) == (422, "ladder_approval"), sent.content
    page = client.get("/p/ten/ladder/").content.decode()
    assert "whoever approves it is reminded" in page
    assert 'name="approve_days"' in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.principle(6)
@pytest.mark.parametrize("jump", [0, 3])
def test_clocks_at_once_chase_each_approval_once(jump: int) -> None:
    world = build()
    some = [proposed(world) for _number in range(7)]
    at = PROPOSED + 2 * DAY
    moments = [at, at + jump * DAY]
    clocks = [
        writers.process("tests.delivery.sweep_worker", moment.isoformat(), "approvals")
        for moment in (*moments, *moments)
    ]
    for clock in clocks:
        clock.communicate(timeout=120)
        assert clock.returncode == 0
    rows = LadderStep.objects.filter(slip__isnull=False).values_list("slip", "climb", "number")
    assert len(rows) == len(set(rows))
    assert {row[0] for row in rows} == {slip.pk for slip in some}
    assert Message.objects.count() == Message.objects.values("key", "post").distinct().count()
    assert set(LadderStep.objects.filter(slip__isnull=False).values_list("rung", flat=True)) == {Rung.REMIND.value}
    assert Slip.objects.filter(state=SlipState.PROPOSED).count() == 7
    world.audit()
