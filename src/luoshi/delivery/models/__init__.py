"""Tables of the heart, one noun a module."""

from luoshi.delivery.models.asking import Instruction, Request
from luoshi.delivery.models.bulk import Bulk, BulkSubject
from luoshi.delivery.models.cells import Cell, CellDelta, CellVersion, Snapshot, SnapshotCell
from luoshi.delivery.models.changing import BreakdownApproval, Extension, Stop
from luoshi.delivery.models.closing import Application, LookBack, Verification
from luoshi.delivery.models.commitments import Commitment, DutyReview, Support
from luoshi.delivery.models.findings import Finding, Objection
from luoshi.delivery.models.links import ShortLink
from luoshi.delivery.models.programmes import Authority, Matter, Programme, Series, SubMatter
from luoshi.delivery.models.reminding import Reminder
from luoshi.delivery.models.reporting import Evidence, Report
from luoshi.delivery.models.sheets import ImportedRow, SheetMap
from luoshi.delivery.models.timings import Timing

__all__ = [
    "Application",
    "Authority",
    "BreakdownApproval",
    "Bulk",
    "BulkSubject",
    "Cell",
    "CellDelta",
    "CellVersion",
    "Commitment",
    "DutyReview",
    "Evidence",
    "Extension",
    "Finding",
    "ImportedRow",
    "Instruction",
    "LookBack",
    "Matter",
    "Objection",
    "Programme",
    "Reminder",
    "Report",
    "Request",
    "Series",
    "SheetMap",
    "ShortLink",
    "Snapshot",
    "SnapshotCell",
    "Stop",
    "SubMatter",
    "Support",
    "Timing",
    "Verification",
]
