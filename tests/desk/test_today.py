"""Today: what waits for each person, in the manner of the seat, in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luoshi.desk.queries.waiting import Wait, waiting
from luoshi.ledger.services import sequence_pending
from luoshi.units import services as unit_services

if TYPE_CHECKING:
    from tests.delivery.world import World

    from luoshi.delivery.models import Commitment

    from .conftest import Enter


def kinds(world: World, name: str, at: dt.datetime | None = None) -> list[Wait]:
    return [item.wait for item in waiting(world.who(name), at or world.at).items]


def later(commitment: Commitment, days: int) -> dt.date:
    """A day after the commitment is due."""
    assert commitment.due_on is not None
    return commitment.due_on + dt.timedelta(days=days)


def test_each_step_of_the_chain_waits_for_the_right_person(world: World) -> None:
    c = world.draft()
    assert kinds(world, "office") == [Wait.ISSUE]
    assert kinds(world, "a_handler") == []
    c = world.do("issue_commitment", "office", c)
    assert kinds(world, "office") == []
    assert kinds(world, "a_handler") == [Wait.ACCEPT] == kinds(world, "a_head")
    assert kinds(world, "b_handler") == kinds(world, "th_handler") == kinds(world, "verifier") == []
    c = world.do("accept_commitment", "a_handler", c)
    assert kinds(world, "a_handler") == []  # nothing is asked by the calendar
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="完工")
    assert kinds(world, "a_handler") == [Wait.APPLY]
    c = world.do("apply_for_closure", "a_head", c, statement="全部完工")
    assert kinds(world, "verifier") == [Wait.VERIFY]
    assert kinds(world, "a_verifier") == []  # of the claiming area: not independent
    seen = {"method": "desk", "documents": ["验收报告"], "passed": True, "percent": 100, "words": "看过"}
    c = world.do("verify_commitment", "verifier", c, **seen)
    assert kinds(world, "verifier") == []
    assert kinds(world, "office") == [Wait.CLOSE] == kinds(world, "head")
    world.do("close_commitment", "office", c, opinion="同意")
    assert all(not kinds(world, name) for name in world.users)


def test_declined_comes_back_to_the_issuer_with_its_reason(world: World) -> None:
    world.do("decline_commitment", "a_head", world.issued(), reason="不归我市管")
    (item,) = waiting(world.who("office"), world.at).items
    assert item.wait is Wait.DECLINED
    assert item.reason == "不归我市管"


def test_what_we_owe_stands_in_the_same_list(world: World) -> None:
    c = world.accepted()
    c = world.do("raise_request", "a_handler", c, question="排水口归谁管", reply_by_on=None)
    c = world.do("ask_extension", "a_handler", c, new_due_on=later(c, 20), reason="雨季")
    found = waiting(world.who("office"), world.at).items
    assert {item.wait for item in found} == {Wait.REPLY, Wait.DECIDE_EXTENSION}
    assert next(i for i in found if i.wait is Wait.REPLY).about.question == "排水口归谁管"
    assert kinds(world, "office2") == kinds(world, "office")


def test_overdue_and_returned_wait_for_a_report(world: World) -> None:
    c = world.reported(60)
    late = world.at + dt.timedelta(days=70)
    assert kinds(world, "a_handler") == []
    from luoshi.delivery.jobs import tick

    tick(late)
    (item,) = waiting(world.who("a_handler"), late).items
    assert (item.wait, item.light.colour) == (Wait.REPORT, "red")
    world.do("return_commitment", "office", c, reason="没有写清", by_on=None, at=late)
    assert kinds(world, "a_handler", late) == [Wait.RETURNED]


def test_a_claim_that_was_looked_at_and_did_not_hold_says_so(world: World, enter: Enter) -> None:
    failed = {"passed": False, "percent": 50, "words": "只见一半"}
    c = world.do("verify_commitment", "verifier", world.applied(), method="visited", **failed)
    (item,) = waiting(world.who("a_handler"), world.at).items
    assert (item.wait, item.failed, item.reason) == (Wait.RETURNED, "verification", "只见一半")
    page = enter("a_handler").get("/", headers={"Accept-Language": "en"}).content.decode()
    assert "It did not pass the verification." in page
    assert "Our report was sent back" not in page
    world.do("withdraw_commitment", "office", c, reason="x")
    world.do("look_back_commitment", "verifier2", world.closed(), **failed)
    (item,) = waiting(world.who("a_handler"), world.at).items
    assert (item.wait, item.failed) == (Wait.RETURNED, "look-back")


def test_the_township_answers_for_its_village(world: World) -> None:
    c = world.draft("530423100201")
    world.do("issue_commitment", "office", c)
    (item,) = waiting(world.who("town_handler"), world.at).items
    assert item.wait is Wait.ACCEPT
    assert item.on_behalf
    assert kinds(world, "th_handler") == []


def test_findings_and_objections(world: World) -> None:
    c = world.reported(60)
    c = world.do("record_finding", "office", c, words="照片与去年相同", evidence="")
    assert kinds(world, "a_handler") == [Wait.ANSWER]
    c = world.do("answer_finding", "a_handler", c, answer="补拍")
    assert kinds(world, "a_handler") == []
    assert kinds(world, "office") == [Wait.CONCLUDE]
    c = world.do("conclude_finding", "office", c, upheld=True, reason="属实")
    world.do("raise_objection", "a_handler", c, words="不属实")
    assert Wait.DECIDE_OBJECTION in kinds(world, "head")


def test_the_page_of_every_persona(world: World, enter: Enter) -> None:
    world.verified()
    world.issued("530402", title="第二件")
    sequence_pending(world.at)
    for name in world.users:
        for language in ("en", "zh-hans"):
            answer = enter(name, language).get("/")
            assert answer.status_code == 200, name
    assert b"Others stand still until you decide" in enter("head").get("/").content
    assert b"Nothing waits for you" in enter("b_handler").get("/").content
    assert b"Head of the ledger" in enter("auditor").get("/").content
    assert b"No alert is running" in enter("duty").get("/").content
    assert "nobody holds" in enter("admin").get("/").content.decode()


def test_acts_are_finished_in_place(world: World, enter: Enter) -> None:
    c = world.issued()
    client = enter("a_handler")
    page = client.get("/").content.decode()
    assert f"/c/{c.ref}/accept/" in page
    answer = client.post(f"/c/{c.ref}/accept/", {"version": c.version, "next": "/"}, follow=True)
    assert answer.redirect_chain[0][0] == "/"
    c.refresh_from_db()
    assert c.state == "accepted"
    c = world.do("ask_extension", "a_handler", c, new_due_on=later(c, 20), reason="雨季")
    office = enter("office")
    assert 'name="granted" value="yes"' in office.get("/").content.decode()
    told = {"version": c.version, "granted": "yes", "reason": "同意", "confirmed": "1", "next": "/"}
    answer = office.post(f"/c/{c.ref}/decide-extension/", told)
    assert answer.status_code == 302, answer.content.decode()
    c.refresh_from_db()
    assert c.extensions_granted == 1


def test_the_report_opens_beside_the_list_with_and_without_script(world: World, enter: Enter) -> None:
    from luoshi.delivery.jobs import tick

    c = world.reported(60)
    world.at += dt.timedelta(days=70)
    tick(world.at)
    c.refresh_from_db()
    client = enter("a_handler")
    page = client.get("/", {"open": c.ref}).content.decode()
    assert 'name="percent"' in page
    part = client.get("/", {"open": c.ref}, headers={"hx-request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")
    told = {"version": c.version, "percent": 70, "words": "又通了一段", "problems": "", "next": "/"}
    client.post(f"/c/{c.ref}/report/", told)
    c.refresh_from_db()
    assert c.said == 70


def test_a_deputy_sees_what_waits_for_the_principal(world: World, enter: Enter) -> None:
    world.verified()
    unit_services.appoint_deputy(
        actor=world.who("admin"),
        at=world.at,
        principal_ref="P-head",
        deputy_ref="P-office2",
        from_on=world.at.date(),
        until_on=None,
        reason="出差",
    )
    page = enter("office2").get("/").content.decode()
    assert "standing in for head head" in page


@pytest.mark.parametrize("name", ["office", "a_handler", "head", "verifier", "auditor", "admin"])
def test_statements_do_not_grow_with_what_waits(world: World, enter: Enter, name: str) -> None:
    def some(n: int) -> None:
        for i in range(n):
            world.applied()
            world.issued(title=f"第{i}件")
            c = world.accepted()
            c = world.do("raise_request", "a_handler", c, question="问", reply_by_on=None)
            world.do("ask_extension", "a_handler", c, new_due_on=later(c, 9), reason="雨")
        sequence_pending(world.at)

    client = enter(name)
    some(1)
    client.get("/")
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    some(4)
    with CaptureQueriesContext(connection) as five:
        client.get("/")
    assert len(five) == len(one) <= 30


@pytest.mark.principle(5)
def test_who_was_reminded_finds_it_with_the_day(world: World, enter: Enter) -> None:
    c = world.issued()
    world.do("remind_commitment", "office", c, step="accept")
    (item,) = waiting(world.who("a_handler"), world.at).items
    assert (item.wait, item.reminded_at) == (Wait.ACCEPT, world.at)
    assert "Reminded" in enter("a_handler").get("/").content.decode()
    c = world.do("accept_commitment", "a_handler", c)
    assert kinds(world, "a_handler") == [], "nothing is asked by the calendar"
    for step, wait in (("assign", Wait.ASSIGN), ("break-down", Wait.BREAK_DOWN), ("report", Wait.REPORT)):
        world.do("remind_commitment", "office", c, step=step, reach="itself")
        assert wait in kinds(world, "a_handler"), step
    assert Wait.BREAK_DOWN not in kinds(world, "b_handler")
    page = enter("a_handler").get("/").content.decode()
    assert "We were reminded to name the post in charge." in page
    world.do("assign_commitment", "a_head", c, post="P-a_handler")
    world.do("break_down_commitment", "a_head", c)
    world.do("report_on_commitment", "a_handler", c, percent=5, words="开工")
    assert kinds(world, "a_handler") == [], "what was done waits no more"
