"""Change the ladder（修改阶梯）: a new version holds for what is issued from then on, and only for that."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.delivery.world import AT, World, everything

from luoshi.accounts.services import create_token
from luoshi.delivery import services
from luoshi.delivery.models import Ladder
from luoshi.rules.escalation import Ladder as Rule
from luoshi.rules.escalation import Level, Rung, Step
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused

STERN = Rule((Step(Rung.REMIND, Level.HEAD, -1), Step(Rung.URGE, Level.ABOVE, 1)), 2)


def signed_in(world: World, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users[name])
    return client


@pytest.mark.principle(4)
def test_what_was_issued_keeps_its_version(world: World) -> None:
    before = world.issued()
    world.programme.refresh_from_db()
    services.change_ladder(actor=world.who("office"), key="ten", version=world.programme.version, ladder=STERN, at=AT)
    after = world.issued()
    assert [row.number for row in (before.ladder, after.ladder) if row] == [1, 2]
    assert Ladder.objects.get(number=1).rule() != STERN
    assert Ladder.objects.get(number=2).rule() == STERN
    world.audit()


@pytest.mark.parametrize(("who", "code"), [("a_head", "not_programme_owner"), ("auditor", "not_programme_owner")])
def test_only_the_owner_writes_it(world: World, who: str, code: str) -> None:
    world.programme.refresh_from_db()
    told = everything()
    with pytest.raises(Refused) as refused:
        services.change_ladder(actor=world.who(who), key="ten", version=world.programme.version, ladder=STERN, at=AT)
    assert refused.value.code == code
    with pytest.raises(Refused) as stale:
        services.change_ladder(actor=world.who("office"), key="ten", version=99, ladder=STERN, at=AT)
    assert stale.value.code == "stale_version"
    assert everything() == told


def test_the_ladder_is_written_by_api_and_page(world: World) -> None:
    _row, secret = create_token(user=world.users["office"], name="t", actor=SYSTEM, at=timezone.now())
    office = Client(headers={"authorization": f"Bearer {secret}"})
    now = office.get("/api/v1/programmes/ten")
    body = {"steps": [{"rung": "remind", "to": "head", "days": -2}, {"rung": "urge", "to": "head", "days": 1}]}
    send: dict[str, Any] = {"content_type": "application/json", "headers": {"if-match": now["ETag"]}}
    sent = office.post("/api/v1/programmes/ten/ladder", body, **send)
    assert sent.status_code == 200, sent.content
    versions = office.get("/api/v1/programmes/ten/ladder").json()["items"]
    assert [(one["number"], one["holds"]) for one in versions] == [(2, True), (1, False)]
    bad = {"steps": [{"rung": "urge", "to": "head", "days": 1}]}
    send["headers"] = {"if-match": sent["ETag"]}
    assert office.post("/api/v1/programmes/ten/ladder", bad, **send).json()["code"] == "ladder_skips"

    page, reader = signed_in(world, "office"), signed_in(world, "a_handler")
    text = page.get("/p/ten/ladder/").content.decode()
    assert "2 working days before" in text
    assert 'name="step-0-rung"' not in reader.get("/p/ten/ladder/").content.decode()
    world.programme.refresh_from_db()
    form = {
        "version": world.programme.version, "repeat_days": 3, "approve_days": 2, "above_days": 5,
        "step-TOTAL_FORMS": 2, "step-INITIAL_FORMS": 1,
        "step-0-rung": "remind", "step-0-to": "handler", "step-0-days": 0, "step-1-rung": "", "step-1-to": "handler",
    }  # fmt: skip
    assert page.post("/p/ten/ladder/", {**form, "step-0-days": ""}).status_code == 422
    assert page.post("/p/ten/ladder/", form).status_code == 302
    assert Ladder.objects.get(number=3).steps == [{"rung": "remind", "to": "handler", "days": 0, "by_person": False}]
    world.audit()
