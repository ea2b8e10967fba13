"""Reads worth a name; every one of them fetches *with* permission."""

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
from luoshi.delivery.queries.totals import cells, programme_for, programmes

__all__ = [
    "IMPORT_ACTS",
    "IMPORT_LEDGER",
    "beyond_area",
    "breakdown_price",
    "cells",
    "commitment_for",
    "handed_in",
    "import_for",
    "lock_commitment",
    "lock_commitments",
    "possible_leads",
    "programme_for",
    "programmes",
    "sheet_map",
    "timeline",
    "verifying_unit_for",
    "visible",
]
