"""Reads of the ledger: entries and proofs, the audit, the export."""

from luoshi.ledger.queries.auditing import Difference, Report, audit
from luoshi.ledger.queries.exporting import export_lines
from luoshi.ledger.queries.reading import (
    Head,
    about,
    consistency,
    done_from,
    entries_for,
    entry_facts,
    get_entry,
    head,
    inclusion,
    listed,
    mark,
    number_of,
    person_is,
    said,
)
from luoshi.ledger.queries.snapshots import snapshot

__all__ = [
    "Difference",
    "Head",
    "Report",
    "about",
    "audit",
    "consistency",
    "done_from",
    "entries_for",
    "entry_facts",
    "export_lines",
    "get_entry",
    "head",
    "inclusion",
    "listed",
    "mark",
    "number_of",
    "person_is",
    "said",
    "snapshot",
]
