"""Circulars at the page, over the API, from the command line, on today, on the meeting's page, and as papers."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from tests.delivery.world import World
from tests.meetings.room import do as act_on
from tests.meetings.room import plan
from tests.meetings.test_circulars import do, draft

from luoshi.delivery import services as delivery
from luoshi.delivery.models import Slip
from luoshi.meetings.models import Circular, Meeting, Receipt


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def client(world: World, name: str) -> Client:
    found = Client(headers={"accept-language": "en"})
    found.force_login(world.users[name])
    return found


def text(answer: Any) -> str:
    return str(answer.content.decode())


def form(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "programme": "ten",
        "kind": "inform",
        "title": "进展情况",
        "words": "一段。",
        "units": [world.units["530400"].pk],
        **changes,
    }


def test_the_pages_from_draft_to_signature(world: World) -> None:
    office, head = client(world, "office"), client(world, "a_head")
    assert "No circular yet" in text(head.get("/meetings/circulars/"))
    page = text(office.get("/meetings/circulars/write/"))
    assert "玉溪市" in page
    assert "大树社区" not in page
    answer = office.post("/meetings/circulars/write/", form(world))
    assert answer.status_code == 302
    address = answer["Location"]
    assert head.get(address).status_code == 404
    assert "Approve and issue" in text(office.get(address))
    assert office.post(f"{address}issue/", {"version": "1"}).status_code == 302
    today = text(head.get(reverse("desk:today")))
    assert "进展情况" in today
    assert "Sign for it" in today
    page = text(head.get(address))
    assert "Sign for 玉溪市" in page
    assert "Remind those" not in page
    assert head.post(f"{address}sign/", {"unit": world.units["530400"].pk}).status_code == 302
    assert "进展情况" not in text(head.get(reverse("desk:today")))
    refused = head.post(f"{address}sign/", {})
    assert refused.status_code == 409
    assert "signed for once" in text(refused)
    assert "not signed yet" not in text(office.get(address))
    again = do(world, "issue_circular", draft(world))
    other = f"/meetings/circulars/{again.circular.ref}/"
    assert "Remind those who" in text(office.get(other))
    assert office.post(f"{other}remind/", {"version": "2"}).status_code == 302
    assert "reminded today already" in text(office.get(other))
    withdrawn = office.post(f"{address}withdraw/", {"version": "2", "reason": "有误"})
    assert withdrawn.status_code == 302
    assert "有误" in text(head.get(address))


def test_all_areas_below_are_chosen_at_once(world: World) -> None:
    office = client(world, "office")
    page = text(office.get("/meetings/circulars/write/"))
    assert "All areas directly below (2)" in page
    made = office.post("/meetings/circulars/write/", form(world, units=[], every=["areas"]))
    assert made.status_code == 302
    found = Circular.objects.get()
    assert {row.unit.code for row in found.receipts.select_related("unit")} == {"530400", "532900"}
    one = office.post(f"{made['Location']}change/", form(world, version="1"))
    assert one.status_code == 302
    assert found.receipts.filter(off=False).get().unit.code == "530400"
    both = office.post(f"{made['Location']}change/", form(world, version="2", every=["areas"]))
    assert both.status_code == 302
    assert found.receipts.filter(off=False).count() == 2
    assert office.post("/meetings/circulars/write/", form(world, units=[], every=["villages"])).status_code == 422


def test_a_page_refuses_with_a_sentence(world: World) -> None:
    assert client(world, "a_verifier").get("/meetings/circulars/write/").status_code == 403
    office = client(world, "office")
    empty = office.post("/meetings/circulars/write/", form(world, units=[]))
    assert empty.status_code == 422
    long = office.post("/meetings/circulars/write/", form(world, title="关于" + "进展" * 99))
    assert long.status_code == 422
    assert "too long" in text(long)
    assert not Circular.objects.exists()
    found = draft(world, kind="criticism")
    page = text(office.get(f"/meetings/circulars/{found.ref}/"))
    assert "Approve and issue" not in page
    assert "waits for the head" in page
    refused = office.post(f"/meetings/circulars/{found.ref}/issue/", {"version": "1"})
    assert refused.status_code == 403
    assert client(world, "a_head").get(f"/meetings/circulars/{found.ref}/change/").status_code == 404
    assert office.post(f"/meetings/circulars/{found.ref}/rank/", {}).status_code == 404
    stale = office.post(f"/meetings/circulars/{found.ref}/change/", {**form(world), "version": "9"})
    assert stale.status_code == 409
    assert "Read it and decide" in text(client(world, "head").get(reverse("desk:today")))


def test_the_api_does_the_same(world: World) -> None:
    office, head = client(world, "office"), client(world, "a_handler")

    def post(who: Client, address: str, data: dict[str, Any], version: int | None = None) -> Any:
        match = {"headers": {"If-Match": f'"{version}"'}} if version else {}
        return who.post(f"/api/v1/circulars{address}", data, content_type="application/json", **match)

    ref = post(office, "", form(world)).json()["circular"]
    assert post(office, "", {**form(world), "persons": ["甲"]}).status_code == 422
    assert post(office, f"/{ref}/issue", {}).json()["code"] == "version_missing"
    assert post(office, f"/{ref}/issue", {}, 1).json()["number"].endswith("1号")
    found = head.get(f"/api/v1/circulars/{ref}").json()
    assert (found["may"], found["may_sign_for"]) == ([], [world.units["530400"].pk])
    assert post(head, f"/{ref}/sign", {}).status_code == 200
    assert post(head, f"/{ref}/sign", {}).json()["code"] == "circular_signed_already"
    assert post(office, f"/{ref}/sign", {}).json()["code"] == "circular_not_to_you"
    assert post(office, f"/{ref}/remind", {}, 2).json()["code"] == "circular_all_signed"
    assert [row["ref"] for row in head.get("/api/v1/circulars").json()["items"]] == [ref]
    assert client(world, "b_head").get(f"/api/v1/circulars/{ref}").status_code == 404
    paper = head.get(f"/api/v1/circulars/{ref}/paper?kind=docx")
    assert paper.status_code == 200


def test_the_command_does_the_same(world: World) -> None:
    def run(*words: str, data: dict[str, Any] | None = None) -> str:
        out = io.StringIO()
        call_command("circular", *words, *(["--data", json.dumps(data)] if data else []), stdout=out)
        return out.getvalue()

    assert "YN-2026-L0001" in run("draft", "--as", "office", data=form(world))
    assert run("list", "--as", "a_head") == ""
    run("issue", "YN-2026-L0001", "--as", "office", "--version", "1")
    assert "\tissued\t" in run("list", "--as", "a_head")
    run("sign", "YN-2026-L0001", "--as", "a_head")
    assert json.loads(run("show", "YN-2026-L0001", "--as", "office"))["receipts"][0]["signed_at"]
    with pytest.raises(CommandError, match="circular_signed_already"):
        run("sign", "YN-2026-L0001", "--as", "a_head")
    with pytest.raises(CommandError):
        run("issue", "--as", "office")


def test_the_paper_holds_the_words_the_units_and_the_number(world: World) -> None:
    found = draft(world)
    address = f"/meetings/circulars/{found.ref}/paper.docx"
    before = client(world, "office").get(address)
    assert "Draft" in before["Content-Disposition"]
    do(world, "issue_circular", found)
    after = client(world, "a_head").get(address)
    body = zipfile.ZipFile(io.BytesIO(b"".join(after.streaming_content))).read("word/document.xml").decode()  # type: ignore[arg-type]
    body = re.sub("<[^>]+>", "", body)
    for words in ("治污管网进展情况", "第一段。", "第二段。", "玉溪市", "大理白族自治州", "〔2026〕1号"):
        assert words in body, words
    assert client(world, "ht_head").get(address).status_code == 404


def test_a_slips_answer_comes_back_to_its_meeting(world: World) -> None:
    meeting = plan(world)
    act_on(world, "open_meeting", meeting, at=world.at)
    values = {"text": "接通管网", "lead": world.units["530400"].pk, "due_on": world.at.date().replace(month=4)}
    act_on(world, "type_resolution", meeting, at=world.at, matter=3, **values)
    made = act_on(world, "end_meeting", meeting, at=world.at).extra[0]
    done = delivery.propose_slip(
        actor=world.who("office"), ref=made.ref, version=made.version, rung="supervise", words="请抓紧", at=world.at
    )
    slip = Slip.objects.get(pk=done.extra.pk)
    delivery.approve_slip(
        actor=world.who("head"), slip=slip.pk, version=slip.version, opinion="同意", answer_days=5, at=world.at
    )
    slip.refresh_from_db()
    page = f"/meetings/{meeting.ref}/"
    assert "waits for the answer" in text(client(world, "office").get(page))
    delivery.answer_slip(
        actor=world.who("a_head"), slip=slip.pk, version=slip.version, answer="下周完成试水", at=world.at
    )
    assert "下周完成试水" in text(client(world, "office").get(page))
    told = client(world, "office").get(f"/api/v1/meetings/{meeting.ref}").json()["slips"]
    assert [one["answer"] for one in told] == ["下周完成试水"]
    other = plan(world)
    assert "下周完成试水" not in text(client(world, "office").get(f"/meetings/{other.ref}/"))


def test_a_circular_stands_on_the_page_of_the_meeting_it_came_out_of(world: World) -> None:
    meeting = plan(world)
    office = client(world, "office")
    answer = office.post("/meetings/circulars/write/", form(world, meeting=meeting.ref))
    assert answer.status_code == 302
    assert "进展情况" in text(office.get(f"/meetings/{meeting.ref}/"))
    assert Circular.objects.get().meeting == Meeting.objects.get()
    assert Receipt.objects.count() == 1
