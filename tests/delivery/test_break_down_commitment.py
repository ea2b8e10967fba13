"""Breaking down to the units below（分解）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import queries, services
from luoshi.delivery.models import Commitment
from luoshi.ledger.models import Entry
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as units


def test_every_unit_one_level_below_gets_its_part_in_one_act(world: World) -> None:
    c = world.accepted()
    entries = Entry.objects.count()
    c = world.do("break_down_commitment", "a_head", c, accept_days=3, title="本县部分")
    assert Entry.objects.count() == entries + 1
    parts = list(c.children.order_by("lead__path"))
    assert [part.lead.code for part in parts] == ["530402", "530423"]
    assert {part.state for part in parts} == {"issued"}
    assert {part.due_on for part in parts} == {c.due_on}
    assert {part.title for part in parts} == {"本县部分"}
    assert (c.children_count, c.open_children, c.is_leaf) == (2, 2, False)
    cells = queries.cells([world.units["530000"].pk], [world.matter])
    assert cells[world.units["530000"].pk, world.matter.pk].items == 3
    world.audit()


@pytest.mark.principle(7)
def test_the_price_is_known_before_and_nothing_is_sent_by_asking(world: World) -> None:
    c, before = world.accepted(), everything()
    proposal = services.propose_breakdown(actor=world.who("a_head"), ref=c.ref, cadence="weekly", at=world.at)
    assert (proposal.price.units, proposal.price.answers) == (2, 2 * 9)
    assert everything() == before


@pytest.mark.principle(7)
def test_a_request_that_repeats_a_live_one_is_refused(world: World) -> None:
    c = world.do("break_down_commitment", "a_head", world.accepted(), units=[world.units["530423"].pk])
    told = world.refuses("already_has_part", "break_down_commitment", "a_head", c)
    assert "通海县" in str(told)
    c = world.do("break_down_commitment", "a_head", c, units=[world.units["530402"].pk])
    assert c.children_count == 2


def test_a_withdrawn_part_can_be_given_again(world: World) -> None:
    c = world.do("break_down_commitment", "a_head", world.accepted())
    part = c.children.get(lead=world.units["530423"])
    world.do("withdraw_commitment", "a_head", part, reason="误发")
    c.refresh_from_db()
    assert (c.children_count, c.open_children) == (1, 1)
    assert world.do("break_down_commitment", "a_head", c, units=[part.lead_id]).children_count == 2
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    later, foreign = dt.date(2026, 6, 1), world.units["532901"].pk
    world.refuses("part_after_whole", "break_down_commitment", "a_head", c, due_on=later)
    world.refuses("unit_not_below", "break_down_commitment", "a_head", c, units=[foreign])
    world.refuses("needs_approval", "break_down_commitment", "a_head", c, levels=2)
    world.refuses("authority_over", "break_down_commitment", "a_head", c, at=world.at.replace(year=2028))
    world.refuses("not_your_act", "break_down_commitment", "office", c)
    world.refuses("not_found", "break_down_commitment", "b_head", c)
    world.refuses("secrecy_mark", "break_down_commitment", "a_head", c, title="秘密★5年")
    world.bad_input(Act.BREAK_DOWN, "a_head", c, "cadence", cadence="hourly")
    world.bad_input(Act.BREAK_DOWN, "a_head", c, "accept_days", accept_days=0)
    world.refuses("wrong_state", "break_down_commitment", "a_head", world.issued())
    village = world.accepted("530423100201", by="town_handler")
    world.refuses("nobody_below", "break_down_commitment", "town_handler", village)


def test_the_whole_is_not_closed_before_its_parts(world: World) -> None:
    c = world.do("break_down_commitment", "a_head", world.reported(100))
    world.refuses("children_open", "apply_for_closure", "a_head", c, statement="完成")
    for part in c.children.all():
        world.do("withdraw_commitment", "a_head", part, reason="不再需要")
    assert world.do("apply_for_closure", "a_head", c, statement="完成").state == "applied"


def test_parts_counted_with_the_whole_add_nothing_of_their_own(world: World) -> None:
    c = world.reported(percent=60)
    whole = world.do("break_down_commitment", "a_head", c, units=[world.units["530423"].pk], counted_with_parent=True)
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.items, cell.weight, cell.said_percent) == (2, 1, 60)
    part = whole.children.get()
    world.do("accept_commitment", "th_handler", part)
    world.do("report_on_commitment", "th_handler", part, percent=10, words="开工")
    assert queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk].said_percent == 60
    other = [world.units["530402"].pk]
    world.refuses("parts_mixed", "break_down_commitment", "a_head", whole, units=other, counted_with_parent=False)
    world.do("break_down_commitment", "a_head", whole, units=other, counted_with_parent=True)
    world.audit()


def test_hundreds_of_parts_are_written_as_one_would_be(world: World) -> None:
    """Many rows go in by another way than one; the database computes and checks the same of them."""
    rows = [f"530423100{n},第{n}村委会,village,530423100" for n in range(100, 180)]
    text = "\n".join(["code,name,level,parent_code", *rows])
    units.require_clean(units.import_units(actor=SYSTEM, at=world.at, text=text, on=dt.date(2024, 1, 1)))
    town = world.accepted("530423100", by="town_handler")
    town = world.do("break_down_commitment", "town_handler", town)
    parts = list(town.children.order_by("lead__path"))
    assert len(parts) > 50
    assert {(part.state, part.light, part.lead_path == part.lead.path) for part in parts} == {("issued", "grey", True)}
    one = Commitment.objects.get(pk=parts[0].pk)
    assert {part.urgency for part in parts} == {one.urgency}
    assert one.urgency is not None
    world.audit()
