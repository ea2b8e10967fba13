"""Reminding across a programme（提醒未动单位）: permission, matter, unit, both doors."""

from __future__ import annotations

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Reminder
from luoshi.rules.refusals import Refused


def refuses(world: World, code: str, name: str, **told: object) -> None:
    before = everything()
    with pytest.raises(Refused) as refused:
        services.remind_units(
            **{"actor": world.who(name), "programme": "ten", "step": "accept", "at": world.at, **told}  # type: ignore[arg-type]
        )
    assert refused.value.code == code
    assert everything() == before


def test_those_above_remind_within_their_own_area_only(world: World) -> None:
    world.issued("530400")
    world.issued("532900")
    services.remind_units(
        actor=world.who("office"), programme="ten", step="accept", unit=world.units["532900"].pk, at=world.at
    )
    assert {row.commitment.lead.code for row in Reminder.objects.all()} == {"532900"}
    refuses(world, "nobody_to_remind", "a_head")
    refuses(world, "not_found", "a_head", unit=world.units["532900"].pk)
    refuses(world, "not_found", "office", matter=10**6)
    refuses(world, "not_found", "office", programme="none")
    refuses(world, "bad_input", "office", step="close")
    for name in ("auditor", "verifier", "duty"):
        refuses(world, "not_your_act", name)


def test_one_matter_only(world: World) -> None:
    issued = world.issued()
    services.remind_units(actor=world.who("head"), programme="ten", step="accept", matter=world.matter.pk, at=world.at)
    assert Reminder.objects.get().commitment == Commitment.objects.get(pk=issued.pk)
    refuses(world, "reminded_today", "office")


def test_whom_it_would_reach_is_told_before_anything_is_sent(world: World) -> None:
    world.issued("530400")
    world.issued("532900")
    before = everything()
    found = services.propose_reminder_of_units(
        actor=world.who("office"), programme="ten", step="accept", matter=world.matter.pk, at=world.at
    )
    assert sorted(found.units) == ["大理白族自治州", "玉溪市"]
    assert found.messages
    assert everything() == before
    services.remind_units(actor=world.who("office"), programme="ten", step="accept", at=world.at)
    again = services.propose_reminder_of_units(actor=world.who("office"), programme="ten", step="accept", at=world.at)
    assert (again.units, sorted(again.today)) == ([], ["大理白族自治州", "玉溪市"])
