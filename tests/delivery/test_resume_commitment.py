"""Resuming（恢复）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_it_goes_on_where_it_was(world: World) -> None:
    for c, state in ((world.issued(), "issued"), (world.accepted(), "accepted")):
        suspended = world.do("suspend_commitment", "office", c, reason="等")
        resumed = world.do("resume_commitment", "office", suspended, reason="批复已到")
        assert (resumed.state, resumed.resume_state) == (state, "")
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.do("suspend_commitment", "office", world.accepted(), reason="等")
    world.refuses("reason_missing", "resume_commitment", "office", c, reason="")
    world.closed_to_others("resume_commitment", "office", c, reason="x")
    world.refuses("not_your_act", "resume_commitment", "a_head", c, reason="x")
    world.bad_input(Act.RESUME, "office", c, "reason", reason="长" * 4001)
    world.refuses("wrong_state", "resume_commitment", "office", world.accepted(), reason="x")
    world.refuses("wrong_state", "report_on_commitment", "a_handler", c, percent=1, words="x")
