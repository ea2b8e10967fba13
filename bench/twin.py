"""One of two worlds: does the steps it is told and answers with the CPU they took; see ``harness.same_cpu``."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path

from bench import world

TICK = os.sysconf("SC_CLK_TCK")


def backend_pid() -> int | None:
    """The process of this connection's database backend on this machine, or None (SQLite, another machine)."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    return pid if Path(f"/proc/{pid}/stat").exists() else None


def cpu_of(pid: int | None) -> float:
    """Seconds of CPU a process has used; 0 for none."""
    if pid is None:
        return 0.0
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICK


def main(make: str, url: str) -> None:
    """Set up, then answer every line ``start steps`` with the CPU used."""
    world.connect(url)
    module, _colon, name = make.partition(":")
    step = getattr(importlib.import_module(module), name)()
    print(json.dumps({"ready": 1}), flush=True)
    for line in sys.stdin:
        start, steps = map(int, line.split())
        gc.collect()
        pid = backend_pid()
        backend, process = cpu_of(pid), time.process_time()
        for number in range(start, start + steps):
            step(number)
        spent = {"process": time.process_time() - process, "backend": cpu_of(backend_pid()) - backend}
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
