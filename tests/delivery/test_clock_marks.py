"""What the clock's papers and marks look like: prompt slips, counted seats, levels jumped over, colours, commands."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from tests.delivery.test_fair_clock import set_timings
from tests.delivery.world import World

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Slip
from luoshi.delivery.queries.slips import count_waiting_slips, waiting_slips
from luoshi.office.models import Message


def proposed(world: World) -> Slip:
    c = world.accepted()
    world.do("propose_slip", "office", c, rung="supervise", words="请书面说明。")
    return Slip.objects.get()


def test_an_issued_slip_waits_for_no_digest_and_a_proposal_does(world: World) -> None:
    slip = proposed(world)
    assert set(Message.objects.filter(kind="delivery.slip-proposed").values_list("prompt", "urgent")) == {
        (False, False)
    }
    services.approve_slip(actor=world.who("head"), slip=slip.pk, version=slip.version, opinion="同意", at=world.at)
    assert set(Message.objects.filter(kind="delivery.slip-issued").values_list("prompt", "urgent")) == {(True, False)}


def test_slips_of_another_seat_are_counted(world: World) -> None:
    proposed(world)
    for name in ("head", "office", "a_head", "b_head"):
        assert count_waiting_slips(world.who(name)) == len(waiting_slips(world.who(name))), name
    assert count_waiting_slips(world.who("head")) == 1


def test_what_is_asked_over_the_head_of_a_level_says_so_at_its_head(world: World, client: Client) -> None:
    near, far = world.issued(), world.issued("530423")
    part = world.do("accept_commitment", "a_head", near)
    part = world.do("break_down_commitment", "a_head", part, units=[world.units["530402"].pk]).children.get()
    assert [one.skips_level for one in (near, far, part)] == [False, True, False]
    client.force_login(world.users["office"])
    marked = [
        "skips a level" in client.get(f"/c/{one.ref}/", headers={"accept-language": "en"}).content.decode()
        for one in (near, far)
    ]
    assert marked == [False, True]


def test_the_colours_of_a_programme_hold_on_board_and_register(world: World, client: Client) -> None:
    world.issued()
    set_timings(world, palette="plain")
    client.force_login(world.users["office"])
    for path in ("/board/", "/register/", f"/register/?programme={world.programme.key}"):
        assert "palette-plain" in client.get(path).content.decode(), path


def test_a_note_and_the_burden_by_command(world: World) -> None:
    c, out = world.accepted(), StringIO()
    told = json.dumps({"words": "务必汛期前完成", "leader": "省长", "on": c.ref})
    call_command("note", "--as", "office", "--data", told, stdout=out)
    assert c.ref in out.getvalue()
    assert c.instructions.get().words.startswith("务必汛期前完成")
    told = json.dumps(
        {"words": "补齐短板", "leader": "省长", "matter": world.matter.pk, "lead": world.units["532900"].pk,
         "title": "新任务", "due_days": 30, "issue": True}
    )  # fmt: skip
    call_command("note", "--as", "office", "--data", told, stdout=out)
    assert Commitment.objects.get(title="新任务").state == "issued"
    with pytest.raises(CommandError) as refused:
        call_command("note", "--as", "office", "--data", json.dumps({"words": "x", "leader": "省长"}), stdout=out)
    assert "note_target" in str(refused.value)
    out = StringIO()
    call_command("burden", "--as", "office", stdout=out)
    assert "新任务" in out.getvalue()
    assert "大理白族自治州" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("burden", "--as", "a_head", "--unit", "532900", stdout=out)
