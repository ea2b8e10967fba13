"""Bulk acts over the API（批量办理）."""

from __future__ import annotations

from pydantic import BaseModel

from luoshi.delivery.models import Bulk, BulkSubject
from luoshi.delivery.schemas.answers.marks import said


class BulkOut(BaseModel):
    """A bulk act: its plan, how far it is, and what it led to. Confirm with the ``digest`` of the plan looked at."""

    id: int
    act: str
    state: str
    total: int
    eligible: int
    refused: int
    price: dict[str, int]
    digest: str
    refusal: dict[str, str] | None
    plan_job: int | None
    do_job: int | None
    entry: int | None

    @classmethod
    def of(cls, row: Bulk) -> BulkOut:
        """From the row."""
        return cls(
            id=row.pk,
            act=row.act,
            state=row.state,
            total=row.total,
            eligible=row.eligible,
            refused=row.refused,
            price=row.price,
            digest=row.digest,
            refusal={"code": row.refusal["code"], "detail": said(row.refusal)} if row.refusal else None,
            plan_job=row.plan_job_id,
            do_job=row.do_job_id,
            entry=row.entry_id,
        )


class BulkPage(BaseModel):
    """Bulk acts, the newest first; ``next`` is the cursor of the page that follows."""

    items: list[BulkOut]
    next: int | None


class BulkSubjectOut(BaseModel):
    """One subject: a commitment by its number, or a unit by its id; refused with a code and a sentence."""

    place: int
    ref: str
    unit: int | None
    version: int | None
    code: str
    detail: str
    late: bool

    @classmethod
    def of(cls, row: BulkSubject) -> BulkSubjectOut:
        """From the row."""
        return cls(
            place=row.place,
            ref=row.ref,
            unit=row.unit_id,
            version=row.version,
            code=row.code,
            detail=said(row.refusal) if row.refusal else "",
            late=row.late,
        )


class BulkSubjects(BaseModel):
    """Subjects of one outcome in the order of the list."""

    items: list[BulkSubjectOut]
    next: int | None
