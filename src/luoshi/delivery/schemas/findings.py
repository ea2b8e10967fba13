"""Answers about findings and objections（疑点、申辩）."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from luoshi.delivery.models import Finding, FindingEvidence, Objection
from luoshi.delivery.queries.objecting import LateDecision
from luoshi.delivery.schemas.answers import UnitName


class ShownOut(BaseModel):
    """One thing a finding rests on: a piece of the unit's evidence, a file of whoever found, or an address."""

    id: int
    name: str
    digest: str
    url: str
    evidence: int | None

    @staticmethod
    def of(row: FindingEvidence) -> ShownOut:
        """The piece."""
        return ShownOut(id=row.pk, name=row.name, digest=row.digest, url=row.url, evidence=row.piece_id)


class FindingOut(BaseModel):
    """A finding: what it rests on, the unit's answer, and the conclusion with its reason."""

    id: int
    words: str
    evidence: str
    shown: list[ShownOut]
    found_at: dt.datetime
    found_by: str
    found_by_unit: UnitName
    answer: str
    answered_at: dt.datetime | None
    conclusion: str
    reason: str
    concluded_at: dt.datetime | None
    concluded_by: str | None

    @staticmethod
    def of(row: Finding) -> FindingOut:
        """The finding, by posts and never by persons."""
        return FindingOut(
            id=row.pk,
            words=row.words,
            evidence=row.evidence,
            shown=[ShownOut.of(one) for one in row.shown.all()],
            found_at=row.at,
            found_by=row.by_post.ref,
            found_by_unit=UnitName.of(row.by_post.unit),
            answer=row.answer,
            answered_at=row.answered_at,
            conclusion=row.conclusion,
            reason=row.reason,
            concluded_at=row.concluded_at,
            concluded_by=row.concluded_by_post.ref if row.concluded_by_post else None,
        )


class ObjectionOut(BaseModel):
    """An objection, until when it is decided, and the decision with its reason."""

    id: int
    words: str
    raised_at: dt.datetime
    raised_by: str
    decide_by_on: dt.date
    upheld: bool | None
    decision: str
    decided_at: dt.datetime | None
    decided_by: str | None

    @staticmethod
    def of(row: Objection) -> ObjectionOut:
        """The objection, by posts and never by persons."""
        return ObjectionOut(
            id=row.pk,
            words=row.words,
            raised_at=row.at,
            raised_by=row.by_post.ref,
            decide_by_on=row.decide_by_on,
            upheld=row.upheld,
            decision=row.decision,
            decided_at=row.decided_at,
            decided_by=row.decided_by_post.ref if row.decided_by_post else None,
        )


class LateDecisionOut(BaseModel):
    """An objection that is not decided in time: whose decision, about whom, since when."""

    ref: str
    title: str
    objection: int
    owed_by: UnitName
    owed_to: UnitName
    decide_by_on: dt.date
    days_late: int
    ours: bool

    @staticmethod
    def of(one: LateDecision) -> LateDecisionOut:
        """The answer for one of them."""
        commitment = one.objection.commitment
        return LateDecisionOut(
            ref=commitment.ref,
            title=commitment.title,
            objection=one.objection.pk,
            owed_by=UnitName.of(one.unit),
            owed_to=UnitName.of(commitment.lead),
            decide_by_on=one.objection.decide_by_on,
            days_late=one.days,
            ours=one.ours,
        )


class LateDecisionsOut(BaseModel):
    """Objections that are not decided in time, the oldest first, and how many there are."""

    total: int
    items: list[LateDecisionOut]
