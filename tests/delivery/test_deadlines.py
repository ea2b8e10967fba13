"""The deadlines of a post for its calendar: what it owes, nobody else's, and no words when it is to be discreet."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World

from luoshi.delivery.queries.deadlines import deadlines
from luoshi.office import services
from luoshi.office.adapters.calendars import Day


def of(world: World, name: str, *, discreet: bool = True) -> list[Day]:
    return deadlines(world.who(name).seat, world.at, discreet)


def kinds(days: list[Day]) -> list[str]:
    return [day.uid.rsplit("-", 1)[1] for day in days]


@pytest.mark.principle(10)
def test_a_post_gets_its_own_deadlines_and_nobody_elses(world: World) -> None:
    c = world.issued(title="星云湖治理")
    assert kinds(of(world, "a_head")) == ["accept", "due"]
    assert kinds(of(world, "a_handler")) == ["accept", "due"]
    for other in ("b_head", "b_handler"):
        assert of(world, other) == []
    (accept, due) = of(world, "a_head")
    assert (accept.on, due.on) == (c.accept_by, c.due_on)
    assert c.ref in due.title
    assert "星云湖治理" in due.title
    assert due.words == ""
    told = of(world, "a_head", discreet=False)[1].words
    assert c.lead.name in told
    c = world.do("accept_commitment", "a_handler", c)
    again = of(world, "a_head")
    assert kinds(again) == ["due"]
    assert again[0].uid == due.uid
    assert again[0].version > due.version


def test_who_verifies_and_who_must_reply(world: World) -> None:
    c = world.applied()
    verifier = next(name for name in world.users if kinds(of(world, name)) == ["verify"])
    assert world.who(verifier).seat.unit_id == c.verifying_unit_id
    asked = world.do(
        "raise_request", "a_handler", world.issued(), question="资金从何处列支？", reply_by_on=dt.date(2026, 3, 9)
    )
    found = [day for day in of(world, "office") if "-reply" in day.uid]
    assert [(day.on, asked.ref in day.title) for day in found] == [(dt.date(2026, 3, 9), True)]


def test_statements_do_not_grow_and_nothing_over_is_told(world: World, django_assert_max_num_queries: object) -> None:
    for number in range(5):
        world.issued(title=f"第{number}件")
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # one finds the seat
        assert len(of(world, "a_head", discreet=False)) == 10
    world.closed()
    assert len(of(world, "a_head")) == 10


def test_the_feed_is_one_calendar(world: World) -> None:
    world.issued(title="洱海；治污,二期")
    _feed, token = services.make_feed(actor=world.who("a_head"), at=world.at)
    first = services.read_feed(token, world.at)
    assert first.count(b"BEGIN:VEVENT") == 2
    assert first == services.read_feed(token, world.at + dt.timedelta(hours=1)), "nothing changed, so the ETag stays"
