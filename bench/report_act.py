"""One report by POST plus the province's row by GET, against a bare transaction of the same row updates.

Our side: the HTTP stack in process, a bearer token, permission in the query, the table of rules, screening, the ledger
entry, the cells' deltas; the answer holds the entry's id; then the board row of the province. The floor: the very rows
that an act writes (found by running one), by plain SQL on one connection, and the one SELECT of the province's row.
Both on PostgreSQL, each act durable on disk; and once more without waiting for the disk.
"""

from __future__ import annotations

import json
import os
from typing import Any

from tests.postgres import DURABLE, cluster

COMMITMENTS = 200


def measure(durable: bool) -> list[Any]:
    """Set a world up in a throw-away cluster and compare; returns the outcomes."""
    with cluster(DURABLE if durable else None) as url:
        os.environ.update(LUOSHI_DATABASE_URL=url, LUOSHI_SECRET_KEY="bench", LUOSHI_DEBUG="0", LUOSHI_PLAIN_HTTP="1")
        os.environ["LUOSHI_HOSTS"] = "testserver"
        os.environ["DJANGO_SETTINGS_MODULE"] = "luoshi.config.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        try:
            return [_compare(durable)]
        finally:
            connection.close()


def _compare(durable: bool) -> Any:
    from django.conf import settings
    from django.db import connection, transaction
    from django.test import Client
    from django.utils import timezone
    from tests.delivery import world as worlds

    from bench.harness import compare
    from luoshi.accounts import services as accounts
    from luoshi.delivery.models import Commitment

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world = worlds.build()
    refs = [world.accepted().ref for _ in range(COMMITMENTS)]
    rows = {c.ref: c.pk for c in Commitment.objects.filter(ref__in=refs)}
    _token, plain = accounts.create_token(
        user=world.users["a_handler"],
        name="bench",
        actor=world.who("a_handler"),
        at=timezone.now(),
        post_ref="P-a_handler",
    )
    client = Client(HTTP_AUTHORIZATION=f"Bearer {plain}")
    province = world.units["530000"].pk

    def ours(i: int) -> None:
        body = {"percent": i % 100, "words": f"管网接通 {i} 米", "next_step": "继续"}
        answer = client.post(
            f"/api/v1/commitments/{refs[i % COMMITMENTS]}/report", json.dumps(body), content_type="application/json"
        )
        if answer.status_code != 200 or not answer.json()["entry"]["id"]:
            raise RuntimeError(answer.content)
        row = client.get(f"/api/v1/board?programme=ten&unit={province}")
        if row.status_code != 200:
            raise RuntimeError(row.content)

    ours(0)
    written = _statements(lambda: ours(1))
    matter = world.matter.pk
    columns = "unit_id, matter_id, " + ", ".join(_columns())
    sums = ", ".join(f"sum({name})" for name in _columns())

    def floor(i: int) -> None:
        pk = rows[refs[i % COMMITMENTS]]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM delivery_commitment WHERE id = %s FOR UPDATE", [pk])
            entry = None
            for sql, params in written:
                cursor.execute(sql, [entry, *params[1:]] if any(name in sql for name in OF_THE_ENTRY) else params)
                if '"ledger_entry"' in sql:
                    entry = cursor.fetchone()[0]
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

    notes = {"durable": durable, "commitments": COMMITMENTS, "statements_of_the_floor": len(written) + 3}
    return compare(
        f"report_post_and_row_get_{'durable' if durable else 'no_disk_wait'}",
        "one report by POST (answers with its entry id) and GET of the row of the prefecture and its province",
        ours,
        floor,
        limit=8.0,
        notes=notes,
    )


def _columns() -> tuple[str, ...]:
    from luoshi.rules import rollup

    return rollup.COLUMNS


def _statements(act: Any) -> list[tuple[str, Any]]:
    """The INSERTs of one act in their order, so that the floor writes the same rows."""
    from django.db import connection

    seen: list[tuple[str, Any]] = []

    def spy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(spy):
        act()
    return [(sql, params) for sql, params in seen if sql.startswith("INSERT")]


#: Rows that hang on the ledger entry, whose id comes first.
OF_THE_ENTRY = ("ledger_entrypayload", "ledger_entrysubject", "ledger_pending")
