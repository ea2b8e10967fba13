"""Several processes at once, and processes killed in the middle: nothing acknowledged is lost, the audit is clean."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from tests.ledger import world

from luoshi.ledger import models, queries, services

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


def start(name: str, count: int) -> subprocess.Popen[str]:
    there = connection.settings_dict
    if connection.vendor == "postgresql":
        host, port = quote(str(there["HOST"]), safe=""), there["PORT"] or "5432"
        user = quote(str(there["USER"]), safe="") + (
            f":{quote(there['PASSWORD'], safe='')}" if there["PASSWORD"] else ""
        )
        url = f"postgres://{user}@{host}:{port}/{there['NAME']}"
    else:
        url = f"sqlite:///{there['NAME']}"
    module = os.environ.get("DJANGO_SETTINGS_MODULE") or settings.SETTINGS_MODULE
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ledger.writer", name, str(count)],
        cwd=ROOT,
        env={**os.environ, "LUOSHI_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": module},
        stdout=subprocess.PIPE,
        text=True,
    )


def acknowledged(lines: list[str]) -> dict[int, int]:
    """id → version of every whole line; the last may be cut by the kill."""
    return {int(line.split()[0]): int(line.split()[1]) for line in lines if line.endswith("\n")}


def assert_clean_with(rows: dict[str, int]) -> None:
    world.number_all(timezone.now())
    world.rows.update({f"probe.thing:{name}": {"version": version} for name, version in rows.items() if version})
    report = queries.audit(at=timezone.now())
    assert report.difference is None, str(report.difference)
    assert report.entries == models.Entry.objects.count() == queries.head().size


def test_eight_processes_lose_nothing() -> None:
    writers = [start(f"w{count}", 25) for count in range(8)]
    numbering = threading.Event()

    def number() -> None:
        try:
            while not numbering.wait(0.05):
                services.sequence_pending(timezone.now(), limit=7)
        finally:
            connections.close_all()

    sequencers = [threading.Thread(target=number) for _ in range(2)] if connection.vendor == "postgresql" else []
    for sequencer in sequencers:
        sequencer.start()
    told = [writer.communicate(timeout=120)[0] for writer in writers]
    numbering.set()
    for sequencer in sequencers:
        sequencer.join()
    assert [writer.returncode for writer in writers] == [0] * 8
    ids = [int(line.split()[0]) for text in told for line in text.splitlines()]
    assert len(set(ids)) == 200
    assert set(models.Entry.objects.values_list("pk", flat=True)) == set(ids)
    assert_clean_with({f"w{count}": 25 for count in range(8)})


@pytest.mark.parametrize("lines", [1, 7, 30])
def test_killed_writers_lose_nothing_they_acknowledged(lines: int) -> None:
    writers = [start(f"k{count}", 1_000_000) for count in range(3)]
    told: list[list[str]] = []
    for writer in writers:
        assert writer.stdout is not None
        told.append([writer.stdout.readline() for _ in range(lines)])
    for writer, said in zip(writers, told, strict=True):
        writer.kill()
        said += writer.stdout.readlines() if writer.stdout else []
        writer.wait(timeout=10)
    there = dict(models.EntrySubject.objects.values_list("entry_id", "ref"))
    for count, said in enumerate(told):
        for entry_id in acknowledged(said):
            assert there[entry_id] == f"probe.thing:k{count}"
    # What was committed and not yet acknowledged may be there as well: at most one entry more for each writer.
    written = Counter(there.values())
    for count, said in enumerate(told):
        assert written[f"probe.thing:k{count}"] - len(acknowledged(said)) in (0, 1)
    assert_clean_with({f"k{count}": written[f"probe.thing:k{count}"] for count in range(3)})
