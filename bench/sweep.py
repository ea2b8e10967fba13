"""The sweep of the ladders over every open commitment of the province, a tenth of them due, by two clocks at once.

Our side: two processes that take steps until nothing is due: rows taken with SKIP LOCKED, the rule asked about each,
the rows written, the steps kept, messages and proposed slips written, one ledger entry a batch. The floor, in the same
run: a bare ``UPDATE … RETURNING`` of as many rows in one statement and a bare ``COPY`` of as many messages, one
transaction. Between the rounds the same tenth is made due again under the next climb, which is not timed.

On SQLite, which has one writer, the same with one clock on a world of a tenth of the size.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from typing import Any

from bench import harness, world

ROUNDS = 7
WORKERS = 2
LATE_DAYS, TOLD_DAYS = 60, 40
"""Days since the date, and since the step before: so long that every step of the ladder has come."""
STEPS_TOLD = 5
"""The tenth stands on as many different steps: two of reminding, two of urging, and one that proposes a slip."""
SQLITE = 16_500


# --- A clock in a process of its own ---------------------------------------------------------------------------------


def work(url: str) -> None:
    """Take steps whenever a line comes in, and answer with what was done; for :class:`Clock`."""
    world.connect(url)
    from django.utils import timezone

    from luoshi.delivery import services
    from luoshi.delivery.queries.climbing import Line
    from luoshi.rules.permissions import SYSTEM

    services.take_steps(actor=SYSTEM, at=timezone.now())
    gc.collect()
    gc.freeze()  # as the clock does when it is loaded
    print("ready", flush=True)
    for _line in sys.stdin:
        looked = 0
        began = time.perf_counter()
        line = Line()  # as the tick does
        while some := services.take_steps(actor=SYSTEM, at=timezone.now(), line=line):
            looked += some
        print(json.dumps({"looked": looked, "seconds": time.perf_counter() - began}), flush=True)


class Clock:
    """A process that takes steps when told to."""

    def __init__(self, url: str) -> None:
        """Start it and wait until it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.sweep", "work", url],
            cwd=harness.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a clock ended with {self.process.wait()}")
        return line

    def go(self) -> None:
        """Begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def done(self) -> dict[str, Any]:
        """What it did, when it has done it."""
        found: dict[str, Any] = json.loads(self._line())
        return found

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


# --- The world --------------------------------------------------------------------------------------------------------


def settle() -> tuple[int, int]:
    """Every open commitment under a ladder and armed far ahead; how many there are, and how many a tenth is."""
    from django.utils import timezone

    from luoshi.delivery.models import Commitment, Programme

    at = timezone.now()
    programme = Programme.objects.get()
    open_ = Commitment.objects.filter(state__in=["issued", "accepted"])
    open_.update(
        state="accepted",
        accepted_at=at - timedelta(days=100),
        said=10,
        climb=1,
        completed_at=None,
        ladder=programme.ladder_now,
        next_step_at=at + timedelta(days=400),
    )
    return open_.count(), len(_tenth())


def _tenth() -> list[int]:
    from luoshi.delivery.models import Commitment

    ids = Commitment.objects.filter(state="accepted").order_by("pk").values_list("pk", flat=True)
    return list(ids)[::10]


def make_due() -> int:
    """The tenth is due again, under its next climb; which one."""
    from django.db import connection
    from django.utils import timezone

    from luoshi.delivery.models import Commitment

    at = timezone.now()
    today = timezone.localdate(at)
    table = Commitment._meta.db_table
    late, told = today - timedelta(days=LATE_DAYS), today - timedelta(days=TOLD_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM delivery_slipitem")
        cursor.execute("DELETE FROM delivery_slip")
        for number, start in enumerate(range(STEPS_TOLD)):
            ids = _tenth()[start::STEPS_TOLD]
            marks = ", ".join(["%s"] * 900)
            for first in range(0, len(ids), 900):
                some = ids[first : first + 900]
                cursor.execute(
                    f"UPDATE {table} SET climb = climb + 1, told = %s, told_on = %s, climbs_for = %s, due_on = %s, "
                    f"next_step_at = %s WHERE id IN ({marks if len(some) == 900 else ', '.join(['%s'] * len(some))})",
                    [
                        number,
                        connection.ops.adapt_datefield_value(told),
                        connection.ops.adapt_datefield_value(late),
                        connection.ops.adapt_datefield_value(late),
                        connection.ops.adapt_datetimefield_value(at - timedelta(days=1)),
                        *some,
                    ],
                )
        if connection.vendor == "postgresql":
            cursor.execute(f"VACUUM ANALYZE {table}")
            cursor.execute("CHECKPOINT")
    return int(Commitment.objects.order_by("-climb").values_list("climb", flat=True)[0])


def check(climb: int, count: int) -> None:
    """Each of the tenth was told one step, and none twice."""
    from luoshi.delivery.models import Commitment, LadderStep

    taken = LadderStep.objects.filter(climb=climb)
    assert taken.count() == count, (taken.count(), count)
    assert taken.values("commitment").distinct().count() == count
    from django.utils import timezone

    assert not Commitment.objects.filter(next_step_at__lte=timezone.now()).exists()


def bare() -> float:
    """The floor: one UPDATE … RETURNING and one COPY of as many rows, committed; milliseconds."""
    from django.db import connection, transaction
    from django.utils import timezone

    from luoshi.delivery.models import Commitment
    from luoshi.office.models import Message
    from luoshi.units.models import Post

    at, table, kept = timezone.now(), Commitment._meta.db_table, Message._meta.db_table
    post_id = Post.objects.values_list("pk", flat=True).order_by("pk")[0]
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        today = connection.ops.adapt_datefield_value(timezone.localdate(at))
        ahead = connection.ops.adapt_datetimefield_value(at + timedelta(days=3))
        now = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(
            f"UPDATE {table} SET told = told + 1, told_on = %s, next_step_at = %s "
            f"WHERE next_step_at <= %s RETURNING id, ref, told",
            [today, ahead, now],
        )
        rows = cursor.fetchall()
        stamp = time.time_ns()
        if connection.vendor == "postgresql":
            names = "key, post_id, kind, subject, body, params, link, created_at, spread, urgent, prompt"
            with cursor.copy(f"COPY {kept} ({names}) FROM STDIN") as copy:
                for pk, ref, _number in rows:
                    copy.write_row(
                        (f"{stamp}:{pk}", post_id, "bare", "%(title)s", "", "{}", f"/c/{ref}/", at, True, False, False)
                    )
        else:
            cursor.executemany(
                f"INSERT INTO {kept} "
                "(key, post_id, kind, subject, body, params, link, created_at, spread, urgent, prompt) "
                "VALUES (%s, %s, 'bare', '%%(title)s', '', '{}', %s, %s, true, false, false)",
                [(f"{stamp}:{pk}", post_id, f"/c/{ref}/", now) for pk, ref, _number in rows],
            )
    return (time.perf_counter() - began) * 1000


def swept(clocks: list[Clock]) -> float:
    """Ours: every clock takes steps until nothing is due; milliseconds until the last has ended."""
    began = time.perf_counter()
    for clock in clocks:
        clock.go()
    for clock in clocks:
        clock.done()
    return (time.perf_counter() - began) * 1000


def ratio(name: str, what: str, url: str, workers: int) -> harness.Outcome:
    """Ours against the floor, in turn."""
    count, tenth = settle()
    clocks = [Clock(url) for _number in range(workers)]
    ours, floor = [], []
    try:
        for round_ in range(ROUNDS + 1):
            climb = make_due()
            one = swept(clocks)
            check(climb, tenth)
            make_due()
            two = bare()
            if round_:
                ours.append(one)
                floor.append(two)
    finally:
        for clock in clocks:
            clock.close()
    return harness.outcome(name, what, ours, floor, limit=3.0, notes={"open": count, "due": tenth, "clocks": workers})


def idle(name: str) -> harness.Outcome:
    """A sweep that finds nothing due, against 50 milliseconds; the slowest of many."""
    from django.utils import timezone

    from luoshi.delivery import services
    from luoshi.rules.permissions import SYSTEM

    slowest = 0.0
    for number in range(60):
        began = time.perf_counter()
        assert services.take_steps(actor=SYSTEM, at=timezone.now() - timedelta(days=30)) == 0
        if number >= 10:
            slowest = max(slowest, time.perf_counter() - began)
    return harness.bound(
        name, "the slowest of fifty sweeps that find nothing due, against 50 ms", slowest * 1000, 50.0, unit="ms"
    )


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """PostgreSQL with two clocks on the full world; SQLite with one on a tenth of it, in a process of its own."""
    world.connect(url)
    found = [
        ratio(
            "sweep_of_the_ladders",
            "every step that is due of a tenth of all commitments, by two clocks, against a bare UPDATE … RETURNING"
            " and a COPY of as many rows",
            url,
            WORKERS,
        ),
        idle("idle_sweep"),
    ]
    with tempfile.TemporaryDirectory(prefix="luoshi-sweep-") as folder:
        lite = f"sqlite:///{folder}/world.sqlite3"
        places = {**os.environ, "LUOSHI_STATE": folder}
        scale = ["--scale", str(SQLITE)]
        subprocess.run([sys.executable, "-m", "bench.world", lite, *scale], check=True, cwd=harness.ROOT, env=places)
        done = subprocess.run(
            [sys.executable, "-m", "bench.sweep", "lite", lite],
            check=True,
            cwd=harness.ROOT,
            env=places,
            stdout=subprocess.PIPE,
            text=True,
        )
        found += [harness.Outcome(**one) for one in json.loads(done.stdout.splitlines()[-1])]
    return found


def lite(url: str) -> None:
    """The same on SQLite; prints the outcomes."""
    from dataclasses import asdict

    world.connect(url)
    what = "the same on SQLite with one clock and a tenth of the commitments"
    print(json.dumps([asdict(one) for one in (ratio("sweep_on_sqlite", what, url, 1), idle("idle_sweep_on_sqlite"))]))


if __name__ == "__main__":
    {"work": work, "lite": lite}[sys.argv[1]](sys.argv[2])
