"""Write-ups at the page and over the API: the library, one write-up, its acts, and the block on a late commitment."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from tests.delivery.world import World
from tests.meetings.test_practices import WORDS, write

from luoshi.delivery import services as delivery
from luoshi.meetings.models import Practice
from luoshi.office.models import Message


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def client(world: World, name: str) -> Client:
    found = Client(headers={"accept-language": "en"})
    found.force_login(world.users[name])
    return found


def text(answer: Any) -> str:
    return str(answer.content.decode())


def call(found: Client, method: str, address: str, body: Any = None, version: int | None = None) -> Any:
    headers = {"if-match": f'"{version}"'} if version is not None else {}
    if method == "get":
        return found.get(f"/api/v1{address}", headers=headers)
    return found.post(f"/api/v1{address}", json.dumps(body), content_type="application/json", headers=headers)


def test_the_pages_from_a_verified_result_to_a_question(world: World) -> None:
    late = world.accepted("532900", by="b_handler")
    done = world.closed()
    author, asker = client(world, "a_handler"), client(world, "b_handler")
    assert "Nothing is written up yet" in text(author.get("/meetings/practices/"))
    assert f"/meetings/practices/write/{done.ref}/" in text(author.get(f"/c/{done.ref}/"))
    assert "Write the result up" not in text(client(world, "office").get(f"/c/{done.ref}/"))
    address = f"/meetings/practices/write/{done.ref}/"
    assert client(world, "office").get(address).status_code == 403
    assert asker.get(address).status_code == 404
    empty = author.post(address, {**WORDS, "failed": ""})
    assert empty.status_code == 422
    made = author.post(address, WORDS)
    assert made.status_code == 302
    page = text(asker.get(made["Location"]))
    for words in WORDS.values():
        assert words in page
    assert "Ask the author" in page
    assert "Proof in the ledger" not in page, "the commitment lies outside what this post may see"
    assert "Proof in the ledger" in text(author.get(made["Location"]))
    assert WORDS["title"] in text(author.get(f"/c/{done.ref}/"))
    world.at = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    asker = client(world, "b_handler")
    author = client(world, "a_handler")
    page = text(asker.get(f"/c/{late.ref}/"))
    assert "Verified on time nearby" in page
    assert WORDS["title"] in page
    assert "玉溪市" in page
    form = text(asker.get(f"{made['Location']}ask/"))
    assert "Send the question" in form
    for question, status in (("", 422), ("问" * 1001, 422), ("支管谁出钱？", 302), ("再问", 409)):
        assert asker.post(f"{made['Location']}ask/", {"question": question}).status_code == status, question
    message = Message.objects.get(kind="meetings.practice-asked")
    assert "支管谁出钱？" in text(author.get(f"/office/messages/{message.pk}/"))
    assert author.get(f"{made['Location']}ask/").status_code == 409
    assert author.get(f"{made['Location']}praise/").status_code == 404
    changed = author.post(f"{made['Location']}amend/", {**WORDS, "cost": "另算", "version": "1"})
    assert changed.status_code == 302
    assert WORDS["cost"] in text(author.get(made["Location"])), "what it said before"
    delivery.look_back_commitment(
        actor=world.who("verifier"), ref=done.ref, version=type(done).objects.get(pk=done.pk).version,
        passed=False, percent=30, words="又堵了", at=world.at,
    )  # fmt: skip
    assert "No longer verified" in text(asker.get(made["Location"]))
    assert "no longer verified" in text(asker.get("/meetings/practices/"))
    gone = author.post(f"{made['Location']}withdraw/", {"reason": "已经失效", "version": "2"})
    assert gone.status_code == 302
    assert "已经失效" in text(author.get(made["Location"]))
    assert asker.get(made["Location"]).status_code == 404


def test_the_library_is_narrowed_by_matter_and_words_and_leafed_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luoshi.meetings.views.practices.SHOWN", 2)
    for number in range(3):
        write(world, world.closed(), title=f"做法{number}", done="接管" if number else "疏浚")
    reader = client(world, "b_handler")
    first = text(reader.get("/meetings/practices/"))
    assert "做法2" in first
    assert "做法0" not in first
    lowest = Practice.objects.order_by("pk")[1].pk
    assert "做法0" in text(reader.get(f"/meetings/practices/?before={lowest}"))
    found = text(reader.get(f"/meetings/practices/?matter={world.matter.pk}&q=疏浚"))
    assert "做法0" in found
    assert "做法1" not in found
    assert "Nothing fits" in text(reader.get("/meetings/practices/?q=没有这个词"))
    assert "做法2" in text(reader.get("/meetings/practices/?q=玉溪"))
    for odd in ("?matter=x&before=y", "?matter=99999999", "?q=%00", "?before=" + "9" * 30):
        assert reader.get(f"/meetings/practices/{odd}").status_code == 200


def test_the_api_does_what_the_pages_do(world: World) -> None:
    late = world.accepted("532900", by="b_handler")
    done = world.closed()
    author, asker = client(world, "a_handler"), client(world, "b_handler")
    assert call(author, "get", "/practices").json() == {"items": [], "next": None}
    refused = call(author, "post", f"/commitments/{done.ref}/practice", {**WORDS, "cost": " "})
    assert (refused.status_code, refused.json()["code"]) == (422, "practice_part_missing")
    made = call(author, "post", f"/commitments/{done.ref}/practice", WORDS)
    assert (made.status_code, made["ETag"]) == (200, '"1"')
    ref = made.json()["practice"]
    told = call(asker, "get", f"/practices/{ref}").json()
    assert told["failed"] == WORDS["failed"]
    assert (told["stands"], told["verified_how"], told["verified"]["method"]) == (True, "visited", "visited")
    assert told["verified"]["entry"] is None
    assert told["may"] == ["ask"]
    assert call(author, "get", f"/practices/{ref}").json()["verified"]["entry"]
    near = call(asker, "get", f"/commitments/{late.ref}/verified-nearby").json()
    assert [(one["name"], one["practice"]) for one in near["units"]] == [("玉溪市", ref)]
    assert near["own"].keys() == near["units"][0]["values"].keys()
    assert call(asker, "get", f"/commitments/{done.ref}/verified-nearby").status_code == 404
    asked = call(asker, "post", f"/practices/{ref}/ask", {"question": "支管谁出钱？"})
    assert asked.status_code == 200
    again = call(asker, "post", f"/practices/{ref}/ask", {"question": "再问"})
    assert (again.status_code, again.json()["code"]) == (409, "practice_asked_today")
    assert call(author, "post", f"/practices/{ref}/amend", {**WORDS, "cost": "另算"}).status_code == 428
    amended = call(author, "post", f"/practices/{ref}/amend", {**WORDS, "cost": "另算"}, version=1)
    assert amended.json()["version"] == 2
    assert call(author, "get", f"/practices/{ref}").json()["editions"][0]["cost"] == WORDS["cost"]
    found = call(asker, "get", f"/practices?matter={world.matter.pk}&q=管网").json()
    assert [one["ref"] for one in found["items"]] == [ref]
    assert call(author, "post", f"/practices/{ref}/withdraw", {"reason": "失效"}, version=2).status_code == 200
    assert call(asker, "get", f"/practices/{ref}").status_code == 404


def test_the_command_does_the_same(world: World) -> None:
    def run(*words: str, data: dict[str, Any] | None = None) -> str:
        out = io.StringIO()
        call_command("practice", *words, *(["--data", json.dumps(data)] if data else []), stdout=out)
        return out.getvalue()

    done = world.closed()
    assert run("list", "--as", "b_handler") == ""
    with pytest.raises(CommandError, match="not_found"):
        run("write", done.ref, "--as", "b_handler", data=WORDS)
    with pytest.raises(CommandError, match="practice_part_missing"):
        run("write", done.ref, "--as", "a_handler", data={**WORDS, "cost": " "})
    told = run("write", done.ref, "--as", "a_handler", data=WORDS)
    ref = Practice.objects.get().ref
    assert told.startswith(ref)
    assert run("list", "--as", "b_handler") == f"{ref}\tverified\t玉溪市\t{WORDS['title']}\n"
    assert run("list", "--as", "b_handler", "--words", "没有这个词") == ""
    with pytest.raises(CommandError, match="version_missing"):
        run("amend", ref, "--as", "a_handler", data={**WORDS, "cost": "另算"})
    run("amend", ref, "--as", "a_handler", "--version", "1", data={**WORDS, "cost": "另算"})
    told = json.loads(run("show", ref, "--as", "b_handler"))
    assert (told["cost"], told["editions"][0]["cost"], told["may"]) == ("另算", WORDS["cost"], ["ask"])
    run("ask", ref, "--as", "b_handler", data={"question": "支管谁出钱？"})
    with pytest.raises(CommandError, match="practice_asked_today"):
        run("ask", ref, "--as", "b_handler", data={"question": "再问"})
    assert "已撤下" in run("withdraw", ref, "--as", "a_handler", "--version", "2", data={"reason": "失效"})
    assert run("list", "--as", "b_handler") == ""
    with pytest.raises(CommandError) as wrong:
        run("show", "--as", "a_handler")
    assert wrong.value.returncode == 2
