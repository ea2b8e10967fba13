"""Excel in and out at size: a ledger of 10,000 rows imported in earnest, and the whole register taken away.

The limits are seconds of wall time, so the floor is one second and the ratio is the time. Memory is what the process
grows by beyond its peak before, at 10,000 and at 100,000 rows: what streams does not grow with the rows.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

from bench.harness import Outcome

ROWS, BAD = 10_000, 200
EXPORTED = (10_000, 100_000)
LIMIT = 60.0
GROWTH = 48
"""MiB the peak may grow between 10,000 and 100,000 rows."""


def measure(url: str, small_url: str) -> list[Outcome]:
    """Import into the small world at ``small_url``, take away from the full one at ``url``; each in its own process.

    Both databases are changed: hand in copies.
    """
    outcomes = [_child("imported", small_url)]
    peaks: dict[str, dict[int, float]] = {}
    for ending in ("xlsx", "csv"):
        for rows in EXPORTED:
            told = _child("exported", url, ending, rows)
            peaks.setdefault(ending, {})[rows] = told.notes["peak_growth_mib"]
            outcomes.append(told)
        growth = peaks[ending][EXPORTED[1]] - peaks[ending][EXPORTED[0]]
        outcomes.append(
            _outcome(
                f"export_{ending}_growth", "MiB more of memory for ten times the rows", growth, GROWTH, peaks[ending]
            )
        )
    return outcomes


def _outcome(name: str, what: str, told: float, limit: float, notes: Any) -> Outcome:
    kept = {str(key): value for key, value in notes.items()}
    figure, unit = round(told, 2), what.split()[0]
    return Outcome(name, what, limit, 1, 1, figure, 1.0, figure, figure, told <= limit, unit=unit, notes=kept)


def _child(what: str, url: str, *more: Any) -> Outcome:
    code = (
        f"import json; from dataclasses import asdict; from bench import excel; print(json.dumps(asdict(excel.{what}("
    )
    code += ", ".join(map(repr, (url, *more))) + "))))"
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, text=True)
    return Outcome(**json.loads(ran.stdout.splitlines()[-1]))


def _connect(url: str) -> None:
    from bench.world import connect

    os.environ.setdefault("LUOSHI_FILES", tempfile.mkdtemp(prefix="luoshi-bench-files-"))
    connect(url)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ledger(names: list[str], mark: str) -> bytes:
    """A ledger of :data:`ROWS` rows, of which :data:`BAD` have a date without its year."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet("台账")
    page.append(["工作任务台账（测试）"])
    page.append(["序号", "任务名称", "具体要求", "牵头单位", "完成时限", "验收标准"])
    for number in range(ROWS):
        due = "6月底" if number % (ROWS // BAD) == 7 else "2028年6月底"
        title = f"{mark}第{number + 1}项"
        asked = f"补齐两污治理短板，管网接通第{number + 1}段并通水。"
        page.append([number + 1, title, asked, names[number % len(names)], due, "主管支管按图连通\n试水没有渗漏"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def imported(url: str) -> Outcome:
    """The job from the stored file to the marked sheet, every good row an act with its entry."""
    _connect(url)
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from bench.world import person
    from luoshi.delivery.models import Programme
    from luoshi.delivery.schemas import ledgers
    from luoshi.delivery.services import importing
    from luoshi.ledger.models import Entry
    from luoshi.office import jobs
    from luoshi.office.services import store_file
    from luoshi.units.models import Unit

    at = timezone.now()
    office, programme = person("office"), Programme.objects.get()
    names = list(Unit.objects.filter(level="prefecture", kind="area").order_by("path").values_list("name", flat=True))
    stored = store_file(ContentFile(ledger(names, f"{at:%H%M%S}"), "台账.xlsx"), actor=office, at=at)
    found = ledgers.open_ledger(_content(stored.digest), "台账.xlsx")
    importing.set_sheet_map(
        actor=office,
        programme=programme.key,
        signature=found.signature,
        columns=found.headings_of(found.first.guess),
        matter=programme.matters.order_by("number")[2].pk,
        at=at,
    )
    job = importing.hand_in_ledger(
        actor=office,
        programme=programme.key,
        digest=stored.digest,
        name="台账.xlsx",
        signature=found.signature,
        dry_run=False,
        at=at,
    )
    entries, start, cpu = Entry.objects.count(), time.perf_counter(), time.process_time()
    jobs.run_job.call(job.pk)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    job.refresh_from_db()
    made = Entry.objects.count() - entries
    if (job.result["done"], job.result["refused"], made) != (ROWS - BAD, BAD, ROWS - BAD):
        raise RuntimeError(f"{job.result}, {made} entries")
    notes = {"rows": ROWS, "refused": BAD, "entries": made, "cpu_seconds": round(cpu, 1), "load": os.getloadavg()[0]}
    return _outcome("import_10000_rows", "seconds for 10,000 rows, 200 of them bad, marked", seconds, LIMIT, notes)


def _content(digest: str) -> bytes:
    from luoshi.delivery import queries

    return queries.handed_in(digest)


def exported(url: str, ending: str, rows: int) -> Outcome:
    """The register of the province, ``rows`` of it, as one file."""
    _connect(url)
    from django.http import QueryDict
    from django.utils import timezone, translation

    from bench.world import person
    from luoshi.office.adapters import exports
    from luoshi.office.services import list_for

    office, at = person("office"), timezone.now()
    made: Callable[..., Any] = exports.WRITERS[ending]
    with translation.override("zh-hans"), tempfile.TemporaryFile() as stream:
        told = list_for("register", actor=office, asked=QueryDict("sort=ref"), at=at)
        before, start, cpu = _peak(), time.perf_counter(), time.process_time()
        made(_first(told, rows), stream, None)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        size = stream.seek(0, io.SEEK_END)
    growth = round(_peak() - before, 1)
    notes = {"rows": rows, "bytes": size, "peak_growth_mib": growth, "cpu_seconds": round(cpu, 1)}
    notes["load"] = os.getloadavg()[0]
    return _outcome(f"export_{rows}_{ending}", f"seconds for {rows:,} rows of the register", seconds, LIMIT, notes)


def _first(told: Any, rows: int) -> Any:
    if told.count < rows:
        raise RuntimeError(f"the world holds {told.count} rows only")
    return replace(told, rows=islice(told.rows, rows), count=rows)
