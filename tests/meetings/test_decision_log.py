"""The decision log of a head's post: what stands in it, who reads it, what is written beside it, who follows."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.delivery.world import World
from tests.meetings.room import plan

from luoshi.ledger.models import Entry
from luoshi.meetings import services
from luoshi.meetings.models import LogComment, LogOpening
from luoshi.meetings.queries import handed, logs
from luoshi.meetings.queries.logs import Log
from luoshi.office.models import Message
from luoshi.rules.decision_log import Word
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units import services as posts
from luoshi.units.events import PostHandedOver
from luoshi.units.models import HandOver, Holding

ON = dt.date(2026, 3, 9)
"""The day on which the post of 玉溪市's head goes over."""


@pytest.fixture(autouse=True)
def _now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)


def later(world: World, monkeypatch: pytest.MonkeyPatch, days: int) -> dt.datetime:
    at = world.at + dt.timedelta(days=days)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    return at


def client(world: World, name: str, language: str = "en") -> Client:
    found = Client(headers={"accept-language": language})
    found.force_login(world.users[name])
    return found


def text(answer: Any) -> str:
    return str(answer.content.decode())


def acted(world: World) -> str:
    """玉溪市's head breaks a commitment down and names who is in charge; the province's head instructs."""
    commitment = world.do("accept_commitment", "a_head", world.issued())
    world.do("instruct_commitment", "head", commitment, words="抓紧雨季前完成")
    world.do("break_down_commitment", "a_head", commitment)
    return commitment.ref


def log(world: World, name: str, at: dt.datetime | None = None, **more: Any) -> Log:
    at = at or world.at
    return logs.own_log(units.actor_for(world.users[name], at=at), at=at, **more)


def told(found: Log) -> list[tuple[str, Word, str, str]]:
    """Heading, word, kind and number of every act."""
    return [
        (handed.heading_of(group), word, line.kind, line.ref)
        for group in found.groups
        for word, lines in group.words
        for line in lines
    ]


def code_of(service: Any, **values: Any) -> str:
    entries = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        service(**values)
    assert str(refused.value)
    assert Entry.objects.count() == entries
    return refused.value.code


def hand_over(world: World, by: str = "a_head", on: dt.date = ON) -> HandOver:
    """The post of 玉溪市's head goes over on a day of next week."""
    return posts.hand_over_post(
        actor=units.actor_for(world.users[by], at=world.at),
        at=world.at,
        post_ref="P-a_head",
        to_user_id=world.users["duty"].pk,
        on=on,
        items=["办公室钥匙两把"],
        note="雨季前盯住环湖段",
    )


def follower(world: World, at: dt.datetime, name: str = "duty") -> Actor:
    return units.actor_for(world.users[name], post_ref="P-a_head", at=at)


def test_it_holds_the_heads_own_acts_by_matter_under_three_words(world: World) -> None:
    ref = acted(world)
    meeting = plan(world, by="head")
    with translation.override("zh-hans"):
        mine, heads = told(log(world, "a_head")), told(log(world, "head"))
    assert mine == [("3. 生态环境保护", Word.DEPLOYED, "delivery.CommitmentBrokenDown", ref)]
    assert heads == [
        ("3. 生态环境保护", Word.DEPLOYED, "delivery.CommitmentInstructed", ref),
        ("“十件事”总体", Word.PLANNED, "meetings.MeetingPlanned", meeting.ref),
    ]
    one = log(world, "a_head").groups[0].words[1][1][0]
    assert (one.on, one.title, one.link) == (world.at.date(), "星云湖治污管网", f"/c/{ref}/")


def test_an_act_for_somebody_else_is_in_nobodys_log(world: World) -> None:
    commitment = world.do("accept_commitment", "a_head", world.issued())
    posts.appoint_deputy(
        actor=world.who("a_head"),
        at=world.at,
        principal_ref="P-a_head",
        deputy_ref="P-a_epb_head",
        from_on=world.at.date(),
        until_on=None,
        reason="外出",
    )
    deputy = units.actor_for(world.users["a_epb_head"], principal_ref="P-a_head", at=world.at)
    world.do("break_down_commitment", deputy, commitment)  # type: ignore[arg-type]
    assert told(log(world, "a_head")) == []
    assert told(log(world, "a_epb_head")) == []
    assert code_of(logs.own_log, actor=deputy, at=world.at) == "log_in_person"


def test_only_heads_have_one_and_only_the_holder_finds_it(world: World) -> None:
    mine = Holding.objects.get(post__ref="P-a_head").pk
    assert code_of(logs.own_log, actor=world.who("office"), at=world.at) == "log_not_of_head"
    for name in ("head", "b_head", "ht_head", "admin", "auditor"):
        assert code_of(logs.own_log, actor=world.who(name), holding=mine, at=world.at) == "not_found"
    assert client(world, "b_head").get(f"/meetings/log/{mine}/").status_code == 404
    refused = client(world, "office").get("/meetings/log/")
    assert refused.status_code == 403
    assert "kept for the post of a head" in text(refused)
    assert client(world, "auditor").get(f"/api/v1/log?holding={mine}").json()["code"] == "not_found"


def test_comment_on_log_is_one_act_whose_words_the_ledger_does_not_tell(world: World) -> None:
    acted(world)
    done = services.comment_on_log(actor=world.who("a_head"), words="分解前开过两次现场会。", at=world.at)
    assert done.entry.type == "meetings.LogCommented"
    assert "现场会" not in done.entry.payload.text
    assert done.comment is not None
    assert done.comment.digest in done.entry.payload.text
    about = services.comment_on_log(
        actor=world.who("a_head"), words="环湖段是难点。", matter=world.matter.pk, at=world.at
    )
    found = log(world, "a_head")
    assert [one.words for one in found.comments] == ["分解前开过两次现场会。"]
    assert [one.words for one in found.groups[0].comments] == ["难点。"]
    assert about.entry.pk != done.entry.pk
    world.audit()
    say = services.comment_on_log
    assert code_of(say, actor=world.who("a_head"), words=" ", at=world.at) == "log_comment_wordless"
    assert code_of(say, actor=world.who("a_head"), words="机密★", at=world.at) == "secrecy_mark"
    assert code_of(say, actor=world.who("a_head"), words="话", matter=10**9, at=world.at) == "not_found"
    assert code_of(say, actor=world.who("office"), words="话", at=world.at) == "log_not_of_head"
    other = Holding.objects.get(post__ref="P-head").pk
    assert code_of(say, actor=world.who("a_head"), words="话", holding=other, at=world.at) == "not_found"
    assert LogComment.objects.count() == 2


def test_the_page_shows_it_and_takes_a_comment_once(world: World) -> None:
    who = client(world, "a_head")
    empty = text(who.get("/meetings/log/"))
    assert "holds no such act yet" in empty
    assert "You alone" in empty
    ref = acted(world)
    page = text(who.get("/meetings/log/"))
    assert f'href="/c/{ref}/"' in page
    assert "Deployed in person" in page
    assert "Planned in person" not in page
    mine = Holding.objects.get(post__ref="P-a_head").pk
    form = {"words": "开过现场会", "matter": str(world.matter.pk), "holding": str(mine), "idempotency_key": "k" * 32}
    for _twice in range(2):
        answer = who.post("/meetings/log/comment/", form)
        assert answer.status_code == 302, text(answer)
    assert LogComment.objects.count() == 1
    assert "开过现场会" in text(who.get(answer["Location"]))
    assert who.post("/meetings/log/comment/", {**form, "words": ""}).status_code == 422
    refused = who.post("/meetings/log/comment/", {**form, "words": "绝密★", "idempotency_key": "m" * 32})
    assert refused.status_code == 422
    assert "绝密★" in text(refused), "what was typed is kept"
    assert client(world, "b_head").post("/meetings/log/comment/", {**form, "words": "话"}).status_code == 404
    assert "My decision log" in text(who.get("/units/posts/P-a_head/"))
    assert "My decision log" not in text(client(world, "head").get("/units/posts/P-a_head/"))


def test_the_api_reads_and_writes_ones_own(world: World) -> None:
    ref = acted(world)
    who = client(world, "a_head")
    found = who.get("/api/v1/log").json()
    assert [line["ref"] for group in found["groups"] for line in group["deployed"]] == [ref]
    assert "count" not in str(found)
    done = who.post("/api/v1/log/comments", {"words": "开过现场会"}, content_type="application/json")
    assert done.status_code == 200, done.content
    assert who.get("/api/v1/log").json()["comments"][0]["words"] == "开过现场会"
    assert who.post("/api/v1/log/comments", {"words": ""}, content_type="application/json").status_code == 422
    for address in ("/api/v1/logs", "/api/v1/log.csv", "/api/v1/posts/P-a_head/log"):
        assert client(world, "auditor").get(address).status_code == 404, "there is no list of logs"


def test_pages_do_not_ask_more_when_there_are_more_acts(world: World) -> None:
    def asked(address: str) -> int:
        client(world, "head").get(address)
        who = client(world, "head")
        with CaptureQueriesContext(connection) as found:
            assert who.get(address).status_code == 200
        return len(found)

    commitment = world.issued()
    world.do("instruct_commitment", "head", commitment, words="第一次")
    few = asked("/meetings/log/"), asked("/api/v1/log")
    for n in range(12):
        world.do("instruct_commitment", "head", world.issued(title=f"环湖段{n}"), words="抓紧")
    assert len(told(log(world, "head"))) == 13
    assert (asked("/meetings/log/"), asked("/api/v1/log")) == few


def test_a_long_log_has_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "PAGE", 3)
    monkeypatch.setattr(logs.log_of, "__kwdefaults__", {**logs.log_of.__kwdefaults__, "limit": 3})
    commitment = world.issued()
    for n in range(5):
        world.do("instruct_commitment", "head", commitment, words=f"第{n}次")
    who = client(world, "head")
    assert text(who.get("/meetings/log/")).count("Instruction written") == 3
    older = log(world, "head").older
    assert text(who.get(f"/meetings/log/?before={older}")).count("Instruction written") == 2
    for wrong in ("x", "9" * 39, "1-", "99999999999999999999-1"):
        assert who.get(f"/meetings/log/?before={wrong}").status_code == 200


def test_handed_over_by_the_holder_it_is_page_one_for_the_successor(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = acted(world)
    services.comment_on_log(actor=world.who("a_head"), words="分解前开过两次现场会。", at=world.at)
    page = text(client(world, "a_head").get("/units/posts/P-a_head/hand-over/"))
    assert "goes over as page one" in page
    done = hand_over(world)
    assert code_of(handed.handed, actor=world.who("duty"), handover=done.pk, at=world.at) == "not_found"
    now = later(world, monkeypatch, 8)
    who = follower(world, now)
    found = handed.handed(who, done.pk, at=now)
    assert found.log is not None
    with translation.override("zh-hans"):
        told_now = told(found.log)
    assert told_now == [("3. 生态环境保护", Word.DEPLOYED, "delivery.CommitmentBrokenDown", ref)]
    assert [one.words for one in found.log.comments] == ["分解前开过两次现场会。"]
    for name in ("head", "b_head", "admin", "auditor", "a_handler"):
        actor = units.actor_for(world.users[name], at=now)
        assert code_of(handed.handed, actor=actor, handover=done.pk, at=now) == "not_found"
    session = client(world, "duty")
    chosen = session.session
    chosen["post_ref"] = "P-a_head"
    chosen.save()
    page = text(session.get(f"/meetings/handovers/{done.pk}/"))
    assert page.index("Page one") < page.index("Deployed in person") < page.index("What was handed over")
    assert "办公室钥匙两把" in page
    assert "Page one and the sheet" in text(session.get("/units/posts/P-a_head/"))
    listed = session.get("/api/v1/handovers").json()
    assert [one["id"] for one in listed] == [done.pk]
    whole = session.get(f"/api/v1/handovers/{done.pk}").json()
    assert whole["log"]["comments"][0]["words"] == "分解前开过两次现场会。"
    assert whole["also"] == ["办公室钥匙两把"]
    assert client(world, "b_head").get(f"/meetings/handovers/{done.pk}/").status_code == 404
    assert client(world, "b_head").get(f"/api/v1/handovers/{done.pk}/sheet").status_code == 404
    own = session.get("/api/v1/log").json()
    assert own["groups"] == [], "the successor's log is his own"


def test_what_was_done_on_the_day_of_the_hand_over_is_in_the_log_of_who_left(world: World) -> None:
    acted(world)
    done = hand_over(world, on=world.at.date())
    found = handed.handed(follower(world, world.at), done.pk, at=world.at)
    assert found.log is not None
    assert [kind for _heading, _word, kind, _ref in told(found.log)] == ["delivery.CommitmentBrokenDown"]
    posts.hand_over_post(
        actor=follower(world, world.at),
        at=world.at,
        post_ref="P-a_head",
        to_user_id=world.users["a_head"].pk,
        on=ON,
        items=[],
    )
    back = world.at + dt.timedelta(days=8)
    world.do("instruct_commitment", "a_head", world.issued(lead="530402"), words="接着办", at=back)
    first = Holding.objects.filter(post__ref="P-a_head").earliest("pk")
    assert len(told(log(world, "a_head", back, holding=first.pk))) == 1, "who comes back begins anew"
    assert [kind for _h, _w, kind, _r in told(log(world, "a_head", back))] == ["delivery.CommitmentInstructed"]


def test_the_sheet_has_the_log_first_and_says_what_the_day_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    type(world.users["a_head"]).objects.filter(pk=world.users["a_head"].pk).update(display_name="演示离任甲")
    ref = acted(world)
    services.comment_on_log(actor=world.who("a_head"), words="分解前开过两次现场会。", at=world.at)
    done = hand_over(world)
    now = later(world, monkeypatch, 8)
    session = client(world, "duty", "zh-hans")
    chosen = session.session
    chosen["post_ref"] = "P-a_head"
    chosen.save()
    for address in (f"/meetings/handovers/{done.pk}/sheet.docx", f"/api/v1/handovers/{done.pk}/sheet?kind=docx"):
        answer = session.get(address)
        assert answer.status_code == 200
        body = docx.Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
        lines = [one.text for one in body.paragraphs]
        cells = [cell.text for table in body.tables for row in table.rows for cell in row.cells]
        first = next(n for n, line in enumerate(lines) if "决策记录" in line)
        second = next(n for n, line in enumerate(lines) if "未办结" in line)
        assert first < second
        assert any("分解前开过两次现场会。" in line for line in lines)
        assert any(ref in cell for cell in cells)
        assert any("办公室钥匙两把" in line for line in lines)
        assert not any("演示离任甲" in line for line in [*lines, *cells]), "it names nobody"
    pdf = session.get(f"/meetings/handovers/{done.pk}/sheet.pdf")
    assert pdf.status_code == 200
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")  # type: ignore[arg-type]
    assert handed.sheet_of(follower(world, now), done.pk, at=now) == handed.sheet_of(
        follower(world, now), done.pk, at=now + dt.timedelta(days=30)
    )


def test_handed_over_by_somebody_else_the_one_who_left_looks_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted(world)
    posts.create_post(
        actor=world.who("admin"), at=world.at, unit_id=world.units["530000"].pk, title="副组长", role="head", ref="NEW"
    )
    posts.seat_holder(
        actor=world.who("admin"), at=world.at, post_ref="NEW", user_id=world.users["a_head"].pk, from_on=ON
    )
    holding = Holding.objects.get(post__ref="P-a_head").pk
    open_it = services.lay_open_log
    assert code_of(open_it, actor=world.who("a_head"), holding=holding, at=world.at) == "log_nobody_follows"
    done = hand_over(world, by="admin")
    now = later(world, monkeypatch, 8)
    who, left = follower(world, now), units.actor_for(world.users["a_head"], at=now)
    waiting = handed.handed(who, done.pk, at=now)
    assert (waiting.log, waiting.opens_on, waiting.may_open) == (None, dt.date(2026, 3, 16), False)
    assert code_of(handed.sheet_of, actor=who, handover=done.pk, at=now) == "handover_sheet_waits"
    mine = handed.handed(left, done.pk, at=now)
    assert mine.log is not None
    assert mine.may_open
    services.comment_on_log(actor=left, words="补充一句。", holding=holding, at=now)
    assert code_of(open_it, actor=who, holding=holding, at=now) == "not_found"
    session = client(world, "a_head")
    page = text(session.get(f"/meetings/handovers/{done.pk}/"))
    assert "Lay it open now" in page
    assert session.post(f"/meetings/handovers/{done.pk}/open/").status_code == 302
    assert LogOpening.objects.count() == 1
    assert code_of(open_it, actor=left, holding=holding, at=now) == "log_is_closed"
    opened = handed.handed(who, done.pk, at=now)
    assert opened.log is not None
    assert [one.words for one in opened.log.comments] == ["补充一句。"]
    assert code_of(services.comment_on_log, actor=left, words="晚了", holding=holding, at=now) == "log_is_closed"
    page = text(session.get(f"/meetings/log/{holding}/"))
    assert "Nothing is added to it any more" in page
    assert 'name="words"' not in page
    world.audit()


@pytest.mark.parametrize("by", ["a_head", "admin"])
def test_tell_of_handover_tells_who_follows_and_who_left(
    world: World, by: str, django_capture_on_commit_callbacks: Any
) -> None:
    posts.seat_holder(
        actor=world.who("admin"), at=world.at, post_ref=_spare(world), user_id=world.users["a_head"].pk, from_on=ON
    )
    with django_capture_on_commit_callbacks(execute=True):
        done = hand_over(world, by=by)
    told_to = {row.post.ref: row.link for row in Message.objects.filter(kind__in=["meetings.handed", "meetings.left"])}
    here = f"/meetings/handovers/{done.pk}/"
    assert told_to == {"P-a_head": here} | ({"S": here} if by == "admin" else {})
    event = PostHandedOver(post="P-a_head", from_user=None, to_user=done.to_user_id, on=ON.isoformat(), items=0)
    services.tell_of_handover(event, world.at)
    assert Message.objects.filter(link=here).count() == len(told_to)


def test_after_a_week_it_opens_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    acted(world)
    done = hand_over(world, by="admin")
    now = later(world, monkeypatch, 14)
    found = handed.handed(follower(world, now), done.pk, at=now)
    assert found.log is not None
    assert not found.may_open


def test_lay_open_log_over_the_api(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    posts.seat_holder(
        actor=world.who("admin"), at=world.at, post_ref=_spare(world), user_id=world.users["a_head"].pk, from_on=ON
    )
    done = hand_over(world, by="admin")
    later(world, monkeypatch, 8)
    answer = client(world, "a_head").post(f"/api/v1/handovers/{done.pk}/lay-open", content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert LogOpening.objects.count() == 1
    again = client(world, "a_head").post(f"/api/v1/handovers/{done.pk}/lay-open", content_type="application/json")
    assert again.json()["code"] == "log_is_closed"
    other = client(world, "b_head").post(f"/api/v1/handovers/{done.pk}/lay-open", content_type="application/json")
    assert other.json()["code"] == "not_found"


def _spare(world: World) -> str:
    posts.create_post(
        actor=world.who("admin"), at=world.at, unit_id=world.units["530000"].pk, title="调研员", role="handler", ref="S"
    )
    return "S"


def test_a_post_that_keeps_no_log_has_a_sheet_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.do("accept_commitment", "a_handler", world.issued())
    done = posts.hand_over_post(
        actor=world.who("a_handler"),
        at=world.at,
        post_ref="P-a_handler",
        to_user_id=world.users["duty"].pk,
        on=world.at.date(),
        items=[],
    )
    who = units.actor_for(world.users["duty"], post_ref="P-a_handler", at=world.at)
    found = handed.handed(who, done.pk, at=world.at)
    assert (found.log, found.opens_on) == (None, None)
    paper = handed.sheet_of(who, done.pk, at=world.at)
    assert not any("log" in str(getattr(block, "text", "")) for block in paper.blocks)
