"""A part that reopens under a whole that is closed: the whole is weighed by its approver（维持销号, or 重启）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.delivery import projections, queries
from luoshi.delivery.models import Commitment
from luoshi.desk.queries import waiting
from luoshi.office.models import Message
from luoshi.rules import rollup
from luoshi.rules.lifecycle import Act


def reopened(world: World) -> tuple[Commitment, Commitment]:
    """A whole struck off with its part, and the part open again after a failed look back."""
    whole = world.do("break_down_commitment", "a_head", world.accepted(), units=[world.units["530423"].pk])
    part = closed_part(world, world.do("accept_commitment", "th_handler", whole.children.get()))
    whole = world.do("report_on_commitment", "a_handler", whole, percent=100, words="完成")
    whole = world.do("apply_for_closure", "a_head", whole, statement="全部完工")
    whole = world.do("verify_commitment", "verifier", whole, **SEEN)
    whole = world.do("close_commitment", "office", whole, opinion="同意销号")
    assert whole.light == "blue"
    part = world.do("look_back_commitment", "verifier2", part, passed=False, percent=40, words="管网又断了")
    whole.refresh_from_db()
    return whole, part


SEEN = {"method": "desk", "documents": ["竣工验收报告"], "passed": True, "percent": 100, "words": "看过"}


def closed_part(world: World, part: Commitment) -> Commitment:
    part = world.do("report_on_commitment", "th_handler", part, percent=100, words="完成")
    part = world.do("apply_for_closure", "th_head", part, statement="完成")
    part = world.do("verify_commitment", "verifier", part, **SEEN)
    return world.do("close_commitment", "a_head", part, opinion="同意")


def waits(world: World, name: str) -> list[str]:
    return [item.wait.value for item in waiting.waiting(world.who(name), world.at).items]


def assert_cells_right(world: World) -> None:
    projections.fold()
    units = [unit.pk for unit in world.units.values()]
    found = {key: one for key, one in queries.cells(units, [world.matter]).items() if one != rollup.ZERO}
    assert found == projections.fold_from_zero()


def test_the_whole_stays_closed_and_says_so(world: World) -> None:
    whole, part = reopened(world)
    assert (whole.state, whole.light, whole.reopened_parts, whole.open_children) == ("closed", "yellow", 1, 1)
    assert part.state == "accepted"
    assert "uphold" in waits(world, "office")
    assert "uphold" not in waits(world, "a_head")
    told = Message.objects.filter(kind="delivery.uphold").values_list("post__ref", flat=True)
    assert "P-office" in told
    assert_cells_right(world)
    projections.recount(world.at)
    whole.refresh_from_db()
    assert (whole.light, whole.reopened_parts) == ("yellow", 1), "a rebuild gives the same"
    world.audit()


def test_its_approver_lets_it_stand(world: World) -> None:
    whole, part = reopened(world)
    whole = world.do("uphold_closure", "office", whole, opinion="只影响一处，另行整改")
    assert (whole.state, whole.light, whole.reopened_parts, whole.open_children) == ("closed", "blue", 0, 1)
    assert waits(world, "office") == []
    assert_cells_right(world)
    part = closed_part(world, part)
    world.do("look_back_commitment", "verifier2", part, passed=False, percent=40, words="又断了")
    whole.refresh_from_db()
    assert (whole.light, whole.reopened_parts) == ("yellow", 1), "what reopens later is weighed anew"
    world.audit()


def test_or_reopens_it_under_the_same_number(world: World) -> None:
    whole, _part = reopened(world)
    ref = whole.ref
    whole = world.do("reopen_commitment", "office", whole, reason="部分整改不到位")
    assert (whole.ref, whole.state, whole.reopened_parts) == (ref, "accepted", 0)
    assert_cells_right(world)
    world.audit()


def test_when_every_part_is_closed_again_nothing_waits(world: World) -> None:
    whole, part = reopened(world)
    closed_part(world, part)
    whole.refresh_from_db()
    assert (whole.light, whole.reopened_parts, whole.open_children) == ("blue", 0, 0)
    assert "uphold" not in waits(world, "office")
    assert_cells_right(world)
    world.audit()


def test_not_otherwise(world: World) -> None:
    closed = world.closed()
    world.refuses("no_part_reopened", "uphold_closure", "office", closed, opinion="同意")
    whole, _part = reopened(world)
    world.refuses("opinion_missing", "uphold_closure", "office", whole, opinion=" ")
    world.refuses("not_your_act", "uphold_closure", "a_head", whole, opinion="同意")
    world.closed_to_others("uphold_closure", "office", whole, opinion="同意")
    world.bad_input(Act.UPHOLD, "office", whole, "opinion", opinion="长" * 4001)
    world.refuses("wrong_state", "uphold_closure", "office", world.verified(), opinion="同意")
