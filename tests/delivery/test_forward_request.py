"""Forwarding a question upward（转报）, replies that change something, and late replies that climb the ladder."""

from __future__ import annotations

import datetime as dt
import html
import re

from django.test import Client
from tests.delivery.world import SHANGHAI, World

from luoshi.delivery import jobs, services
from luoshi.delivery.models import Commitment, LadderStep, Request, Slip
from luoshi.delivery.queries.asking import late_replies
from luoshi.delivery.services.climbing_replies import take_reply_steps
from luoshi.delivery.services.notices import tell_forwarded
from luoshi.desk.queries import waiting
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import SYSTEM


def part(world: World) -> Commitment:
    """A part of 通海县, issued by 玉溪市: its questions go to the prefecture first."""
    whole = world.accepted()
    whole = world.do("break_down_commitment", "a_head", whole, units=[world.units["530423"].pk])
    return world.do("accept_commitment", "th_handler", whole.children.get())


def asked(world: World) -> Commitment:
    return world.do("raise_request", "th_handler", part(world), question="配套资金能否缓缴？")


def test_it_lies_with_the_issuing_side_first_and_then_with_the_unit_above(world: World) -> None:
    c = asked(world)
    request = c.requests.get()
    assert (request.lies_with, request.counted_n, request.reply_by_on) == (
        world.units["530400"],
        10,
        dt.date(2026, 3, 16),
    )
    world.refuses("lies_elsewhere", "reply_to_request", "office", c, reply="可")
    later = world.at + dt.timedelta(days=15)
    c = world.do("forward_request", "a_head", c, reason="超出本市权限", at=later)
    request.refresh_from_db()
    passed = request.forwardings.get()
    assert (request.lies_with, request.reply_by_on) == (world.units["530000"], dt.date(2026, 3, 31))
    assert (passed.from_unit, passed.late, passed.due_on) == (world.units["530400"], True, dt.date(2026, 3, 16))
    world.refuses("lies_elsewhere", "reply_to_request", "a_head", c, reply="可")
    world.refuses("nobody_above", "forward_request", "office", c, reason="再往上")
    c = world.do("reply_to_request", "office", c, reply="可缓缴一年", at=later)
    assert (c.open_requests, c.waiting_since) == (0, None)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = asked(world)
    world.refuses("reason_missing", "forward_request", "a_head", c, reason=" ")
    world.refuses("not_your_act", "forward_request", "th_handler", c, reason="x")
    c = world.do("reply_to_request", "a_head", c, reply="可")
    world.refuses("no_request_open", "forward_request", "a_head", c, reason="x")


def test_a_reply_moves_the_date_in_the_same_act_with_an_entry_of_its_own(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="可否延至八月？")
    before = Entry.objects.count()
    c = world.do("reply_to_request", "office", c, reply="同意", then="extend", new_due_on=dt.date(2026, 8, 31))
    assert (c.due_on, c.extensions_granted, c.open_requests) == (dt.date(2026, 8, 31), 1, 0)
    assert c.first_due_on == dt.date(2026, 5, 1)
    types = list(Entry.objects.order_by("-pk").values_list("type", flat=True)[: Entry.objects.count() - before])
    assert types == ["delivery.CommitmentReDated", "delivery.RequestReplied"]
    world.audit()


def test_a_reply_suspends_withdraws_or_changes_the_lead(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="汛期可否停工？")
    assert world.do("reply_to_request", "office", c, reply="停工待汛", then="suspend").state == "suspended"
    c = world.do("raise_request", "a_handler", world.accepted(), question="还办不办？")
    assert world.do("reply_to_request", "office", c, reply="不再办理", then="withdraw").state == "withdrawn"
    c = world.do("raise_request", "a_handler", world.accepted(), question="职责不在我市")
    lead = world.units["532900"].pk
    c = world.do("reply_to_request", "office", c, reply="改由大理州牵头", then="change-lead", lead=lead)
    assert (c.lead_id, c.state, c.open_requests) == (lead, "issued", 0)
    world.audit()


def test_what_the_reply_cannot_change_leaves_the_question_open(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="可否延期？")
    world.refuses("reply_needs_date", "reply_to_request", "office", c, reply="可", then="extend")
    world.refuses("reply_needs_lead", "reply_to_request", "office", c, reply="可", then="change-lead")
    world.refuses("reply_changes_nothing", "reply_to_request", "office", c, reply="可", new_due_on=dt.date(2026, 9, 1))
    past = dt.date(2026, 1, 1)
    world.refuses("date_in_past", "reply_to_request", "office", c, reply="可", then="extend", new_due_on=past)
    assert Request.objects.get().replied_at is None


def test_a_late_reply_climbs_the_ladder_of_whoever_owes_it(world: World) -> None:
    c = asked(world)
    for days in range(60):
        jobs.tick(world.at + dt.timedelta(days=days))
    request = c.requests.get()
    steps = list(LadderStep.objects.filter(request=request).order_by("number"))
    assert [step.number for step in steps] == list(range(len(steps)))
    assert {step.unit_id for step in steps} == {world.units["530400"].pk}
    assert [step.rung for step in steps][:5] == ["remind", "remind", "urge", "urge", "supervise"]
    slip = Slip.objects.get(request=request)
    assert (slip.unit, slip.issuer, slip.state) == (world.units["530400"], world.units["530000"], "proposed")
    assert not LadderStep.objects.filter(commitment=c).exists(), "whoever waits is never urged for it"
    assert Message.objects.filter(kind="delivery.reply-urge").exists()
    steps_before = LadderStep.objects.count()
    jobs.tick(world.at + dt.timedelta(days=59))
    assert LadderStep.objects.count() == steps_before
    world.at += dt.timedelta(days=60)
    world.do("reply_to_request", "a_head", c, reply="可以")
    request.refresh_from_db()
    assert request.next_step_at is None
    world.audit()


def test_a_forwarded_question_begins_a_ladder_of_its_own(world: World) -> None:
    c = asked(world)
    for days in range(20):
        jobs.tick(world.at + dt.timedelta(days=days))
    told = c.requests.get().told
    assert told
    c = world.do("forward_request", "a_head", c, reason="超出权限", at=world.at + dt.timedelta(days=20))
    request = c.requests.get()
    assert (request.told, request.climb) == (0, 2)


def test_nobody_stands_above_the_uppermost_who_is_urged_again(world: World) -> None:
    c = world.do("raise_request", "a_handler", world.accepted(), question="可否？")
    c = world.do("forward_request", "office", c, reason="请省负责人定")
    assert c.requests.get().lies_with == world.units["530000"]
    for days in range(60):
        jobs.tick(world.at + dt.timedelta(days=days))
    assert LadderStep.objects.filter(request__commitment=c, rung="supervise").exists()
    assert not Slip.objects.filter(request__commitment=c).exists()


def test_the_board_names_late_replies_and_the_superior_sees_them_first(
    world: World, client: Client, django_assert_max_num_queries: object
) -> None:
    c = asked(world)
    late = dt.datetime(2026, 3, 20, 9, tzinfo=SHANGHAI)
    found = late_replies(world.who("a_head"), world.programme, world.units["530400"], local_day(late))
    assert (found.total, [(one.unit.name, one.days, one.ours) for one in found.rows]) == (1, [("玉溪市", 4, True)])
    assert (
        late_replies(world.who("head"), world.programme, world.units["530000"], local_day(late)).rows[0].ours is False
    )
    on_time = late_replies(world.who("a_head"), world.programme, world.units["530400"], dt.date(2026, 3, 16))
    assert on_time.total == 0
    first = waiting.waiting(world.who("a_head"), late).items[0]
    assert (first.wait, first.commitment.ref, first.late_reply(local_day(late))) == ("reply", c.ref, True)
    c = world.do("forward_request", "a_head", c, reason="超出权限", at=late)
    waits = [item.wait for item in waiting.waiting(world.who("a_head"), late).items if item.commitment.ref == c.ref]
    assert "reply" not in waits
    waits = [item.wait for item in waiting.waiting(world.who("head"), late).items if item.commitment.ref == c.ref]
    assert waits == ["reply"]


def test_what_the_board_does_not_name_is_one_click_away(world: World, client: Client) -> None:
    refs = {
        world.do("raise_request", "a_handler", world.accepted(title=f"第{number}件"), question="可否？").ref
        for number in range(7)
    }
    client.force_login(world.users["a_head"])
    page = client.get("/board/").content.decode()
    assert len({ref for ref in refs if f"/{ref}/#asked" in page or f"/{ref}#asked" in page}) == 5
    (link,) = re.findall(r'href="([^"]*open=requests)"', page)
    listed = client.get(html.unescape(link)).content.decode()
    assert all(ref in listed for ref in refs)


def test_a_note_becomes_an_instruction_or_a_task(world: World) -> None:
    c = world.accepted()
    office = world.who("office")
    note = {"words": "务必汛前完成", "leader": "省长", "noted_on": dt.date(2026, 3, 1), "at": world.at}
    services.act_on_note(actor=office, on=c.ref, **note)
    assert c.instructions.get().words == "务必汛前完成（省长批示，2026-03-01）"
    values = {"matter": world.matter.pk, "lead": world.units["532900"].pk, "title": "洱海截污", "due_days": 30}
    made = services.act_on_note(actor=office, issue=True, **values, **note).commitment
    assert (made.state, made.source_quote, made.source_place) == ("issued", "务必汛前完成", "省长批示，2026-03-01")
    draft = services.act_on_note(actor=office, **{**values, "title": "另一件"}, **note).commitment
    assert draft.state == "draft"
    world.audit()


def test_the_clock_looks_at_what_is_due_and_takes_a_step_once(world: World) -> None:
    request = asked(world).requests.get()
    take_reply_steps(actor=SYSTEM, at=world.at)  # the stored moment may be early; the rule says not yet
    assert not LadderStep.objects.exists()
    assert take_reply_steps(actor=SYSTEM, at=world.at) == 0
    late = world.at + dt.timedelta(days=30)
    assert take_reply_steps(actor=SYSTEM, at=late) == 1
    while take_reply_steps(actor=SYSTEM, at=late):
        pass
    assert LadderStep.objects.filter(request=request).count() == 1
    world.audit()


def test_who_it_lies_with_now_is_told_once(world: World) -> None:
    c = world.do("forward_request", "a_head", asked(world), reason="超出权限")
    told = Message.objects.filter(kind="delivery.forward-request")
    units = {post.unit.area_id for post in (one.post for one in told.select_related("post__unit"))}
    assert units == {world.units["530000"].pk}
    before = told.count()
    day = c.requests.get().reply_by_on
    tell_forwarded(c, world.units["530000"], day, actor=world.who("a_head"), at=world.at)
    assert told.count() == before
