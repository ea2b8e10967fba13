"""One matter to every unit of the province in one act; and how long anybody else waits meanwhile.

Our side: the service that breaks a commitment down over four levels, with permission, rules, the ledger entry over all
parts, their figures, their search entries and the notices. The floor: a bare ``bulk_create`` of as many commitments in
one transaction. Both are taken back after the constraints have been checked, so that every round starts alike.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from bench import harness, world
from bench.report_act import townships

ROUNDS = 7


def root() -> tuple[str, int]:
    """A commitment of the province on the first matter, taken on and approved for four levels; its ref and version."""
    from django.utils import timezone

    from luoshi.delivery import services as delivery
    from luoshi.delivery.models import Commitment, Programme

    class OneMatter:
        matters = Programme.objects.get().matters.filter(number=1)

    at = timezone.now()
    [ref] = world._roots(OneMatter, at, different="再量一次。")
    version = Commitment.objects.get(ref=ref).version
    delivery.approve_breakdown(
        actor=world.person("office"), ref=ref, version=version, levels=4, opinion="同意一次分解到村。", at=at
    )
    return ref, version + 1


def break_down(ref: str, version: int) -> int:
    """The act itself; returns the number of parts."""
    from django.utils import timezone

    from luoshi.delivery import services as delivery

    again = {"duplicates": "different", "different": "再量一次。"}
    done = delivery.break_down_commitment(
        actor=world.person("head"),
        ref=ref,
        version=version,
        levels=4,
        accept_days=60,
        at=timezone.now(),
        **again,
    )
    return len(done.extra)


def _bare(rows: list[Any]) -> None:
    from luoshi.delivery.models import Commitment

    Commitment.objects.bulk_create(rows, batch_size=500)


def _timed(act: Any) -> float:
    """Milliseconds of ``act`` and of the checks that a commit would make; taken back afterwards."""
    from django.db import connection, transaction

    with transaction.atomic():
        began = time.perf_counter()
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        spent = time.perf_counter() - began
        transaction.set_rollback(True)
    return spent * 1000


def ratio() -> harness.Outcome:
    """Ours against the floor, in turn."""
    from luoshi.delivery.models import Commitment

    ref, version = root()
    model = Commitment.objects.filter(ref=ref).get()
    parts = list(Commitment.objects.filter(matter=model.matter).exclude(parent=None).order_by("pk"))
    ours, floor = [], []
    for round_ in range(ROUNDS + 1):
        one = _timed(lambda: break_down(ref, version))
        for number, part in enumerate(parts):
            part.pk, part.ref, part._state.adding = None, f"BARE-{number}", True
        two = _timed(lambda: _bare(parts))
        if round_:
            ours.append(one)
            floor.append(two)
    return harness.outcome(
        "cascade_to_every_unit",
        "one matter to every unit in one act, entry, figures, search and notices included, against a bare bulk_create",
        ours,
        floor,
        limit=4.0,
        notes={"parts": len(parts)},
    )


def waiting() -> harness.Outcome:
    """The longest that a report of somebody else takes while a matter goes to every unit."""
    from django.conf import settings

    name, refs = townships(1)[0]
    ref, version = root()
    person = subprocess.Popen(
        [sys.executable, "-m", "bench.bystander", settings.DATABASE_URL, name, *refs],
        cwd=harness.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert person.stdout is not None
    person.stdout.readline()
    time.sleep(1.0)
    began = time.time()
    parts = break_down(ref, version)
    ended = time.time()
    told = json.loads(person.communicate("stop\n")[0])
    during = [spent for at, spent in told if began - spent <= at <= ended]
    alone = [spent for at, spent in told if at < began - spent]
    return harness.bound(
        "report_during_a_cascade",
        "the longest a report of another person takes while one matter goes to every unit, against one second",
        max(during),
        1.0,
        unit="s",
        notes={"parts": parts, "reports_meanwhile": len(during), "longest_before": max(alone, default=0.0)},
    )


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Both, on the full world."""
    world.connect(url)
    return [ratio(), waiting()]
