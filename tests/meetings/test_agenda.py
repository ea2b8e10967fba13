"""The agenda proposes what deserves minutes and says why; what is on its way is not presented."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.delivery.world import World
from tests.meetings.room import LATER, do, plan, refuses

from luoshi.delivery.models import Commitment
from luoshi.meetings.models import Meeting
from luoshi.meetings.queries.proposals import proposals
from luoshi.rules.agenda import Reason


def named(meeting: Meeting, at: dt.datetime = LATER) -> dict[str, list[Reason]]:
    return {one.commitment.ref: [why.reason for why in one.why] for one in proposals(meeting, at)}


def test_each_rule_names_what_it_saw(world: World) -> None:
    late = world.accepted()
    green = world.accepted(due_days=200)
    world.do("report_on_commitment", "a_handler", green, percent=40, words="进展正常", at=LATER)
    asked = world.do("raise_request", "a_head", world.accepted(due_days=200), question="管网资金如何解决")
    verified = world.reported(80, due_days=200)
    Commitment.objects.filter(pk=verified.pk).update(verified=30, verified_how="visited")
    found = world.do("record_finding", "office", world.accepted(due_days=200), words="照片重复", evidence="同一张")
    silent = world.accepted(due_days=200)
    below = world.draft("530402")
    meeting = plan(world, at=LATER)
    told = named(meeting)
    assert told[asked.ref] == [Reason.REQUEST]
    assert told[late.ref] == [Reason.LATE, Reason.SILENT]
    assert Reason.GAP in told[verified.ref]
    assert Reason.FINDING in told[found.ref]
    assert told[silent.ref] == [Reason.SILENT]
    assert green.ref not in told
    assert below.ref not in told, "a draft was not asked of anybody"
    assert next(iter(told)) == asked.ref, "what we owe comes first"


def test_put_on_agenda_keeps_the_rule_and_leave_out_does_not_come_back(world: World) -> None:
    late, other, green = world.accepted(), world.accepted(), world.accepted(due_days=200)
    world.do("report_on_commitment", "a_handler", green, percent=40, words="进展正常", at=LATER)
    meeting = plan(world, at=LATER)
    do(world, "put_on_agenda", meeting, at=LATER, refs=[late.ref], minutes=10)
    item = meeting.items.get(commitment=late)
    assert (item.reason_code, item.minutes_planned, item.further[0][0]) == ("late", 10, "silent")
    assert item.reason_params["due_on"] == "2026-05-01"
    assert late.ref not in named(meeting)
    refuses("item_there_already", world, "put_on_agenda", meeting, at=LATER, refs=[late.ref])
    refuses("item_on_its_way", world, "put_on_agenda", meeting, at=LATER, refs=[green.ref])
    refuses("not_found", world, "put_on_agenda", meeting, at=LATER, refs=["YN-2026-03-9999"])
    refuses("item_not_said", world, "put_on_agenda", meeting, at=LATER, refs=[])
    refuses("not_found", world, "put_on_agenda", meeting, by="b_head", at=LATER, refs=[other.ref])
    do(world, "leave_out", meeting, at=LATER, refs=[other.ref], items=[item.pk])
    assert not named(meeting)
    refuses("item_not_said", world, "leave_out", meeting, at=LATER)
    refuses("not_found", world, "leave_out", meeting, at=LATER, items=[item.pk])
    do(world, "put_on_agenda", meeting, at=LATER, refs=[late.ref, other.ref])
    assert [one.commitment for one in meeting.items.filter(left_out=False)] == [late, other]
    world.audit()


def test_add_agenda_item_asks_why_what_is_on_its_way_deserves_minutes(world: World) -> None:
    green = world.accepted(due_days=200)
    world.do("report_on_commitment", "a_handler", green, percent=40, words="进展正常", at=LATER)
    meeting = plan(world, at=LATER)
    refuses("item_on_its_way", world, "add_agenda_item", meeting, at=LATER, commitment=green.ref)
    refuses("item_not_said", world, "add_agenda_item", meeting, at=LATER)
    refuses("not_found", world, "add_agenda_item", meeting, at=LATER, matter=9)
    do(world, "add_agenda_item", meeting, at=LATER, commitment=green.ref, reason="推广做法")
    do(world, "add_agenda_item", meeting, at=LATER, matter=3)
    refuses("item_there_already", world, "add_agenda_item", meeting, at=LATER, commitment=green.ref, reason="再议")
    assert [(one.kind, one.title) for one in meeting.items.all()] == [
        ("commitment", green.title),
        ("matter", world.matter.name_zh),
    ]
    names = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            names[language] = meeting.items.last().name
            assert names[language] == str(world.matter)
    assert names["en"] == world.matter.name_en != names["zh-hans"]
    assert meeting.items.first().reason_params == {"said": "推广做法"}
    world.audit()


def test_the_statements_do_not_grow_with_the_proposals(world: World) -> None:
    world.accepted()
    meeting = plan(world, at=LATER)
    proposals(meeting, LATER)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            proposals(meeting, LATER)
        return len(found)

    few = statements()
    for _n in range(5):
        world.accepted()
    assert len(proposals(meeting, LATER)) == 6
    assert statements() == few
