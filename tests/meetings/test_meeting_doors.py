"""Meetings at every door: who sees one, who may do what with it, and what is said to everybody else."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.delivery.world import SHANGHAI, World
from tests.meetings.room import LATER, do, plan

from luoshi.delivery.models import Commitment
from luoshi.ledger.models import Entry
from luoshi.meetings.models import AgendaItem, Meeting, Participant, Resolution
from luoshi.rules.meetings import STAGES, MeetingAct

ASKED, BESIDE = "a_head", ("verifier", "auditor", "duty")
"""Who is asked to come, and who sits in the area that calls the meeting without leading it."""
STRANGERS = ("a_office", "b_head", "th_head", "town_handler")


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def client(world: World, name: str) -> Client:
    found = Client(headers={"accept-language": "en"})
    found.force_login(world.users[name])
    return found


def room(world: World, stage: str = "planned") -> Meeting:
    """A meeting with an item, somebody asked, and, while it sits, a decision."""
    meeting = plan(world)
    do(world, "invite_posts", meeting, at=world.at, posts=[f"P-{ASKED}"])
    do(world, "add_agenda_item", meeting, at=world.at, matter=3)
    if stage != "planned":
        do(world, "open_meeting", meeting, at=world.at)
        do(world, "type_resolution", meeting, at=world.at, **decision(world))
    if stage == "ended":
        do(world, "end_meeting", meeting, at=world.at)
    return Meeting.objects.get(pk=meeting.pk)


def decision(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "text": "五月底前接通管网",
        "lead": world.units["530400"].pk,
        "due_on": dt.date(2026, 4, 30),
        "matter": 3,
        **changes,
    }


def stage_for(act: MeetingAct) -> str:
    return "planned" if "planned" in STAGES[act] else "open"


def body(world: World, act: MeetingAct, meeting: Meeting) -> dict[str, Any]:
    """What the API takes for an act that would go through."""
    held = (meeting.held_at + dt.timedelta(days=7)).isoformat()
    item = meeting.items.order_by("pk")[0].pk
    told: dict[MeetingAct, dict[str, Any]] = {
        MeetingAct.CHANGE: {"title": "改期", "held_at": held},
        MeetingAct.INVITE: {"posts": ["P-b_head"]},
        MeetingAct.PUT_ON: {"refs": ["YN-2026-03-0001"]},
        MeetingAct.LEAVE_OUT: {"items": [item]},
        MeetingAct.ADD_ITEM: {"title": "其他"},
        MeetingAct.ATTENDANCE: {"posts": [f"P-{ASKED}"]},
        MeetingAct.SETTLE: {"item": item, "outcome": "已议", "settled": True},
        MeetingAct.RESOLVE: {**decision(world), "due_on": "2026-04-30"},
        MeetingAct.TAKE_BACK: {"number": 1},
        MeetingAct.MINUTES: {"text": "会议记录"},
        MeetingAct.CANCEL: {"reason": "与全会冲突"},
    }
    return told.get(act, {})


def everything() -> list[Any]:
    """All rows of meetings, and how many entries and commitments there are."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Meeting, AgendaItem, Participant, Resolution)]
    return [*rows, Entry.objects.count(), Commitment.objects.count()]


def by_api(world: World, name: str, act: MeetingAct, meeting: Meeting, version: int | None = None) -> Any:
    return client(world, name).post(
        f"/api/v1/meetings/{meeting.ref}/{act.value}",
        body(world, act, meeting),
        content_type="application/json",
        headers={"If-Match": f'"{version or meeting.version}"'},
    )


def by_page(world: World, name: str, act: MeetingAct, meeting: Meeting) -> Any:
    told = body(world, act, meeting)
    if "held_at" in told:
        told |= {"day": "2026-03-20", "time": "09:00", "papers_days": "3"}
    if "lead" in told:
        told["who"] = "玉溪市"
    names = {"posts": "post", "refs": "ref"} | ({"items": "item"} if act is MeetingAct.LEAVE_OUT else {})
    sent = {names.get(key, key): value for key, value in told.items()}
    return client(world, name).post(f"/meetings/{meeting.ref}/{act.value}/", {**sent, "version": meeting.version})


def by_command(world: World, name: str, act: MeetingAct, meeting: Meeting) -> str:
    """The code of the refusal of the command."""
    data = json.dumps(body(world, act, meeting), default=str)
    with pytest.raises(CommandError) as error:
        call_command(
            "meeting",
            act.value,
            meeting.ref,
            "--as",
            name,
            "--version",
            str(meeting.version),
            "--data",
            data,
            stdout=io.StringIO(),
        )
    return str(error.value)


def test_only_the_side_that_calls_it_acts_whatever_the_door(world: World) -> None:
    rooms = {"planned": room(world), "open": room(world, "open")}
    before = everything()
    for act in MeetingAct:
        meeting = rooms[stage_for(act)]
        for name in (ASKED, *BESIDE):
            answer = by_api(world, name, act, meeting)
            assert (answer.status_code, answer.json()["code"]) == (403, "meeting_not_yours"), (act, name)
        for name in STRANGERS:
            answer = by_api(world, name, act, meeting)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (act, name)
        assert "led by the head or the supervision office" in by_page(world, ASKED, act, meeting).content.decode()
        assert by_page(world, "b_head", act, meeting).status_code == 404
        assert "[meeting_not_yours]" in by_command(world, "verifier", act, meeting)
        assert "[not_found]" in by_command(world, "a_office", act, meeting)
    assert everything() == before


def test_the_side_that_calls_it_acts_by_the_api_and_by_the_page(world: World) -> None:
    for act in MeetingAct:
        if act is MeetingAct.PUT_ON:  # with what is proposed, in test_agenda
            continue
        for door, name in ((by_api, "head"), (by_page, "office")):
            with transaction.atomic():
                meeting = room(world, stage_for(act))
                answer = door(world, name, act, meeting)
                assert answer.status_code == (200 if door is by_api else 302), (act, answer.content)
                assert Meeting.objects.get(pk=meeting.pk).version == meeting.version + 1
                transaction.set_rollback(True)


def test_an_act_out_of_its_time_is_refused_with_the_stage(world: World) -> None:
    ended = room(world, "ended")
    before = everything()
    for act in MeetingAct:
        if "ended" in STAGES[act]:  # minutes are written after the meeting, too
            continue
        answer = by_api(world, "office", act, ended)
        assert (answer.status_code, answer.json()["code"]) == (409, "meeting_stage"), act
        assert "This cannot be done with a meeting" in by_page(world, "office", act, ended).content.decode()
        assert "[meeting_stage]" in by_command(world, "office", act, ended)
    assert everything() == before


def test_the_second_of_two_people_is_told_that_it_has_changed(world: World) -> None:
    rooms = {"planned": room(world), "open": room(world, "open")}
    for one in rooms.values():
        do(world, "add_agenda_item", one, at=world.at, title="先加一项")
    before = everything()
    for act in MeetingAct:
        meeting = rooms[stage_for(act)]
        answer = by_api(world, "office", act, meeting)
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_version"), act
        assert by_page(world, "office", act, meeting).status_code == 409
        assert "[stale_version]" in by_command(world, "office", act, meeting)
        sent = body(world, act, meeting)
        address = f"/api/v1/meetings/{meeting.ref}/{act.value}"
        missing = client(world, "office").post(address, sent, content_type="application/json")
        assert missing.json()["code"] == "version_missing"
    assert everything() == before


def test_a_meeting_ends_once_and_what_was_typed_stays_after_a_refusal(world: World) -> None:
    meeting = room(world, "open")
    first = by_page(world, "office", MeetingAct.END, meeting)
    assert first.status_code == 302
    issued = Commitment.objects.count()
    assert by_page(world, "head", MeetingAct.END, meeting).status_code == 409
    assert Commitment.objects.count() == issued == 1
    other = room(world, "open")
    told = {**decision(world), "who": "", "due_on": "2026-04-30", "version": other.version, "text": "写给没有的单位"}
    answer = client(world, "office").post(f"/meetings/{other.ref}/resolve/", told)
    assert answer.status_code == 422
    assert "写给没有的单位" in answer.content.decode()
    assert other.resolutions.count() == 1


def test_a_bad_decision_changes_nothing(world: World) -> None:
    meeting = room(world, "open")
    before = everything()
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"due_on": "2026-03-01"}, 422),
        ({"due_on": "yesterday"}, 422),
        ({"lead": None}, 422),
        ({"lead": 10**9}, 422),
        ({"matter": 9}, 422),
        ({"text": ""}, 422),
        ({"item": 10**9}, 404),
        ({"rank": 1}, 422),
    ]
    for changes, status in wrong:
        answer = client(world, "office").post(
            f"/api/v1/meetings/{meeting.ref}/resolve",
            {**decision(world), "due_on": "2026-04-30", **changes},
            content_type="application/json",
            headers={"If-Match": f'"{meeting.version}"'},
        )
        assert answer.status_code == status, (changes, answer.content)
    assert everything() == before


def test_an_item_of_another_programme_is_not_found(world: World) -> None:
    from luoshi.delivery.models import Matter, Programme

    ours = world.accepted()
    meeting = room(world)
    other = Programme.objects.get(pk=world.programme.pk)
    other.pk, other.key, other.prefix = None, "other", "OT"
    other.save()
    matter = Matter.objects.get(pk=world.matter.pk)
    matter.pk, matter.programme = None, other
    matter.save()
    Commitment.objects.filter(pk=ours.pk).update(programme=other, matter=matter)
    before = everything()
    for act, data in (("add-item", {"commitment": ours.ref, "reason": "要议"}), ("put-on", {"refs": [ours.ref]})):
        answer = client(world, "office").post(
            f"/api/v1/meetings/{meeting.ref}/{act}",
            data,
            content_type="application/json",
            headers={"If-Match": f'"{meeting.version}"'},
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert everything() == before


def test_a_call_for_a_day_that_has_passed_is_refused_beside_the_form(world: World) -> None:
    office = client(world, "office")
    form = {"programme": "ten", "kind": "review", "title": "复盘", "time": "09:00", "papers_days": "0"}
    past = office.post("/meetings/call/", {**form, "day": "2026-02-27"})
    assert past.status_code == 422
    assert "before today" in past.content.decode()
    assert "复盘" in past.content.decode()
    assert office.post("/meetings/call/", {**form, "day": "someday"}).status_code == 422
    assert office.post("/meetings/call/", {**form, "day": "2026-03-20", "papers_days": "31"}).status_code == 422
    assert office.post("/meetings/call/", {**form, "day": "2026-03-20", "programme": "other"}).status_code == 422
    assert not Meeting.objects.exists()
    assert client(world, "verifier").get("/meetings/call/").status_code == 403
    for name in ("verifier", "a_epb_head", "town_handler"):
        answer = client(world, name).post(
            "/api/v1/meetings",
            {"programme": "ten", "kind": "review", "title": "复盘", "held_at": "2026-03-20T09:00:00+08:00"},
            content_type="application/json",
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "meeting_not_yours")
    assert not Meeting.objects.exists()
    made = office.post("/meetings/call/", {**form, "day": "2026-03-20"})
    meeting = Meeting.objects.get()
    assert made["Location"] == f"/meetings/{meeting.ref}/"
    assert meeting.held_at == dt.datetime(2026, 3, 20, 9, tzinfo=SHANGHAI)


def test_who_reads_a_meeting_and_what_only_the_calling_side_is_shown(world: World) -> None:
    late = world.accepted()
    meeting = room(world)
    address = f"/meetings/{meeting.ref}/"
    for name in (ASKED, "office", "head", *BESIDE):
        assert client(world, name).get(address).status_code == 200
        assert [one["ref"] for one in client(world, name).get("/api/v1/meetings").json()["items"]] == [meeting.ref]
    for name in STRANGERS:
        assert client(world, name).get(address).status_code == 404
        assert client(world, name).get(f"/api/v1/meetings/{meeting.ref}").status_code == 404
        assert meeting.ref not in client(world, name).get("/meetings/").content.decode()
    assert client(world, ASKED).get(f"{address}change/").status_code == 403
    assert client(world, ASKED).get(f"{address}vote/").status_code == 404
    assert client(world, ASKED).get(f"{address}open/").status_code == 302  # an act is not done by looking
    asked = client(world, ASKED).get(address).content.decode()
    assert "<form" not in asked.partition("<main")[2].partition("</main>")[0]
    world.at = LATER
    detail = client(world, "office").get(f"/api/v1/meetings/{meeting.ref}").json()
    assert [one["ref"] for one in detail["proposals"]] == [late.ref]
    assert client(world, ASKED).get(f"/api/v1/meetings/{meeting.ref}").json()["proposals"] == []
    listed = io.StringIO()
    call_command("meeting", "list", "--as", ASKED, stdout=listed)
    assert meeting.ref in listed.getvalue()
    with pytest.raises(CommandError, match="not_found"):
        call_command("meeting", "show", meeting.ref, "--as", "b_head", stdout=io.StringIO())


def test_pages_of_meetings_take_as_many_statements_for_more_rows(world: World) -> None:
    first = room(world, "ended")
    meeting = room(world)
    office = client(world, "office")

    def statements(address: str) -> int:
        office.get(address)
        with CaptureQueriesContext(connection) as found:
            assert office.get(address).status_code == 200
        return len(found)

    addresses = (
        "/meetings/",
        f"/meetings/{meeting.ref}/",
        f"/meetings/{first.ref}/",
        f"/api/v1/meetings/{meeting.ref}",
    )
    few = [statements(address) for address in addresses]
    for n in range(4):
        plan(world, title=f"会议{n}")
        world.accepted(due_days=3)
        do(world, "add_agenda_item", meeting, at=world.at, title=f"议题{n}")
    do(world, "invite_posts", meeting, at=world.at, posts=["P-b_head", "P-th_head", "P-ht_head"])
    assert all(now <= then for now, then in zip(map(statements, addresses), few, strict=True))
