"""批次: what every batch of the clock leaves behind, whatever it was about."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from luoshi.delivery import events
from luoshi.delivery.models import Sweep
from luoshi.ledger.models import Entry
from luoshi.rules.escalation import Rung


def ran(
    what: Sweep.What,
    *,
    at: datetime,
    rows: int,
    taken: int,
    oldest_at: datetime | None,
    began: float,
    entry: Entry | None,
) -> None:
    """Keep that a batch ran（到点记录）, for the page that shows the clock; in the transaction of the batch.

    Args:
        what: which part of the clock.
        at: the moment up to which it took what was due.
        rows: looked at.
        taken: steps taken, or dates newly missed.
        oldest_at: the oldest stored moment it found.
        began: when it began, by ``time.monotonic()``.
        entry: what proves it, when it took anything.
    """
    Sweep.objects.create(
        what=what,
        at=at,
        rows=rows,
        taken=taken,
        oldest_at=oldest_at,
        milliseconds=int((time.monotonic() - began) * 1000),
        entry_id=entry.pk if entry else None,
    )


def steps_taken(ref: str, rungs: Iterable[Rung], *, slips: int) -> events.StepsTaken:
    """What a batch of steps comes to: how many of which rung, in the order of the ladder, and slips proposed with them.

    Args:
        ref: what the first of them is about.
        rungs: the rung of each step.
        slips: how many were proposed.
    """
    counts = Counter(rungs)
    return events.StepsTaken(
        ref=ref,
        steps=counts.total(),
        rungs={rung.value: counts[rung] for rung in Rung if counts[rung]},
        slips=slips,
    )
