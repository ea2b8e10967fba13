"""Search, how the numbers are made, complaints, the tour and the self-check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luoshi.delivery.models import Programme
from luoshi.desk import services
from luoshi.office.models import Message
from luoshi.rules.refusals import Refused

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def test_how_the_numbers_are_made(world: World, enter: Enter) -> None:
    for language in ("en", "zh-hans"):
        assert enter("th_handler", language).get("/how/").status_code == 200


def test_a_complaint_goes_to_the_level_above_the_one_who_asks(world: World, enter: Enter) -> None:
    client = enter("th_handler")
    told = {"about": world.units["530400"].pk, "words": "同一张表一个月要了三次 13812345678", "idempotency_key": "k1"}
    assert client.post("/complaint/", told).status_code == 302
    client.post("/complaint/", told)
    heard = Message.objects.filter(kind="desk.complaint")
    assert {m.post.ref for m in heard} == {"P-head", "P-office", "P-office2"}
    text = str(heard[0].params) + heard[0].body
    assert "13812345678" not in text
    assert "th_handler" not in text
    assert "玉溪市" in text
    client.post("/complaint/", {**told, "signed": "on", "idempotency_key": "k2"})
    assert any("handler th_handler" in str(m.params) for m in heard.all())


def test_a_complaint_that_cannot_be_kept_is_refused(world: World, enter: Enter) -> None:
    client = enter("th_handler")
    assert client.post("/complaint/", {"about": world.units["530400"].pk, "words": ""}).status_code == 422
    secret = {"about": world.units["530400"].pk, "words": "机密★1年\n要的太多"}
    answer = client.post("/complaint/", secret)
    assert answer.status_code >= 400
    assert not Message.objects.filter(kind="desk.complaint").exists()
    elsewhere = {"about": world.units["532900"].pk, "words": "别处"}
    assert client.post("/complaint/", elsewhere).status_code == 422
    with pytest.raises(Refused) as refused:
        services.complain(
            actor=world.who("th_handler"), about=world.units["532900"], words="别处", key="k", at=world.at
        )
    assert refused.value.code == "not_found"


def test_the_tour_with_and_without_a_demonstration(world: World, enter: Enter) -> None:
    assert "There is no demonstration here" in enter("a_head").get("/tour/").content.decode()
    c = world.reported(100)
    steps = [
        {"ref": c.ref, "title_zh": f"第{n}步", "title_en": f"Step {n}", "text_zh": "看", "text_en": "Look"}
        for n in range(1, 6)
    ]
    Programme.objects.update(is_demo=True, settings={"tour": steps})
    for asked, shown in [("1", "1"), ("3", "3"), ("99", "5"), ("x", "1")]:
        page = enter("a_head").get("/tour/", {"step": asked}).content.decode()
        assert f"step {shown} of 5" in page
        assert f"Step {shown}" in page
    assert "第1步" in enter("a_head", "zh-hans").get("/tour/").content.decode()
    assert c.title not in enter("b_head").get("/tour/").content.decode()


def test_the_self_check_is_for_administrators(world: World, enter: Enter) -> None:
    assert enter("admin").get("/system/").status_code == 200
    for name in ("office", "a_head", "auditor"):
        assert enter(name).get("/system/").status_code == 403


def test_nobody_gets_in_without_signing_in(world: World) -> None:
    from django.test import Client

    for address in (
        "/",
        "/board/",
        "/board/list/",
        "/ledger/",
        "/search/",
        "/search/quick/",
        "/how/",
        "/complaint/",
        "/tour/",
        "/system/",
    ):
        assert Client().get(address).status_code == 302, address
