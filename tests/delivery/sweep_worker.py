"""A clock that takes the steps due at a moment and can be killed; it says on standard output where it is.

python -m tests.delivery.sweep_worker MOMENT [WHERE]     (the database and settings come from the environment)

WHERE is ``approvals``, ``answers`` or ``extensions`` (it chases these instead), ``told`` (everything of the batch is
written, nothing committed) or ``done`` (after the first batch's commit): there it says a line and waits to be killed.
Without it, it takes everything and says how many rows it looked at.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import Any


def main(moment: str, where: str) -> None:
    """Take the steps; wait for ever where told."""
    import django

    django.setup()
    from luoshi.delivery.services import chasing_waiting, escalating
    from luoshi.ledger import services as ledger
    from luoshi.rules.permissions import SYSTEM

    at = dt.datetime.fromisoformat(moment)

    def wait() -> None:
        sys.stdout.write(f"{where}\n")
        sys.stdout.flush()
        time.sleep(600)

    chases = dict(zip(("approvals", "answers", "extensions"), chasing_waiting.CHASES, strict=True))
    append = ledger.append

    def appended(*args: Any, **kwargs: Any) -> Any:
        entry = append(*args, **kwargs)
        wait()
        return entry

    if where == "told":
        ledger.append = appended
    looked = 0
    if where in chases:
        while some := chases[where](actor=SYSTEM, at=at, limit=2):
            looked += some
    while some := where not in chases and escalating.take_steps(actor=SYSTEM, at=at, limit=3):
        looked += some
        if where == "done":
            wait()
    sys.stdout.write(f"{looked}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
