"""Deadlines that move when a calendar changes（期限随日历变动）: seen first, then moved in one act."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.delivery.test_fair_clock import set_timings
from tests.delivery.world import World

from luoshi.delivery import services
from luoshi.delivery.models import Commitment
from luoshi.delivery.queries.moving import moving
from luoshi.delivery.services.moving import more_to_look_at
from luoshi.ledger.models import Entry
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import services as units

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(world: World) -> list[Commitment]:
    units.load_kept_calendars(actor=SYSTEM, at=world.at)
    set_timings(world, accept_kind="working", due_kind="working")
    return [world.issued(due_days=10), world.issued("532900", due_days=10), world.accepted(due_days=10)]


def take_off(world: World, unit: str = "") -> None:
    units.change_day(
        actor=SYSTEM, at=world.at, day=dt.date(2026, 3, 5), what="off", reason="国办更正", unit=unit, name_zh="临时放假"
    )


def client_of(world: World, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def test_the_list_comes_first_and_nothing_moves_by_itself(world: World, counted: list[Commitment]) -> None:
    assert moving(SYSTEM).looked_at == 0
    take_off(world)
    found = moving(SYSTEM)
    assert [(move.ref, move.what) for move in found.moves] == [
        (counted[0].ref, "due"),
        (counted[0].ref, "accept"),
        (counted[1].ref, "due"),
        (counted[1].ref, "accept"),
        (counted[2].ref, "due"),
    ]
    assert {(str(move.old), str(move.new)) for move in found.moves if move.what == "due"} == {
        ("2026-03-16", "2026-03-17")
    }
    assert Commitment.objects.get(pk=counted[0].pk).due_on == dt.date(2026, 3, 16)


def test_one_act_one_entry(world: World, counted: list[Commitment]) -> None:
    take_off(world)
    entries = Entry.objects.count()
    found = moving(world.who("office"))
    done = services.confirm_moves(actor=world.who("office"), digest=found.digest, reason="国办更正", at=world.at)
    assert isinstance(done, Entry)
    assert Entry.objects.count() == entries + 1
    moved = Commitment.objects.get(pk=counted[0].pk)
    assert (moved.due_on, moved.accept_by) == (dt.date(2026, 3, 17), dt.date(2026, 3, 10))
    assert (moved.first_due_on, moved.extensions_granted) == (dt.date(2026, 3, 16), 0)
    assert moved.version == counted[0].version + 1
    assert moving(SYSTEM).looked_at == 0
    with pytest.raises(Refused) as refused:
        services.confirm_moves(actor=SYSTEM, digest=found.digest, reason="再", at=world.at)
    assert refused.value.code == "nothing_moves"
    world.audit()


def test_a_local_day_moves_its_own_area_only(world: World, counted: list[Commitment]) -> None:
    take_off(world, "玉溪市")
    assert {move.ref for move in moving(SYSTEM).moves} == {counted[0].ref, counted[2].ref}
    assert moving(world.who("b_head")).looked_at == 1


def test_what_a_person_has_set_does_not_move(world: World, counted: list[Commitment]) -> None:
    world.do("re_date_commitment", "office", counted[2], new_due_on=dt.date(2026, 3, 30), reason="省委决定")
    take_off(world)
    assert counted[2].ref not in {move.ref for move in moving(SYSTEM).moves}


def test_not_otherwise(world: World, counted: list[Commitment]) -> None:
    take_off(world)
    found = moving(SYSTEM)
    for actor, digest, reason, code in (
        (world.who("a_handler"), found.digest, "r", "deadlines_not_yours"),
        (SYSTEM, found.digest, " ", "reason_missing"),
        (SYSTEM, "0" * 64, "r", "moves_changed"),
    ):
        with pytest.raises(Refused) as refused:
            services.confirm_moves(actor=actor, digest=digest, reason=reason, at=world.at)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        services.move_some(actor=SYSTEM, edition_seen=found.edition - 1, reason="r", at=world.at)
    assert refused.value.code == "moves_changed", "the calendar was changed again"


def test_who_may_move_them(world: World) -> None:
    for name in ("office", "admin", "a_office"):
        services.require_mover(world.who(name))
    with pytest.raises(Refused) as refused:
        services.require_mover(world.who("a_head"))
    assert refused.value.code == "deadlines_not_yours"


def test_many_are_moved_batch_by_batch_and_a_second_start_goes_on(world: World, counted: list[Commitment]) -> None:
    take_off(world)
    found = moving(SYSTEM)
    told = {"actor": SYSTEM, "edition_seen": found.edition, "reason": "国办更正", "at": world.at, "limit": 1}
    assert services.move_some(**told) is not None
    assert len({move.pk for move in moving(SYSTEM).moves}) == 2
    assert more_to_look_at(SYSTEM)
    assert services.move_some(**told) is not None
    assert services.move_some(**told) is not None
    assert services.move_some(**told) is None
    assert {str(due) for due in Commitment.objects.values_list("due_on", flat=True)} == {"2026-03-17"}
    world.audit()


def test_page_interface_and_command(world: World, counted: list[Commitment]) -> None:
    take_off(world)
    assert client_of(world, "a_handler").get("/calendar/moving/").status_code == 403
    client = client_of(world, "office")
    page = client.get("/calendar/moving/").content.decode()
    assert counted[0].ref in page
    assert "16 Mar 2026" in page
    listed = client.get("/api/v1/calendar/moving").json()
    assert (listed["count"], listed["later"], len(listed["moves"])) == (5, 5, 5)
    wrong = client.post("/calendar/moving/", {"digest": "0" * 64, "reason": "国办更正"})
    assert (wrong.status_code, "moves_changed" in wrong.content.decode()) == (409, True)
    out = StringIO()
    call_command("deadlines", stdout=out)
    assert f"{counted[0].ref}\tdue\t2026-03-16\t2026-03-17" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("deadlines", "--move", stdout=StringIO())
    done = client.post("/calendar/moving/", {"digest": listed["digest"], "reason": "国办更正"})
    assert done.status_code == 302
    assert "No deadline moves" in client.get("/calendar/moving/").content.decode()


def test_the_page_asks_no_more_for_more_rows(world: World, counted: list[Commitment]) -> None:
    take_off(world)
    client = client_of(world, "office")

    def statements() -> int:
        client.get("/calendar/moving/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/calendar/moving/")
        return len(seen)

    before = statements()
    units.change_day(actor=SYSTEM, at=world.at, day=dt.date(2026, 3, 5), what="plain", reason="撤回", unit="")
    for lead in ("530402", "530423", "532901"):
        world.issued(lead, due_days=10)
    take_off(world)
    assert statements() == before


def test_the_term_of_a_reply_moves_with_the_calendar_of_whoever_owes_it(world: World) -> None:
    units.load_kept_calendars(actor=SYSTEM, at=world.at)
    c = world.do("raise_request", "a_handler", world.accepted(), question="能否缓缴？")
    chosen = world.do(
        "raise_request", "a_handler", world.accepted(), question="哪天？", reply_by_on=dt.date(2026, 3, 16)
    )
    request = c.requests.get()
    assert request.reply_by_on == dt.date(2026, 3, 16)
    take_off(world)
    [move] = [move for move in moving(SYSTEM).moves if move.what == "reply"]
    assert (move.ref, move.old, move.new) == (c.ref, dt.date(2026, 3, 16), dt.date(2026, 3, 17))
    client = client_of(world, "office")
    listed = client.get("/api/v1/calendar/moving").json()
    assert [one["what"] for one in listed["moves"] if one["new"] == "2026-03-17"] == ["reply"]
    page = client.get("/calendar/moving/").content.decode()
    assert "Reply owed by" in page
    found = moving(world.who("office"))
    services.confirm_moves(actor=world.who("office"), digest=found.digest, reason="国办更正", at=world.at)
    request.refresh_from_db()
    assert (request.reply_by_on, request.climbs_for) == (dt.date(2026, 3, 17), dt.date(2026, 3, 17))
    assert chosen.requests.get().reply_by_on == dt.date(2026, 3, 16)  # a person set that day
    assert not more_to_look_at(SYSTEM)
    world.audit()
