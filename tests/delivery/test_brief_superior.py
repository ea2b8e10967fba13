"""Telling the superior what needs no reply（报告）: through the table, at every door, with no clock."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from tests.delivery.world import World

from luoshi.delivery.models import Brief, Commitment
from luoshi.desk.queries import waiting
from luoshi.desk.queries.waiting import Wait
from luoshi.office.models import Message
from luoshi.rules.lifecycle import Act


def briefed(world: World, words: str = "汛情平稳，特此报告。") -> Commitment:
    return world.do("brief_superior", "a_handler", world.accepted(), words=words)


def test_the_issuing_side_is_told_and_no_clock_stops(world: World) -> None:
    before = world.accepted()
    c = world.do("brief_superior", "a_handler", before, words="汛情平稳，特此报告。")
    brief = Brief.objects.get()
    assert (brief.words, brief.by_post.role, brief.read_at) == ("汛情平稳，特此报告。", "handler", None)
    assert (c.unread_briefs, c.open_requests, c.waiting_since, c.due_on, c.light) == (
        1, 0, None, before.due_on, before.light
    )  # fmt: skip
    assert c.next_step_at == Commitment.objects.get(pk=before.pk).next_step_at
    told = Message.objects.filter(kind="delivery.brief")
    assert {one.post.unit for one in told} == {world.units["office"]}
    assert "no reply is needed" in told[0].subject
    world.audit()


def test_it_does_not_keep_anything_from_closing(world: World) -> None:
    c = world.do("report_on_commitment", "a_handler", briefed(world), percent=100, words="完成")
    c = world.do("apply_for_closure", "a_handler", c, statement="完成")
    c = world.do("verify_commitment", "verifier", c, method="visited", passed=True, percent=100, words="看过")
    c = world.do("close_commitment", "office2", c, opinion="同意")
    assert (c.state, c.unread_briefs) == ("closed", 1)
    world.do("read_brief", "office", c)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("brief_missing", "brief_superior", "a_handler", c, words="  ")
    world.refuses("not_your_act", "brief_superior", "office", c, words="x")
    world.closed_to_others("brief_superior", "a_handler", c, words="x")
    world.bad_input(Act.BRIEF, "a_handler", c, "words", words="")
    world.refuses("wrong_state", "brief_superior", "a_handler", world.closed(), words="x")


def test_nobody_tells_it_for_the_lead(world: World) -> None:
    part = world.accepted("530423", by="th_handler")
    world.refuses("not_your_act", "brief_superior", "a_handler", part, words="代为报告")


def test_it_stands_in_the_list_of_whom_it_was_sent_to_and_nowhere_else(world: World) -> None:
    c = briefed(world)
    at = world.at + dt.timedelta(hours=1)
    [item] = [one for one in waiting.waiting(world.who("office"), at).items if one.wait is Wait.READ_BRIEF]
    assert (item.commitment, item.about.words, item.due_on) == (c, "汛情平稳，特此报告。", None)
    assert item.colour(at.date()) == "grey"
    assert waiting.count_waiting(world.who("office"), at) == 1
    for name in ("a_head", "a_handler", "b_head", "verifier"):
        found = waiting.waiting(world.who(name), at).items
        assert not [one for one in found if one.wait is Wait.READ_BRIEF], name


def test_pages_and_the_interface(world: World, client: Client) -> None:
    c = briefed(world)
    client.force_login(world.users["office"])
    page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert "A brief to read" in page
    assert f"/c/{c.ref}/read-brief/" in page
    assert "汛情平稳" in page
    shown = client.get(f"/c/{c.ref}/read-brief/", headers={"Accept-Language": "en"}).content.decode()
    assert "The brief" in shown
    assert "not read yet" in client.get(f"/c/{c.ref}/", headers={"Accept-Language": "en"}).content.decode()
    assert client.get(f"/api/v1/commitments/{c.ref}").json()["unread_briefs"] == 1
    done = client.post(
        f"/api/v1/commitments/{c.ref}/read-brief",
        data={},
        content_type="application/json",
        headers={"If-Match": f'"{c.version}"'},
    )
    assert done.status_code == 200, done.content
    assert Brief.objects.get().read_at is not None
    client.force_login(world.users["a_handler"])
    sent = client.post(
        f"/api/v1/commitments/{c.ref}/brief",
        data={"words": "补充报告"},
        content_type="application/json",
        headers={"If-Match": f'"{c.version + 1}"'},
    )
    assert sent.status_code == 200, sent.content
