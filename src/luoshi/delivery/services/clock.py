"""What time does by itself: lights turn, dates pass. Due rows are claimed once, in batches, one entry a batch."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection, transaction

from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment, Sweep
from luoshi.delivery.services import batches
from luoshi.ledger import services as ledger
from luoshi.office.models.many import set_rows
from luoshi.rules import rollup
from luoshi.rules.permissions import Actor

BATCH = 500


@transaction.atomic
def pass_dates(*, actor: Actor, at: datetime) -> int:
    """Turn the lights of at most 500 commitments whose stored moment is due on or before ``at``（到点）.

    Rows another tick holds are skipped; a row once handled has a later moment or none, so no step is taken twice, and
    after an outage everything still due is taken. Newly missed dates are governed and go into one ledger entry.

    Returns:
        how many were handled; zero means nothing is due.
    """
    began = time.monotonic()
    due = Commitment.objects.filter(next_due_at__lte=at).select_related("lead", "programme").order_by("next_due_at")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(of=("self",), skip_locked=True)
    rows = list(due[:BATCH])
    if not rows:
        return 0
    oldest = rows[0].next_due_at
    changes: list[tuple[str, int, rollup.Summary]] = []
    newly_missed = []
    for row in rows:
        before, missed = row.summary(), row.missed
        projections.turn_light_alone(row, at=at)
        if row.missed and not missed:
            row.version += 1
            newly_missed.append(row)
        changes.append((row.lead.path, row.matter_id, row.summary() - before))
    set_rows(rows, ["light", "next_due_at", "missed", "version"])
    projections.append_deltas(changes)
    entry = None
    if newly_missed:
        entry = ledger.append(
            events.DatesPassed(ref=newly_missed[0].ref, missed=len(newly_missed)),
            actor=actor,
            at=at,
            after={row.ledger_key: row.ledger_state() for row in newly_missed},
            subjects=tuple(row.ref for row in newly_missed),
        )
    taken = len(newly_missed)
    batches.ran(Sweep.What.LIGHTS, at=at, rows=len(rows), taken=taken, oldest_at=oldest, began=began, entry=entry)
    return len(rows)
