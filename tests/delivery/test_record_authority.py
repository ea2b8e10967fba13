"""Recording who ordered it（依据）."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.rules.refusals import Refused


def values(**changes: Any) -> dict[str, Any]:
    return {
        "key": "ten",
        "version": 3,
        "who": "省政府",
        "document": "督查计划",
        "scope": "十件事",
        "from_on": dt.date(2026, 1, 1),
        "until_on": dt.date(2026, 12, 31),
        **changes,
    }


def test_an_authority_names_who_document_scope_and_period(world: World) -> None:
    authority, entry = services.record_authority(actor=world.who("head"), at=world.at, **values())
    assert (authority.who, authority.until_on) == ("省政府", dt.date(2026, 12, 31))
    assert entry.type == "delivery.AuthorityRecorded"
    world.audit()


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("office", {"who": " "}, "authority_words"),
        ("office", {"document": ""}, "authority_words"),
        ("office", {"scope": ""}, "authority_words"),
        ("office", {"until_on": dt.date(2025, 12, 31)}, "authority_dates"),
        ("office", {"version": 1}, "stale_version"),
        ("office", {"key": "none"}, "not_found"),
        ("office", {"document": "绝密★启用前"}, "secrecy_mark"),
        ("a_head", {}, "not_programme_owner"),
        ("auditor", {}, "not_programme_owner"),
    ],
)
def test_what_is_wrong_is_refused(world: World, name: str, changes: dict[str, Any], code: str) -> None:
    before = everything()
    with pytest.raises(Refused) as refused:
        services.record_authority(actor=world.who(name), at=world.at, **values(**changes))
    assert refused.value.code == code
    assert everything() == before
