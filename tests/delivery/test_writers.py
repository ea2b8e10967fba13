"""Eight writers at once, on the same commitments and on different ones: nothing is lost and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone
from tests.delivery import writers
from tests.delivery.world import World, build

from luoshi.delivery import jobs, services

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.principle(6)
def test_eight_writers_lose_nothing_while_the_clock_runs() -> None:
    world = build()
    same = [world.accepted().ref for _number in range(2)]
    own = [world.accepted().ref for _number in range(8)]
    actor = world.who("a_handler")

    def write(number: int) -> list[tuple[int, int, str]]:
        told = []
        try:
            for step, ref in enumerate([*same, own[number]] * 5):
                done = services.report_on_commitment(
                    actor=actor, ref=ref, percent=(number + step) % 101, words=f"{number}/{step}", at=world.at
                )
                told.append((done.entry.pk, done.extra.pk, ref))
                if number == 0:
                    jobs.tick(world.at)
        finally:
            connections.close_all()
        return told

    with ThreadPoolExecutor(8) as pool:
        told = [one for written in pool.map(write, range(8), timeout=120) for one in written]
    assert len(told) == 8 * 15
    writers.assert_nothing_lost(told)


@pytest.mark.principle(6)
def test_parts_given_up_at_once_count_their_whole_once_each() -> None:
    """Children that end at the same moment all tell the same parent."""
    world: World = build()
    whole = world.do("break_down_commitment", "a_head", world.accepted())
    parts = list(whole.children.all())
    actor = world.who("a_head")

    def withdraw(index: int) -> None:
        try:
            part = parts[index]
            services.withdraw_commitment(
                actor=actor, ref=part.ref, version=part.version, reason="不再需要", at=timezone.now()
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(withdraw, range(len(parts)), timeout=60))
    whole.refresh_from_db()
    assert (whole.children_count, whole.open_children) == (0, 0)
    writers.assert_cells_right()
