"""The whole province into one file, and that file into an empty PostgreSQL and an empty SQLite database.

Seconds of wall time and the peak memory of the process, which does nothing else; a restore counts from opening the
archive to the clean audit of what was restored.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.harness import Outcome, bound

LIMIT = 600.0
MEMORY = 512.0
"""MiB of the process at its peak."""


def measure(url: str, small_url: str) -> list[Outcome]:
    """Back the full world at ``url`` up and restore it twice, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="luoshi-bench-") as folder:
        archive = Path(folder) / "backup.zip"
        found = _outcomes("backup", "into one file", _child("taken", url, str(archive)))
        found += _outcomes(
            "restore_sqlite", "into SQLite", _child("restored", f"sqlite:///{folder}/restored.sqlite3", str(archive))
        )
        place = urlsplit(url)
        name = f"{place.path[1:]}_restored"
        _sql(url, f"CREATE DATABASE {name}")
        try:
            told = _child("restored", urlunsplit(place._replace(path=f"/{name}")), str(archive))
            found += _outcomes("restore_postgresql", "into PostgreSQL", told)
        finally:
            _sql(url, f"DROP DATABASE {name} WITH (FORCE)")
    return found


def _outcomes(name: str, where: str, told: dict[str, Any]) -> list[Outcome]:
    seconds, peak = told.pop("seconds"), told.pop("peak_mib")
    return [
        bound(name, f"seconds for the province {where}", seconds, LIMIT, unit="s", notes=told),
        bound(f"{name}_memory", f"peak memory, the province {where}", peak, MEMORY, unit="MiB"),
    ]


def _sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(statement)


def _child(what: str, url: str, archive: str) -> dict[str, Any]:
    code = f"import json; from bench import backup; print(json.dumps(backup.{what}({url!r}, {archive!r})))"
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _connect(url: str) -> None:
    from bench.world import connect

    os.environ["LUOSHI_FILES"] = tempfile.mkdtemp(prefix="luoshi-bench-files-")
    connect(url)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


class _Clock:
    """Wall and processor time from here on, and the peak of the process."""

    def __init__(self) -> None:
        self.began, self.spent = time.perf_counter(), time.process_time()

    def told(self) -> dict[str, Any]:
        return {
            "seconds": round(time.perf_counter() - self.began, 1),
            "cpu_seconds": round(time.process_time() - self.spent, 1),
            "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "load": round(os.getloadavg()[0], 1),
        }


def taken(url: str, archive: str) -> dict[str, Any]:
    """The backup of a database."""
    _connect(url)
    from django.utils import timezone

    from luoshi.office.services.backup import back_up

    clock = _Clock()
    made = back_up(Path(archive), at=timezone.now())
    return {**clock.told(), "rows": made.rows, "entries": made.entries, "archive_bytes": made.size}


def restored(url: str, archive: str) -> dict[str, Any]:
    """The restore of an archive into an empty database, with its audit; breaks when that finds anything."""
    _connect(url)
    from django.utils import timezone

    from luoshi.office.adapters import archives
    from luoshi.office.services.backup import check_archive, restore

    clock = _Clock()
    with archives.reading(Path(archive)) as opened:
        check_archive(opened)
        checked = time.perf_counter() - clock.began
        done = restore(opened, at=timezone.now())
    if done.difference or done.missing:
        raise RuntimeError(f"{done.difference} {done.missing}")
    return {**clock.told(), "rows": done.rows, "entries": done.entries, "seconds_of_the_check": round(checked, 1)}
