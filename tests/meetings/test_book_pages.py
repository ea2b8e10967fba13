"""Pages of the book: asked for, watched, read; links from every number; what a unit sees of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from luoshi.meetings.models import Book
from luoshi.meetings.services import compile_book
from luoshi.office.jobs import run_ready

if TYPE_CHECKING:
    from tests.delivery.world import World


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set("luoshi.demo", False, None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def enter(world: World, name: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(world.users[name])
    return client


def compiled(world: World) -> Book:
    world.verified()
    world.reported(60, title="第二项")
    return compile_book(actor=world.who("office"), programme="ten", at=world.at)[0]


def test_an_office_asks_for_the_book_watches_it_and_reads_it(world: World) -> None:
    world.reported(60)
    office = enter(world, "office")
    assert "No book has been compiled yet." in office.get("/meetings/books/").content.decode()
    told = office.post("/meetings/books/?programme=ten", {"since_on": "2026-02-01"}, follow=True).content.decode()
    assert 'hx-trigger="every 2s"' in told
    assert "Stop this job" in told
    refused = office.post("/meetings/books/?programme=ten", {"since_on": "2026-02-01"})
    assert refused.status_code == 409
    assert "being compiled already" in refused.content.decode()
    while run_ready(world.at):
        pass
    told = office.get("/meetings/books/").content.decode()
    assert "/meetings/books/YN-2026-B001/" in told
    page = office.get("/meetings/books/YN-2026-B001/").content.decode()
    assert "Said 60 %, verified 0 %" in page
    assert "No meeting has been recorded before this book" in page
    assert "what do the 60 points in between rest on?" in page


def test_every_linked_number_opens_what_it_is_made_of(world: World) -> None:
    book = compiled(world)
    office = enter(world, "office")
    unit = world.units["530400"].pk
    for address in (
        f"/meetings/books/{book.ref}/",
        f"/meetings/books/{book.ref}/units/{unit}/",
        f"/meetings/books/{book.ref}/matters/{world.matter.pk}/",
    ):
        page = office.get(address).content.decode()
        links = set(re.findall(r'href="(/meetings/books/[^"]+/rows/[^"]+)"', page))
        assert links
        for link in links:
            assert office.get(link.replace("&amp;", "&")).status_code == 200, link
    rows = office.get(f"/meetings/books/{book.ref}/rows/gap/?unit={unit}").content.decode()
    assert "第二项" in rows
    assert "星云湖治污管网" not in rows
    assert office.get(f"/meetings/books/{book.ref}/rows/nothing/").status_code == 404


def test_a_unit_reads_its_own_pages_only(world: World) -> None:
    book = compiled(world)
    mine = enter(world, "a_head")
    listed = mine.get("/meetings/books/").content.decode()
    own = f"/meetings/books/{book.ref}/units/{world.units['530400'].pk}/"
    assert own in listed
    assert "Compile the book" not in listed
    page = mine.get(own).content.decode()
    assert "玉溪市" in page
    assert "/annex/" not in page
    for address in (
        f"/meetings/books/{book.ref}/",
        f"/meetings/books/{book.ref}/annex/",
        f"/meetings/books/{book.ref}/files/xlsx/",
        f"/meetings/books/{book.ref}/rows/items/",
        f"/meetings/books/{book.ref}/units/{world.units['532900'].pk}/",
    ):
        assert mine.get(address).status_code == 404, address
    refused = mine.post("/meetings/books/?programme=ten", {"since_on": "2026-02-01"})
    assert refused.status_code == 403


def test_the_annex_is_printed_and_taken_away(world: World) -> None:
    book = compiled(world)
    office = enter(world, "office")
    page = office.get(f"/meetings/books/{book.ref}/annex/").content.decode()
    assert "The full annex has 2 rows" in page
    answer = office.get(f"/meetings/books/{book.ref}/files/xlsx/")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) == book.files.get(kind="xlsx").file.size


def test_a_changed_part_is_told(world: World) -> None:
    book = compiled(world)
    part = book.parts.get(kind="whole")
    part.content["figures"]["said"] = 99
    part.save()
    assert "no longer has the digest" in enter(world, "office").get(f"/meetings/books/{book.ref}/").content.decode()


def test_pages_take_as_many_statements_for_more_units(world: World) -> None:
    book = compiled(world)
    office = enter(world, "office")
    address = f"/meetings/books/{book.ref}/"
    office.get(address)
    with CaptureQueriesContext(connection) as few:
        office.get(address)
    for n in range(5):
        world.reported(100, title=f"又一项{n}", lead="532900", by="b_handler")
    again = compile_book(actor=world.who("office"), programme="ten", at=world.at)[0]
    with CaptureQueriesContext(connection) as many:
        office.get(f"/meetings/books/{again.ref}/")
    assert len(many) == len(few)


def test_a_meeting_leads_to_its_book_or_to_where_it_is_asked_for(world: World) -> None:
    from tests.meetings.test_compile_book import meeting

    meeting(world, "M1", 20, "planned")
    office = enter(world, "office")
    asked = office.get("/meetings/M1/book/", follow=True).content.decode()
    assert "For the meeting M1" in asked
    assert 'value="M1"' in asked
    world.reported(60)
    book, _entry = compile_book(actor=world.who("office"), programme="ten", meeting="M1", at=world.at)
    assert office.get("/meetings/M1/book/")["Location"] == f"/meetings/books/{book.ref}/"
    assert enter(world, "a_head").get("/meetings/M1/book/").status_code == 404
