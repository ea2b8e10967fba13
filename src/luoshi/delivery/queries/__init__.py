"""Reads worth a name; every one of them fetches *with* permission."""

from luoshi.delivery.queries.bulk import (
    BULK_ACTS,
    CLEAR_PLANS,
    TELL_BULK,
    bulk_for,
    bulk_page,
    do_kind,
    every_refusal,
    plan_kind,
    subjects,
    to_close,
)
from luoshi.delivery.queries.imports import IMPORT_ACTS, IMPORT_LEDGER, handed_in, import_for, sheet_map
from luoshi.delivery.queries.register import (
    beyond_area,
    breakdown_price,
    commitment_for,
    lock_commitment,
    lock_commitments,
    possible_leads,
    timeline,
    verifying_unit_for,
    visible,
)
from luoshi.delivery.queries.totals import cells, cells_state, kept_totals, programme_for, programmes

__all__ = [
    "BULK_ACTS",
    "CLEAR_PLANS",
    "IMPORT_ACTS",
    "IMPORT_LEDGER",
    "TELL_BULK",
    "beyond_area",
    "breakdown_price",
    "bulk_for",
    "bulk_page",
    "cells",
    "cells_state",
    "commitment_for",
    "do_kind",
    "every_refusal",
    "handed_in",
    "import_for",
    "kept_totals",
    "lock_commitment",
    "lock_commitments",
    "plan_kind",
    "possible_leads",
    "programme_for",
    "programmes",
    "sheet_map",
    "subjects",
    "timeline",
    "to_close",
    "verifying_unit_for",
    "visible",
]
