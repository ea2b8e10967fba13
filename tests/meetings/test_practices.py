"""The practice library: a verified result written up, amended, withdrawn, asked about, and shown to who is late."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.delivery.world import World

from luoshi.delivery.models import Commitment, Programme
from luoshi.ledger.models import Entry
from luoshi.meetings import services
from luoshi.meetings.models import Practice, PracticeEdition
from luoshi.meetings.queries import nearby as near
from luoshi.meetings.queries import practices as reads
from luoshi.office.models import Message
from luoshi.rules import lights
from luoshi.rules import practices as rules
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units import services as unit_services
from luoshi.units.models import Post

WORDS = {
    "title": "管网先通后补",
    "context": "五县管网各建各的。",
    "done": "先连通干管，再补支管。",
    "cost": "每公里四十万元，十二人，三个月。",
    "failed": "先试过分段招标，接口对不上，停了。",
}


def write(world: World, found: Commitment, by: str = "a_handler", **changes: Any) -> Practice:
    values = {**WORDS, **changes}
    return services.write_practice(actor=world.who(by), commitment=found.ref, at=world.at, **values).practice


def do(world: World, act: str, found: Practice, by: str, at: dt.datetime | None = None, **values: Any) -> Practice:
    now = at or world.at
    if act != "ask_author":
        values.setdefault("version", Practice.objects.get(pk=found.pk).version)
    actor = units.actor_for(world.users[by], at=now)
    done: services.PracticeDone = getattr(services, act)(actor=actor, practice=found.ref, at=now, **values)
    return done.practice


def refuses(code: str, call: Any, *args: Any, **values: Any) -> None:
    before = Entry.objects.count(), Message.objects.count(), list(Practice.objects.order_by("pk").values())
    with pytest.raises(Refused) as refused:
        call(*args, **values)
    assert refused.value.code == code, refused.value.code
    assert str(refused.value)
    assert before == (Entry.objects.count(), Message.objects.count(), list(Practice.objects.order_by("pk").values()))


def sees(world: World, name: str) -> list[str]:
    return [row.ref for row in reads.practices_seen(world.who(name))]


def test_write_practice_of_a_verified_result_and_of_no_other(world: World) -> None:
    said = world.reported()
    refuses("practice_not_verified", write, world, said)
    done = world.closed()
    for name, part in rules.PARTS.items():
        with pytest.raises(Refused) as refused:
            write(world, done, **{name: " "})
        assert (refused.value.code, refused.value.params["part"]) == ("practice_part_missing", part)
    for link in ("管网", "ftp://a.example/", "javascript:alert(1)", "https://", "https://a b.example/", "http://["):
        refuses("practice_proof", write, world, done, proof=link)
    refuses("practice_not_yours", write, world, done, by="office")
    refuses("practice_not_yours", write, world, done, by="a_verifier")
    refuses("practice_not_yours", write, world, done, by="a_epb_handler")
    refuses("not_found", write, world, done, by="b_handler")
    entries = Entry.objects.count()
    found = write(world, done, proof="https://www.example.gov.cn/a")
    assert Entry.objects.count() == entries + 1
    assert (found.ref, found.matter_id, found.unit.code) == ("YN-2026-P0001", world.matter.pk, "530400")
    assert found.words() == {**WORDS, "proof": "https://www.example.gov.cn/a"}
    assert found.stands
    refuses("practice_there", write, world, done)
    world.audit()


def test_a_verified_result_that_is_not_closed_yet_and_the_office_of_the_area(world: World) -> None:
    found = write(world, world.verified(), by="a_office", cost="打电话13888881234问。")
    assert "13888881234" not in found.cost
    world.audit()


def test_what_is_off_the_system_is_not_written_up(world: World) -> None:
    row = world.closed()
    Commitment.objects.filter(pk=row.pk).update(off_system=True)
    refuses("practice_off_system", write, world, row)


def test_amend_practice_keeps_what_it_said(world: World) -> None:
    found = write(world, world.closed())
    refuses("practice_not_yours", do, world, "amend_practice", found, "office", **WORDS)
    refuses("stale_version", do, world, "amend_practice", found, "a_head", **WORDS, version=7)
    changed = do(world, "amend_practice", found, "a_head", **{**WORDS, "cost": "每公里四十五万元。"})
    assert (changed.version, changed.cost) == (2, "每公里四十五万元。")
    [before] = PracticeEdition.objects.all()
    assert (before.number, before.cost) == (1, WORDS["cost"])
    shown = reads.show(reads.practice_for(world.who("a_head"), found.ref), world.who("a_head"))
    assert [one.pk for one in shown.editions] == [before.pk]
    world.audit()


def test_a_bureau_beside_the_owner_withdraws_nobodys_write_up(world: World) -> None:
    found = write(world, world.closed())
    Programme.objects.update(owner=world.units["530400"])
    refuses("practice_not_yours", do, world, "withdraw_practice", found, "a_epb_head", reason="不是我们的")
    do(world, "withdraw_practice", found, "a_office", reason="数字有误")


def test_withdraw_practice_leaves_the_library_and_tells_the_author(world: World) -> None:
    found = write(world, world.closed())
    refuses("reason_missing", do, world, "withdraw_practice", found, "a_handler", reason=" ")
    refuses("practice_not_yours", do, world, "withdraw_practice", found, "b_handler", reason="不对")
    do(world, "withdraw_practice", found, "office", reason="数字有误")
    [told] = Message.objects.filter(kind="meetings.practice-withdrawn")
    assert "数字有误" in told.subject_text
    assert not reads.library(world.who("a_handler")).exists()
    assert sees(world, "a_handler") == [found.ref]
    assert sees(world, "b_handler") == []
    for act, values in (("amend_practice", WORDS), ("withdraw_practice", {"reason": "再"})):
        refuses("practice_withdrawn", do, world, act, found, "a_handler", **values)
    again = write(world, Commitment.objects.get(pk=found.commitment_id))
    assert again.ref == "YN-2026-P0002"
    world.audit()


def test_ask_author_is_one_message_to_the_post_with_the_name_of_the_unit(world: World) -> None:
    found = write(world, world.closed())
    refuses("practice_question_missing", do, world, "ask_author", found, "b_handler", question=" ")
    refuses("practice_question_long", do, world, "ask_author", found, "b_handler", question="问" * 1001)
    refuses("practice_own", do, world, "ask_author", found, "a_head", question="问")
    refuses("practice_not_asked_by_you", do, world, "ask_author", found, "auditor", question="问")
    do(world, "ask_author", found, "b_handler", question="支管谁出钱？")
    [message] = Message.objects.filter(kind="meetings.practice-asked")
    author = world.who("a_handler").seat.post_id
    assert (message.post_id, message.sender_id) == (author, world.who("b_handler").seat.post_id)
    assert "大理白族自治州" in message.subject_text
    assert "支管谁出钱？" in message.body_text
    refuses("practice_asked_today", do, world, "ask_author", found, "b_head", question="再问一句")
    do(world, "ask_author", found, "b_head", world.at + dt.timedelta(days=1), question="再问一句")
    assert Message.objects.filter(kind="meetings.practice-asked").count() == 2
    Post.objects.filter(pk=author).update(active=False)
    do(world, "ask_author", found, "b_head", world.at + dt.timedelta(days=2), question="岗位撤了问谁？")
    assert Message.objects.filter(kind="meetings.practice-asked", post__active=True).exists()
    Post.objects.filter(unit__area=found.unit).update(active=False)
    later = world.at + dt.timedelta(days=3)
    refuses("practice_nobody_there", do, world, "ask_author", found, "b_head", later, question="还有人吗？")


def test_who_reads_it_is_as_the_programme_says(world: World) -> None:
    found = write(world, world.closed())
    for name in ("office", "a_handler", "ht_handler", "b_handler"):
        assert sees(world, name) == [found.ref], name
    assert world.programme.visibility == Programme.Visibility.SIBLINGS
    world.programme.visibility = Programme.Visibility.OWN
    world.programme.save()
    assert sees(world, "b_handler") == []
    assert sees(world, "ht_handler") == []
    assert sees(world, "a_head") == [found.ref]
    assert sees(world, "office") == [found.ref]
    with pytest.raises(Refused):
        reads.practice_for(world.who("b_handler"), found.ref)
    world.programme.visibility = Programme.Visibility.ALL
    world.programme.save()
    assert sees(world, "ht_handler") == [found.ref]
    assert sees(world, "b_handler") == [found.ref]


def test_a_result_opened_again_is_no_longer_verified_by_itself(world: World) -> None:
    row = world.closed()
    found = write(world, row)
    entries = Entry.objects.count()
    world.do("look_back_commitment", "verifier", row, passed=False, percent=40, words="又堵了")
    fresh = reads.practice_for(world.who("b_handler"), found.ref)
    assert not fresh.stands
    assert Entry.objects.count() == entries + 1, "nothing was written into the write-up"
    assert reads.library(world.who("b_handler")).exists(), "it is still read, marked so"


# --- Units nearby -----------------------------------------------------------------------------------------------------

LATE = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def late(world: World) -> Commitment:
    return world.accepted("532900", by="b_handler")


def light_of(row: Commitment, at: dt.datetime = LATE) -> lights.Light:
    return lights.light(row.light_facts(), at)


def test_a_late_unit_sees_where_the_same_was_verified_in_time(world: World) -> None:
    row = late(world)
    actor = world.who("b_handler")
    assert near.nearby(actor, row, LATE.date()) is None, "nobody has it verified"
    done = world.closed()
    unit_services.create_unit(
        actor=world.who("admin"), at=world.at, kind="area", level="county", name="弥渡县", code="532925",
        parent_id=world.units["532900"].pk, on=world.at.date(),
    )  # fmt: skip
    found = near.nearby(actor, row, LATE.date())
    assert found is not None
    [one] = found.units
    assert (one.unit.code, one.commitment.pk, one.practice, one.seen) == ("530400", done.pk, None, False)
    assert one.verified is not None
    names = [name for name, _words in found.variables]
    valued = {name: (mine, theirs) for name, (_a, mine), (_b, theirs) in zip(names, found.own, one.values, strict=True)}
    assert valued["counties"] == (3, 2)
    assert valued["townships"] == (0, 1)
    written = write(world, done)
    found = near.nearby(actor, row, LATE.date())
    assert found is not None
    assert found.units[0].practice == written
    card = near.card(actor, row, light_of(row), LATE)
    assert card is not None
    assert card.template.endswith("nearby_card.html")
    assert near.card(actor, row, light_of(row, world.at), world.at) is None, "it is not late"
    world.programme.visibility = Programme.Visibility.OWN
    world.programme.save()
    row.programme.refresh_from_db()
    assert near.nearby(actor, row, LATE.date()) is None
    assert near.nearby(world.who("office"), row, LATE.date()) is not None, "the unit above sees both"


def test_what_was_late_is_no_example(world: World) -> None:
    row = late(world)
    done = world.closed()
    assert near.nearby(world.who("office"), row, LATE.date()) is not None
    Commitment.objects.filter(pk=done.pk).update(missed=True)
    assert near.nearby(world.who("office"), row, LATE.date()) is None


def test_the_statements_of_the_pages_do_not_grow(world: World) -> None:
    row = late(world)
    done = world.closed()
    first = write(world, done)

    def counted() -> list[int]:
        told = []
        for read in (
            lambda: near.nearby(world.who("office"), row, LATE.date()),
            lambda: reads.show(reads.practice_for(world.who("office"), first.ref), world.who("office")),
            lambda: list(reads.library(world.who("office"), matter=world.matter.pk, words="管网")[:20]),
        ):
            with CaptureQueriesContext(connection) as caught:
                read()
            told.append(len(caught))
        return told

    before = counted()
    for _number in range(4):
        write(world, world.closed())
    do(world, "amend_practice", first, "a_head", **{**WORDS, "cost": "另算"})
    assert counted() == before
    assert before[0] <= 10
