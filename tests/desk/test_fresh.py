"""A page that is asked for again: 304 while nothing it shows has changed, and never a stale one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.delivery.test_bulk import confirm, plan

from luoshi.delivery import jobs, projections, services
from luoshi.delivery.models import CellDelta, Commitment, Programme
from luoshi.delivery.queries import cells_state
from luoshi.delivery.services.snapshots import take_snapshot
from luoshi.desk.views import pictures
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as units

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from tests.delivery.world import World

    from .conftest import Enter


class Reader:
    """A browser that keeps a page and asks whether it still holds."""

    def __init__(self, client: Client, address: str = "/board/") -> None:
        self.client, self.address, self.tag, self.page = client, address, "", ""
        client.get("/")  # the browser has its token now
        self.read()

    def read(self) -> int:
        """Ask again; keeps what came. The status."""
        answer: Any = self.client.get(self.address, headers={"If-None-Match": self.tag} if self.tag else {})
        if answer.status_code == 200:
            self.tag, self.page = answer.get("ETag", ""), answer.content.decode()
        return int(answer.status_code)


@pytest.fixture
def reader(world: World, enter: Enter) -> Reader:
    world.reported(40)
    return Reader(enter("head"))


def test_unchanged_is_304_in_few_statements(reader: Reader) -> None:
    assert reader.tag.startswith('W/"')
    with CaptureQueriesContext(connection) as queries:
        assert reader.read() == 304
    assert len(queries) <= 8, [query["sql"][:90] for query in queries]
    answer = reader.client.get("/board/", headers={"If-None-Match": reader.tag})
    assert answer.content == b""
    assert answer["ETag"] == reader.tag
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]


def test_folding_and_numbering_alone_may_ask_again_but_show_the_same(world: World, reader: Reader) -> None:
    def figures() -> str:
        return reader.page.split("<h1>")[1].split("<footer")[0]

    before = figures()
    projections.fold()
    while ledger_services.sequence_pending(world.at):
        pass
    assert reader.read() in (200, 304)
    assert strip(figures()) == strip(before)
    assert reader.read() == 304


def strip(page: str) -> str:
    import re

    return re.sub(r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"', "", page)


ACTS: dict[str, Callable[[World, Commitment], Any]] = {
    "draft": lambda w, c: w.draft(),
    "issue": lambda w, c: w.issued("530402"),
    "report": lambda w, c: w.do("report_on_commitment", "a_handler", c, percent=60, words="管网接通四百米"),
    "return": lambda w, c: w.do("return_commitment", "office", c, reason="不实", by_on=w.at.date()),
    "ask": lambda w, c: w.do("raise_request", "a_handler", c, question="问", reply_by_on=None),
    "extension": lambda w, c: w.do(
        "ask_extension", "a_head", c, new_due_on=(w.at + dt.timedelta(days=90)).date(), reason="雨季"
    ),
    "instruct": lambda w, c: w.do("instruct_commitment", "head", c, words="抓紧办"),
    "suspend": lambda w, c: w.do("suspend_commitment", "office", c, reason="停"),
    "withdraw": lambda w, c: w.do("withdraw_commitment", "office", c, reason="撤"),
    "finding": lambda w, c: w.do("record_finding", "office", c, words="疑"),
    "settings": lambda w, c: services.change_programme_settings(
        actor=w.who("office"), key="ten", version=Programme.objects.get().version, visibility="own",
        warning_days=9, extension_limit=2, last_meeting_on=dt.date(2026, 3, 1), at=w.at,
    ),
    "rename": lambda w, c: units.rename_unit(
        actor=SYSTEM, at=w.at, unit_id=w.units["530400"].pk, name="玉溪新市", on=w.at.date(), reason="更名"
    ),
}  # fmt: skip
SEEN = {
    "issue": "2 commitments",
    "report": "Said 60%",
    "ask": "owes the reply",
    "withdraw": "Nothing has been issued here yet",
    "settings": "Since the last meeting",
    "rename": "玉溪新市",
}
"""What the page must show after some of them."""


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_shown_at_once(world: World, enter: Enter, name: str) -> None:
    c = world.reported(40)
    reader = Reader(enter("auditor"))
    assert reader.read() == 304
    ACTS[name](world, c)
    assert reader.read() == 200
    if name in SEEN:
        assert SEEN[name] in reader.page


def test_time_alone_is_shown(world: World, enter: Enter) -> None:
    world.reported(40, due_days=1)
    world.at += dt.timedelta(hours=14)
    reader = Reader(enter("head"))
    assert "Days left: 1" in reader.page
    assert reader.read() == 304
    world.at += dt.timedelta(hours=2)
    assert reader.read() == 200
    assert "Days left: 0" in reader.page
    world.at += dt.timedelta(days=1)
    reader = Reader(enter("head"))
    jobs.tick(world.at)
    assert reader.read() == 200
    assert "1 overdue" in reader.page
    assert "Overdue by" in reader.page


def test_a_light_that_turns_within_the_day_is_shown(world: World, enter: Enter) -> None:
    """The clock turns lights by deltas alone, without an entry where no date was newly missed."""
    world.issued("530400", accept_days=1)
    world.at += dt.timedelta(days=2, hours=3)
    reader = Reader(enter("head"))
    reader.read()
    assert reader.read() == 304
    jobs.tick(world.at)
    assert reader.read() == 200
    assert "1 at risk" in reader.page


def test_a_rebuild_is_shown(world: World, reader: Reader) -> None:
    from luoshi.delivery.models import Cell

    projections.fold()
    Cell.objects.update(said=0)  # somebody spoilt the table
    projections.recount(world.at)
    assert reader.read() == 200
    assert "Said 40%" in reader.page


def test_nobody_gets_the_page_of_another(world: World, enter: Enter) -> None:
    world.reported(40)
    head, office = Reader(enter("head")), Reader(enter("office"))
    assert head.tag != office.tag
    head.client.cookies["django_language"] = "zh-hans"
    assert head.client.get("/board/", headers={"If-None-Match": head.tag, "accept-language": "zh"}).status_code == 200


def test_a_note_of_what_was_done_is_shown_once_and_never_kept(world: World, enter: Enter) -> None:
    c = world.reported(40)
    client = enter("office")
    reader = Reader(client)
    version = Commitment.objects.get(pk=c.pk).version
    client.post(f"/c/{c.ref}/instruct/", {"version": version, "words": "抓紧办", "next": "/board/"})
    noted = client.get("/board/", headers={"If-None-Match": reader.tag})
    assert noted.status_code == 200
    assert 'class="note success"' in noted.content.decode()
    assert "no-store" in noted["Cache-Control"]
    assert "ETag" not in noted
    reader.read()
    assert 'class="note success"' not in reader.page
    assert reader.read() == 304


def test_the_state_of_the_cells_never_repeats(world: World) -> None:
    seen = {cells_state()}

    def new() -> bool:
        state = cells_state()
        fresh = state not in seen
        seen.add(state)
        return fresh

    c = world.reported(40)
    assert new()
    assert projections.fold()
    assert new()
    assert not projections.fold()
    assert not new()
    world.do("report_on_commitment", "a_handler", c, percent=60, words="管网接通四百米")
    assert new()
    late = CellDelta.objects.order_by("pk").first()  # a delta whose id was given early and committed late
    assert late is not None
    CellDelta.objects.create(unit_id=late.unit_id, matter_id=late.matter_id)
    assert new()
    projections.remake_cells()
    assert new()
    assert take_snapshot(at=world.at) == 1
    assert new()
    assert take_snapshot(at=world.at) == 0
    assert not new()


def test_the_mark_of_the_ledger_never_repeats(world: World) -> None:
    seen = [ledger.mark()]
    for step in range(3):
        world.draft(title=f"第{step}件")
        seen.append(ledger.mark())
        while ledger_services.sequence_pending(world.at):
            pass
        if ledger.mark() != seen[-1]:
            seen.append(ledger.mark())
    assert len(set(seen)) == len(seen)


def page(client: Client, address: str = "/board/") -> str:
    """What stands between head and foot, without the keys of forms."""
    return strip(client.get(address).content.decode().split("<h1>")[1].split("<footer")[0])


@pytest.mark.parametrize("name", ACTS)
def test_a_kept_picture_is_never_shown_after_an_act(world: World, enter: Enter, name: str) -> None:
    """The same page drawn from what is kept and drawn anew, after every act; the browser asks without a mark."""
    c = world.reported(40)
    client = enter("auditor")
    page(client)
    page(client)
    ACTS[name](world, c)
    from_kept = page(client)
    pictures.forget()
    assert from_kept == page(client)
    if name in SEEN:
        assert SEEN[name] in from_kept


def test_a_kept_picture_saves_statements_and_follows_moves_of_units(world: World, enter: Enter) -> None:
    world.reported(40)
    client = enter("head")
    page(client)
    with CaptureQueriesContext(connection) as queries:
        kept = page(client)
    assert len(queries) <= 11, [query["sql"][:90] for query in queries]
    units.move_unit(
        actor=SYSTEM, at=world.at, unit_id=world.units["530423"].pk, parent_id=world.units["532900"].pk,
        on=world.at.date(), reason="划转",
    )  # fmt: skip
    moved = page(client, f"/board/?unit={world.units['530000'].pk}")
    pictures.forget()
    assert moved == page(client, f"/board/?unit={world.units['530000'].pk}")
    assert moved != kept


def test_a_kept_picture_belongs_to_its_area(world: World, enter: Enter) -> None:
    world.reported(40)
    address = f"/board/?unit={world.units['530000'].pk}"
    assert f"unit={world.units['530400'].pk}" in page(enter("head"), address)
    below = page(enter("b_head"), address)
    assert f"unit={world.units['530400'].pk}" not in below
    assert "These are totals of units beside yours" in below
    assert enter("b_head").get(f"/board/?unit={world.units['530400'].pk}").status_code == 404


def late(world: World) -> list[str]:
    """Two commitments whose date has passed, with their red lights."""
    refs = [world.reported(40, due_days=1).ref for _n in range(2)]
    world.at += dt.timedelta(days=3)
    jobs.tick(world.at)
    return refs


BULK: dict[str, tuple[Callable[[World], list[str]], str, Act, dict[str, Any], str]] = {
    "close": (lambda w: [w.verified().ref for _n in range(2)], "office", Act.CLOSE, {"opinion": "同意销号"}, "Closed"),
    "re-date": (late, "office", Act.RE_DATE, {"by_days": 60, "reason": "会议决定推迟"}, "0 overdue"),
}
"""What there is, who plans, what is done to all, and what the page must show then."""


@pytest.mark.parametrize("name", BULK)
def test_a_kept_picture_is_never_shown_after_a_bulk_act(world: World, enter: Enter, name: str) -> None:
    """A plan changes nothing that is shown; what it leads to is shown at once, kept page and kept picture alike."""
    prepare, who, act, told, shown = BULK[name]
    found = plan(world, who, act, prepare(world), **told)
    assert (found.eligible, found.refused) == (2, 0)
    client = enter("auditor")
    reader = Reader(client)
    before = page(client)
    assert reader.read() == 304
    assert confirm(world, who, found).state == "done"
    assert reader.read() == 200
    from_kept = page(client)
    assert from_kept != before
    assert shown in from_kept
    pictures.forget()
    assert from_kept == page(client)


def test_a_kept_picture_is_never_shown_after_a_merger_of_units(world: World, enter: Enter) -> None:
    world.reported(40)
    world.issued("530423")
    client = enter("auditor")
    address = f"/board/?unit={world.units['530400'].pk}"
    reader = Reader(client, address)
    before = page(client, address)
    assert "通海县" in before
    assert reader.read() == 304
    units.merge_units(
        actor=SYSTEM, at=world.at, unit_ids=[world.units["530423"].pk], into_id=world.units["530402"].pk,
        on=world.at.date(), reason="合并",
    )  # fmt: skip
    assert reader.read() == 200
    merged = page(client, address)
    assert merged != before
    assert f"unit={world.units['530423'].pk}" not in merged
    pictures.forget()
    assert merged == page(client, address)


def test_a_day_that_is_kept_late_is_shown_at_once(world: World, enter: Enter) -> None:
    """A snapshot is no act and changes no cell; the line of days has one more all the same."""
    world.reported(40)
    world.at += dt.timedelta(days=1)
    client = enter("auditor")
    reader = Reader(client)
    before = page(client)
    assert "The line begins tomorrow" in before
    assert reader.read() == 304
    assert take_snapshot(at=world.at - dt.timedelta(days=1)) == 1
    assert reader.read() == 200
    from_kept = page(client)
    assert "The line begins tomorrow" not in from_kept
    pictures.forget()
    assert from_kept == page(client)
