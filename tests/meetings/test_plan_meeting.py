"""A meeting is called, changed, posts are asked to come; open points go on by themselves."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World
from tests.meetings.room import LATER, do, plan, refuses

from luoshi.meetings.models import Meeting
from luoshi.meetings.queries import meetings as reads
from luoshi.office.models import Message
from luoshi.rules.refusals import Refused


def test_plan_meeting_counts_when_the_papers_are_out(world: World) -> None:
    meeting = plan(world)
    assert (meeting.ref, meeting.stage, meeting.version) == ("YN-2026-M0001", "planned", 1)
    assert meeting.held_at.date() == dt.date(2026, 3, 12)
    assert meeting.papers_due_on == dt.date(2026, 3, 9)
    assert meeting.convened_by == world.units["530000"]
    assert plan(world).ref == "YN-2026-M0002"
    world.audit()


def test_plan_meeting_refuses(world: World) -> None:
    for code, changes in (
        ("meeting_papers_past", {"held_at": world.at + dt.timedelta(days=2)}),
        ("papers_days_range", {"papers_days": 31}),
        ("meeting_title_missing", {"title": "  "}),
        ("not_found", {"programme": "none"}),
        ("not_found", {"kind": "party"}),
        ("meeting_not_yours", {"by": "verifier"}),
        ("meeting_not_yours", {"by": "a_epb_head"}),
    ):
        with pytest.raises(Refused) as refused:
            plan(world, **changes)
        assert refused.value.code == code
    assert not Meeting.objects.exists()


def test_change_meeting_counts_anew_and_cancel_meeting_tells(world: World) -> None:
    meeting = plan(world)
    do(world, "invite_posts", meeting, at=world.at, posts=["P-a_head"])
    held = world.at + dt.timedelta(days=20)
    done = do(world, "change_meeting", meeting, at=world.at, title="改期", held_at=held, place="一号楼", papers_days=0)
    assert done.meeting.papers_due_on == held.date()
    refuses("meeting_not_yours", world, "cancel_meeting", meeting, by="a_head", at=world.at, reason="不开了")
    refuses("reason_missing", world, "cancel_meeting", meeting, at=world.at, reason=" ")
    do(world, "cancel_meeting", meeting, at=world.at, reason="与全会冲突")
    told = Message.objects.filter(post__ref="P-a_head", kind="meetings.meeting").order_by("pk")
    assert [one.link for one in told] == [f"/meetings/{meeting.ref}/"] * 2
    refuses("meeting_stage", world, "open_meeting", meeting, at=world.at)
    world.audit()


def test_invite_posts_shows_the_meeting_to_them_and_to_nobody_else(world: World) -> None:
    meeting = plan(world)
    assert not reads.meetings_seen(world.who("a_head")).exists()
    do(world, "invite_posts", meeting, at=world.at, posts=["P-a_head", "P-b_head", "P-a_head"])
    assert [row.post.ref for row in meeting.participants.order_by("pk")] == ["P-a_head", "P-b_head"]
    assert reads.meeting_for(world.who("a_head"), meeting.ref) == meeting
    with pytest.raises(Refused):
        reads.meeting_for(world.who("th_head"), meeting.ref)
    do(world, "invite_posts", meeting, at=world.at, off=["P-a_head"])
    assert not reads.meetings_seen(world.who("a_head")).exists()
    do(world, "invite_posts", meeting, at=world.at, posts=["P-a_head"])
    assert meeting.participants.filter(off=False).count() == 2
    refuses("not_found", world, "invite_posts", meeting, at=world.at, posts=["P-nobody"])
    refuses("not_found", world, "invite_posts", meeting, at=world.at, off=["P-office"])
    world.audit()


def test_a_version_that_is_not_the_present_one_is_refused(world: World) -> None:
    from luoshi.meetings import services

    meeting = plan(world)
    with pytest.raises(Refused) as refused:
        services.open_meeting(actor=world.who("office"), meeting=meeting.ref, version=7, at=world.at)
    assert refused.value.code == "stale_version"


def test_open_points_go_on_by_themselves(world: World) -> None:
    late = world.accepted()
    first = plan(world, at=LATER)
    do(world, "put_on_agenda", first, at=LATER, refs=[late.ref])
    do(world, "add_agenda_item", first, at=LATER, title="研究经费")
    do(world, "add_agenda_item", first, at=LATER, title="通报人事")
    early = plan(world, at=LATER, held_at=LATER + dt.timedelta(days=30))
    assert not early.items.exists()
    do(world, "open_meeting", first, at=LATER)
    people = first.items.get(title="通报人事")
    refuses("item_settled_wordless", world, "settle_item", first, at=LATER, item=people.pk, outcome="", settled=True)
    do(world, "settle_item", first, at=LATER, item=people.pk, outcome="已通报", settled=True)
    do(world, "end_meeting", first, at=LATER)
    carried = list(early.items.order_by("position"))
    assert [item.title for item in carried] == [late.title, "研究经费"]
    assert [item.carried_from.meeting for item in carried if item.carried_from] == [first, first]
    assert carried[0].reason_code == "late"
    other = plan(world, at=LATER)
    assert not other.items.exists(), "carried once"
    assert not plan(world, at=LATER, kind="dispatch").items.exists()
    world.audit()
