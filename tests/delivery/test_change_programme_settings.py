"""Changing a programme's settings."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.rules.directing import Limits
from luoshi.rules.refusals import Refused


def change(world: World, name: str = "office", **changes: Any) -> Any:
    values = {"key": "ten", "version": 3, "visibility": "own", "warning_days": 7, "extension_limit": 1, **changes}
    return services.change_programme_settings(actor=world.who(name), at=world.at, **values)


def test_settings_are_changed_and_recorded(world: World) -> None:
    programme, entry = change(world)
    assert (programme.visibility, programme.warning_days, programme.version) == ("own", 7, 4)
    assert entry.type == "delivery.ProgrammeSettingsChanged"
    world.audit()


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("a_head", {}, "not_programme_owner"),
        ("auditor", {}, "not_programme_owner"),
        ("office", {"version": 2}, "stale_version"),
        ("office", {"key": "none"}, "not_found"),
        ("office", {"signs": {"silent_days": 6}}, "sign_limit"),
        ("office", {"signs": {"late_bp": 5_001}}, "sign_limit"),
    ],
)
def test_what_is_wrong_is_refused(world: World, name: str, changes: dict[str, Any], code: str) -> None:
    before = everything()
    with pytest.raises(Refused) as refused:
        change(world, name, **changes)
    assert refused.value.code == code
    assert everything() == before


def test_limits_of_signs_are_a_setting_with_an_entry(world: World) -> None:
    assert world.programme.signs == Limits(), "as usual, until it is set"
    programme, entry = change(world)
    assert "signs" not in programme.settings, "whoever changes something else sets nothing of it"
    assert "signs" not in programme.ledger_state()
    programme, entry = change(world, version=4, signs={"silent_days": 30})
    assert programme.signs == Limits(silent_days=30)
    told = json.loads(entry.payload.text)
    assert told["data"]["signs"] == {**asdict(Limits()), "silent_days": 30}
    world.audit()
    programme, entry = change(world, version=5, signs={"late_bp": 1_000})
    assert programme.signs == Limits(silent_days=30, late_bp=1_000), "what is not named stays"
    programme, entry = change(world, version=6)
    assert json.loads(entry.payload.text)["data"]["signs"]["late_bp"] == 1_000
    world.audit()


def test_limits_of_signs_at_the_doors(world: World) -> None:
    client = Client()
    client.force_login(world.users["office"])
    address = reverse("delivery:settings", args=["ten"])
    shown = client.get(address)
    assert shown.context["form"].initial["late_percent"] == 5
    told = {name: value for name, value in shown.context["form"].initial.items() if value is not None}
    answer = client.post(address, {**told, "version": 3, "late_percent": 8, "near_days": 14, "silent_days": 400})
    assert answer.status_code == 422, "more than a year is refused beside the field"
    answer = client.post(address, {**told, "version": 3, "late_percent": 8, "near_days": 14, "silent_days": 45})
    assert answer.status_code == 302, answer.content.decode()
    world.programme.refresh_from_db()
    assert world.programme.signs == Limits(late_bp=800, near_days=14, silent_days=45)
    body = {"visibility": "own", "warning_days": 5, "extension_limit": 2, "signs": {"jump_percent": 70}}
    answer = client.post(
        "/api/v1/programmes/ten/settings", body, content_type="application/json", headers={"If-Match": '"4"'}
    )
    assert answer.status_code == 200, answer.content
    shown = client.get("/api/v1/programmes/ten").json()
    assert (shown["signs"]["jump_percent"], shown["signs"]["near_days"]) == (70, 14)
