"""Decisions are typed one after the other and issued in one act, all or none, with the meeting as their source."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import World
from tests.meetings.room import do, plan, refuses

from luoshi.delivery.models import Commitment
from luoshi.ledger.models import Entry
from luoshi.meetings.models import Meeting, Resolution
from luoshi.meetings.queries.proposals import proposals
from luoshi.meetings.queries.showing import show
from luoshi.meetings.services import RowsRefused

DUE = dt.date(2026, 4, 30)


@pytest.fixture
def sitting(world: World) -> Meeting:
    meeting = plan(world)
    do(world, "add_agenda_item", meeting, at=world.at, matter=3)
    do(world, "add_agenda_item", meeting, at=world.at, title="其他")
    return do(world, "open_meeting", meeting, at=world.at).meeting


def typed(world: World, meeting: Meeting, text: str = "五月底前接通管网", lead: str = "530400", **v: Any) -> Resolution:
    values = {"text": text, "lead": world.units[lead].pk, "due_on": DUE, "matter": 3, **v}
    found = do(world, "type_resolution", meeting, at=world.at, **values).extra
    assert isinstance(found, Resolution)
    return found


def test_end_meeting_issues_every_decision_with_the_meeting_as_source(world: World, sitting: Meeting) -> None:
    item = sitting.items.get(kind="matter")
    first = typed(world, sitting, item=item.pk, matter=None)
    typed(world, sitting, "清理河道", "532900")
    gone = typed(world, sitting, "不必办", "532900")
    do(world, "take_back_resolution", sitting, at=world.at, number=gone.number)
    refuses("resolution_over", world, "take_back_resolution", sitting, at=world.at, number=gone.number)
    refuses("not_found", world, "take_back_resolution", sitting, at=world.at, number=99)
    done = do(world, "end_meeting", sitting, at=world.at)
    assert [one.lead.code for one in done.extra] == ["530400", "532900"]
    first.refresh_from_db()
    commitment = Commitment.objects.get(resolution=first)
    assert (commitment.state, commitment.due_on, commitment.requirement) == ("issued", DUE, "五月底前接通管网")
    assert commitment.source_quote == "五月底前接通管网"
    assert commitment.source_place == "《半年复盘》（YN-2026-M0001）议定事项1"
    assert first.state == "issued"
    ended = Entry.objects.filter(type="meetings.MeetingEnded")
    assert ended.count() == 1, "one act, one entry"
    assert sitting.resolutions.filter(state="withdrawn").count() == 1
    world.audit()


def test_nothing_is_issued_when_one_cannot_be(world: World, sitting: Meeting) -> None:
    typed(world, sitting, "接通管网一期", "530400")
    typed(world, sitting, "接通管网一期", "530400")
    later = world.at + dt.timedelta(days=60)
    before = Commitment.objects.count()
    with pytest.raises(RowsRefused) as refused:
        do(world, "end_meeting", sitting, at=world.at)
    assert {n: no.code for n, no in refused.value.by_number.items()} == {2: "asked_already"}
    assert refused.value.code == "resolutions_refused"
    assert Commitment.objects.count() == before
    sitting.refresh_from_db()
    assert sitting.stage == "open"
    assert set(sitting.resolutions.values_list("state", flat=True)) == {"typed"}
    assert later > world.at
    world.audit()


def test_type_resolution_refuses_at_once(world: World, sitting: Meeting) -> None:
    good: dict[str, Any] = {"text": "办", "lead": world.units["530400"].pk, "due_on": DUE, "matter": 3}
    for code, changes in (
        ("resolution_wordless", {"text": " "}),
        ("resolution_lead", {"lead": 10**9}),
        ("resolution_past", {"due_on": world.at.date()}),
        ("resolution_matter", {"matter": None}),
        ("resolution_matter", {"matter": 9}),
        ("resolution_matter", {"matter": None, "item": sitting.items.get(title="其他").pk}),
        ("not_found", {"item": 10**9}),
    ):
        refuses(code, world, "type_resolution", sitting, at=world.at, **{**good, **changes})
    refuses("not_found", world, "type_resolution", sitting, by="a_head", at=world.at, **good)
    do(world, "invite_posts", sitting, at=world.at, posts=["P-a_head"])
    refuses("meeting_not_yours", world, "type_resolution", sitting, by="a_head", at=world.at, **good)


def test_the_next_meeting_shows_first_what_became_of_them(world: World, sitting: Meeting) -> None:
    typed(world, sitting)
    do(world, "end_meeting", sitting, at=world.at)
    following = plan(world)
    shown = show(following, world.who("office"), world.at)
    assert shown.last == sitting
    [row] = shown.last_resolutions
    assert row.commitment is not None
    [proposal] = proposals(following, world.at)
    assert proposal.commitment == row.commitment
    assert proposal.why[0].params == {"meeting": sitting.ref, "number": 1}


def test_record_attendance_and_write_minutes(world: World, sitting: Meeting) -> None:
    do(world, "invite_posts", sitting, at=world.at, posts=["P-a_head", "P-b_head"])
    do(world, "record_attendance", sitting, at=world.at, posts=["P-a_head"])
    assert dict(sitting.participants.values_list("post__ref", "attended")) == {"P-a_head": True, "P-b_head": False}
    refuses("not_found", world, "record_attendance", sitting, at=world.at, posts=["P-office"])
    do(world, "write_minutes", sitting, at=world.at, text="会议听取了汇报")
    refuses("not_found", world, "write_minutes", sitting, at=world.at, text="另", document=99)
    second = plan(world)
    refuses("another_meeting_open", world, "open_meeting", second, at=world.at)
    refuses("not_found", world, "settle_item", sitting, at=world.at, item=10**9, outcome="", settled=False)
    world.audit()
