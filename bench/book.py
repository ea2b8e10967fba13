"""The review book of a province: seconds, peak memory, and how much slower pages are meanwhile.

Every task of the world gets a date and a word first. Limits: 90 seconds, 1 GiB, pages no slower than 1.5 times.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from typing import Any

from bench import world
from bench.harness import Outcome, bound, plain_static

SECONDS, MIB, TIMES = 90.0, 1024.0, 1.5
QUIET = 10.0
"""Seconds for which pages are asked for before the book is begun."""
LIVEN = """
UPDATE delivery_commitment SET state = CASE WHEN state = 'issued' THEN 'accepted' ELSE state END,
  accepted_at = issued_at, first_due_on = DATE '{today}' - 60 + (id % 240)::int,
  due_on = DATE '{today}' - 60 + (id % 240)::int,
  said = CASE WHEN id % 5 = 0 THEN 100 ELSE (id % 10) * 10 END,
  completed_at = CASE WHEN id % 5 = 0 THEN TIMESTAMPTZ '{today}' - (id % 50) * INTERVAL '1 day' END,
  verified = CASE WHEN id % 7 = 0 THEN (id % 5) * 20 ELSE 0 END,
  verified_how = CASE WHEN id % 7 = 0 THEN 'visited' ELSE '' END,
  light = CASE WHEN id % 240 < 60 AND id % 5 > 0 THEN 'red' ELSE 'green' END,
  extensions_granted = CASE WHEN id % 40 = 0 THEN 2 ELSE 0 END,
  cadence = CASE WHEN id % 6 = 0 THEN 'weekly' ELSE 'on_change' END
"""


def liven(url: str) -> None:
    """Give every task of the world a date and a word, so that there is something to write about."""
    world.connect(url)
    from django.db import connection
    from django.utils import timezone

    from luoshi.delivery import projections
    from luoshi.rules.calendar import local_day

    with connection.cursor() as cursor:
        cursor.execute(LIVEN.format(today=local_day(timezone.now()).isoformat()))
        cursor.execute("ANALYZE")
    projections.remake_cells()


def compiled(url: str) -> dict[str, Any]:
    """Compile the book in this process, as a job's process would; what it took."""
    os.environ["LUOSHI_FILES"] = tempfile.mkdtemp(prefix="luoshi-bench-files-")
    world.connect(url)
    from django.utils import timezone

    from luoshi.delivery.models import Programme
    from luoshi.meetings.services import compile_book
    from luoshi.rules.calendar import local_day

    at = timezone.now()
    steps: dict[str, float] = {}
    began = time.perf_counter()

    def told(_done: int, _total: int = 0, note: str = "", **_params: Any) -> None:
        steps.setdefault(note, round(time.perf_counter() - began, 1))

    book, _entry = compile_book(
        actor=world.person("office"),
        programme=Programme.objects.get().key,
        since_on=local_day(at) - timedelta(days=180),
        at=at,
        told=told,
    )
    return {
        "began": time.time() - (time.perf_counter() - began),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "children_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "steps": steps,
        "parts": book.parts.count(),
        "bytes": {f"{one.kind}{one.language}": one.file.size for one in book.files.select_related("file")},
    }


def pages(url: str) -> None:
    """Ask for the register again and again until a line comes in; print when each began and how long it took."""
    import threading

    world.connect(url)
    from django.test import Client

    from luoshi.accounts.models import User

    plain_static()
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.get(username="office"))
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    told: list[tuple[float, float]] = []
    while not stop.is_set():
        began, start = time.time(), time.perf_counter()
        if client.get("/register/").status_code != 200:
            raise RuntimeError("the page was refused")
        told.append((began, time.perf_counter() - start))
        time.sleep(0.02)
    print(json.dumps(told))


def _child(what: str, url: str, **more: Any) -> subprocess.Popen[str]:
    code = f"from bench import book; import json; told = book.{what}({url!r}); told and print(json.dumps(told))"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, **more)


def measure(url: str, small_url: str) -> list[Outcome]:
    """Compile the book of the world at ``url`` while somebody reads the register."""
    filled = _child("liven", url)
    if filled.wait():
        raise RuntimeError("the world could not be brought to life")
    reader = _child("pages", url, stdin=subprocess.PIPE)
    time.sleep(QUIET + 5)
    compiling = _child("compiled", url)
    told = json.loads(compiling.communicate()[0].splitlines()[-1])
    times = json.loads(reader.communicate("stop\n")[0].splitlines()[-1])
    began, seconds = told["began"], told["seconds"]
    before = [spent for at, spent in times[5:] if at < began - 1]
    during = [spent for at, spent in times if began < at < began + seconds]
    slower = statistics.median(during) / statistics.median(before)
    told |= {"pages_before": len(before), "pages_during": len(during), "median_before": statistics.median(before)}
    return [
        bound("book", "seconds for the book of the province", seconds, SECONDS, unit="s", notes=told),
        bound("book_memory", "peak of the job and its child", told["peak_mib"] + told["children_mib"], MIB, unit="MiB"),
        bound("book_pages", "the register while a book is compiled, against before", slower, TIMES, unit="×"),
    ]
