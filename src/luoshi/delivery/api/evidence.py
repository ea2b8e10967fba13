"""Findings, objections and evidence of a commitment over the API（问题与佐证接口）."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Query

from luoshi.delivery import queries
from luoshi.delivery.api.doors import Limit, Number, PieceId, RefPath, router
from luoshi.delivery.queries import evidence, objecting, pages
from luoshi.delivery.schemas import answers, findings
from luoshi.delivery.views.evidence import preview_response
from luoshi.office.views import serve_file
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for_request


@router.get("/commitments/{ref}/findings", response=list[findings.FindingOut], operation_id="list_findings")
def list_findings(request: HttpRequest, ref: RefPath) -> list[findings.FindingOut]:
    """The newest hundred findings of a commitment, each with what it rests on, its answer and its conclusion."""
    rows = objecting.findings_of(actor_for_request(request, timezone.now()), ref)
    return [findings.FindingOut.of(row) for row in rows[:100]]


@router.get("/commitments/{ref}/findings/files/{shown_id}", operation_id="get_finding_file")
def get_finding_file(request: HttpRequest, ref: RefPath, shown_id: PieceId) -> HttpResponseBase:
    """A file that a finding rests on."""
    shown = objecting.finding_file(actor_for_request(request, timezone.now()), ref, shown_id)
    if shown.file is None:
        raise Refused("not_found")
    return serve_file(request, shown.file, shown.name, inline=False)


@router.get("/commitments/{ref}/objections", response=list[findings.ObjectionOut], operation_id="list_objections")
def list_objections(request: HttpRequest, ref: RefPath) -> list[findings.ObjectionOut]:
    """The newest hundred objections of a commitment, each with the day by which it is decided, and the decision."""
    rows = objecting.objections_of(actor_for_request(request, timezone.now()), ref)
    return [findings.ObjectionOut.of(row) for row in rows[:100]]


@router.get("/commitments/{ref}/evidence", response=answers.EvidencePage, operation_id="list_evidence")
def list_evidence(
    request: HttpRequest, ref: RefPath, parts: bool = False, before: Number = None, limit: Limit = 50
) -> answers.EvidencePage:
    """What stands behind the reports, newest first; with ``parts`` also behind those of the parts below."""
    actor = actor_for_request(request, timezone.now())
    _commitment, pieces, following = evidence.evidence_page(actor, ref, parts=parts, before=before, limit=limit)
    return answers.EvidencePage(items=[answers.EvidencePiece.told(one) for one in pieces], next=following)


@router.get("/commitments/{ref}/reusable-evidence", response=answers.ReusableEvidence, operation_id="list_reusable")
def list_reusable(request: HttpRequest, ref: RefPath) -> answers.ReusableEvidence:
    """Files the unit has handed in before, each content once; a report names their ids in ``reuse``."""
    actor = actor_for_request(request, timezone.now())
    rows = evidence.reusable(actor, queries.commitment_for(actor, ref))[: evidence.OFFERED]
    return answers.ReusableEvidence(items=[answers.EvidenceOut.of(one) for one in rows])


@router.get("/commitments/{ref}/evidence/{evidence_id}", response=answers.EvidenceDetail, operation_id="get_evidence")
def get_evidence(request: HttpRequest, ref: RefPath, evidence_id: PieceId) -> answers.EvidenceDetail:
    """One piece, its versions, and where else the same file stands within the caller's scope."""
    actor = actor_for_request(request, timezone.now())
    _commitment, piece = evidence.evidence_piece(actor, ref, evidence_id)
    chain = [answers.EvidenceOut.of(one) for one in evidence.versions(piece.item)]
    return answers.EvidenceDetail(**dict(answers.EvidencePiece.told(piece)), versions=chain)


@router.get("/commitments/{ref}/evidence/{evidence_id}/preview", operation_id="get_preview")
def get_preview(
    request: HttpRequest,
    ref: RefPath,
    evidence_id: PieceId,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Literal["thumb", "sheet"] = "sheet",
) -> HttpResponseBase:
    """A picture, or one of the first 20 pages of a PDF, drawn as JPEG; the longer side has 320 or 1400 pixels."""
    item = pages.evidence_for(actor_for_request(request, timezone.now()), ref, evidence_id)
    return preview_response(request, item, page, thumb=size == "thumb", placeholder=False)
