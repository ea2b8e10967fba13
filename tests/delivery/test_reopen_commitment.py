"""Reopening under the same number（重启）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_the_same_number_goes_on(world: World) -> None:
    closed = world.closed()
    c = world.do("reopen_commitment", "office", closed, reason="群众反映未完")
    assert (c.ref, c.state, c.reopened, c.closed_at) == (closed.ref, "accepted", 1, None)
    world.refuses("wrong_state", "close_commitment", "office", c, opinion="同意")
    world.audit()


def test_an_old_verification_does_not_close_it_again(world: World) -> None:
    c = world.do("reopen_commitment", "office", world.closed(), reason="未完")
    world.refuses("claim_returned", "apply_for_closure", "a_head", c, statement="又完成")
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="又完成")
    c = world.do("apply_for_closure", "a_head", c, statement="又完成")
    world.refuses("wrong_state", "close_commitment", "office", c, opinion="同意")
    seen = {"method": "desk", "documents": ["竣工验收报告"], "passed": True, "percent": 100, "words": "再看"}
    c = world.do("verify_commitment", "verifier2", c, **seen)
    assert world.do("close_commitment", "office", c, opinion="同意").state == "closed"
    world.audit()


def test_a_part_that_reopens_counts_as_open_again(world: World) -> None:
    whole = world.do("break_down_commitment", "a_head", world.accepted(), units=[world.units["530423"].pk])
    part = world.do("accept_commitment", "th_handler", whole.children.get())
    part = world.do("report_on_commitment", "th_handler", part, percent=100, words="完成")
    part = world.do("apply_for_closure", "th_head", part, statement="完成")
    seen = {"method": "desk", "documents": ["竣工验收报告"], "passed": True, "percent": 100, "words": "看过"}
    part = world.do("verify_commitment", "verifier", part, **seen)
    part = world.do("close_commitment", "a_head", part, opinion="同意")
    whole.refresh_from_db()
    first = whole.material_digest()
    assert whole.open_children == 0
    part = world.do("reopen_commitment", "a_head", part, reason="未完")
    whole.refresh_from_db()
    assert whole.open_children == 1
    assert whole.material_digest() != first
    part = world.do("report_on_commitment", "th_handler", part, percent=100, words="又完成")
    part = world.do("apply_for_closure", "th_head", part, statement="完成")
    part = world.do("verify_commitment", "verifier", part, **seen)
    world.do("close_commitment", "a_head", part, opinion="同意")
    assert whole.material_digest() != first, "what was checked before the part reopened has lapsed"
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.closed()
    world.refuses("reason_missing", "reopen_commitment", "office", c, reason="")
    world.closed_to_others("reopen_commitment", "office", c, reason="x")
    world.refuses("not_your_act", "reopen_commitment", "a_head", c, reason="x")
    world.bad_input(Act.REOPEN, "office", c, "reason", reason="长" * 4001)
    world.refuses("wrong_state", "reopen_commitment", "office", world.verified(), reason="x")
