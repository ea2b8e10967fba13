"""会议通知与会议纪要: papers of a meeting, from its rows alone, for whoever may see it."""

from __future__ import annotations

import io
from typing import Any

import docx
import pdfplumber
import pytest
from django.test import Client
from django.utils import translation
from tests.delivery.world import World
from tests.meetings.room import do
from tests.meetings.test_meeting_doors import client, decision, room

from luoshi.meetings.models import Meeting
from luoshi.meetings.queries.meeting_papers import MeetingPaper, minutes_of, notice_of, paper_of_meeting
from luoshi.rules import papers
from luoshi.rules.refusals import Refused


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def words(paper: papers.Paper) -> list[str]:
    return [block.text for block in paper.blocks if isinstance(block, papers.Paragraph | papers.Heading)]


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)


def test_the_notice_tells_whom_when_and_what_about(world: World) -> None:
    meeting = room(world)
    do(world, "change_meeting", meeting, at=world.at, title="半年复盘", held_at=meeting.held_at, place="一号会议室")
    with translation.override("zh-hans"):
        paper = papers.check(notice_of(Meeting.objects.get(pk=meeting.pk)))
    assert paper.form is papers.Form.DOCUMENT
    assert (paper.to, paper.number) == (("玉溪市",), "")
    told = words(paper)
    assert "时间：2026年3月12日（星期四）09:00。" in told
    assert "地点：一号会议室。" in told
    assert any(one.startswith("1. ") and str(world.matter) in one for one in told)
    assert any("2026年3月9日" in one for one in told), "papers are out by"


def test_a_notice_goes_to_somebody_and_minutes_are_of_a_meeting_that_has_ended(world: World) -> None:
    meeting = room(world)
    do(world, "invite_posts", meeting, at=world.at, off=["P-a_head"])
    with pytest.raises(Refused) as refused:
        paper_of_meeting(meeting, MeetingPaper.NOTICE)
    assert refused.value.code == "paper_asked_nobody"
    for stage in ("planned", "open"):
        with pytest.raises(Refused) as refused:
            minutes_of(room(world, stage))
        assert refused.value.code == "paper_not_ended"


def test_minutes_say_what_was_resolved_and_name_posts_never_persons(world: World) -> None:
    meeting = room(world, "open")
    item = meeting.items.get()
    do(world, "settle_item", meeting, at=world.at, item=item.pk, outcome="听取了汇报。", settled=False)
    do(world, "type_resolution", meeting, at=world.at, **decision(world, text="清淤两公里", matter=None, item=item.pk))
    do(world, "write_minutes", meeting, at=world.at, text="会议强调两件事。\n一要快。")
    do(world, "invite_posts", meeting, at=world.at, posts=["P-b_head"])
    do(world, "record_attendance", meeting, at=world.at, posts=["P-a_head"])
    do(world, "end_meeting", meeting, at=world.at)
    with translation.override("zh-hans"):
        paper = papers.check(minutes_of(Meeting.objects.get(pk=meeting.pk)))
    assert paper.form is papers.Form.MINUTES
    told = words(paper)
    assert told[0].startswith("2026年3月2日，云南省召开")
    assert told[1:3] == ["会议强调两件事。", "一要快。"]
    assert told.index("听取了汇报。") < told.index("其他事项")
    (listed,) = paper.annexes
    (table,) = listed.blocks
    assert isinstance(table, papers.Table)
    refs = list(meeting.resolutions.order_by("number").values_list("commitment__ref", flat=True))
    assert sorted(row[4] for row in table.rows) == sorted(refs)
    assert all(row[2] == "玉溪市" for row in table.rows)
    assert {one.name.strip("：: ") for one in paper.names} == {"出席", "缺席"}
    title = meeting.participants.get(post__ref="P-a_head").post.title
    seat = title if title.startswith("玉溪市") else f"玉溪市{title}"
    assert [one.text for one in paper.names if one.name == "出席"] == [f"{seat}。"]


def test_papers_at_the_page_and_over_the_api(world: World) -> None:
    meeting = room(world, "ended")
    page = f"/meetings/{meeting.ref}/"
    shown = client(world, "a_head").get(page).content.decode()
    assert f'href="{page}minutes.pdf"' in shown
    assert f'href="{page}notice.docx"' in shown
    with pdfplumber.open(io.BytesIO(content(client(world, "a_head").get(f"{page}minutes.pdf")))) as found:
        assert "Minutes" in found.pages[0].extract_text()
    zh = Client(headers={"accept-language": "zh-hans"})
    zh.force_login(world.users["office"])
    for address in (f"{page}minutes.docx", f"/api/v1/meetings/{meeting.ref}/papers/minutes?kind=docx"):
        whole = "\n".join(one.text for one in docx.Document(io.BytesIO(content(zh.get(address)))).paragraphs)
        assert "五月底前接通管网" in whole
    assert zh.get(f"{page}votes.pdf").status_code == 404
    assert zh.get(f"/api/v1/meetings/{meeting.ref}/papers/votes").status_code == 422
    for name in ("b_head", "a_office"):
        assert client(world, name).get(f"{page}minutes.pdf").status_code == 404
        assert client(world, name).get(f"/api/v1/meetings/{meeting.ref}/papers/minutes").status_code == 404
    planned = room(world)
    assert (
        f'href="/meetings/{planned.ref}/minutes.pdf"'
        not in client(world, "office").get(f"/meetings/{planned.ref}/").content.decode()
    )
    refused = client(world, "office").get(f"/meetings/{planned.ref}/minutes.pdf")
    assert refused.status_code == 409
    assert "once the meeting has ended" in refused.content.decode()
