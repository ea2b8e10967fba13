"""Reminding just those who have not moved（提醒）: who may, whom it reaches, once a day, one entry, its price."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.delivery.world import World

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Reminder
from luoshi.ledger.models import Entry, EntrySubject
from luoshi.office.models import Message
from luoshi.rules.lifecycle import Act


def broken_down(world: World) -> Commitment:
    """玉溪市 has handed it to its two counties; neither has accepted."""
    return world.do("break_down_commitment", "a_head", world.accepted())


def part(world: World, code: str) -> Commitment:
    return Commitment.objects.filter(lead=world.units[code]).latest("pk")


def told() -> set[tuple[str, str]]:
    rows = Message.objects.filter(kind="delivery.remind").select_related("post")
    return {(row.post.ref, row.link) for row in rows}


@pytest.mark.principle(5)
def test_just_the_holes_are_reminded_in_one_act_with_one_entry(world: World) -> None:
    whole = broken_down(world)
    world.do("accept_commitment", "th_handler", part(world, "530423"))
    missing = part(world, "530402")
    before = Entry.objects.count()
    done = services.remind_commitment(
        actor=world.who("a_head"),
        ref=whole.ref,
        version=Commitment.objects.get(pk=whole.pk).version,
        step="accept",
        at=world.at,
    )
    assert Entry.objects.count() == before + 1
    assert done.entry.type == "delivery.CommitmentReminded"
    assert set(EntrySubject.objects.filter(entry=done.entry).values_list("ref", flat=True)) >= {whole.ref, missing.ref}
    assert told() == {("P-ht_head", f"/c/{missing.ref}/"), ("P-ht_handler", f"/c/{missing.ref}/")}
    reminder = Reminder.objects.get()
    assert (reminder.commitment, reminder.step, reminder.on) == (missing, "accept", world.at.date())
    assert Commitment.objects.get(pk=missing.pk).version == missing.version, "the part itself has not changed"
    world.audit()


def test_once_a_day_and_the_refusal_says_when(world: World) -> None:
    whole = broken_down(world)
    world.do("accept_commitment", "th_handler", part(world, "530423"))
    world.do("remind_commitment", "a_head", whole, step="accept")
    refused = world.refuses("reminded_today", "remind_commitment", "a_office", whole, step="accept")
    assert refused.params == {"unit": "红塔区", "when": "2026-03-02 09:00"}
    world.at += dt.timedelta(days=1)
    world.actors.clear()
    world.do("remind_commitment", "a_head", whole, step="accept")
    assert Reminder.objects.count() == 2
    world.audit()


def test_another_step_is_another_thing_and_who_cannot_take_it_is_left_out(world: World) -> None:
    whole = broken_down(world)
    world.do("remind_commitment", "a_head", whole, step="accept")
    world.refuses("all_reminded_today", "remind_commitment", "a_head", whole, step="accept")
    world.refuses("nobody_to_remind", "remind_commitment", "a_head", whole, step="assign")
    world.do("accept_commitment", "th_handler", part(world, "530423"))
    proposal = services.propose_reminder(actor=world.who("a_head"), ref=whole.ref, step="assign", at=world.at)
    assert (proposal.units, proposal.others) == (["通海县"], 1)
    world.do("remind_commitment", "a_head", whole, step="assign")
    assert Reminder.objects.filter(step="assign").count() == 1


def test_the_database_itself_refuses_a_second_of_the_same_day(world: World) -> None:
    whole = broken_down(world)
    world.do("remind_commitment", "a_head", whole, step="accept")
    first = Reminder.objects.first()
    assert first is not None
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_only_the_issuing_side_and_those_above_remind(world: World) -> None:
    whole = broken_down(world)
    world.closed_to_others("remind_commitment", "a_head", whole, readers=("auditor", "duty", "verifier"), step="accept")
    county = part(world, "530423")
    world.refuses("not_your_act", "remind_commitment", "th_handler", county, step="accept")
    world.do("remind_commitment", "a_handler", whole, step="accept", unit=world.units["530423"].pk)
    assert {row.commitment.lead.code for row in Reminder.objects.all()} == {"530423"}
    world.do("remind_commitment", "office", part(world, "530402"), step="accept", reach="itself")
    assert Reminder.objects.count() == 2


def test_the_lead_itself_is_reminded_where_nothing_is_below(world: World) -> None:
    issued = world.issued()
    world.do("remind_commitment", "office", issued, step="accept")
    assert {post for post, _link in told()} == {"P-a_head", "P-a_handler"}
    world.refuses("not_your_act", "remind_commitment", "a_head", issued, step="accept")


def test_a_handler_reminds_only_what_its_own_unit_handed_down(world: World) -> None:
    whole = broken_down(world)
    world.do("accept_commitment", "th_handler", part(world, "530423"))
    world.do("break_down_commitment", "th_head", part(world, "530423"))
    town = part(world, "530423100")
    proposal = services.propose_reminder(actor=world.who("a_handler"), ref=whole.ref, step="accept", at=world.at)
    assert proposal.units == ["红塔区"]
    proposal = services.propose_reminder(actor=world.who("a_head"), ref=whole.ref, step="accept", at=world.at)
    assert proposal.units == ["红塔区", "秀山街道"]
    assert town.state == "issued"


@pytest.mark.principle(5)
def test_a_village_without_posts_is_reminded_through_its_township(world: World) -> None:
    whole = world.do("accept_commitment", "town_handler", world.issued("530423100"))
    world.do("break_down_commitment", "town_handler", whole)
    Message.objects.all().delete()
    world.do("remind_commitment", "th_head", part(world, "530423100201"), step="accept", reach="itself")
    assert {post for post, _link in told()} == {"P-town_handler"}


@pytest.mark.principle(7)
def test_several_things_of_one_unit_make_one_message(world: World) -> None:
    first, second = world.issued(), world.issued()
    proposal, entry = services.remind_units(actor=world.who("office"), programme="ten", step="accept", at=world.at)
    assert ([row.ref for row in proposal.to], proposal.units) == ([first.ref, second.ref], ["玉溪市"])
    assert proposal.messages == 2
    assert told() == {("P-a_head", "/"), ("P-a_handler", "/")}
    assert Message.objects.filter(kind="delivery.remind").count() == 2
    assert entry.type == "delivery.UnitsReminded"
    world.audit()


def test_bad_input_is_named(world: World) -> None:
    whole = broken_down(world)
    world.bad_input(Act.REMIND, "a_head", whole, "step")
    world.bad_input(Act.REMIND, "a_head", whole, "step", step="close")
    world.bad_input(Act.REMIND, "a_head", whole, "unit", step="accept", unit=0)
    world.refuses("not_found", "remind_commitment", "a_head", whole, step="accept", unit=world.units["532900"].pk)
    world.refuses("wrong_state", "remind_commitment", "office", world.closed(), step="accept")
