"""Looking back（回头看）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery import queries
from luoshi.rules.lifecycle import Act

FAILED = {"passed": False, "percent": 62, "words": "三处渗漏"}


def test_what_still_holds_stays_closed(world: World) -> None:
    c = world.do("look_back_commitment", "verifier2", world.closed(), passed=True, percent=100, words="仍好")
    assert (c.state, c.look_backs.get().passed) == ("closed", True)
    world.audit()


def test_what_does_not_hold_reopens_the_same_number(world: World) -> None:
    closed = world.closed()
    c = world.do("look_back_commitment", "verifier2", closed, **FAILED)
    assert (c.ref, c.state, c.reopened, c.verified, c.closed_at) == (closed.ref, "accepted", 1, 62, None)
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.said_percent, cell.verified_percent) == (100, 62)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.closed()
    world.refuses("verifier_on_line", "look_back_commitment", "a_verifier", c, **FAILED)
    world.closed_to_others("look_back_commitment", "verifier", c, **FAILED)
    world.refuses("not_your_act", "look_back_commitment", "office", c, **FAILED)
    world.refuses("verdict_words_missing", "look_back_commitment", "verifier", c, **{**FAILED, "words": ""})
    world.refuses("passed_below_hundred", "look_back_commitment", "verifier", c, **{**FAILED, "passed": True})
    world.refuses("percent_out_of_range", "look_back_commitment", "verifier", c, **{**FAILED, "percent": -1})
    world.bad_input(Act.LOOK_BACK, "verifier", c, "percent", **{**FAILED, "percent": 101})
    world.refuses("wrong_state", "look_back_commitment", "verifier", world.verified(), **FAILED)
