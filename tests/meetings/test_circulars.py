"""Circulars and letters: approved by a person, addressed to units, signed for once, reminded of, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import World

from luoshi.ledger.models import Entry
from luoshi.meetings import services
from luoshi.meetings.models import Circular, Receipt
from luoshi.meetings.queries import circulars as reads
from luoshi.office.models import Message
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units

UNITS = ("530400", "532900")


def draft(world: World, by: str = "office", to: tuple[str, ...] = UNITS, **changes: Any) -> Circular:
    values: dict[str, Any] = {
        "programme": "ten",
        "kind": "inform",
        "title": "治污管网进展情况",
        "words": "第一段。\n第二段。",
        "units": [world.units[code].pk for code in to],
    }
    return services.draft_circular(actor=world.who(by), at=world.at, **{**values, **changes}).circular


def do(world: World, act: str, circular: Circular, by: str = "office", at: dt.datetime | None = None, **v: Any) -> Any:
    now = at or world.at
    actor = units.actor_for(world.users[by], at=now)
    if act != "sign_circular":
        v.setdefault("version", Circular.objects.get(pk=circular.pk).version)
    return getattr(services, act)(actor=actor, circular=circular.ref, at=now, **v)


def refuses(code: str, *args: Any, **values: Any) -> Refused:
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        do(*args, **values)
    assert refused.value.code == code, refused.value.code
    assert Entry.objects.count() == before
    return refused.value


def told(kind: str) -> set[str]:
    rows = Message.objects.filter(kind=f"meetings.circular-{kind}").select_related("post__unit")
    return {f"{row.post.unit.code or row.post.unit.name}:{row.post.role}" for row in rows}


def test_draft_circular_sends_nothing(world: World) -> None:
    found = draft(world)
    assert (found.ref, found.state, found.number, found.version) == ("YN-2026-L0001", "draft", "", 1)
    assert draft(world).ref == "YN-2026-L0002"
    assert not Message.objects.exists()
    for name in ("a_head", "b_handler", "a_office"):
        assert not reads.circulars_seen(world.who(name)).exists(), "a draft is its own side's paper"
    with pytest.raises(Refused):
        reads.circular_for(world.who("a_head"), found.ref)
    world.audit()


def test_issue_circular_gives_a_number_and_tells_who_signs(world: World) -> None:
    found = draft(world)
    done = do(world, "issue_circular", found)
    assert done.circular.number.endswith("督〔2026〕1号")
    assert told("issued") == {
        "530400:head", "530400:handler", "玉溪市委督查室:office", "532900:head", "532900:handler",
    }  # fmt: skip
    assert [row.ref for row in reads.waiting_circulars(world.who("a_head"))] == [found.ref]
    assert reads.count_waiting_circulars(world.who("a_office")) == 1
    assert reads.count_waiting_circulars(world.who("ht_head")) == 0
    assert reads.count_waiting_circulars(world.who("a_verifier")) == 0
    refuses("circular_state", world, "issue_circular", found)
    refuses("circular_state", world, "change_circular", found, kind="inform", title="改", words="改", units=[1])
    world.audit()


def test_praise_and_criticism_need_the_head_and_never_who_wrote_it(world: World) -> None:
    for kind in ("praise", "criticism"):
        found = draft(world, kind=kind)
        assert reads.count_waiting_circulars(world.who("head")) == 1
        refuses("circular_not_yours", world, "issue_circular", found)
        refuses("circular_not_yours", world, "issue_circular", found, by="office2")
        do(world, "issue_circular", found, by="head")
        assert reads.count_waiting_circulars(world.who("head")) == 0
    assert told("approve") == {"530000:head"}
    own = draft(world, by="head", kind="praise")
    assert reads.count_waiting_circulars(world.who("head")) == 0
    refuses("circular_own_words", world, "issue_circular", own, by="head")
    changed = draft(world, kind="praise")
    do(
        world,
        "change_circular",
        changed,
        by="head",
        kind="praise",
        title="改",
        words="改",
        units=[world.units["530400"].pk],
    )
    refuses("circular_own_words", world, "issue_circular", changed, by="head")
    world.audit()


def test_draft_circular_refuses(world: World) -> None:
    village = world.units["530423100201"]
    for code, by, changes in (
        ("circular_not_yours", "verifier", {}),
        ("circular_not_yours", "a_handler", {}),
        ("circular_not_yours", "a_epb_head", {}),
        ("circular_title_missing", "office", {"title": " "}),
        ("circular_wordless", "office", {"words": " "}),
        ("circular_to_nobody", "office", {"units": []}),
        ("not_found", "office", {"kind": "ranking"}),
        ("not_found", "office", {"programme": "none"}),
        ("not_found", "office", {"meeting": "YN-2026-M9999"}),
        ("circular_unit", "a_office", {"to": ("532900",)}),
        ("circular_unit", "office", {"units": [999_999]}),
        ("circular_own_unit", "office", {"to": ("530000",)}),
        ("circular_nobody_there", "office", {"units": [village.pk]}),
    ):
        with pytest.raises(Refused) as refused:
            draft(world, by, **changes)
        assert refused.value.code == code, (code, refused.value.code)
    assert not Circular.objects.exists()


def test_sign_circular_is_done_once_by_who_speaks_for_the_unit(world: World) -> None:
    found = draft(world)
    for name in ("a_head", "office"):
        with pytest.raises(Refused):
            do(world, "sign_circular", found, by=name)
    do(world, "issue_circular", found)
    refuses("circular_not_to_you", world, "sign_circular", found, by="office")
    refuses("not_found", world, "sign_circular", found, by="ht_head")
    later = world.at + dt.timedelta(hours=3)
    refuses("circular_not_to_you", world, "sign_circular", found, by="a_verifier", at=later)
    done = do(world, "sign_circular", found, by="a_handler", at=later)
    row = Receipt.objects.get(circular=found, unit=world.units["530400"])
    assert (row.signed_at, row.signed_by_post_id) == (later, world.who("a_handler").seat.post_id)
    assert done.entry.type == "meetings.CircularSigned"
    assert (
        "玉溪"
        in refuses("circular_signed_already", world, "sign_circular", found, by="a_head", at=later).params["unit"]
    )
    assert reads.count_waiting_circulars(world.who("a_head")) == 0
    assert reads.count_waiting_circulars(world.who("b_head")) == 1
    assert found.version == Circular.objects.get(pk=found.pk).version - 1, "signing makes nobody's look stale"
    world.audit()


def test_the_issuing_side_sees_who_signed_and_others_only_themselves(world: World) -> None:
    found = draft(world)
    do(world, "issue_circular", found)
    do(world, "sign_circular", found, by="a_head")
    fresh = reads.circular_for(world.who("office"), found.ref)
    whole = reads.show(fresh, world.who("office"))
    assert [(row.unit.code, row.signed_at is not None) for row in whole.rows] == [("530400", True), ("532900", False)]
    assert not whole.mine
    theirs = reads.show(fresh, world.who("b_head"))
    assert [row.unit.code for row in theirs.rows] == ["532900"]
    assert [row.unit.code for row in theirs.mine] == ["532900"]
    assert theirs.acts == ()
    assert not reads.show(fresh, world.who("a_head")).mine


def test_remind_circular_tells_just_those_who_have_not_signed(world: World) -> None:
    found = draft(world)
    refuses("circular_state", world, "remind_circular", found)
    do(world, "issue_circular", found)
    do(world, "sign_circular", found, by="a_head")
    refuses("circular_not_yours", world, "remind_circular", found, by="b_head")
    do(world, "remind_circular", found)
    assert told("reminded") == {"532900:head", "532900:handler"}
    refuses("circular_reminded_today", world, "remind_circular", found)
    tomorrow = world.at + dt.timedelta(days=1)
    do(world, "remind_circular", found, at=tomorrow)
    assert Message.objects.filter(kind="meetings.circular-reminded").count() == 4
    do(world, "sign_circular", found, by="b_handler", at=tomorrow)
    refuses("circular_all_signed", world, "remind_circular", found, at=tomorrow + dt.timedelta(days=1))
    world.audit()


def test_withdraw_circular_is_seen_by_who_signed(world: World) -> None:
    found = draft(world)
    do(world, "issue_circular", found)
    do(world, "sign_circular", found, by="a_head")
    refuses("reason_missing", world, "withdraw_circular", found, reason=" ")
    refuses("circular_not_yours", world, "withdraw_circular", found, by="a_head", reason="不同意")
    do(world, "withdraw_circular", found, reason="数据有误")
    assert "530400:head" in told("withdrawn")
    assert reads.circular_for(world.who("a_head"), found.ref).withdraw_reason == "数据有误"
    refuses("circular_state", world, "sign_circular", found, by="b_head")
    assert reads.count_waiting_circulars(world.who("b_head")) == 0
    world.audit()


def test_a_draft_taken_back_is_heard_of_by_nobody_but_who_wrote_it(world: World) -> None:
    found = draft(world, kind="criticism")
    do(world, "withdraw_circular", found, by="head", reason="不必通报")
    assert told("not_issued") == {"云南省委督查室:office"}
    assert not reads.circulars_seen(world.who("a_head")).exists()
    world.audit()


def test_change_circular_takes_units_off_and_puts_them_on_again(world: World) -> None:
    found = draft(world)
    values = {"kind": "letter", "title": "督办", "words": "请办。"}
    do(world, "change_circular", found, units=[world.units["530400"].pk], **values)
    assert [row.unit.code for row in reads.receipts(found)] == ["530400"]
    done = do(world, "change_circular", found, units=[world.units[code].pk for code in UNITS], **values)
    assert [row.unit.code for row in reads.receipts(found)] == ["530400", "532900"]
    assert done.circular.kind == "letter"
    refuses("stale_version", world, "change_circular", found, version=1, units=[1], **values)
    world.audit()


def test_statements_do_not_grow_with_the_units(world: World, django_assert_num_queries: Any) -> None:
    found = draft(world)
    do(world, "issue_circular", found)
    fresh, actor = reads.circular_for(world.who("office"), found.ref), world.who("office")
    theirs = world.who("a_office")
    with django_assert_num_queries(1):
        reads.show(fresh, actor)
    with django_assert_num_queries(1):
        reads.waiting_circulars(theirs)
