"""The book over the API and from the command line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from luoshi.meetings.models import Book
from luoshi.office.jobs import run_ready

if TYPE_CHECKING:
    from tests.delivery.world import World


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def ask(world: World, name: str, way: str, address: str, data: dict[str, Any] | None = None) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users[name])
    send = getattr(client, way)
    body = {"data": data, "content_type": "application/json"} if data is not None else {}
    return send(f"/api/v1{address}", **body)


def test_the_api_starts_a_book_and_gives_what_one_may_see(world: World) -> None:
    world.reported(60)
    started = ask(world, "office", "post", "/programmes/ten/books", {"since_on": "2026-02-01"})
    assert started.status_code == 200, started.content
    assert ask(world, "office", "get", "/programmes/ten/books").json()["job"] == started.json()["job"]
    assert ask(world, "a_head", "post", "/programmes/ten/books", {}).json()["code"] == "not_programme_owner"
    while run_ready(world.at):
        pass
    (book,) = ask(world, "office", "get", "/programmes/ten/books").json()["items"]
    whole = ask(world, "office", "get", f"/books/{book['ref']}").json()
    assert [one["kind"] for one in whole["files"]] == ["docx", "docx", "pdf", "pdf", "xlsx"]
    assert [part["kind"] for part in whole["parts"]][:2] == ["resolutions", "whole"]
    part = ask(world, "office", "get", f"/books/{book['ref']}/parts/whole/0").json()
    assert part["content"]["figures"]["said"] == 60
    mine = ask(world, "a_head", "get", f"/books/{book['ref']}").json()
    assert (mine["files"], [one["kind"] for one in mine["parts"]]) == ([], ["unit"])
    assert ask(world, "a_head", "get", f"/books/{book['ref']}/parts/whole/0").status_code == 404
    assert ask(world, "office", "get", f"/books/{book['ref']}/files/xlsx").status_code == 200


def test_siblings_are_not_named_where_the_programme_keeps_units_apart(world: World) -> None:
    world.reported(60)
    world.programme.visibility = "own"
    world.programme.save()
    call_command("book", "compile", "ten", "--as", "office", stdout=io.StringIO())
    ref, unit = Book.objects.get().ref, world.units["530400"].pk
    assert "nearest" not in ask(world, "a_head", "get", f"/books/{ref}/parts/unit/{unit}").json()["content"]
    assert "nearest" in ask(world, "head", "get", f"/books/{ref}/parts/unit/{unit}").json()["content"]


def test_the_command_compiles_and_lists(world: World) -> None:
    world.reported(60)
    out = io.StringIO()
    call_command("book", "compile", "ten", "--as", "office", "--data", '{"since_on": "2026-02-01"}', stdout=out)
    book = Book.objects.get()
    assert book.digest in out.getvalue()
    listed = io.StringIO()
    call_command("book", "list", "ten", "--as", "head", stdout=listed)
    assert listed.getvalue().split("\t")[:2] == [book.ref, "2026-02-01"]
    with pytest.raises(CommandError, match="not_programme_owner"):
        call_command("book", "compile", "ten", "--as", "a_head", stdout=io.StringIO())
