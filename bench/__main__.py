"""``make bench``: a throw-away cluster, the world once, every measurement in a process and a copy of its own.

``python -m bench [NAME …]`` runs only the named ones. With ``LUOSHI_BENCH_URL`` and ``LUOSHI_BENCH_SMALL_URL`` (built
by ``python -m bench.world``) no cluster is started and nothing is copied. Results stand in ``bench/results``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import psycopg
from tests.postgres import DURABLE, cluster

from bench import harness, world

MODULES = (
    "report_act",
    "cascade",
    "rebuild",
    "ledger",
    "scale",
    "memory",
    "board",
    "register",
    "excel",
    "search",
    "backup",
)
"""Each has ``measure(url, small_url) -> list[Outcome]``; the two addresses are its own to change."""

RUN = (
    "import sys; from importlib import import_module; from bench import harness; "
    "found = import_module('bench.' + sys.argv[1]).measure(*sys.argv[2:]); "
    "harness.write(found, sys.argv[1] + '.json'); sys.exit(not all(one.met for one in found))"
)


def main(names: list[str]) -> int:
    """Run all or the named; the exit code says whether every limit was met and nothing broke."""
    chosen = [name for name in MODULES if not names or name in names]
    chosen = [name for name in chosen if importlib.util.find_spec(f"bench.{name}")]
    given = os.environ.get("LUOSHI_BENCH_URL"), os.environ.get("LUOSHI_BENCH_SMALL_URL")
    if given[0] and given[1]:
        return max(_run(name, given[0], given[1]) for name in chosen)
    tuned = {"shared_buffers": "512MB", "max_wal_size": "4GB", "autovacuum": "on"}
    with cluster({**DURABLE, **tuned}) as url:
        urls = [_database(url, "world"), _database(url, "world_small")]
        worst = _build(urls[0], world.FULL) | _build(urls[1], world.SMALL)
        for name in chosen:
            copies = [_database(url, f"{name}_{place}", of=place) for place in ("world", "world_small")]
            worst |= _run(name, *copies)
            for copy in copies:
                _sql(url, f"DROP DATABASE {urlsplit(copy).path[1:]} WITH (FORCE)")
    return worst


def _run(name: str, url: str, small_url: str) -> int:
    return int(subprocess.run([sys.executable, "-c", RUN, name, url, small_url], check=False).returncode != 0)


def _sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(statement)


def _database(url: str, name: str, of: str = "template1") -> str:
    _sql(url, f"CREATE DATABASE {name} TEMPLATE {of}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _build(url: str, scale: int) -> int:
    """Build a world in a process of its own; what it cost is a result, too."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.world", url, "--scale", str(scale)], stdout=subprocess.PIPE, text=True, check=True
    )
    told = json.loads(done.stdout)
    if scale != world.FULL:
        return 0
    found = [
        harness.bound("world_load", "seconds to load the world", told["seconds"], 180.0, unit="s", notes=told),
        harness.bound("world_memory", "peak memory of the loader", told["peak_mib"], 1024.0, unit="MiB"),
    ]
    harness.write(found, "world.json")
    return int(not all(one.met for one in found))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
