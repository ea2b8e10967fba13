"""What time does by itself: lights turn, dates pass. Due rows are claimed once, in batches, one entry a batch."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
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
    due = Commitment.objects.filter(next_due_at__lte=at).select_related("lead", "programme").order_by("next_due_at")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(of=("self",), skip_locked=True)
    rows = list(due[:BATCH])
    if not rows:
        return 0
    changes: list[tuple[str, int, rollup.Summary]] = []
    newly_missed = []
    for row in rows:
        before, missed = row.summary(), row.missed
        projections.turn_light(row, at=at)
        if row.missed and not missed:
            row.version += 1
            newly_missed.append(row)
        changes.append((row.lead.path, row.matter_id, row.summary() - before))
    Commitment.objects.bulk_update(rows, ["light", "next_due_at", "missed", "version"], batch_size=250)
    projections.append_deltas(changes)
    if newly_missed:
        ledger.append(
            events.DatesPassed(ref=newly_missed[0].ref, missed=len(newly_missed)),
            actor=actor,
            at=at,
            after={row.ledger_key: row.ledger_state() for row in newly_missed},
            subjects=tuple(row.ref for row in newly_missed),
        )
    return len(rows)
