"""Two hundred people at once on a running site（压测）: ``python -m bench.load [--users 200] [--minutes 10]``.

A throw-away PostgreSQL, a world of some thousand commitments, ``luoshi serve`` with its clock on a free port of this
machine, locust's visitors on the same machine. Afterwards every acknowledged act must be in the ledger, none may be
there twice, and the audit must be clean. Bounded in people and minutes; it speaks to the loopback address only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.postgres import DURABLE, cluster, free_port

from bench.harness import RESULTS

HERE = Path(__file__).parent


def main() -> int:
    """Run it; exit code 0 when nothing failed, nothing was lost and the audit is clean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--scale", type=int, default=16_500, help="commitments of the world")
    chosen = parser.parse_args()
    if not (0 < chosen.users <= 500 and 0 < chosen.minutes <= 30):
        parser.error("at most 500 users for 30 minutes")
    with cluster(DURABLE) as url, tempfile.TemporaryDirectory(prefix="luoshi-load-") as folder:
        surroundings = {
            **os.environ,
            "LUOSHI_DATABASE_URL": url,
            "LUOSHI_STATE": folder,
            "LUOSHI_FILES": f"{folder}/files",
            "LUOSHI_SECRET_KEY": "load",
            "LUOSHI_DEBUG": "0",
            "LUOSHI_PLAIN_HTTP": "1",
            "LUOSHI_HOSTS": "127.0.0.1",
            "LUOSHI_LOAD": f"{folder}/people.json",
        }
        _run([sys.executable, "-m", "bench.world", url, "--scale", str(chosen.scale)], surroundings)
        _run([sys.executable, "-m", "bench.load_people"], surroundings)
        return _measure(chosen, surroundings, Path(folder))


def _measure(chosen: argparse.Namespace, surroundings: dict[str, str], folder: Path) -> int:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "luoshi.config.command", "serve", "--port", str(port), "--workers", "2"]
    with (folder / "serve.log").open("wb") as log:
        site = subprocess.Popen(serve, env=surroundings, stdout=log, stderr=log, start_new_session=True)
        try:
            _until_it_answers(base, site)
            stats = folder / "locust"
            visitors = [
                *(sys.executable, "-m", "locust", "-f", str(HERE / "visitors.py"), "--headless", "--host", base),
                *("-u", str(chosen.users), "-r", "10", "-t", f"{int(chosen.minutes * 60)}s", "--stop-timeout", "60"),
                *("--csv", str(stats), "--only-summary"),
            ]
            ended = subprocess.run(visitors, env=surroundings, check=False).returncode
            faults = (folder / "serve.log").read_text(errors="replace").count("Traceback")
        finally:
            os.killpg(site.pid, signal.SIGTERM)
            site.wait(60)
    _run([sys.executable, "-m", "luoshi.config.command", "tick"], surroundings)  # the clock was stopped in mid-beat
    checked = _run([sys.executable, "-m", "bench.load_people", "--check"], surroundings)
    found: dict[str, Any] = json.loads(checked.stdout.strip().splitlines()[-1])
    audit = subprocess.run(
        [sys.executable, "-m", "luoshi.config.command", "audit"],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split(",") for line in Path(f"{stats}_stats.csv").read_text().splitlines()]
    table = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    outcome = {
        "users": chosen.users,
        "minutes": chosen.minutes,
        "commitments": chosen.scale,
        "requests": {
            row["Name"]: {
                "count": int(row["Request Count"]),
                "failures": int(row["Failure Count"]),
                "median_ms": float(row["Median Response Time"]),
                "p95_ms": float(row["95%"]),
            }
            for row in table
        },
        "server_faults": faults,
        "audit": audit.returncode,
        **found,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "load.json").write_text(json.dumps(outcome, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(outcome, indent=2, ensure_ascii=False))
    if audit.returncode:
        print(audit.stdout, audit.stderr)
    good = ended == 0 and not faults and audit.returncode == 0 and not found["lost"] and not found["unacknowledged"]
    return 0 if good else 1


def _run(command: list[str], surroundings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=surroundings, check=True, capture_output=True, text=True)


def _until_it_answers(base: str, site: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until and site.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("the site does not answer")


if __name__ == "__main__":
    sys.exit(main())
