"""The pulse of the clock（心跳）: a small file beside the files of this installation, written after every tick.

A file and not a row: a tick that finds nothing to do writes nothing into the database, and a database that fails can
still be told apart from a clock that stands still.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Beat:
    """The last finished tick on this machine: when, how long it took (seconds), what it did."""

    at: datetime
    seconds: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)


def place() -> Path:
    """Where the pulse is kept."""
    return Path(settings.STATE) / "tick.beat"


def beat(at: datetime, *, seconds: float = 0.0, counts: Mapping[str, int] | None = None) -> None:
    """Note that a tick was finished at ``at``, how long it took and what it did."""
    kept = place()
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".new")
    told = json.dumps({"seconds": round(seconds, 3), "counts": dict(counts or {})})
    fresh.write_text(f"{at.isoformat()}\n{told}\n")
    fresh.replace(kept)


def last() -> Beat | None:
    """The last finished tick on this machine; None when there was none or it cannot be read."""
    try:
        when, *more = place().read_text().splitlines()
        told = json.loads(more[0]) if more else {}
        return Beat(datetime.fromisoformat(when.strip()), float(told.get("seconds", 0)), dict(told.get("counts", {})))
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def age(at: datetime) -> int | None:
    """Whole seconds since the last finished tick; None when there was none or it cannot be read."""
    found = last()
    try:
        return max(0, int((at - found.at).total_seconds())) if found is not None else None
    except TypeError:  # a moment without a zone
        return None
