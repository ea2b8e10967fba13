"""Disputing a report made for us（代填异议）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.rules.lifecycle import Act


def spoken_for(world: World) -> Commitment:
    c = world.accepted("530423", by="a_handler")
    return world.do("report_on_commitment", "a_handler", c, percent=90, words="代填")


def test_the_unit_may_say_that_it_is_not_so(world: World) -> None:
    c = world.do("dispute_report", "th_head", spoken_for(world), reason="实际只有三成")
    report = c.reports.get()
    assert (report.dispute_reason, report.disputed_at) == ("实际只有三成", world.at)
    world.refuses("not_on_behalf", "dispute_report", "th_head", c, reason="x")
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = spoken_for(world)
    world.refuses("reason_missing", "dispute_report", "th_head", c, reason="")
    world.refuses("not_your_act", "dispute_report", "a_handler", c, reason="x")
    world.closed_to_others("dispute_report", "th_head", c, reason="x")
    world.bad_input(Act.DISPUTE, "th_head", c, "reason", reason="长" * 4001)
    world.refuses("not_on_behalf", "dispute_report", "a_head", world.reported(), reason="x")
    world.refuses("wrong_state", "dispute_report", "a_head", world.issued(), reason="x")
