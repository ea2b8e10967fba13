"""kill -9 in the middle of acts: no acknowledged act is lost, and the audit is clean."""

from __future__ import annotations

import pytest
from tests.delivery import writers
from tests.delivery.world import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.principle(6)
def test_killed_writers_lose_nothing_they_acknowledged() -> None:
    world = build()
    refs = [world.reported(5).ref for _number in range(3)]
    told: list[tuple[int, int, str]] = []
    for acts, writing in ((1, 1), (9, 1), (25, 2)):
        started = [writers.start(1_000_000, *refs) for _number in range(writing)]
        lines: list[list[str]] = []
        for one in started:
            assert one.stdout is not None
            lines.append([one.stdout.readline() for _line in range(acts)])
        for one, said in zip(started, lines, strict=True):
            one.kill()
            assert one.stdout is not None
            said += one.stdout.readlines()
            one.stdout.close()
            one.wait(timeout=10)
            assert len(said) >= acts
            told += writers.acknowledged(said)
    writers.assert_nothing_lost(told)
