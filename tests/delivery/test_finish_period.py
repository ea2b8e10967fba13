"""Finishing a period（期次完成）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def period(world: World) -> Commitment:
    duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
    return world.do("open_period", "office", duty).children.get()


def test_a_period_reported_in_full_is_finished(world: World) -> None:
    item = world.do("report_on_commitment", "a_handler", period(world), percent=100, words="三月已做")
    item = world.do("finish_period", "a_handler", item)
    assert item.state == "finished"
    assert item.parent is not None
    assert item.parent.open_children == 0
    world.audit()


def test_not_otherwise(world: World) -> None:
    item = period(world)
    world.refuses("nothing_reported", "finish_period", "a_handler", item)
    item = world.do("report_on_commitment", "a_handler", item, percent=50, words="一半")
    world.refuses("not_complete", "finish_period", "a_handler", item)
    world.do("return_commitment", "office", item, reason="不实")
    world.refuses("claim_returned", "finish_period", "a_handler", item)
    world.closed_to_others("finish_period", "a_handler", item)
    world.refuses("not_your_act", "finish_period", "head", item)
    world.bad_input(Act.FINISH_PERIOD, "a_handler", item, "percent", percent=100)
    world.refuses("only_period", "finish_period", "a_handler", world.reported())
    world.refuses("wrong_state", "finish_period", "a_handler", world.issued())
