"""Writing an instruction（批示）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_a_leader_writes_a_note(world: World) -> None:
    c = world.do("instruct_commitment", "head", world.accepted(), words="务必汛期前完成")
    assert (c.instructions.get().words, c.state) == ("务必汛期前完成", "accepted")
    world.audit()


def test_whoever_stands_above_may_and_nobody_else(world: World) -> None:
    part = world.accepted("530423", by="th_handler")
    assert world.do("instruct_commitment", "a_head", part, words="抓紧").version == part.version + 1
    c = world.accepted()
    world.refuses("opinion_missing", "instruct_commitment", "head", c, words=" ")
    world.closed_to_others("instruct_commitment", "head", c, words="x")
    world.refuses("not_your_act", "instruct_commitment", "a_head", c, words="x")
    world.bad_input(Act.INSTRUCT, "head", c, "words")
    world.refuses("wrong_state", "instruct_commitment", "head", world.closed(), words="x")
