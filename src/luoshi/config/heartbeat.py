"""The pulse of the clock（心跳）: a small file beside the files of this installation, touched after every tick.

A file and not a row: a tick that finds nothing to do writes nothing into the database, and a database that fails can
still be told apart from a clock that stands still.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings


def place() -> Path:
    """Where the pulse is kept."""
    return Path(settings.STATE) / "tick.beat"


def beat(at: datetime) -> None:
    """Note that a tick was finished at ``at``."""
    kept = place()
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".new")
    fresh.write_text(at.isoformat())
    fresh.replace(kept)


def age(at: datetime) -> int | None:
    """Whole seconds since the last finished tick; None when there was none or it cannot be read."""
    try:
        return max(0, int((at - datetime.fromisoformat(place().read_text().strip())).total_seconds()))
    except (OSError, ValueError, TypeError):
        return None
