"""What the API tells about programmes, commitments and acts（接口回答）."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.db.models import Model
from django.utils.translation import gettext
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from luoshi.delivery.events import EVENT_NAMES
from luoshi.delivery.models import (
    Authority,
    Bulk,
    BulkSubject,
    Commitment,
    Evidence,
    Matter,
    Programme,
    Report,
    SubMatter,
)
from luoshi.delivery.models.timings import Timing, timing_of
from luoshi.delivery.queries.asked import Already, Burden, UnitBurden
from luoshi.delivery.queries.evidence import Piece
from luoshi.delivery.queries.moving import Moving
from luoshi.delivery.schemas.batches import RowOutcome
from luoshi.delivery.schemas.deadlines import due_sentence
from luoshi.delivery.schemas.inputs import Line, Text
from luoshi.delivery.services import Done, Proposal, Reminding
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry
from luoshi.office.models import Job
from luoshi.office.models.words import say
from luoshi.rules import lifecycle, lights
from luoshi.rules.rollup import Summary
from luoshi.ui.sentences import sentence, told
from luoshi.units.models import Unit


def taken(row: Model, answer: type[BaseModel]) -> dict[str, Any]:
    """The plain columns of ``row`` that ``answer`` shows under the same name; relations are added by the caller."""
    columns = {field.name for field in row._meta.concrete_fields if not field.is_relation}
    return {name: getattr(row, name) for name in answer.model_fields if name in columns}


class Mark(BaseModel):
    """The ledger entry of an act: its id at once, its number as soon as it has one."""

    id: int
    number: int | None

    @staticmethod
    def of(entry: Entry) -> Mark:
        """The mark of an entry; an entry just appended on SQLite is numbered already."""
        return Mark(id=entry.pk, number=ledger.number_of(entry))


class LinkMade(BaseModel):
    """A short link just made; the secret is told once and kept nowhere."""

    id: int
    secret: str | None
    expires_at: dt.datetime


class ActDone(BaseModel):
    """What an act led to."""

    ref: str
    state: lifecycle.State
    version: int
    said: int
    verified: int
    verified_how: str
    light: str
    entry: Mark
    parts: int | None = None
    link: LinkMade | None = None
    known: list[str] | None = None
    """Names of files sent with a report that this unit had handed in before; each content is kept once."""
    reminded: int | None = None
    """Units reminded."""

    @staticmethod
    def of(done: Done) -> ActDone:
        """The answer to an act."""
        commitment = done.commitment
        answer = ActDone(
            ref=commitment.ref,
            state=lifecycle.State(commitment.state),
            version=commitment.version,
            said=commitment.said,
            verified=commitment.verified,
            verified_how=commitment.verified_how,
            light=commitment.light,
            entry=Mark.of(done.entry),
        )
        if isinstance(done.extra, list):
            answer.parts = len(done.extra)
        if isinstance(done.extra, Report) and (done.extra.known or done.extra.twice):
            answer.known = [*done.extra.known, *done.extra.twice]
        if isinstance(done.extra, Reminding):
            answer.reminded = len(done.extra.units)
        if isinstance(done.extra, tuple):
            link, secret = done.extra
            answer.link = LinkMade(id=link.pk, secret=secret, expires_at=link.expires_at)
        return answer


class ProgrammeDone(BaseModel):
    """What an act on a programme led to."""

    key: str
    state: str
    version: int
    entry: Mark

    @staticmethod
    def of(programme: Programme, entry: Entry) -> ProgrammeDone:
        """The answer to an act on a programme."""
        return ProgrammeDone(key=programme.key, state=programme.state, version=programme.version, entry=Mark.of(entry))


class UnitName(BaseModel):
    """A unit by its id and name."""

    id: int
    name: str

    @staticmethod
    def of(unit: Unit) -> UnitName:
        """The unit's name."""
        return UnitName(id=unit.pk, name=unit.name)


class CommitmentOut(BaseModel):
    """One commitment in a list."""

    ref: str
    programme: str
    matter: int
    kind: lifecycle.Kind
    state: lifecycle.State
    version: int
    title: str
    issuer: UnitName
    lead: UnitName
    parent: str | None
    due_on: dt.date | None
    first_due_on: dt.date | None
    said: int
    verified: int
    verified_how: str
    light: str
    missed: bool
    children_count: int
    open_children: int

    @staticmethod
    def of(commitment: Commitment) -> CommitmentOut:
        """The line of a commitment; needs what ``queries.visible`` loads."""
        return CommitmentOut.model_validate(line(commitment))


def line(commitment: Commitment) -> dict[str, object]:
    """The fields of a commitment that every answer about it has."""
    return {
        **taken(commitment, CommitmentOut),
        "programme": commitment.programme.key,
        "matter": commitment.matter_id,
        "kind": commitment.kind,
        "state": commitment.state,
        "issuer": UnitName.of(commitment.issuer),
        "lead": UnitName.of(commitment.lead),
        "parent": commitment.parent.ref if commitment.parent else None,
    }


class CommitmentPage(BaseModel):
    """At most ``limit`` commitments; ``next`` is the cursor of the page that follows, or null."""

    items: list[CommitmentOut]
    next: str | None


class PossibilityOut(BaseModel):
    """One act, whether it is open to the caller, and if not, why."""

    act: lifecycle.Act
    name: str
    allowed: bool
    code: str | None
    reason: str | None
    who: list[str]

    @staticmethod
    def of(one: lifecycle.Possibility) -> PossibilityOut:
        """The possibility in the reader's language."""
        return PossibilityOut(
            act=one.act,
            name=gettext(lifecycle.ACT_NAMES[one.act]),
            allowed=one.allowed,
            code=one.refusal.code if one.refusal else None,
            reason=sentence(one.refusal) if one.refusal else None,
            who=[gettext(lifecycle.STANDING_NAMES[standing]) for standing in one.who],
        )


class CommitmentDetail(CommitmentOut):
    """One commitment with its words, its dates, why its light is as it is, and who may do what now."""

    requirement: str
    criteria: list[str]
    source_quote: str
    source_place: str
    supporting: list[UnitName]
    verifying_unit: UnitName | None
    lead_post: str | None
    accept_by: dt.date | None
    due_sentence: str
    waiting_since: dt.date | None
    waited_days: int
    issued_at: dt.datetime | None
    accepted_at: dt.datetime | None
    closed_at: dt.datetime | None
    cadence: str
    asks_files: int
    asks_photos: int
    frequency: str
    period_from_on: dt.date | None
    period_until_on: dt.date | None
    extensions_granted: int
    reopened: int
    pending_extension: bool
    open_requests: int
    unread_briefs: int
    open_findings: int
    open_objections: int
    light_code: str
    light_reason: str
    possibilities: list[PossibilityOut]

    @staticmethod
    def whole(
        commitment: Commitment, possibilities: tuple[lifecycle.Possibility, ...], light: lights.Light
    ) -> CommitmentDetail:
        """Everything about a commitment."""
        values = {**taken(commitment, CommitmentDetail), **line(commitment)}
        verifying = commitment.verifying_unit
        return CommitmentDetail.model_validate(
            {
                **values,
                "supporting": [UnitName.of(one.unit) for one in commitment.supports.select_related("unit")],
                "verifying_unit": UnitName.of(verifying) if verifying else None,
                "lead_post": commitment.lead_post.ref if commitment.lead_post else None,
                "due_sentence": due_sentence(commitment),
                "light_code": light.code,
                "light_reason": gettext(light.template) % {name: told(day) for name, day in light.params.items()},
                "possibilities": [PossibilityOut.of(one) for one in possibilities],
            }
        )


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


class TimelineEntry(BaseModel):
    """One act in the timeline, from the ledger."""

    id: int
    number: int | None
    type: str
    name: str
    ts: dt.datetime
    occurred_at: dt.datetime | None
    actor_post: str
    on_behalf_of: str | None

    @staticmethod
    def of(entry: Entry) -> TimelineEntry:
        """The entry as a timeline shows it."""
        name = EVENT_NAMES.get(entry.type, "")
        return TimelineEntry(
            id=entry.pk,
            number=ledger.number_of(entry),
            type=entry.type,
            name=gettext(name) if name else entry.type,
            ts=entry.ts,
            occurred_at=entry.occurred_at,
            actor_post=entry.actor_post,
            on_behalf_of=entry.on_behalf_of,
        )


class TimelinePage(BaseModel):
    """Acts, newest first; ``next`` is the cursor of the page that follows, or null."""

    items: list[TimelineEntry]
    next: int | None


class LevelPriceOut(BaseModel):
    """What a breakdown adds at one level; minutes by the rule of thumb, ``weekly_each`` those of one unit a week."""

    level: str
    units: int
    answers: int
    minutes: int
    weekly_each: float


class AlreadyOut(BaseModel):
    """A live ask that tells a unit the same already."""

    unit: UnitName
    ref: str
    title: str
    measure: str
    other_uom: str = Field("", description="the measuring unit of the live ask, where it is another one")
    rate: str = ""

    @staticmethod
    def of(one: Already) -> AlreadyOut:
        """The answer for one live ask."""
        unit = UnitName.of(one.unit)
        return AlreadyOut(
            unit=unit, ref=one.ref, title=one.title, measure=one.measure, other_uom=one.other, rate=one.rate
        )


class AskOut(BaseModel):
    """One thing that is asked of several units; minutes by the rule of thumb."""

    title: str
    matter: str
    ref: str
    units: int
    cadence: str
    files: int
    photos: int
    weekly_each: float
    weekly: float


class UnitBurdenOut(BaseModel):
    """What is asked of an area and below; minutes a week on average of one unit."""

    unit: UnitName
    units: int
    asks: int
    visits: int
    weekly_each: float


class BurdenOut(BaseModel):
    """The asks that cost most, and the areas in the order of the tree; no ranking of units."""

    unit: UnitName
    weekly: float
    asks: list[AskOut]
    further: int
    visits: int
    own: UnitBurdenOut
    below: list[UnitBurdenOut]

    @staticmethod
    def of(found: Burden) -> BurdenOut:
        """The answer for the burden of an area."""

        def one(place: UnitBurden) -> UnitBurdenOut:
            return UnitBurdenOut(
                unit=UnitName.of(place.unit),
                units=place.units,
                asks=place.asks,
                visits=place.visits,
                weekly_each=round(place.weekly_each, 2),
            )

        return BurdenOut(
            unit=UnitName.of(found.unit),
            weekly=round(found.weekly, 2),
            asks=[AskOut(**asdict(ask), weekly=round(ask.weekly, 2)) for ask in found.asks],
            further=found.further,
            visits=found.visits,
            own=one(found.own),
            below=[one(place) for place in found.below],
        )


class PriceOut(BaseModel):
    """What a breakdown would reach and cost; ``units`` names at most the first 200 of ``count``."""

    count: int
    levels: list[int]
    units: list[UnitName]
    answers_each: int
    fields_each: int
    files_each: int
    photos_each: int
    answers: int
    fields: int
    minutes: int
    by_level: list[LevelPriceOut]
    already: list[AlreadyOut]
    digest: str

    @staticmethod
    def of(proposal: Proposal) -> PriceOut:
        """The price of a proposal."""
        price = proposal.price
        return PriceOut(
            count=len(proposal.units),
            levels=[len(level) for level in proposal.levels],
            units=[UnitName.of(unit) for unit in proposal.units[:200]],
            answers_each=price.answers_each,
            fields_each=price.fields_each,
            files_each=price.files_each,
            photos_each=price.photos_each,
            answers=price.answers,
            fields=price.fields,
            minutes=price.minutes,
            by_level=[LevelPriceOut(**asdict(one)) for one in proposal.by_level],
            already=[AlreadyOut.of(one) for one in list(proposal.already.values())[:200]],
            digest=proposal.digest,
        )


class SubMatterOut(BaseModel):
    """A part of a matter."""

    id: int
    number: int
    name_zh: str
    name_en: str
    garbled: bool

    @staticmethod
    def of(part: SubMatter) -> SubMatterOut:
        """The part."""
        return SubMatterOut(
            id=part.pk, number=part.number, name_zh=part.name_zh, name_en=part.name_en, garbled=part.garbled
        )


class MatterOut(BaseModel):
    """A matter with its parts and the sentence it stands on."""

    id: int
    number: int
    name_zh: str
    name_en: str
    source_quote: str
    source_place: str
    parts: list[SubMatterOut]

    @staticmethod
    def of(matter: Matter) -> MatterOut:
        """The matter; needs its parts loaded."""
        return MatterOut(
            id=matter.pk,
            number=matter.number,
            name_zh=matter.name_zh,
            name_en=matter.name_en,
            source_quote=matter.source_quote,
            source_place=matter.source_place,
            parts=[SubMatterOut.of(part) for part in matter.sub_matters.all()],
        )


class AuthorityOut(BaseModel):
    """Who ordered a programme, in which document, for what and until when."""

    id: int
    who: str
    document: str
    document_no: str
    document_on: dt.date | None
    scope: str
    from_on: dt.date
    until_on: dt.date

    @staticmethod
    def of(authority: Authority) -> AuthorityOut:
        """The authority."""
        return AuthorityOut.model_validate(taken(authority, AuthorityOut))


Counting = Literal["calendar", "working"]


class TimingInput(BaseModel):
    """When lights turn and how terms are counted; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    warning_kind: Counting | None = None
    warning_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=60)] | None = None
    grace_kind: Counting | None = None
    accept_kind: Counting | None = None
    due_kind: Counting | None = None
    reply_days: Annotated[int, Field(ge=1, le=90)] | None = None
    reply_kind: Counting | None = None
    decide_days: Annotated[int, Field(ge=1, le=90)] | None = None
    decide_kind: Counting | None = None
    palette: Literal["standard", "clear", "plain"] | None = None


class TimingOut(BaseModel):
    """The thresholds and ways of counting for what is issued from now on."""

    number: int
    warning_days: int
    warning_kind: str
    warning_percent: int
    grace_days: int
    grace_kind: str
    accept_kind: str
    due_kind: str
    reply_days: int
    reply_kind: str
    decide_days: int
    decide_kind: str
    palette: str

    @staticmethod
    def of(timing: Timing) -> TimingOut:
        """The timing as the API shows it."""
        return TimingOut.model_validate({name: getattr(timing, name) for name in TimingOut.model_fields})


class ProgrammeOut(BaseModel):
    """A programme in a list."""

    key: str
    name_zh: str
    name_en: str
    state: str
    version: int
    owner: UnitName
    visibility: str
    warning_days: int
    extension_limit: int
    last_meeting_on: dt.date | None
    demonstration: bool

    @staticmethod
    def of(programme: Programme) -> ProgrammeOut:
        """The line of a programme; needs its owner loaded."""
        return ProgrammeOut.model_validate(programme_line(programme))


def programme_line(programme: Programme) -> dict[str, object]:
    """The fields of a programme that every answer about it has."""
    return {
        **taken(programme, ProgrammeOut),
        "owner": UnitName.of(programme.owner),
        "last_meeting_on": programme.last_meeting_on,
        "demonstration": programme.is_demo,
    }


class ProgrammePage(BaseModel):
    """Programmes by key; ``next`` is the cursor of the page that follows, or null."""

    items: list[ProgrammeOut]
    next: str | None


class ProgrammeDetail(ProgrammeOut):
    """A programme with its authorities and matters."""

    authorities: list[AuthorityOut]
    matters: list[MatterOut]
    timing: TimingOut
    signs: dict[str, int]

    @staticmethod
    def whole(programme: Programme) -> ProgrammeDetail:
        """Everything about a programme; three statements."""
        return ProgrammeDetail.model_validate(
            {
                **programme_line(programme),
                "authorities": [AuthorityOut.of(row) for row in programme.authorities.all()[:50]],
                "matters": [MatterOut.of(row) for row in programme.matters.prefetch_related("sub_matters")],
                "timing": TimingOut.of(timing_of(programme.timing_now_id, programme.warning_days)),
                "signs": asdict(programme.signs),
            }
        )


class AuthorityInput(BaseModel):
    """Record an authority."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    who: Annotated[Line, Field(min_length=1)]
    document: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    document_no: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    document_on: dt.date | None = None
    scope: Annotated[Text, Field(min_length=1)]
    from_on: dt.date
    until_on: dt.date


class SignsInput(BaseModel):
    """From where on something in a record is a sign to go and look; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    jump_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    late_bp: Annotated[int, Field(ge=100, le=5000)] | None = None
    late_least_days: Annotated[int, Field(ge=1, le=30)] | None = None
    near_days: Annotated[int, Field(ge=1, le=90)] | None = None
    silent_days: Annotated[int, Field(ge=7, le=365)] | None = None


class SettingsInput(BaseModel):
    """Change the settings of a programme."""

    model_config = ConfigDict(extra="forbid")
    visibility: Literal["own", "siblings", "all"]
    warning_days: Annotated[int, Field(ge=0, le=60)]
    extension_limit: Annotated[int, Field(ge=0, le=20)]
    last_meeting_on: dt.date | None = None
    timings: TimingInput = TimingInput()
    signs: SignsInput = SignsInput()


class CellOut(BaseModel):
    """One unit × matter: per cent said and verified, and the points of it by desk, visit and sample."""

    unit: int
    matter: int
    items: int
    said: int | None
    verified: int | None
    desk: int
    visited: int
    sampled: int
    light: str | None
    overdue: int
    missed: int
    open_findings: int
    states: dict[str, int]
    lights: dict[str, int]

    @staticmethod
    def of(unit: int, matter: int, summary: Summary) -> CellOut:
        """The cell of a summary."""
        desk, visited, sampled = summary.verified_ways
        return CellOut(
            unit=unit,
            matter=matter,
            items=summary.items,
            said=summary.said_percent,
            verified=summary.verified_percent,
            desk=desk,
            visited=visited,
            sampled=sampled,
            light=summary.worst_light,
            overdue=summary.overdue,
            missed=summary.missed,
            open_findings=summary.open_findings,
            states=summary.states,
            lights=summary.lights,
        )


class BoardOut(BaseModel):
    """The board: a unit and those one level below × the matters of a programme; empty cells are absent."""

    unit: UnitName
    units: list[UnitName]
    matters: list[MatterName]
    cells: list[CellOut]


class MatterName(BaseModel):
    """A matter by its id, number and short name in the reader's language."""

    id: int
    number: int
    name: str


class LedgerInput(BaseModel):
    """A stored ledger, the sheet meant if it has several, and how its columns are read: field → column from 1."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    columns: dict[
        Literal["title", "requirement", "matter", "lead", "post", "supporting", "due_on", "frequency", "criteria"],
        Annotated[int, Field(ge=1, le=120)],
    ] = Field(default_factory=dict)
    sheet: Annotated[str, StringConstraints(max_length=60)] = ""
    matter: Annotated[int, Field(ge=1, le=2**53)] | None = None
    dry_run: bool = True


class RowIn(BaseModel):
    """One act on one commitment, on the version looked at, with the fields of that act's input."""

    model_config = ConfigDict(extra="forbid")
    act: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    ref: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    data: dict[str, Any] = Field(default_factory=dict)


class RowsInput(BaseModel):
    """Acts to be done one by one; at most 200."""

    model_config = ConfigDict(extra="forbid")
    rows: list[RowIn]


class RowDone(BaseModel):
    """What became of one row: done, again (it was done before) or refused, with the code and its sentence."""

    ref: str
    act: str
    outcome: str
    version: int | None
    entry: int | None
    code: str | None
    detail: str | None
    field: str | None

    @staticmethod
    def of(one: RowOutcome) -> RowDone:
        """The outcome in the reader's language."""
        return RowDone(
            ref=one.row.ref,
            act=one.row.act,
            outcome=one.outcome.value,
            version=one.version,
            entry=one.entry,
            code=one.refused.code if one.refused else None,
            detail=sentence(one.refused) if one.refused else None,
            field=one.field or None,
        )


class RowsDone(BaseModel):
    """Every row with what became of it, in the order they were sent."""

    rows: list[RowDone]


class ImportStarted(BaseModel):
    """The job that tries, or does, the rows of a file; ``GET /jobs/{job}`` tells how far it is and what was refused."""

    job: int


def said(refusal: dict[str, Any]) -> str:
    """A refusal that was kept, as a sentence in the reader's language."""
    return say(refusal.get("text", ""), {name: told(one) for name, one in refusal.get("params", {}).items()})


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


class Confirmation(BaseModel):
    """Which plan is confirmed."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FileStored(BaseModel):
    """A file that was stored; hand its digest in with a report."""

    digest: str
    name: str
    size: int
    media_type: str
    changes: list[str]


BoardOut.model_rebuild()


class MoveOut(BaseModel):
    """One date that moves."""

    ref: str
    title: str
    what: Literal["due", "accept"]
    old: dt.date
    new: dt.date


class MovingOut(BaseModel):
    """Deadlines that move with the calendar: how many, the first of them, and the digest of the whole list."""

    edition: int
    looked_at: int
    count: int
    later: int
    digest: str
    moves: list[MoveOut]

    @staticmethod
    def of(found: Moving, limit: int) -> MovingOut:
        """The list, cut to its first ``limit``."""
        return MovingOut(
            edition=found.edition,
            looked_at=found.looked_at,
            count=len(found.moves),
            later=found.later,
            digest=found.digest,
            moves=[
                MoveOut.model_validate({name: getattr(move, name) for name in MoveOut.model_fields})
                for move in found.moves[:limit]
            ],
        )


class MoveInput(BaseModel):
    """Confirm the list that was looked at."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    reason: Annotated[Text, Field(min_length=1)]


class MovedOut(BaseModel):
    """The entry of the act, or the job that does it."""

    entry: Mark | None = None
    job: int | None = None

    @staticmethod
    def of(done: Entry | Job) -> MovedOut:
        """What was done or begun."""
        return MovedOut(entry=Mark.of(done)) if isinstance(done, Entry) else MovedOut(job=done.pk)
