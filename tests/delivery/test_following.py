"""Commitments follow the tree of units: merged, moved, closed."""

from __future__ import annotations

import pytest
from tests.delivery.world import World

from luoshi.delivery import projections, queries
from luoshi.delivery.models import Commitment
from luoshi.ledger import queries as ledger
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import services as units

pytestmark = pytest.mark.django_db(transaction=True)


def parts(world: World) -> list[Commitment]:
    c = world.accepted()
    world.do("break_down_commitment", "a_head", c)
    return list(Commitment.objects.filter(parent=c).order_by("lead__path"))


def cells_are_right(world: World) -> None:
    ids = [unit.pk for unit in world.units.values()]
    stored = {key: value for key, value in queries.cells(ids, [world.matter]).items() if value}
    assert stored == {key: value for key, value in projections.fold_from_zero().items() if key[0] in ids}


def test_a_unit_that_leads_something_cannot_be_closed(world: World) -> None:
    c = world.issued("530423100201")
    closing = {"actor": SYSTEM, "at": world.at, "unit_id": c.lead_id, "reason": "撤销", "on": world.at.date()}
    with pytest.raises(Refused) as refused:
        units.close_unit(**closing)
    assert refused.value.code == "unit_still_leads"
    world.do("withdraw_commitment", "office", c, reason="撤销")
    assert units.close_unit(**closing).valid_until == world.at.date()


def test_the_successor_of_a_merger_takes_over(world: World) -> None:
    first, second = parts(world)
    units.merge_units(
        actor=SYSTEM,
        at=world.at,
        unit_ids=[world.units["530402"].pk],
        into_id=world.units["530423"].pk,
        reason="合并",
        on=world.at.date(),
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.lead_id == second.lead_id == world.units["530423"].pk
    assert first.version == 2
    assert ledger.entries_for(first.ref, limit=1)[0].type == "delivery.SuccessorTookOver"
    cells_are_right(world)
    world.audit()


def test_the_figures_of_a_moved_unit_count_under_its_new_line(world: World) -> None:
    parts(world)
    county, other = world.units["530402"], world.units["532900"]
    units.move_unit(actor=SYSTEM, at=world.at, unit_id=county.pk, parent_id=other.pk, reason="划转", on=world.at.date())
    assert queries.cells([other.pk], [world.matter])[other.pk, world.matter.pk].items == 1
    cells_are_right(world)
    world.audit()
