"""What the API tells about evidence（佐证）."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from luoshi.delivery.models import Evidence
from luoshi.delivery.queries.evidence import Piece
from luoshi.delivery.schemas.answers.marks import UnitName


class EvidenceOut(BaseModel):
    """What stands behind a report: a file by its digest, or a link."""

    id: int
    name: str
    digest: str
    url: str

    @staticmethod
    def of(evidence: Evidence) -> EvidenceOut:
        """The evidence."""
        return EvidenceOut(id=evidence.pk, name=evidence.name, digest=evidence.digest, url=evidence.url)


class EvidencePiece(EvidenceOut):
    """One piece of evidence with its report, what corrected it and where else the same file stands.

    ``uses`` are the places within the caller's scope that he may be told of: a fact, no verdict.
    """

    commitment: str
    report: int
    media_type: str
    size: int | None
    added_at: dt.datetime
    by_post: str
    by_unit: UnitName
    supersedes: int | None
    superseded_by: int | None
    uses: list[EvidenceUse]

    @staticmethod
    def told(piece: Piece) -> EvidencePiece:
        """The piece."""
        item = piece.item
        return EvidencePiece(
            **dict(EvidenceOut.of(item)),
            commitment=item.report.commitment.ref,
            report=item.report_id,
            media_type=item.file.media_type if item.file else "",
            size=item.file.size if item.file else None,
            added_at=item.added_at,
            by_post=item.report.by_post.ref,
            by_unit=UnitName.of(item.report.by_post.unit),
            supersedes=item.supersedes_id,
            superseded_by=piece.newer.pk if piece.newer else None,
            uses=[EvidenceUse.of(one) for one in piece.uses],
        )


class EvidenceUse(BaseModel):
    """Another place of the same file."""

    id: int
    commitment: str
    report: int
    name: str
    unit: UnitName
    added_at: dt.datetime

    @staticmethod
    def of(item: Evidence) -> EvidenceUse:
        """The place."""
        return EvidenceUse(
            id=item.pk,
            commitment=item.report.commitment.ref,
            report=item.report_id,
            name=item.name,
            unit=UnitName.of(item.report.commitment.lead),
            added_at=item.added_at,
        )


class EvidencePage(BaseModel):
    """Evidence, newest first; ``next`` is the cursor of the page that follows, or null."""

    items: list[EvidencePiece]
    next: int | None


class EvidenceDetail(EvidencePiece):
    """One piece with its chain of corrections, the oldest first."""

    versions: list[EvidenceOut]


class ReusableEvidence(BaseModel):
    """Files this unit has handed in before; a report names their ids in ``reuse``. At most 60, newest first."""

    items: list[EvidenceOut]
