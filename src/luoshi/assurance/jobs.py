"""Jobs of assurance: what the clock does by itself. The clock is read by whoever calls."""

from __future__ import annotations

from datetime import datetime

from luoshi.assurance.services import looking_back
from luoshi.rules.permissions import SYSTEM


def tick(at: datetime) -> dict[str, int]:
    """Draw the look-backs of every day due by ``at``, in order（回头看）; safe to run anywhere, any number of times."""
    drawn = 0
    for programme, on in looking_back.look_backs_due(at):
        if looking_back.draw_look_backs(actor=SYSTEM, programme=programme, on=on, at=at) is not None:
            drawn += 1
    return {"look_back_days": drawn}
