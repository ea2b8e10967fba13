"""Sending back with a reason and a date（退回）."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_a_report_goes_back_with_reason_and_date(world: World) -> None:
    c = world.do("return_commitment", "office", world.reported(), reason="缺验收单", by_on=dt.date(2026, 3, 9))
    report = c.reports.get()
    assert (c.state, report.return_reason, report.return_by_on) == ("accepted", "缺验收单", dt.date(2026, 3, 9))
    world.audit()


def test_what_was_returned_must_be_said_anew_before_applying(world: World) -> None:
    c = world.do("return_commitment", "office", world.reported(), reason="缺验收单")
    world.refuses("claim_returned", "apply_for_closure", "a_head", c, statement="完成")
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="补齐")
    assert world.do("apply_for_closure", "a_head", c, statement="完成").state == "applied"


def test_the_approver_returns_what_was_verified(world: World) -> None:
    c = world.do("return_commitment", "office", world.verified(), reason="核查不全")
    assert (c.state, c.verified) == ("accepted", 100)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.reported()
    world.refuses("reason_missing", "return_commitment", "office", c, reason=" ")
    world.closed_to_others("return_commitment", "office", c, reason="x")
    world.refuses("not_your_act", "return_commitment", "a_head", c, reason="x")
    world.bad_input(Act.RETURN, "office", c, "by_on", reason="x", by_on="soon")
    world.do("return_commitment", "office", c, reason="缺")
    world.refuses("already_returned", "return_commitment", "office", c, reason="缺")
    world.refuses("nothing_reported", "return_commitment", "office", world.accepted(), reason="x")
    world.refuses("wrong_state", "return_commitment", "office", world.issued(), reason="x")
