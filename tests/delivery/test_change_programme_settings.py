"""Changing a programme's settings."""

from __future__ import annotations

from typing import Any

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
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
    ],
)
def test_what_is_wrong_is_refused(world: World, name: str, changes: dict[str, Any], code: str) -> None:
    before = everything()
    with pytest.raises(Refused) as refused:
        change(world, name, **changes)
    assert refused.value.code == code
    assert everything() == before
