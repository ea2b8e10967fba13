"""How long a bulk act takes, how long it holds its rows, and how long others wait meanwhile.

``python -m bench.bulk_act DATABASE_URL WHOLE [--limit N]``: moves the dates of a whole with all its parts by a day, on
a world of ``bench.world``, while another process writes instructions on commitments of its own, one after the other.
Prints seconds: of the plan, of judging anew, of the transaction, and the longest single act of the other process before
and during it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from bench.province import connect


def others(url: str, matter: int) -> None:
    """Write instructions on the commitments of another matter, one act after the other; a line for each."""
    connect(url)
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.delivery import services
    from luoshi.delivery.models import Commitment
    from luoshi.units.queries import actor_for

    actor = actor_for(User.objects.get(username="office"), at=timezone.now())
    refs = list(Commitment.objects.filter(matter__number=matter).order_by("-pk").values_list("ref", "version")[:2000])
    for ref, version in refs:
        began = time.perf_counter()
        services.instruct_commitment(actor=actor, ref=ref, version=version, words="抓紧推进", at=timezone.now())
        sys.stdout.write(f"{time.time()} {time.perf_counter() - began}\n")
        sys.stdout.flush()
        time.sleep(0.02)


def main(url: str, whole: str, limit: int) -> None:
    """Plan, confirm, do; print what it took."""
    connect(url)
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.delivery.models import Commitment
    from luoshi.delivery.services import bulk
    from luoshi.delivery.services.bulk import doing
    from luoshi.rules.lifecycle import Act
    from luoshi.units.queries import actor_for

    actor = actor_for(User.objects.get(username="office"), at=timezone.now())
    refs = list(
        Commitment.objects.filter(matter__commitments__ref=whole).order_by("pk").values_list("ref", flat=True)[:limit]
    )
    began = time.perf_counter()
    at = timezone.now()
    found = bulk.plan_bulk(actor=actor, act=Act.RE_DATE, args={"by_days": 1, "reason": "会议决定"}, refs=refs, at=at)
    bulk.name_subjects(found, actor=actor, at=at)
    found.refresh_from_db()
    while bulk.look_at_some(found, actor=actor, at=at):
        pass
    bulk.seal(found, at=at)
    found.refresh_from_db()
    planned = time.perf_counter()
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
    judged = time.perf_counter()
    bulk.do_bulk(found, actor=actor, at=at, told=lambda _done, _total: None)
    end = time.time()
    time.sleep(1)
    writer.kill()
    acts = [tuple(map(float, line.split())) for line in writer.stdout.read().splitlines()[:-1]]
    during = [took for ended, took in acts if ended > marks["begin"] and ended - took < end]
    before = [took for ended, took in acts if ended <= marks["begin"]]
    anew = marks["begin"] - end + time.perf_counter() - judged - 1
    print(f"subjects {len(refs)}: plan {planned - began:.1f} s, judging anew {anew:.1f} s")
    print(f"transaction {end - marks['begin']:.2f} s, rows held {end - marks['locks']:.2f} s")
    longest = f"{max(before, default=0):.2f} s before, {max(during, default=0):.2f} s during"
    print(f"others: longest act {longest} ({len(during)} acts)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("whole", nargs="?", default="")
    parser.add_argument("--limit", type=int, default=20_000)
    parser.add_argument("--others", type=int)
    told = parser.parse_args()
    if told.others:
        others(told.url, told.others)
    else:
        main(told.url, told.whole, told.limit)
