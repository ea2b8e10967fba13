"""Many commitments taken on in one act（成批签收）."""

from __future__ import annotations

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.delivery.models import Commitment
from luoshi.delivery.services import Wanted
from luoshi.ledger.models import Entry


@pytest.mark.principle(6)
def test_many_are_taken_on_in_one_entry(world: World) -> None:
    issued = [world.issued() for _ in range(3)]
    entries = Entry.objects.count()
    wanted = [Wanted(c.ref, c.version) for c in issued]
    done = services.accept_commitments(actor=world.who("a_handler"), wanted=wanted, at=world.at)
    assert (len(done.commitments), done.refused, Entry.objects.count()) == (3, (), entries + 1)
    for c in Commitment.objects.all():
        assert (c.state, c.accepted_at, c.version) == ("accepted", world.at, 3)
    world.audit()


def test_each_row_is_judged_by_itself(world: World) -> None:
    good, foreign, again = world.issued(), world.issued("532900"), world.accepted()
    wanted = [
        Wanted(good.ref, good.version),
        Wanted(foreign.ref, 2),
        Wanted(again.ref, again.version),
        Wanted(good.ref),
    ]
    done = services.accept_commitments(actor=world.who("a_handler"), wanted=wanted, at=world.at)
    codes = [refused.code for _ref, refused in done.refused]
    assert codes == ["not_found", "wrong_state", "row_twice"]
    assert [c.ref for c in done.commitments] == [good.ref]
    world.audit()


def test_nothing_to_do_leaves_no_entry(world: World) -> None:
    c, before = world.issued(), everything()
    done = services.accept_commitments(actor=world.who("auditor"), wanted=[Wanted(c.ref, c.version)], at=world.at)
    assert [refused.code for _ref, refused in done.refused] == ["not_your_act"]
    assert done.entry is None
    assert everything() == before
