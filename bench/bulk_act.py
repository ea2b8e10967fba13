"""How long a bulk act takes, how long it holds its rows, and how long others wait meanwhile.

``measure(url, small_url)``: moves the dates of 2,000 and of all parts of a matter by a day, while another process
writes instructions on commitments of another matter, one after the other. ``python -m bench.bulk_act URL [--limit N]``
does one and prints it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from bench import harness, world

SIZES = (2_000, 16_000)
SLOWEST = 1.0
"""Seconds that an act on another commitment may take meanwhile."""


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Either size in a process of its own; what counts is the longest act of somebody else."""
    found = []
    for size in SIZES:
        done = subprocess.run(
            [sys.executable, "-m", "bench.bulk_act", url, "--limit", str(size)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        told = json.loads(done.stdout.splitlines()[-1])
        found.append(
            harness.bound(
                f"bulk_act_of_{size}",
                f"the longest act of another person while {size:,} dates are moved in one act, against one second",
                told.pop("others_during"),
                SLOWEST,
                unit="s",
                notes=told,
            )
        )
    return found


def others(url: str, matter: int) -> None:
    """Write instructions on the commitments of another matter, one act after the other; a line for each."""
    world.connect(url)
    from django.utils import timezone

    from luoshi.delivery import services
    from luoshi.delivery.models import Commitment

    actor = world.person("office")
    refs = list(Commitment.objects.filter(matter__number=matter).order_by("-pk").values_list("ref", "version")[:2000])
    for ref, version in refs:
        began = time.perf_counter()
        services.instruct_commitment(actor=actor, ref=ref, version=version, words="抓紧推进", at=timezone.now())
        sys.stdout.write(f"{time.time()} {time.perf_counter() - began}\n")
        sys.stdout.flush()
        time.sleep(0.02)


def run(url: str, limit: int) -> dict[str, Any]:
    """Plan, confirm, do; seconds of each, of the rows held, and of the other person's longest act."""
    world.connect(url)
    from django.utils import timezone

    from luoshi.delivery.models import Commitment
    from luoshi.delivery.services import bulk
    from luoshi.delivery.services.bulk import doing
    from luoshi.rules.lifecycle import Act

    actor, at = world.person("office"), timezone.now()
    parts = Commitment.objects.filter(matter__number=2, parent__isnull=False).order_by("-pk")
    refs = list(parts.values_list("ref", flat=True)[:limit])
    began = time.perf_counter()
    args = {"by_days": -1, "reason": "会议决定"}
    found = bulk.plan_bulk(actor=actor, act=Act.RE_DATE, args=args, refs=refs, at=at)
    bulk.name_subjects(found, actor=actor, at=at)
    found.refresh_from_db()
    while bulk.look_at_some(found, actor=actor, at=at):
        pass
    bulk.seal(found, at=at)
    found.refresh_from_db()
    planned = time.perf_counter() - began
    bulk.confirm_bulk(actor=actor, bulk_id=found.pk, digest=found.digest, at=at)
    found.refresh_from_db()
    writer = subprocess.Popen(
        [sys.executable, "-m", "bench.bulk_act", url, "--others", "9"], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    marks: dict[str, float] = {}
    write, locked = doing._write, doing._locked

    def timed_write(*args: object, **kwargs: object) -> object:
        marks["begin"] = time.time()
        return write(*args, **kwargs)  # type: ignore[arg-type]

    def timed_locked(*args: object) -> object:
        marks["locks"] = time.time()
        return locked(*args)  # type: ignore[arg-type]

    doing._write, doing._locked = timed_write, timed_locked  # type: ignore[assignment]
    start = time.time()
    bulk.do_bulk(found, actor=actor, at=at, told=lambda _done, _total: None)
    end = time.time()
    time.sleep(1)
    writer.kill()
    acts = [tuple(map(float, line.split())) for line in writer.stdout.read().splitlines()[:-1]]
    during = [took for ended, took in acts if ended > marks["begin"] and ended - took < end]
    before = [took for ended, took in acts if ended <= marks["begin"]]
    moved = Commitment.objects.filter(ref__in=refs, version__gt=1).count()
    if moved < len(refs):
        raise RuntimeError(f"{moved} of {len(refs)} were written")
    return {
        "subjects": len(refs),
        "plan_seconds": round(planned, 2),
        "judged_anew_seconds": round(marks["begin"] - start, 2),
        "transaction_seconds": round(end - marks["begin"], 2),
        "rows_held_seconds": round(end - marks["locks"], 2),
        "others_before": round(max(before, default=0.0), 3),
        "others_during": round(max(during, default=0.0), 3),
        "acts_meanwhile": len(during),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure one bulk act.")
    parser.add_argument("url")
    parser.add_argument("--limit", type=int, default=2_000)
    parser.add_argument("--others", type=int)
    told = parser.parse_args()
    if told.others:
        others(told.url, told.others)
    else:
        print(json.dumps(run(told.url, told.limit)))
