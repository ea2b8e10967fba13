"""``make bench``: a throw-away cluster, the world once, every measurement in a process and a copy of its own.

``python -m bench [NAME …]`` runs only the named ones. With ``LUOSHI_BENCH_URL`` and ``LUOSHI_BENCH_SMALL_URL`` (built
by ``python -m bench.world``) no cluster is started and nothing is copied, so the named ones change these databases.
What one of them cannot do stops none of the others. Results stand in ``bench/results``; the exit code is 0 when every
limit was met.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import psycopg
from tests.postgres import DURABLE, cluster

from bench import harness, world

READ = ("calendar", "board", "register", "memory", "reader", "backup")
WRITE = (
    "report_act",
    "cascade",
    "rebuild",
    "ledger",
    "scale",
    "bulk_act",
    "excel",
    "search",
    "outbox",
    "sweep",
    "visits",
    "sampling",
    "book",
)
"""Each has ``measure(url, small_url) -> list[Outcome]``; for those that write, both addresses are copies."""

TUNED = {"shared_buffers": "512MB", "max_wal_size": "4GB", "autovacuum": "on"}

RUN = (
    "import sys; from importlib import import_module; from bench import harness; "
    "found = import_module('bench.' + sys.argv[1]).measure(*sys.argv[2:]); "
    "harness.write(found, sys.argv[1] + '.json'); sys.exit(0 if all(one.met for one in found) else 2)"
)
SAID = {0: "met", 2: "NOT met"}


def main(names: list[str]) -> int:
    """Run all or the named; the exit code says whether every limit was met and nothing broke."""
    if strange := sorted(set(names) - {*READ, *WRITE, "world"}):
        sys.exit(f"no such measurement: {', '.join(strange)}; there are world, {', '.join((*READ, *WRITE))}")
    chosen = [name for name in (*READ, *WRITE) if not names or name in names]
    chosen = [name for name in chosen if importlib.util.find_spec(f"bench.{name}")]
    ended: dict[str, int] = {}
    given = os.environ.get("LUOSHI_BENCH_URL"), os.environ.get("LUOSHI_BENCH_SMALL_URL")
    if given[0] and given[1]:
        for name in chosen:
            ended[name] = _run(name, given[0], given[1])
    else:
        with cluster({**DURABLE, **TUNED}) as url:
            urls = [_database(url, "world"), _database(url, "world_small")]
            ended["world"] = max(_build(urls[0], world.FULL), _build(urls[1], world.SMALL))
            for name in chosen:
                ended[name] = _run(name, *urls) if name in READ else _run_on_copies(name, url)
    print("\n" + "\n".join(f"{name}: {SAID.get(code, 'BROKEN')}" for name, code in ended.items()))
    return int(any(ended.values()))


def _run(name: str, url: str, small_url: str) -> int:
    print(f"\n{name} …", flush=True)
    with tempfile.TemporaryDirectory(prefix="luoshi-bench-") as state:
        places = {**os.environ, "LUOSHI_STATE": state}
        command = [sys.executable, "-c", RUN, name, url, small_url]
        return subprocess.run(command, check=False, cwd=harness.ROOT, env=places).returncode


def _run_on_copies(name: str, url: str) -> int:
    copies = [_database(url, f"{name}_{place}", of=place) for place in ("world", "world_small")]
    try:
        return _run(name, *copies)
    finally:
        for copy in copies:
            _sql(url, f"DROP DATABASE {urlsplit(copy).path[1:]} WITH (FORCE)")


def _sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(statement)


def _database(url: str, name: str, of: str = "template1") -> str:
    _sql(url, f"CREATE DATABASE {name} TEMPLATE {of}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _build(url: str, scale: int) -> int:
    """Build a world in a process of its own; what it cost is a result, too."""
    command = [sys.executable, "-m", "bench.world", url, "--scale", str(scale)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=harness.ROOT)
    told = json.loads(done.stdout)
    if scale != world.FULL:
        return 0
    found = world.outcomes(told)
    harness.write(found, "world.json")
    return 0 if all(one.met for one in found) else 2


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
