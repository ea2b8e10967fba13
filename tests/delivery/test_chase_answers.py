"""催复、催延期: a slip not answered in time and an extension not decided in time are chased like everything late."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from tests.delivery import writers
from tests.delivery.test_chase_approvals import DAY, ENGLISH, PROPOSED, below, proposed, steps, told
from tests.delivery.test_slips import do
from tests.delivery.world import AT, World, build, everything

from luoshi.delivery import jobs, services
from luoshi.delivery.models import Extension, LadderStep, Slip
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import ORDINARY, Level, Rung, Step
from luoshi.rules.escalation import Ladder as Rule
from luoshi.rules.permissions import SYSTEM

BY = dt.date(2026, 5, 12)
"""Five working days after the issue on 5 May."""
ASKED = dt.datetime(2026, 4, 20, 9, tzinfo=AT.tzinfo)


def issued(world: World, lower: bool = False) -> Slip:
    """A slip that is issued and never answered."""
    slip = below(world) if lower else proposed(world)
    return do(world, "approve_slip", "a_head" if lower else "head", slip, at=PROPOSED, opinion="同意")


def tick(at: dt.datetime) -> int:
    looked = 0
    while some := services.chase_answers(actor=SYSTEM, at=at) + services.chase_extensions(actor=SYSTEM, at=at):
        looked += some
    return looked


def asked(world: World) -> Extension:
    """A later date somebody asked for and nobody decides."""
    world.do("ask_extension", "a_head", world.accepted(), new_due_on=dt.date(2026, 6, 30), reason="雨季停工", at=ASKED)
    return Extension.objects.latest("pk")


def test_the_ladder_of_an_answer_has_messages_only_and_ends_above() -> None:
    found = ORDINARY.of_answer()
    assert [(step.rung, step.to, step.days) for step in found.steps] == [
        (Rung.REMIND, Level.HANDLER, 1),
        (Rung.URGE, Level.HEAD, 3),
        (Rung.URGE, Level.HEAD, 7),
        (Rung.URGE, Level.ABOVE, 10),
        (Rung.URGE, Level.ABOVE_HEAD, 15),
        (Rung.URGE, Level.ABOVE_HEAD, 30),
    ]
    short = Rule((Step(Rung.REMIND, Level.HANDLER, -3),), 5).of_answer()
    assert [(step.to, step.days) for step in short.steps] == [(Level.HEAD, 1), (Level.ABOVE, 4)]


@pytest.mark.principle(5)
def test_who_owes_the_answer_is_told_and_then_the_unit_above(world: World) -> None:
    slip = issued(world, lower=True)
    assert slip.answer_by_on == BY
    for n in range(16):
        tick(PROPOSED + n * DAY)
        tick(PROPOSED + n * DAY)
    assert steps(slip)[:3] == [
        (dt.date(2026, 5, 13), "remind", 0),
        (dt.date(2026, 5, 14), "urge", 1),
        (dt.date(2026, 5, 19), "urge", 2),
    ], "one and two working days after the day of the answer, then the unit above"
    assert set(LadderStep.objects.filter(slip=slip).values_list("due_on", flat=True)) == {BY}
    assert told("delivery.slip-answer-remind") == {"P-th_head"}
    above = Message.objects.filter(kind="delivery.slip-answer-urge", subject__contains="has not answered")
    assert {row.post.ref for row in above} <= {"P-a_office", "P-a_head"}
    assert above.exists()
    assert Slip.objects.count() == 1, "there is no slip about a slip"
    world.audit()


@pytest.mark.principle(5)
def test_an_answer_ends_it_and_asking_again_begins_a_climb_of_its_own(world: World) -> None:
    slip = issued(world)
    late = PROPOSED + 8 * DAY
    tick(late)
    assert [number for _day, _rung, number in steps(slip)] == [0]
    done = do(world, "answer_slip", "a_handler", slip, at=late, answer="已完成七成")
    assert done.next_step_at is None
    again = do(world, "send_back_slip", "head", slip, at=late, reason="缺时间表", answer_days=2)
    assert again.climb == 3
    assert tick(late + DAY) == 0
    tick(late + 5 * DAY)
    climbs = list(LadderStep.objects.filter(slip=slip).order_by("pk").values_list("climb", "number"))
    assert climbs == [(2, 0), (3, 0)]
    world.audit()


@pytest.mark.principle(5)
@pytest.mark.parametrize("what", ["answers", "extensions"])
def test_jumps_and_outages_tell_one_step_at_a_time_and_none_twice(world: World, what: str) -> None:
    row = issued(world) if what == "answers" else asked(world)
    begun = PROPOSED + 30 * DAY
    assert jobs.oldest_due(begun) is not None, "the heartbeat sees that nobody looked"
    for jump in range(6):
        at = begun + jump * 3 * DAY
        tick(at)
        tick(at)
        tick(at - 3 * DAY)
    taken = list(LadderStep.objects.filter(climb__gt=0).order_by("pk").values_list("number", "at"))
    assert [number for number, _at in taken] == list(range(len(taken)))
    assert len({local_day(at) for _number, at in taken}) == len(taken) > 2, "never two on one day"
    assert Message.objects.count() == Message.objects.values("key", "post").distinct().count()
    row.refresh_from_db()
    assert row.next_step_at is not None, "it never stops because it is late"
    world.audit()


@pytest.mark.principle(6)
def test_a_batch_is_one_entry_and_one_message(world: World) -> None:
    quiet = [asked(world) for _number in range(3)]
    at = dt.datetime(2026, 4, 28, 9, tzinfo=AT.tzinfo)
    assert {row.decide_by_on for row in quiet} == {dt.date(2026, 4, 27)}
    before = Entry.objects.count()
    assert tick(at) == 3
    assert Entry.objects.count() == before + 1
    rows = Message.objects.filter(kind="delivery.extension-remind")
    assert {(row.post.ref, row.params["count"]) for row in rows} >= {("P-head", 3)}
    seen = everything()
    assert tick(at) == 0
    assert everything() == seen
    world.do("decide_extension", "head", quiet[0].commitment, granted=False, reason="按原期限", at=at)
    assert Extension.objects.filter(next_step_at__isnull=True).count() == 1
    world.audit()


def test_pages_and_the_api_say_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = issued(world)
    extension = asked(world)
    counts = jobs.tick(PROPOSED + 8 * DAY)
    assert counts["steps"] >= 2
    late = PROPOSED + 8 * DAY
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    unit, office = Client(headers=ENGLISH), Client(headers=ENGLISH)
    unit.force_login(world.users["a_handler"])
    office.force_login(world.users["office"])
    for client, address in ((unit, f"/slips/{slip.pk}/"), (unit, "/slips/"), (unit, "/")):
        assert "No answer came" in client.get(address).content.decode(), address
    shown = office.get(f"/api/v1/slips/{slip.pk}").json()
    assert (shown["chased"], shown["chased_on"]) == (1, "2026-05-13")
    assert shown["chased_next_on"] > "2026-05-13"
    page = office.get(f"/c/{extension.commitment.ref}/").content.decode()
    assert "was last reminded of it on" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.principle(6)
@pytest.mark.parametrize("what", ["answers", "extensions"])
def test_clocks_at_once_chase_each_once(what: str) -> None:
    world = build()
    count = 5
    for _number in range(count):
        asked(world)
    if what == "answers":
        slip = issued(world)
        values = {
            field.attname: getattr(slip, field.attname)
            for field in Slip._meta.concrete_fields
            if field.attname not in ("id", "number")
        }
        for number in range(count - 1):
            Slip.objects.create(**values, number=f"云督〔2026〕9{number}号")
    at = PROPOSED + 8 * DAY
    moments = [at, at + 3 * DAY]
    clocks = [writers.process("tests.delivery.sweep_worker", one.isoformat(), what) for one in (*moments, *moments)]
    for clock in clocks:
        clock.communicate(timeout=120)
        assert clock.returncode == 0
    rows = list(LadderStep.objects.values_list("slip", "extension", "climb", "number"))
    assert len(rows) == len(set(rows)) >= count
    assert Message.objects.count() == Message.objects.values("key", "post").distinct().count()
