"""The fair clock（公平计时）: the lead's own calendar, clocks that stand still, thresholds frozen at issue."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.delivery.world import DAY, World

from luoshi.delivery import projections, services
from luoshi.delivery.models import Commitment, Programme, Stop
from luoshi.delivery.schemas.deadlines import accept_sentence, due_sentence
from luoshi.rules import lights
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as units


def at(world: World, days: int) -> dt.datetime:
    return world.at + dt.timedelta(days=days)


def set_timings(world: World, **timings: Any) -> None:
    programme = Programme.objects.get(pk=world.programme.pk)
    services.change_programme_settings(
        actor=world.who("office"),
        key="ten",
        version=programme.version,
        visibility=programme.visibility,
        warning_days=timings.pop("warning_days", programme.warning_days),
        extension_limit=programme.extension_limit,
        timings=timings,
        at=world.at,
    )


@pytest.fixture
def calendars(world: World) -> None:
    units.load_kept_calendars(actor=SYSTEM, at=world.at)


def local_holiday(world: World, day: dt.date, unit: str = "玉溪市") -> None:
    units.change_day(actor=SYSTEM, at=world.at, day=day, what="off", reason="地方节日", unit=unit, name_zh="开渔节")


@pytest.mark.usefixtures("calendars")
@pytest.mark.principle(4)
def test_working_days_are_counted_by_the_leads_own_calendar_and_explained(world: World) -> None:
    set_timings(world, accept_kind="working")
    local_holiday(world, dt.date(2026, 3, 6))
    c = world.issued(due_days=25, due_kind="working")
    assert (c.deadline_kind, c.accept_by) == ("working", dt.date(2026, 3, 10)), (
        "5 working days, one of them a local day"
    )
    assert c.due_on == dt.date(2026, 4, 8), "the local day and Tomb-sweeping Day do not count"
    with translation.override("en"):
        assert due_sentence(c) == (
            "25 working days after it was issued on 2 Mar 2026: by the end of 8 Apr 2026; 6 Mar is 开渔节; 4–6 Apr are"
            " Tomb-sweeping Day."
        )
        assert "6 Mar is 开渔节" in accept_sentence(c)
    elsewhere = world.issued("532900", due_days=25, due_kind="working")
    assert elsewhere.due_on == dt.date(2026, 4, 7)
    world.audit()


@pytest.mark.usefixtures("calendars")
def test_parts_are_dated_by_their_own_calendars(world: World) -> None:
    set_timings(world, accept_kind="working", due_kind="working")
    local_holiday(world, dt.date(2026, 3, 5), "通海县")
    whole = world.accepted()
    done = world.do("break_down_commitment", "a_head", whole, due_days=10)
    parts = {part.lead.name: part for part in done.children.all()}
    assert parts["红塔区"].due_on == dt.date(2026, 3, 16)
    assert parts["通海县"].due_on == dt.date(2026, 3, 17)
    assert (parts["红塔区"].accept_by, parts["通海县"].accept_by) == (dt.date(2026, 3, 9), dt.date(2026, 3, 10))
    assert parts["红塔区"].deadline_n == 10
    world.refuses("part_after_whole", "break_down_commitment", "a_head", world.accepted(), due_days=300)
    world.audit()


@pytest.mark.usefixtures("calendars")
@pytest.mark.principle(4)
def test_waiting_for_a_reply_stops_the_units_clock_and_starts_the_superiors(world: World) -> None:
    c = world.accepted()
    first, due = c.first_due_on, c.due_on
    c = world.do("raise_request", "a_handler", c, question="可否？", at=at(world, 50))
    request = c.requests.get()
    assert c.waiting_since == DAY + dt.timedelta(days=50)
    assert c.next_due_at is None, "time alone changes nothing while it waits"
    assert request.reply_by_on == dt.date(2026, 5, 8), "10 working days, Labour Day between them, 9 May not yet needed"
    assert services.pass_dates(actor=SYSTEM, at=at(world, 90)) == 0, "no date passes while a reply is owed"
    c = world.do("reply_to_request", "office", c, reply="可", at=at(world, 64))
    stop = c.stops.get()
    assert (stop.cause, stop.days, c.waited_days) == ("request", 7, 7)
    assert (stop.old_due_on, stop.new_due_on) == (due, c.due_on)
    assert c.due_on == dt.date(2026, 5, 13), "7 working days after 1 May: Labour Day does not count, 9 May does"
    assert (c.first_due_on, c.extensions_granted, c.waiting_since) == (first, 0, None)
    assert c.next_due_at is not None
    with translation.override("en"):
        assert "its clock stood still for 7 working days, which are added" in due_sentence(c)
    world.audit()


@pytest.mark.usefixtures("calendars")
def test_the_clock_runs_again_with_the_last_of_several_questions(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="一问")
    c = world.do("raise_request", "a_handler", c, question="二问", at=at(world, 1))
    assert c.waiting_since == DAY
    c = world.do("reply_to_request", "office", c, reply="可", at=at(world, 2))
    assert (c.waiting_since, c.waited_days, c.open_requests) == (DAY, 0, 1)
    c = world.do("take_back_request", "a_handler", c, reason="已经清楚", at=at(world, 3))
    assert (c.waiting_since, c.waited_days, c.open_requests) == (None, 3, 0)
    first, second = c.requests.order_by("id")
    assert (first.withdrawn_at, second.withdrawn_at) == (None, at(world, 3))
    assert Stop.objects.count() == 1
    world.refuses("no_request_open", "take_back_request", "a_handler", c, reason="又")
    world.audit()


@pytest.mark.usefixtures("calendars")
def test_a_named_question_is_answered_or_taken_back(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="一问")
    c = world.do("raise_request", "a_handler", c, question="二问")
    second = c.requests.order_by("-id")[0]
    c = world.do("reply_to_request", "office", c, reply="可", request=second.pk)
    second.refresh_from_db()
    assert second.reply == "可"
    world.refuses("no_request_open", "reply_to_request", "office", c, reply="再", request=second.pk)
    world.refuses("reason_missing", "take_back_request", "a_handler", c, reason="")
    world.refuses("not_your_act", "take_back_request", "office", c, reason="x")


@pytest.mark.usefixtures("calendars")
def test_a_question_before_accepting_moves_the_day_to_accept(world: World) -> None:
    c = world.issued()
    accept_by = c.accept_by
    c = world.do("raise_request", "a_handler", c, question="是否我市？")
    c = world.do("reply_to_request", "office", c, reply="是", at=at(world, 2))
    assert accept_by == dt.date(2026, 3, 7)
    assert c.accept_by == dt.date(2026, 3, 10)
    world.audit()


@pytest.mark.usefixtures("calendars")
def test_suspension_stands_still_and_resuming_moves_the_date(world: World) -> None:
    c = world.accepted()
    due = c.due_on
    c = world.do("suspend_commitment", "office", c, reason="机构调整")
    assert c.waiting_since == DAY
    c = world.do("raise_request", "a_handler", c, question="何时恢复？", at=at(world, 1))
    c = world.do("resume_commitment", "office", c, reason="恢复", at=at(world, 7))
    assert (c.state, c.waiting_since, c.due_on) == ("accepted", DAY, due), "a reply is still owed"
    c = world.do("reply_to_request", "office", c, reply="今日", at=at(world, 14))
    assert (c.waited_days, c.due_on) == (10, dt.date(2026, 5, 18))
    world.audit()


@pytest.mark.usefixtures("calendars")
def test_an_extension_may_be_asked_after_the_date_if_the_clock_stood_still_before(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="可否？", at=at(world, 50))
    c = world.do("ask_extension", "a_head", c, new_due_on=dt.date(2026, 7, 1), reason="等批复", at=at(world, 70))
    extension = c.extensions.get()
    assert extension.decide_by_on == dt.date(2026, 5, 18), "five working days, the programme's own limit"


def test_thresholds_are_frozen_when_it_is_issued(world: World) -> None:
    before = world.accepted()
    begins = lights.warn_on(before.light_facts())
    set_timings(world, warning_days=30, warning_percent=90, palette="clear")
    after = world.accepted()
    before = Commitment.objects.get(pk=before.pk)
    assert lights.warn_on(before.light_facts()) == begins == before.due_on - dt.timedelta(days=5)
    assert lights.warn_on(after.light_facts()) == after.due_on - dt.timedelta(days=30)
    assert before.timing_id != after.timing_id
    assert Programme.objects.get(pk=world.programme.pk).timings.count() == 2
    set_timings(world, palette="clear")
    assert Programme.objects.get(pk=world.programme.pk).timings.count() == 2, "nothing changed, nothing is written"
    world.audit()


@pytest.mark.parametrize(
    ("timings", "code"),
    [({"warning_percent": 0}, "timing_out_of_range"), ({"accept_kind": "lunar"}, "timing_word")],
)
def test_settings_out_of_range_are_refused(world: World, timings: dict[str, Any], code: str) -> None:
    from luoshi.rules.refusals import Refused

    with pytest.raises(Refused) as refused:
        set_timings(world, **timings)
    assert refused.value.code == code


@pytest.mark.usefixtures("calendars")
def test_rebuilding_finds_lights_counted_in_working_days_as_they_are(world: World) -> None:
    set_timings(world, warning_days=4, warning_kind="working", warning_percent=100, grace_kind="working")
    local_holiday(world, dt.date(2026, 4, 30))
    c = world.accepted()
    assert lights.warn_on(c.light_facts()) == dt.date(2026, 4, 24)
    late = dt.datetime(2026, 4, 24, 12, tzinfo=world.at.tzinfo)
    assert services.pass_dates(actor=SYSTEM, at=late) == 1
    c.refresh_from_db()
    assert c.light == "yellow"
    before = list(Commitment.objects.values())
    projections.recount(late)
    assert list(Commitment.objects.values()) == before


@pytest.mark.usefixtures("calendars")
def test_a_report_costs_no_statement_more(world: World) -> None:
    c, other = world.accepted(), world.accepted()
    world.do("report_on_commitment", "a_handler", c, percent=10, words="挖沟")
    with CaptureQueriesContext(connection) as plain:
        world.do("report_on_commitment", "a_handler", other, percent=10, words="挖沟")
    set_timings(world, warning_kind="working")
    c, other = world.accepted(), world.accepted()
    world.do("report_on_commitment", "a_handler", c, percent=10, words="挖沟")
    with CaptureQueriesContext(connection) as counted:
        world.do("report_on_commitment", "a_handler", other, percent=10, words="挖沟")
    # the ledger's tree asks for more or fewer of its nodes, as the number of the entry has it
    texts = [[one["sql"] for one in seen if ' FROM "ledger_' not in one["sql"]] for seen in (plain, counted)]
    reads = [sum(text.startswith("SELECT") for text in seen) for seen in texts]
    assert reads[0] == reads[1], "neither the timing nor the calendar is asked of the database"


@pytest.mark.usefixtures("calendars")
def test_the_page_tells_the_date_and_that_the_clock_stands_still(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(due_days=25, due_kind="working"), question="可否？")
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users["a_handler"], backend="luoshi.accounts.adapters.sign_in.Passwords")
    page = client.get(f"/c/{c.ref}/").content.decode()
    assert "25 working days after it was issued on 2 Mar 2026" in page
    assert "4–6 Apr are Tomb-sweeping Day" in page
    assert "stands still since 2 Mar 2026" in page
    assert "a reply is due by" in page
