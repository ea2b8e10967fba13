"""What the API tells about reports（反馈）."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from luoshi.delivery.models import Report
from luoshi.delivery.schemas.answers.evidence import EvidenceOut
from luoshi.delivery.schemas.answers.marks import UnitName, taken


class ReportOut(BaseModel):
    """A report."""

    id: int
    percent: int
    words: str
    problems: str
    next_step: str
    by_post: str
    for_unit: UnitName | None
    via: str
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    returned_at: dt.datetime | None
    return_reason: str
    return_by_on: dt.date | None
    disputed_at: dt.datetime | None
    dispute_reason: str
    evidence: list[EvidenceOut]

    @staticmethod
    def of(report: Report) -> ReportOut:
        """The report; needs post, unit and evidence loaded."""
        return ReportOut.model_validate(
            {
                **taken(report, ReportOut),
                "id": report.pk,
                "by_post": report.by_post.ref,
                "for_unit": UnitName.of(report.for_unit) if report.for_unit else None,
                "evidence": [EvidenceOut.of(one) for one in report.evidence.all()],
            }
        )


class ReportPage(BaseModel):
    """Reports, newest first; ``next`` is the cursor of the page that follows, or null."""

    items: list[ReportOut]
    next: int | None
