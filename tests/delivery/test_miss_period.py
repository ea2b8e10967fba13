"""The clock misses a period（期次逾期）."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.delivery.world import SHANGHAI, World, everything

from luoshi.delivery import services
from luoshi.delivery.models import Commitment
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused


def period(world: World) -> Commitment:
    duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
    return world.do("open_period", "office", duty).children.get()


@pytest.mark.principle(4)
def test_a_period_is_missed_after_its_last_day_and_stays_so(world: World) -> None:
    item = period(world)
    last = dt.datetime(2026, 3, 31, 23, 59, tzinfo=SHANGHAI)
    with pytest.raises(Refused) as refused:
        services.miss_period(actor=SYSTEM, ref=item.ref, at=last)
    assert refused.value.code == "period_still_runs"
    done = services.miss_period(actor=SYSTEM, ref=item.ref, at=last + dt.timedelta(minutes=1))
    assert (done.commitment.state, done.commitment.missed) == ("missed", True)
    item = world.do(
        "report_on_commitment", "a_handler", item, percent=100, words="补报", at=last + dt.timedelta(days=1)
    )
    assert (item.state, item.said) == ("missed", 100)
    world.audit()


def test_only_the_clock(world: World) -> None:
    item = period(world)
    world.closed_to_others("miss_period", "office", item)
    for name in ("office", "a_head", "verifier"):
        world.refuses("not_your_act", "miss_period", name, item)
    before = everything()
    for c, code in ((world.accepted(), "only_period"), (world.issued(), "wrong_state")):
        before = everything()
        with pytest.raises(Refused) as refused:
            services.miss_period(actor=SYSTEM, ref=c.ref, at=world.at)
        assert refused.value.code == code
        assert everything() == before
