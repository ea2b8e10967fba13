"""批量办理: one act on many commitments; planned and looked at first, then done with one ledger entry."""

from luoshi.delivery.services.bulk.doing import do_bulk
from luoshi.delivery.services.bulk.planning import (
    LIMIT,
    cancel_bulk,
    clear_plans,
    confirm_bulk,
    end,
    look_at_some,
    name_subjects,
    plan_bulk,
    seal,
)
from luoshi.delivery.services.bulk.telling import tell_bulk

__all__ = [
    "LIMIT",
    "cancel_bulk",
    "clear_plans",
    "confirm_bulk",
    "do_bulk",
    "end",
    "look_at_some",
    "name_subjects",
    "plan_bulk",
    "seal",
    "tell_bulk",
]
