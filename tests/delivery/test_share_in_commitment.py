"""A supporting unit's share（配合反馈）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def supported(world: World) -> Commitment:
    return world.accepted(supporting=[world.units["a_epb"].pk])


def test_a_supporting_unit_says_its_share_and_the_leads_figure_stays(world: World) -> None:
    c = world.do("share_in_commitment", "a_epb_handler", supported(world), percent=70, words="监测已做")
    share = c.supports.get()
    assert (share.said, share.words, c.said) == (70, "监测已做", 0)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = supported(world)
    world.closed_to_others("share_in_commitment", "a_epb_handler", c, percent=1, words="x")
    world.refuses("not_your_act", "share_in_commitment", "a_head", c, percent=1, words="x")
    world.refuses("words_missing", "share_in_commitment", "a_epb_handler", c, percent=1, words="")
    world.refuses("percent_out_of_range", "share_in_commitment", "a_epb_handler", c, percent=101, words="x")
    world.bad_input(Act.SHARE, "a_epb_handler", c, "percent", percent=-1, words="x")
    fresh = world.issued(supporting=[world.units["a_epb"].pk])
    world.refuses("wrong_state", "share_in_commitment", "a_epb_handler", fresh, percent=1, words="x")
