"""One report by POST plus the province's row by GET, in the full world; alone, and from eight clients at once.

Our side: the HTTP stack in process, a bearer token, permission in the query, the table of rules, screening, the ledger
entry, the cells' deltas; the answer holds the entry's id; then the board row of the province. The floor: the very rows
that an act writes (found by running one), by the same statements on one connection, and the one SELECT of that row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from bench import harness, world
from bench.serving import serving

CLIENTS = 8
SECONDS = 8.0


def townships(count: int) -> list[tuple[str, list[str]]]:
    """Townships whose handlers report: the sign-in name and the commitments accepted there."""
    from luoshi.delivery.models import Commitment
    from luoshi.rules import paths
    from luoshi.units.models import Unit

    found = []
    for unit in Unit.objects.filter(level="township", kind="area").order_by("path"):
        inside = Commitment.objects.filter(state="accepted", **paths.subtree("lead__path", unit.path))
        refs = list(inside.order_by("ref").values_list("ref", flat=True))
        if refs:
            found.append((f"{unit.code}-handler", refs))
        if len(found) == count:
            break
    return found


def body_of(i: int) -> dict[str, Any]:
    """What the report number ``i`` says."""
    return {"percent": i % 100, "words": f"管网接通 {i} 米", "next_step": "继续"}


def report_step() -> Callable[[int], None]:
    """One report by POST."""
    from django.test import Client

    client, places = Client(), townships(CLIENTS)
    seats = [(f"Bearer {world.token(name)}", refs) for name, refs in places]

    def step(i: int) -> None:
        bearer, refs = seats[i % len(seats)]
        answer = client.post(
            f"/api/v1/commitments/{refs[i // len(seats) % len(refs)]}/report",
            json.dumps(body_of(i)),
            content_type="application/json",
            HTTP_AUTHORIZATION=bearer,
        )
        if answer.status_code != 200 or not answer.json()["entry"]["id"]:
            raise RuntimeError(answer.content)

    step(0)
    return step


def row_step() -> Callable[[int], None]:
    """The board row of the province by GET; figures are folded first, as the clock does every minute."""
    from django.test import Client

    from luoshi.delivery import projections
    from luoshi.delivery.models import Programme
    from luoshi.units.models import Unit

    while projections.fold():
        pass

    client = Client(HTTP_AUTHORIZATION=f"Bearer {world.token('handler')}")
    province = Unit.objects.get(level="province", kind="area").pk
    address = f"/api/v1/board?programme={Programme.objects.get().key}&unit={province}&view=own"

    def step(_i: int) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(answer.content)

    step(0)
    return step


def _statements(act: Callable[[int], None], i: int) -> list[tuple[str, Any]]:
    """The statements of one act that insert, in their order, so that the floor writes the same rows."""
    from django.db import connection

    seen: list[tuple[str, Any]] = []

    def spy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(spy):
        act(i)
    return [(sql, params) for sql, params in seen if "INSERT INTO" in sql]


def alone() -> harness.Outcome:
    """One client: report and row against the same rows in a bare transaction."""
    from django.db import connection, transaction

    from luoshi.delivery import projections
    from luoshi.delivery.models import Commitment, Matter
    from luoshi.rules import rollup
    from luoshi.units.models import Unit

    report, row = report_step(), row_step()
    refs = [ref for _name, refs in townships(CLIENTS) for ref in refs]
    rows = dict(Commitment.objects.filter(ref__in=refs).values_list("ref", "pk"))
    matter = Matter.objects.order_by("number")[0].pk
    province = Unit.objects.get(level="province", kind="area").pk
    written: list[tuple[str, Any]] = []
    number = 0
    while not any("celldelta" in sql for sql, _params in written):  # one that changes what its cells say
        number += 1
        written = _statements(report, number)
    columns = "unit_id, matter_id, " + ", ".join(rollup.COLUMNS)
    sums = ", ".join(f"sum({name})" for name in rollup.COLUMNS)

    def ours(i: int) -> None:
        report(i)
        row(i)

    def floor(i: int) -> None:
        pk = rows[refs[i % len(refs)]]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM delivery_commitment WHERE id = %s FOR UPDATE", [pk])
            for sql, params in written:
                cursor.execute(sql, params)
            cursor.execute(
                "UPDATE delivery_commitment SET said = %s, version = version + 1 WHERE id = %s", [i % 100, pk]
            )
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {sums} FROM (SELECT {columns} FROM delivery_cell UNION ALL SELECT {columns} "
                "FROM delivery_celldelta) both_ WHERE unit_id = %s AND matter_id = %s",
                [province, matter],
            )
            cursor.fetchall()

    def fold() -> None:
        while projections.fold():
            pass

    return harness.compare(
        "report_post_and_row_get",
        "one report by POST (answers with its entry id) and GET of the province's row, against a bare transaction of "
        "the same rows and one SELECT",
        ours,
        floor,
        limit=8.0,
        steps=40,
        between=fold,
        notes={"statements_of_the_floor": len(written) + 3, "commitments": Commitment.objects.count()},
    )


def together() -> harness.Outcome:
    """Eight client processes against the real server: how many reports a second, and whether all of them stand."""
    from django.db import connection

    from luoshi.delivery import projections
    from luoshi.delivery.models import Commitment, Report
    from luoshi.ledger.models import Entry

    places = townships(CLIENTS)
    before = (Report.objects.count(), Entry.objects.filter(type="delivery.CommitmentReported").count())
    versions = sum(Commitment.objects.values_list("version", flat=True))
    told = 0
    rates: list[float] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        deadlocks = cursor.fetchone()[0]
    with serving(os.environ["LUOSHI_DATABASE_URL"], workers=2, threads=4) as address:
        for _round in range(7):
            clients = [
                subprocess.Popen(
                    [sys.executable, "-m", "bench.client", address, world.token(name), str(SECONDS), *refs],
                    cwd=harness.ROOT,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for name, refs in places
            ]
            done = [json.loads(client.communicate()[0]) for client in clients]
            if any(one["failed"] for one in done):
                raise RuntimeError(done)
            told += sum(one["done"] for one in done)
            rates.append(sum(one["done"] / one["seconds"] for one in done))
            while projections.fold():
                pass
    after = (Report.objects.count(), Entry.objects.filter(type="delivery.CommitmentReported").count())
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        deadlocks = cursor.fetchone()[0] - deadlocks
    lost = told - (after[0] - before[0])
    grown = sum(Commitment.objects.values_list("version", flat=True)) - versions
    if lost or after[1] - before[1] != told or grown != told or deadlocks:
        raise RuntimeError(f"told {told}, reports {after[0] - before[0]}, versions {grown}, deadlocks {deadlocks}")
    return harness.outcome(
        "reports_from_eight_clients",
        "seconds a report when eight client processes report at once over HTTP, against 1/120 s",
        [1000 / rate for rate in rates],
        [1000 / 120] * len(rates),
        limit=1.0,
        unit="ms a report",
        notes={
            "reports": told,
            "lost": lost,
            "deadlocks": deadlocks,
            "a_second": [round(rate) for rate in rates],
            "web_processes": 2,
        },
    )


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Both, on the full world."""
    world.connect(url)
    return [alone(), together()]
