"""Starting writers on the test's database, and what must hold when they have gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from luoshi.delivery import jobs, projections, queries
from luoshi.delivery.models import Cell, CellDelta, Commitment, Matter, Report
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.ledger.models import Entry
from luoshi.rules import rollup
from luoshi.units.models import Unit

ROOT = Path(__file__).resolve().parents[2]


def start(count: int, *refs: str) -> subprocess.Popen[str]:
    """A process that reports ``count`` times on ``refs`` in the database of the test."""
    return process("tests.delivery.writer", str(count), *refs)


def process(name: str, *args: str) -> subprocess.Popen[str]:
    """A module run as a process of its own on the database of the test."""
    there = connection.settings_dict
    if connection.vendor == "postgresql":
        password = f":{quote(there['PASSWORD'], safe='')}" if there["PASSWORD"] else ""
        host, port = quote(str(there["HOST"]), safe=""), there["PORT"] or "5432"
        url = f"postgres://{quote(str(there['USER']), safe='')}{password}@{host}:{port}/{there['NAME']}"
    else:
        url = f"sqlite:///{there['NAME']}"
    module = os.environ.get("DJANGO_SETTINGS_MODULE") or settings.SETTINGS_MODULE
    return subprocess.Popen(
        [sys.executable, "-m", name, *args],
        cwd=ROOT,
        env={**os.environ, "LUOSHI_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": module},
        stdout=subprocess.PIPE,
        text=True,
    )


def acknowledged(lines: list[str]) -> list[tuple[int, int, str]]:
    """(entry, report, ref) of every whole line; the last may be cut by the kill."""
    found = []
    for line in lines:
        if line.endswith("\n"):
            entry, report, ref = line.split()
            found.append((int(entry), int(report), ref))
    return found


def assert_nothing_lost(told: list[tuple[int, int, str]]) -> None:
    """Every acknowledged act is there, once; rows, cells and ledger agree."""
    reports = dict(Report.objects.values_list("pk", "commitment__ref"))
    entries = set(Entry.objects.values_list("pk", flat=True))
    assert len({entry for entry, _report, _ref in told}) == len(told)
    for entry, report, ref in told:
        assert entry in entries
        assert reports[report] == ref
    for c in Commitment.objects.all():
        assert c.reports_count == c.reports.count()
        assert c.said == c.reports.order_by("-id").values_list("percent", flat=True)[0]
        # drafted, issued, accepted, then one version for each report
        assert c.version == 3 + c.reports_count
    assert_cells_right()


def assert_cells_right() -> None:
    """After the tick every cell is what the commitments say, and the ledger what the rows say."""
    now = timezone.now()
    jobs.tick(now)
    assert not CellDelta.objects.exists()
    zero = projections.fold_from_zero()
    units, matters = list(Unit.objects.values_list("pk", flat=True)), list(Matter.objects.all())
    assert {key: one for key, one in queries.cells(units, matters).items() if one} == zero
    assert Cell.objects.filter(items__gt=0).count() == len([one for one in zero.values() if one != rollup.ZERO])
    while ledger_services.sequence_pending(now):
        pass
    report = ledger.audit(at=now)
    assert report.difference is None, str(report.difference)
