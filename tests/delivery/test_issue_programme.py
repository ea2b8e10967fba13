"""Putting a programme in force（施行）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.delivery.models import Matter, Programme
from luoshi.rules.refusals import Refused


def fresh(world: World) -> Programme:
    matter = Matter(number=1, name_zh="水", name_en="Water", source_quote="水")
    return services.create_programme(
        actor=world.who("office"),
        key="more",
        prefix="MORE-2026",
        name_zh="另一方案",
        name_en="Another",
        owner=world.units["530000"],
        matters=[matter],
        at=world.at,
    )[0]


def test_a_programme_with_an_authority_is_put_in_force(world: World) -> None:
    assert world.programme.state == "issued"
    world.audit()


def test_nothing_is_in_force_without_an_authority(world: World) -> None:
    programme = fresh(world)
    before = everything()
    for name, version, code in (
        ("office", 1, "no_authority"),
        ("office", 2, "stale_version"),
        ("a_head", 1, "not_programme_owner"),
    ):
        with pytest.raises(Refused) as refused:
            services.issue_programme(actor=world.who(name), key=programme.key, version=version, at=world.at)
        assert refused.value.code == code
    assert everything() == before


def test_no_commitment_is_issued_without_an_authority(world: World) -> None:
    c = world.draft(matter=fresh(world).matters.get().pk)
    world.refuses("no_authority", "issue_commitment", "office", c)
