"""A decision moves a date（调整期限）: from above, with its reason; first dates and the count stay visible."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act

SAYS = {"reason": "省委常委会第8次会议决定", "new_due_on": dt.date(2026, 6, 30)}


def test_the_date_moves_and_the_first_stays_visible(world: World) -> None:
    c = world.accepted()
    first = c.due_on
    c = world.do("re_date_commitment", "office", c, **SAYS)
    assert (c.due_on, c.first_due_on, c.extensions_granted) == (SAYS["new_due_on"], first, 1)
    c = world.do("re_date_commitment", "head", c, reason="提前", new_due_on=dt.date(2026, 5, 30))
    assert (c.first_due_on, c.extensions_granted) == (first, 1), "an earlier date is no extension"
    world.audit()


def test_the_material_changes_so_nothing_verified_is_moved(world: World) -> None:
    world.refuses("wrong_state", "re_date_commitment", "office", world.applied(), **SAYS)
    world.refuses("wrong_state", "re_date_commitment", "office", world.verified(), **SAYS)


def test_a_part_is_never_due_after_its_whole(world: World) -> None:
    whole = world.do("break_down_commitment", "a_head", world.accepted())
    part = whole.children.order_by("pk")[0]
    world.refuses("part_after_whole", "re_date_commitment", "a_head", part, **SAYS)
    earlier = {"reason": "提前", "new_due_on": dt.date(2026, 4, 1)}
    refused = world.refuses("part_due_later", "re_date_commitment", "office", whole, **earlier)
    assert refused.params["ref"] == part.ref
    for one in whole.children.all():
        world.do("re_date_commitment", "a_head", one, **earlier)
    assert world.do("re_date_commitment", "office", whole, **earlier).due_on == earlier["new_due_on"]


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("reason_missing", "re_date_commitment", "office", c, reason=" ", new_due_on=SAYS["new_due_on"])
    world.refuses("date_in_past", "re_date_commitment", "office", c, reason="x", new_due_on=dt.date(2026, 3, 1))
    world.refuses("same_date", "re_date_commitment", "office", c, reason="x", new_due_on=c.due_on)
    world.refuses("not_your_act", "re_date_commitment", "a_head", c, **SAYS)
    world.closed_to_others("re_date_commitment", "office", c, **SAYS)
    world.bad_input(Act.RE_DATE, "office", c, "new_due_on", reason="x", new_due_on="soon")
    asked = world.do("ask_extension", "a_head", c, reason="雨季", new_due_on=dt.date(2026, 6, 1))
    world.refuses("extension_pending", "re_date_commitment", "office", asked, **SAYS)
