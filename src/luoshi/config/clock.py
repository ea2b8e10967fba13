"""What one turn of the clock does（时钟）: number entries, then whatever has come due, each part on its own."""

from __future__ import annotations

import gc
import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType

from django.db import DatabaseError, connection
from django.utils import timezone

from luoshi.accounts import services as accounts
from luoshi.assurance import jobs as assurance
from luoshi.delivery import jobs as delivery
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Pending
from luoshi.meetings import jobs as meetings
from luoshi.office import jobs as office
from luoshi.office import services as messages
from luoshi.office.adapters import heartbeat

log = logging.getLogger("luoshi.tick")

CHECKPOINT_EVERY = timedelta(hours=1)
FORGET_EVERY = timedelta(hours=1)
SEQUENCE_EVERY = 1.0
"""Seconds between two numberings in the loop: an entry waits at most two seconds for its number."""
JOBS_EVERY = 2.0
"""Seconds at most between two looks for waiting jobs in the loop: somebody may be watching the progress page."""
MESSAGES_EVERY = 1.0
"""Seconds at most between two looks for messages to be sent in the loop: an alarm must not wait for a slow sweep."""
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait after a database error, and after each further one; the last repeats."""


def sequence(at: datetime) -> int:
    """Number every committed entry; returns how many. Without one waiting it takes no lock."""
    count = 0
    if not Pending.objects.exists():
        return 0
    while done := ledger.sequence_pending(at):
        count += done
    return count


@dataclass
class Turn:
    """One process's clock: remembers only when the hourly parts were last done here."""

    last: dict[str, datetime] = field(default_factory=dict)

    def work(self, at: datetime, *, with_jobs: bool = True, with_messages: bool = True) -> dict[str, int]:
        """Everything due on or before ``at``, each part by itself: one that fails does not stop the others.

        Args:
            at: now.
            with_jobs: whether waiting jobs are run here, too; the loop runs them beside it.
            with_messages: whether messages are sent here, too; the loop sends them beside it, as well.

        Returns:
            what was done, by name; a part that failed is absent and logged.

        Raises:
            DatabaseError: the database does not answer, so the rest cannot be done either.
        """
        counts: dict[str, int] = {}
        began = time.monotonic()
        parts: list[tuple[str, Callable[[], int | dict[str, int] | None], timedelta | None]] = [
            ("numbered", lambda: sequence(at), None),
            ("delivery", lambda: delivery.tick(at), None),
            ("look_back_days", lambda: assurance.tick(at), None),
            ("papers_reminded", lambda: meetings.tick(at), None),
            ("indexed", messages.index_due, None),
            ("jobs_started", lambda: len(office.start_periodic(at)), None),
            ("jobs_run", lambda: office.run_ready(at) if with_jobs else 0, None),
            ("messages_sent", lambda: messages.deliver_all() if with_messages else 0, None),
            ("numbered_after", lambda: sequence(timezone.now()), None),
            ("checkpoints", lambda: int(ledger.checkpoint(timezone.now()) is not None), CHECKPOINT_EVERY),
            ("texts_forgotten", messages.forget_texts, FORGET_EVERY),
            ("keys_forgotten", lambda: accounts.forget_old_keys(at=at), FORGET_EVERY),
        ]
        for name, part, every in parts:
            if every is not None and name in self.last and at - self.last[name] < every:
                continue
            try:
                done = part()
            except DatabaseError:
                raise
            except Exception:
                log.exception("this part of the tick failed: %s", name)
                continue
            if every is not None:
                self.last[name] = at
            counts.update(done if isinstance(done, dict) else {name: done or 0})
        counts["numbered"] = counts.get("numbered", 0) + counts.pop("numbered_after", 0)
        heartbeat.beat(timezone.now(), seconds=time.monotonic() - began, counts=counts)
        return counts


def loop(every: float) -> None:
    """Turn until SIGTERM or SIGINT: numbering each second, the rest every ``every`` seconds; survives the database.

    Jobs run in a thread of their own, so do messages, and so does the rest: no entry waits for its number, no light for
    its turn and no alarm to leave, because an import takes long or a mail server answers slowly.
    """
    stop = threading.Event()
    gc.collect()
    gc.freeze()  # what is loaded stays, as in the web server: the collector need not look through it at every turn

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    turn = Turn()
    parts = {
        "due": (every, lambda: turn.work(timezone.now(), with_jobs=False, with_messages=False)),
        "jobs": (min(every, JOBS_EVERY), lambda: office.run_ready(timezone.now())),
        "messages": (min(every, MESSAGES_EVERY), messages.deliver_all),
    }
    threads = [
        threading.Thread(target=_steadily, args=(stop, *part), name=f"luoshi-{name}", daemon=True)
        for name, part in parts.items()
    ]
    for thread in threads:
        thread.start()
    try:
        _steadily(stop, SEQUENCE_EVERY, lambda: sequence(timezone.now()))
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=4)
        for number, handler in before.items():
            signal.signal(number, handler)


def _steadily(stop: threading.Event, every: float, act: Callable[[], object]) -> None:
    """Do ``act`` every so many seconds; after an error wait longer and longer, with a fresh connection."""
    falls = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            act()
            falls = 0
            pause = max(0.05, every - (time.monotonic() - began))
        except Exception as error:
            level = log.warning if isinstance(error, DatabaseError) else log.exception
            level("the tick waits: %s", error)
            connection.close()
            pause = PAUSES[min(falls, len(PAUSES) - 1)]
            falls += 1
        stop.wait(pause)
    connection.close()
