"""Tables of the heart, one noun a module."""

from luoshi.delivery.models.asking import Forwarding, Instruction, Request
from luoshi.delivery.models.briefing import Brief
from luoshi.delivery.models.bulk import Bulk, BulkSubject
from luoshi.delivery.models.cells import Cell, CellDelta, CellVersion, Snapshot, SnapshotCell
from luoshi.delivery.models.changing import BreakdownApproval, Extension, Merging, Stop
from luoshi.delivery.models.closing import Application, LookBack, Verification
from luoshi.delivery.models.commitments import Commitment, DutyReview, Support
from luoshi.delivery.models.findings import Finding, FindingEvidence, Objection
from luoshi.delivery.models.ladders import Climbing, Ladder, LadderStep
from luoshi.delivery.models.links import ShortLink
from luoshi.delivery.models.programmes import Authority, Matter, Programme, Series, SubMatter
from luoshi.delivery.models.reminding import Reminder
from luoshi.delivery.models.reporting import Evidence, Report
from luoshi.delivery.models.sheets import ImportedRow, SheetMap
from luoshi.delivery.models.slips import Slip, SlipItem, SlipSeries, SupervisionPlan
from luoshi.delivery.models.sweeping import Sweep
from luoshi.delivery.models.timings import Timing

__all__ = [
    "Application",
    "Authority",
    "BreakdownApproval",
    "Brief",
    "Bulk",
    "BulkSubject",
    "Cell",
    "CellDelta",
    "CellVersion",
    "Climbing",
    "Commitment",
    "DutyReview",
    "Evidence",
    "Extension",
    "Finding",
    "FindingEvidence",
    "Forwarding",
    "ImportedRow",
    "Instruction",
    "Ladder",
    "LadderStep",
    "LookBack",
    "Matter",
    "Merging",
    "Objection",
    "Programme",
    "Reminder",
    "Report",
    "Request",
    "Series",
    "SheetMap",
    "ShortLink",
    "Slip",
    "SlipItem",
    "SlipSeries",
    "Snapshot",
    "SnapshotCell",
    "Stop",
    "SubMatter",
    "SupervisionPlan",
    "Support",
    "Sweep",
    "Timing",
    "Verification",
]
