"""Papers go out before a meeting, and the clock reminds whoever calls it, once before and once late."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import SHANGHAI, World
from tests.meetings.room import do, plan, refuses

from luoshi.config.clock import Turn
from luoshi.ledger.models import Entry
from luoshi.meetings.models import Meeting
from luoshi.meetings.services import remind_of_papers
from luoshi.office.models import Message


def told(world: World, post: str) -> list[str]:
    rows = Message.objects.filter(kind="meetings.papers", post__ref=post).order_by("pk")
    return [one.key.partition(":")[2] for one in rows]


def test_send_papers_tells_everybody_asked(world: World) -> None:
    meeting = plan(world)
    refuses("papers_nothing_on", world, "send_papers", meeting, at=world.at)
    do(world, "add_agenda_item", meeting, at=world.at, title="通报进度", reason="上级要求")
    refuses("papers_to_nobody", world, "send_papers", meeting, at=world.at)
    do(world, "invite_posts", meeting, at=world.at, posts=["P-a_head", "P-b_head"])
    do(world, "invite_posts", meeting, at=world.at, off=["P-b_head"])
    refuses("meeting_not_yours", world, "send_papers", meeting, by="a_head", at=world.at)
    done = do(world, "send_papers", meeting, at=world.at)
    assert done.meeting.papers_sent_at == world.at
    assert (told(world, "P-a_head"), told(world, "P-b_head")) == ([f"papers:{done.meeting.version}"], [])
    entry = Entry.objects.order_by("-pk").first()
    assert entry is not None
    assert entry.type == "meetings.PapersSent"
    again = do(world, "send_papers", meeting, at=world.at)  # what came on since goes out, too
    assert len(told(world, "P-a_head")) == 2
    do(world, "open_meeting", again.meeting, at=world.at)
    refuses("meeting_stage", world, "send_papers", meeting, at=world.at)
    world.audit()


def test_remind_of_papers_once_before_and_once_late(world: World) -> None:
    meeting = plan(world)
    due = meeting.papers_due_on  # 9 March 2026, a Monday
    caller = meeting.by_post.ref

    def turn(day: dt.date) -> int:
        return remind_of_papers(dt.datetime.combine(day, dt.time(9), tzinfo=SHANGHAI))

    assert turn(due - dt.timedelta(days=4)) == 0
    assert [turn(due - dt.timedelta(days=days)) for days in (3, 2, 1, 0)] == [1, 0, 0, 0]
    assert [turn(due + dt.timedelta(days=days)) for days in (1, 2)] == [1, 0]
    assert told(world, caller) == [f"papers-soon:{due}", f"papers-late:{due}"]
    assert turn(due + dt.timedelta(days=30)) == 0  # the meeting is over


def test_the_clock_reminds_and_is_silent_when_papers_are_out_or_the_meeting_is_off(world: World) -> None:
    first, second, third = plan(world), plan(world), plan(world)
    do(world, "cancel_meeting", first, at=world.at, reason="与全会冲突")
    do(world, "add_agenda_item", second, at=world.at, title="通报进度", reason="上级要求")
    do(world, "invite_posts", second, at=world.at, posts=["P-a_head"])
    do(world, "send_papers", second, at=world.at)
    due = Meeting.objects.get(pk=third.pk).papers_due_on
    at = dt.datetime.combine(due, dt.time(9), tzinfo=SHANGHAI)
    assert Turn().work(at, with_jobs=False, with_messages=False)["papers_reminded"] == 1
    assert remind_of_papers(at) == 0
