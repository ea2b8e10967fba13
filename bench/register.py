"""The register at full scale: a page against a bare signed-in view, page 1,000 as page 1, CPU as at a hundredth.

A page of 50 rows of the whole register of the province's office, in process, with every middleware, on PostgreSQL. The
floor is a view that asks for a sign-in and says “ok”. CPU is that of this process and of the database's together.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.harness import Outcome, compare, outcome, plain_static

DEEP = 1_000
"""The page that must cost what the first does."""
ROUNDS, STEPS = 9, 20


def measure(url: str, small_url: str) -> list[Outcome]:
    """Compare at full scale and with a hundredth of it; the databases hold ``bench.world`` of either scale."""
    full, small = _Worker(url), _Worker(small_url)
    try:
        asked = {"rows_a_page": 50, "commitments": full.ask("count"), "statements": full.ask("statements")}
        outcomes = [
            compare(
                "register_page",
                "a page of 50 rows of the register, whole, against a bare signed-in view",
                lambda _i: full.ask("page"),
                lambda _i: full.ask("bare"),
                limit=4.0,
                rounds=ROUNDS,
                steps=STEPS,
                notes=asked,
            ),
            compare(
                "register_page_1000",
                "page 1,000 of the register against page 1",
                lambda _i: full.ask("deep"),
                lambda _i: full.ask("page"),
                limit=1.25,
                rounds=ROUNDS,
                steps=STEPS,
                notes=asked,
            ),
        ]
        ours, floor = [], []
        for round_ in range(ROUNDS + 1):
            for worker, kept in ((full, ours), (small, floor)):
                spent = sum(worker.ask("page")["cpu"] for _step in range(STEPS)) / STEPS
                if round_:
                    kept.append(spent)
        outcomes.append(
            outcome(
                "register_cpu_by_scale",
                "CPU (this process and the database) of a page at full scale against a hundredth of it",
                ours,
                floor,
                limit=1.25,
                steps=STEPS,
                unit="ms of CPU",
                notes=asked | {"commitments_small": small.ask("count")},
            )
        )
        return outcomes
    finally:
        full.stop()
        small.stop()


class _Worker:
    """A process of its own on one database, asked by lines: the settings of a process know one database only."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.register", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, what: str) -> Any:
        """The answer to one line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def _backend_seconds(pid: int) -> float:
    """CPU seconds of the database's process that serves us; 0 where it cannot be read."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _serve(url: str) -> None:
    os.environ.update(LUOSHI_DATABASE_URL=url, LUOSHI_SECRET_KEY="bench", LUOSHI_DEBUG="0", LUOSHI_PLAIN_HTTP="1")
    os.environ.update(LUOSHI_HOSTS="testserver", DJANGO_SETTINGS_MODULE="luoshi.config.settings")
    import django

    django.setup()
    from django.contrib.auth.decorators import login_required
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import path
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.config import urls
    from luoshi.delivery.models import Commitment
    from luoshi.desk.queries import register
    from luoshi.desk.queries.filters import Filters
    from luoshi.units.queries import actor_for

    plain_static()
    urls.urlpatterns.append(path("bare/", login_required(lambda request: HttpResponse("ok"))))
    user = User.objects.get(username="office")
    client = Client(headers={"accept-language": "zh"})
    client.force_login(user)
    asked, at = Filters(), timezone.now()
    rows = register.rows(actor_for(user, at=at), asked, at)
    total = Commitment.objects.count()
    before = rows[min(DEEP - 1, max(0, total // 50 - 1)) * 50 - 1 if total > 100 else 0]
    deep = f"/register/?{asked.encode(after=register.cursor(asked, before))}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()

    def page(address: str) -> dict[str, float]:
        start, mine, theirs = time.perf_counter(), time.process_time(), _backend_seconds(backend)
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(answer.content)
        cpu = time.process_time() - mine + _backend_seconds(backend) - theirs
        return {"ms": (time.perf_counter() - start) * 1000, "cpu": cpu * 1000}

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/register/?view=0")
        return len(captured.captured_queries)

    does: dict[str, Callable[[], Any]] = {
        "page": lambda: page("/register/?view=0"),
        "deep": lambda: page(deep),
        "bare": lambda: page("/bare/"),
        "count": lambda: total,
        "statements": statements,
    }
    does["page"]()
    gc.collect()
    gc.freeze()  # as the server does when it is loaded
    for line in sys.stdin:
        print(json.dumps(does[line.strip()]()), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
