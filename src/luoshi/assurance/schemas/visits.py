"""What the API takes and gives of visits（走访的接口数据）."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from luoshi.assurance.models import Visit
from luoshi.assurance.queries import visits as reads
from luoshi.assurance.services.visiting import Said
from luoshi.rules.visiting import PHOTOS, Nearness, Outcome, Verdict

Words = Annotated[str, StringConstraints(max_length=4000)]
BATCH = 40
"""Records that may come in one request."""


class Strict(Schema):
    """Unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class VerdictIn(Strict):
    """The verdict on one criterion; ``text``, when told, must be the criterion's."""

    holds: bool
    words: Words = ""
    text: Annotated[str, StringConstraints(max_length=2000)] = ""


class PhotoIn(Strict):
    """A stored picture: send it to ``POST /files`` first."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, StringConstraints(max_length=150)] = "photo.jpg"


class RecordIn(Strict):
    """What was seen; ``occurred_at`` and ``sent_at`` by the clock of the telephone."""

    outcome: Literal["done", "unreachable"]
    holds: bool | None = None
    criteria: Annotated[list[VerdictIn], Field(max_length=100)] = []
    words: Words = ""
    place: Literal["", "near", "far"] = ""
    photos: Annotated[list[PhotoIn], Field(max_length=2 * PHOTOS)] = []
    occurred_at: datetime | None = None
    sent_at: datetime | None = None
    corrects: Words = ""

    def said(self) -> Said:
        """As the service takes it; a moment without a zone is not one."""
        zoned = [one if one is not None and one.tzinfo else None for one in (self.occurred_at, self.sent_at)]
        return Said(
            outcome=Outcome(self.outcome),
            holds=self.holds,
            criteria=[Verdict(one.text, one.holds, one.words) for one in self.criteria],
            words=self.words,
            place=Nearness(self.place),
            photos=[(one.digest, one.name) for one in self.photos],
            occurred_at=zoned[0],
            sent_at=zoned[1],
        )


class KeyedRecord(RecordIn):
    """A record among several: with the visit's key and the version looked at."""

    key: UUID
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class RecordsIn(Strict):
    """Several records in one request, for lines on which each request is dear."""

    records: Annotated[list[KeyedRecord], Field(min_length=1, max_length=BATCH)]


class CriterionOut(Schema):
    """A criterion, and its verdict once there is one."""

    text: str
    holds: bool | None = None
    words: str = ""


class PhotoOut(Schema):
    """A picture that went with a record."""

    digest: str
    name: str


class VisitOut(Schema):
    """A visit as its verifier sees it; a blind second one looks like any that was drawn."""

    key: UUID
    version: int
    kind: Literal["drawn", "directed", "look_back"]
    day: date
    route: int
    state: Literal["assigned", "done", "unreachable", "withdrawn"]
    ref: str
    title: str
    requirement: str
    unit: str
    campaign: str
    reason: str
    holds: bool | None
    criteria: list[CriterionOut]
    words: str
    place: str
    photos: list[PhotoOut]
    occurred_at: datetime | None
    recorded_at: datetime | None
    not_carried: str

    @classmethod
    def of(cls, visit: Visit) -> VisitOut:
        """From the row."""
        blank = [{"text": text} for text in reads.criteria_of(visit)]
        return cls(
            key=visit.key,
            version=visit.version,
            kind=shown_kind(visit),
            day=visit.day,
            route=visit.route,
            state=visit.state,
            ref=visit.commitment.ref,
            title=visit.commitment.title,
            requirement=visit.commitment.requirement,
            unit=visit.unit.name,
            campaign=visit.campaign.ref if visit.campaign else "",
            reason=visit.reason,
            holds=visit.holds,
            criteria=[CriterionOut(**one) for one in (visit.criteria or blank)],
            words=visit.words,
            place=visit.place_said,
            photos=[PhotoOut(**one) for one in visit.photos],
            occurred_at=visit.occurred_at,
            recorded_at=visit.recorded_at,
            not_carried=visit.not_carried,
        )


class RecordedOut(Schema):
    """The visit as it stands; ``repeated`` when it had been recorded just so before."""

    visit: VisitOut
    repeated: bool


class RowProblem(Schema):
    """Why one record of several was not taken; its ``params`` hold both versions when they differ."""

    status: int
    code: str
    detail: str
    params: dict[str, Any] = {}


class RecordAnswer(Schema):
    """What became of one record."""

    key: UUID
    version: int | None = None
    repeated: bool = False
    problem: RowProblem | None = None


class RecordsOut(Schema):
    """What became of each record, in the order sent."""

    records: list[RecordAnswer]


class ResultRowOut(Schema):
    """What became of one row of a file: its line, the visit, and why it was refused."""

    line: int
    visit: str
    outcome: Literal["recorded", "repeated", "refused"]
    code: str = ""
    detail: str = ""


class ResultsOut(Schema):
    """What became of a file of results."""

    dry_run: bool
    recorded: int
    repeated: int
    refused: int
    rows: list[ResultRowOut]


def shown_kind(visit: Visit) -> Any:
    """The kind as a verifier may know it: who makes a blind second visit must not know that it is one."""
    return Visit.Kind.DRAWN if visit.kind == Visit.Kind.BLIND else visit.kind
