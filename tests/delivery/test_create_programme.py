"""Setting up a programme（方案）."""

from __future__ import annotations

from typing import Any

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.delivery.models import Matter
from luoshi.rules.refusals import Refused


def test_programme_starts_in_draft_with_its_matters(world: World) -> None:
    programme, entry = services.create_programme(actor=world.who("head"), at=world.at, **values(world))
    assert (programme.state, programme.version, entry.type) == ("draft", 1, "delivery.ProgrammeCreated")
    assert [matter.number for matter in programme.matters.all()] == [1]
    world.audit()


@pytest.mark.parametrize("name", ["a_head", "auditor", "a_handler", "verifier"])
def test_only_the_owner_sets_it_up(world: World, name: str) -> None:
    before = everything()
    with pytest.raises(Refused) as refused:
        services.create_programme(actor=world.who(name), at=world.at, **values(world))
    assert refused.value.code == "not_programme_owner"
    assert everything() == before


@pytest.mark.parametrize("prefix", ["", "a b", "云南", "X" * 40])
def test_a_prefix_that_makes_no_number_is_refused(world: World, prefix: str) -> None:
    before = everything()
    with pytest.raises(Refused) as refused:
        services.create_programme(actor=world.who("head"), at=world.at, **values(world, prefix=prefix))
    assert refused.value.code == "prefix_invalid"
    assert everything() == before


def values(world: World, **changes: Any) -> dict[str, Any]:
    matter = Matter(number=1, name_zh="水", name_en="Water", source_quote="水")
    return {
        "key": "more",
        "prefix": "MORE-2026",
        "name_zh": "另一方案",
        "name_en": "Another",
        "owner": world.units["530000"],
        "matters": [matter],
        **changes,
    }
