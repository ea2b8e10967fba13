"""Programmes, commitments and every act over the API（落实接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Body, File, Path, Query, Router
from ninja.files import UploadedFile

from luoshi.accounts.models import User
from luoshi.delivery import queries, services
from luoshi.delivery.models import Commitment, Evidence
from luoshi.delivery.queries import asked, coverage, evidence, objecting, pages, slip_papers
from luoshi.delivery.queries import slips as slip_reads
from luoshi.delivery.queries.moving import moving
from luoshi.delivery.schemas import (
    INPUTS,
    ActInput,
    ActRow,
    answers,
    bounded,
    bulk,
    coverages,
    findings,
    ledgers,
    perform,
    perform_rows,
    slips,
)
from luoshi.delivery.schemas.inputs import BreakDown, Draft, NoteInput, Remind, RemindUnits
from luoshi.delivery.services import bulk as bulk_services
from luoshi.delivery.services import importing
from luoshi.delivery.views.evidence import preview_response
from luoshi.office import services as office
from luoshi.office.models import StoredFile
from luoshi.office.views import serve_file, serve_paper
from luoshi.rules import lifecycle, lights, paths
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.rules.slips import SlipAct, SlipState
from luoshi.units.queries import actor_for_request, unit_in_scope

_ = gettext_noop
router = Router(tags=["commitments"])

RefPath = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[^\x00]+$")]
KeyPath = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[-0-9A-Za-z_]+$")]
Ref = Annotated[str, Query(max_length=40, pattern=r"^[^\x00]*$")]
Key = Annotated[str, Query(max_length=60, pattern=r"^[-0-9A-Za-z_]*$")]
Number = Annotated[int | None, Query(ge=1, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=200)]
PieceId = Annotated[int, Path(ge=1, le=2**53)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Step = Literal["accept", "break-down", "assign", "report"]
LevelName = Literal["", "province", "prefecture", "county", "township", "village"]
Light = Literal["", "grey", "green", "yellow", "red", "blue"]

VERSION = re.compile(r'(?:W/)?"?(\d{1,15})"?')
NEEDS_VERSION = {"x-if-match": True}
"""Marks operations that read ``If-Match``, for the description of the API."""


def version_of(request: HttpRequest) -> int | None:
    """The version in ``If-Match``, or None without the header.

    Raises:
        Refused: ``bad_input`` when it is no version.
    """
    told = request.headers.get("If-Match", "").strip()
    if not told:
        return None
    match = VERSION.fullmatch(told)
    if match is None:
        raise Refused("bad_input", field="If-Match", problem=_('a version is a whole number, such as "3"'))
    return int(match[1])


def needed_version(request: HttpRequest) -> int:
    """The version in ``If-Match``.

    Raises:
        Refused: ``bad_input`` when it is no version, ``version_missing`` without the header.
    """
    version = version_of(request)
    if version is None:
        raise Refused("version_missing")
    return version


def _tagged(response: HttpResponse, version: int) -> None:
    response["ETag"] = f'"{version}"'


# --- Programmes -------------------------------------------------------------------------------------------------------


@router.get("/programmes", response=answers.ProgrammePage, operation_id="list_programmes", tags=["programmes"])
def list_programmes(request: HttpRequest, after: Key = "", limit: Limit = 50) -> answers.ProgrammePage:
    """Programmes that reach the caller, by key."""
    rows = queries.programmes(actor_for_request(request, timezone.now())).filter(key__gt=after).order_by("key")
    found = list(rows.distinct()[: limit + 1])
    return answers.ProgrammePage(
        items=[answers.ProgrammeOut.of(row) for row in found[:limit]],
        next=found[limit - 1].key if len(found) > limit else None,
    )


@router.get("/programmes/{key}", response=answers.ProgrammeDetail, operation_id="get_programme", tags=["programmes"])
def get_programme(request: HttpRequest, response: HttpResponse, key: KeyPath) -> answers.ProgrammeDetail:
    """A programme with its authorities and matters."""
    programme = queries.programme_for(actor_for_request(request, timezone.now()), key)
    _tagged(response, programme.version)
    return answers.ProgrammeDetail.whole(programme)


@router.post(
    "/programmes/{key}/authority",
    response=answers.ProgrammeDone,
    operation_id="record_authority",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def record_authority(
    request: HttpRequest, response: HttpResponse, key: KeyPath, body: answers.AuthorityInput
) -> answers.ProgrammeDone:
    """Record who ordered the programme, in which document, for what and until when."""
    at = timezone.now()
    authority, entry = services.record_authority(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), at=at, **body.model_dump()
    )
    _tagged(response, authority.programme.version)
    return answers.ProgrammeDone.of(authority.programme, entry)


@router.post(
    "/programmes/{key}/issue",
    response=answers.ProgrammeDone,
    operation_id="issue_programme",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def issue_programme(request: HttpRequest, response: HttpResponse, key: KeyPath) -> answers.ProgrammeDone:
    """Put a programme in force."""
    at = timezone.now()
    programme, entry = services.issue_programme(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), at=at
    )
    _tagged(response, programme.version)
    return answers.ProgrammeDone.of(programme, entry)


@router.post(
    "/programmes/{key}/settings",
    response=answers.ProgrammeDone,
    operation_id="change_programme_settings",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def change_programme_settings(
    request: HttpRequest, response: HttpResponse, key: KeyPath, body: answers.SettingsInput
) -> answers.ProgrammeDone:
    """Change what siblings see, when lights turn, how terms are counted and how often a date may be extended."""
    at = timezone.now()
    told = body.model_dump(exclude={"timings", "signs"})
    programme, entry = services.change_programme_settings(
        actor=actor_for_request(request, at),
        key=key,
        version=needed_version(request),
        timings=body.timings.model_dump(exclude_none=True),
        signs=body.signs.model_dump(exclude_none=True),
        at=at,
        **told,
    )
    _tagged(response, programme.version)
    return answers.ProgrammeDone.of(programme, entry)


@router.get("/programmes/{key}/ladder", response=slips.LadderPage, operation_id="list_ladders", tags=["programmes"])
def list_ladders(request: HttpRequest, key: KeyPath) -> slips.LadderPage:
    """Every version of a programme's ladder, newest first; a commitment keeps the one it was issued under."""
    found = queries.programme_for(actor_for_request(request, timezone.now()), key)
    rows = found.ladders.order_by("-number")[:200]
    return slips.LadderPage(items=[slips.LadderOut.told(row, found.ladder_now_id) for row in rows])


@router.post(
    "/programmes/{key}/ladder",
    response=answers.ProgrammeDone,
    operation_id="change_ladder",
    tags=["programmes"],
    openapi_extra=NEEDS_VERSION,
)
def change_ladder(
    request: HttpRequest, response: HttpResponse, key: KeyPath, body: slips.LadderInput
) -> answers.ProgrammeDone:
    """Write a programme's ladder anew; it holds for what is issued from now on."""
    at = timezone.now()
    programme, entry = services.change_ladder(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), ladder=body.rule(), at=at
    )
    _tagged(response, programme.version)
    return answers.ProgrammeDone.of(programme, entry)


# --- Commitments ------------------------------------------------------------------------------------------------------


@router.get("/commitments", response=answers.CommitmentPage, operation_id="list_commitments")
def list_commitments(
    request: HttpRequest,
    programme: Key = "",
    matter: Number = None,
    state: lifecycle.State | None = None,
    light: Light = "",
    unit: Number = None,
    after: Ref = "",
    limit: Limit = 50,
) -> answers.CommitmentPage:
    """Commitments the caller may see, by number; ``unit`` means that unit and everything below it."""
    actor = actor_for_request(request, timezone.now())
    rows = queries.visible(actor)
    if programme:
        rows = rows.filter(programme__key=programme)
    if matter:
        rows = rows.filter(matter_id=matter)
    if state:
        rows = rows.filter(state=state)
    if light:
        rows = rows.filter(light=light)
    if unit:
        path = unit_in_scope(actor, unit).path
        rows = rows.filter(**paths.subtree("lead_path", path))
    return _page(rows, after, limit)


def _page(rows: Any, after: str, limit: int) -> answers.CommitmentPage:
    found: list[Commitment] = list(rows.filter(ref__gt=after).order_by("ref")[: limit + 1])
    return answers.CommitmentPage(
        items=[answers.CommitmentOut.of(row) for row in found[:limit]],
        next=found[limit - 1].ref if len(found) > limit else None,
    )


@router.post("/commitments", response=answers.ActDone, operation_id="draft_commitment")
def draft_commitment(request: HttpRequest, response: HttpResponse, body: Draft) -> answers.ActDone:
    """Draft a commitment; the caller's unit becomes its issuer."""
    at = timezone.now()
    values = {name: getattr(body, name) for name in type(body).model_fields}
    done = services.draft_commitment(actor=actor_for_request(request, at), at=at, **values)
    _tagged(response, done.commitment.version)
    return answers.ActDone.of(done)


@router.get("/commitments/{ref}", response=answers.CommitmentDetail, operation_id="get_commitment")
def get_commitment(request: HttpRequest, response: HttpResponse, ref: RefPath) -> answers.CommitmentDetail:
    """One commitment, its light with the reason, and who may do what now and why not."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    commitment = queries.commitment_for(actor, ref)
    possible = lifecycle.possibilities(commitment.facts(), actor=actor, at=at)
    _tagged(response, commitment.version)
    return answers.CommitmentDetail.whole(commitment, possible, lights.light(commitment.light_facts(), at))


@router.get("/commitments/{ref}/children", response=answers.CommitmentPage, operation_id="list_children")
def list_children(request: HttpRequest, ref: RefPath, after: Ref = "", limit: Limit = 50) -> answers.CommitmentPage:
    """The parts of a commitment that the caller may see, by number."""
    actor = actor_for_request(request, timezone.now())
    parent = queries.commitment_for(actor, ref)
    return _page(queries.visible(actor).filter(parent=parent), after, limit)


@router.get("/commitments/{ref}/reports", response=answers.ReportPage, operation_id="list_reports")
def list_reports(request: HttpRequest, ref: RefPath, before: Number = None, limit: Limit = 50) -> answers.ReportPage:
    """What was said, newest first."""
    commitment = queries.commitment_for(actor_for_request(request, timezone.now()), ref)
    rows = commitment.reports.select_related("by_post", "for_unit").prefetch_related("evidence").order_by("-id")
    found = list((rows.filter(pk__lt=before) if before else rows)[: limit + 1])
    return answers.ReportPage(
        items=[answers.ReportOut.of(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.get("/commitments/{ref}/timeline", response=answers.TimelinePage, operation_id="get_timeline")
def get_timeline(
    request: HttpRequest, ref: RefPath, before: Number = None, limit: Annotated[int, Query(ge=1, le=199)] = 50
) -> answers.TimelinePage:
    """What was done to a commitment, from the ledger, newest first."""
    actor = actor_for_request(request, timezone.now())
    found = queries.timeline(actor, ref, before=before, limit=limit + 1)
    return answers.TimelinePage(
        items=[answers.TimelineEntry.of(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.post("/commitments/{ref}/break-down/price", response=answers.PriceOut, operation_id="price_breakdown")
def price_breakdown(
    request: HttpRequest, ref: RefPath, body: BreakDown, title: Annotated[str, Query(max_length=200)] = ""
) -> answers.PriceOut:
    """Whom a breakdown would reach and what it would cost them; nothing is sent."""
    at = timezone.now()
    proposal = services.propose_breakdown(
        actor=actor_for_request(request, at),
        ref=ref,
        levels=body.levels,
        units=body.units,
        cadence=body.cadence,
        due_on=body.due_on,
        due_days=body.due_days,
        due_kind=body.due_kind,
        title=title,
        at=at,
    )
    return answers.PriceOut.of(proposal)


@router.get("/burden", response=answers.BurdenOut, operation_id="get_burden")
def get_burden(request: HttpRequest, unit: Number = None) -> answers.BurdenOut:
    """What is asked within ``unit`` (the caller's area by default) a week, and which asks cost most."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    area = unit_in_scope(actor, unit or paths.own_id(actor.effective.area_path))
    return answers.BurdenOut.of(asked.burden_of(actor, area, today=local_day(at)))


@router.post("/notes", response=answers.ActDone, operation_id="act_on_note")
def act_on_note(request: HttpRequest, response: HttpResponse, body: NoteInput) -> answers.ActDone:
    """A leader's note becomes an instruction on a commitment, or a commitment: a draft, or issued at once."""
    at = timezone.now()
    values = {name: getattr(body, name) for name in type(body).model_fields}
    done = services.act_on_note(actor=actor_for_request(request, at), at=at, **values)
    _tagged(response, done.commitment.version)
    return answers.ActDone.of(done)


# --- Evidence ---------------------------------------------------------------------------------------------------------


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


# --- Coverage ---------------------------------------------------------------------------------------------------------


@router.get("/commitments/{ref}/coverage", response=coverages.CoverageOut, operation_id="get_coverage")
def get_coverage(request: HttpRequest, ref: RefPath, unit: Number = None) -> coverages.CoverageOut:
    """Which units below accepted, broke down, named a post and reported, on every level; ``unit`` goes further down."""
    actor = actor_for_request(request, timezone.now())
    return coverages.CoverageOut.of(coverage.parts_handed(actor, queries.commitment_for(actor, ref), unit))


@router.get("/commitments/{ref}/coverage/{step}", response=coverages.HolePage, operation_id="list_holes")
def list_holes(
    request: HttpRequest,
    ref: RefPath,
    step: Step,
    unit: Number = None,
    level: LevelName = "",
    after: Number = None,
    limit: Limit = 50,
) -> coverages.HolePage:
    """The units below that have not taken a step, by name, in the order of the tree."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    handed = coverage.parts_handed(actor, queries.commitment_for(actor, ref), unit)
    return coverages.HolePage.of(handed, step, at, level=level, after=after, limit=limit)


@router.post("/commitments/{ref}/remind/price", response=coverages.RemindingOut, operation_id="price_reminder")
def price_reminder(request: HttpRequest, ref: RefPath, body: Remind) -> coverages.RemindingOut:
    """Whom a reminder would reach and who is left out; nothing is sent."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    proposal = services.propose_reminder(actor=actor, ref=ref, at=at, **body.model_dump())
    return coverages.RemindingOut.of(proposal)


@router.get("/programmes/{key}/coverage", response=coverages.CoverageOut, operation_id="get_programme_coverage")
def get_programme_coverage(
    request: HttpRequest, key: KeyPath, matter: Number = None, unit: Number = None
) -> coverages.CoverageOut:
    """The coverage of a programme, or of one matter, within ``unit`` (the caller's area by default)."""
    actor = actor_for_request(request, timezone.now())
    return coverages.CoverageOut.of(coverage.programme_handed(actor, queries.programme_for(actor, key), matter, unit))


@router.get("/programmes/{key}/coverage/{step}", response=coverages.HolePage, operation_id="list_programme_holes")
def list_programme_holes(
    request: HttpRequest,
    key: KeyPath,
    step: Step,
    matter: Number = None,
    unit: Number = None,
    level: LevelName = "",
    after: Number = None,
    limit: Limit = 50,
) -> coverages.HolePage:
    """The units of a programme, or of one matter, that have not taken a step, by name."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    handed = coverage.programme_handed(actor, queries.programme_for(actor, key), matter, unit)
    return coverages.HolePage.of(handed, step, at, level=level, after=after, limit=limit)


@router.post("/programmes/{key}/remind/price", response=coverages.RemindingOut, operation_id="price_reminder_of_units")
def price_reminder_of_units(request: HttpRequest, key: KeyPath, body: RemindUnits) -> coverages.RemindingOut:
    """Whom a reminder across a programme would reach and who is left out; nothing is sent."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    proposal = services.propose_reminder_of_units(actor=actor, programme=key, at=at, **body.model_dump())
    return coverages.RemindingOut.of(proposal)


@router.post("/programmes/{key}/remind", response=coverages.RemindedOut, operation_id="remind_units")
def remind_units(request: HttpRequest, key: KeyPath, body: RemindUnits) -> coverages.RemindedOut:
    """Remind just the units that have not taken a step, each at most once a day; it needs no version."""
    at = timezone.now()
    made = services.remind_units(actor=actor_for_request(request, at), programme=key, at=at, **body.model_dump())
    return coverages.RemindedOut.made(*made)


# --- Every act --------------------------------------------------------------------------------------------------------


def _operation(act: Act, model: type[ActInput]) -> Callable[..., answers.ActDone]:
    """The view of one act, with the act's own input as its body; an act that needs no words takes an empty body."""

    def operation(
        request: HttpRequest, response: HttpResponse, ref: str, body: ActInput | None = None
    ) -> answers.ActDone:
        at = timezone.now()
        done = perform(
            act,
            actor=actor_for_request(request, at),
            ref=ref,
            version=version_of(request),
            data=body.model_dump(exclude_unset=True) if body else {},
            at=at,
            via="api",
        )
        _tagged(response, done.commitment.version)
        return answers.ActDone.of(done)

    told = any(field.is_required() for field in model.model_fields.values())
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    operation.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=HttpRequest),
            inspect.Parameter("response", kind, annotation=HttpResponse),
            inspect.Parameter("ref", kind, annotation=RefPath),
            inspect.Parameter("body", kind, annotation=model)
            if told
            else inspect.Parameter("body", kind, annotation=model | None, default=Body(None)),  # type: ignore[type-arg]
        ]
    )
    operation.__name__ = f"{act.name.lower()}_commitment"
    operation.__doc__ = model.__doc__
    return operation


for _act, _model in INPUTS.items():
    router.post(
        f"/commitments/{{ref}}/{_act.value}",
        response=answers.ActDone,
        operation_id=f"{_act.name.lower()}_commitment",
        summary=lifecycle.ACT_NAMES[_act],
        tags=["acts"],
        openapi_extra=NEEDS_VERSION,
    )(_operation(_act, _model))


# --- Slips ------------------------------------------------------------------------------------------------------------

SlipId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/slips", response=slips.SlipPage, operation_id="list_slips", tags=["slips"])
def list_slips(
    request: HttpRequest,
    state: SlipState | None = None,
    unit: Number = None,
    waiting: bool = False,
    before: Number = None,
    limit: Limit = 50,
) -> slips.SlipPage:
    """Slips the caller may see, newest first; with ``waiting`` only what waits for the caller's post."""
    actor = actor_for_request(request, timezone.now())
    rows = slip_reads.slips_seen(actor)
    if waiting:
        rows = rows.filter(slip_reads.to_approve(actor) | slip_reads.to_answer(actor) | slip_reads.to_settle(actor))
    if state:
        rows = rows.filter(state=state)
    if unit:
        rows = rows.filter(unit=unit)
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: limit + 1])
    return slips.SlipPage(
        items=[slips.SlipOut.told(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.get("/slips/{slip}", response=slips.SlipDetail, operation_id="get_slip", tags=["slips"])
def get_slip(request: HttpRequest, response: HttpResponse, slip: SlipId) -> slips.SlipDetail:
    """One slip, what it is about, and what the caller may do with it."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = slip_reads.slip_for(actor, slip)
    items = list(found.items.select_related("commitment", "request__commitment"))
    _tagged(response, found.version)
    return slips.SlipDetail.whole(found, items, actor, slip_reads.chased_next([found], at).get(found.pk))


def _slip_file(slip: int, request: HttpRequest, ending: str, *, urge: bool = False) -> HttpResponseBase:
    at = timezone.now()
    found = slip_reads.slip_for(actor_for_request(request, at), slip)
    return serve_paper(slip_papers.urge_of_slip(found, at) if urge else slip_papers.paper_of_slip(found), ending)


@router.get("/slips/{slip}/paper.docx", operation_id="get_slip_docx", tags=["slips"])
def get_slip_docx(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """The slip as an official paper（GB/T 9704-2012）, as a Word file; in the language asked for."""
    return _slip_file(slip, request, "docx")


@router.get("/slips/{slip}/paper.pdf", operation_id="get_slip_pdf", tags=["slips"])
def get_slip_pdf(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """The slip as an official paper（GB/T 9704-2012）, as PDF; in the language asked for."""
    return _slip_file(slip, request, "pdf")


@router.get("/slips/{slip}/urge.docx", operation_id="get_urge_docx", tags=["slips"])
def get_urge_docx(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """An urge slip（催办单）for the late answer to a slip, as a Word file."""
    return _slip_file(slip, request, "docx", urge=True)


@router.get("/slips/{slip}/urge.pdf", operation_id="get_urge_pdf", tags=["slips"])
def get_urge_pdf(request: HttpRequest, slip: SlipId) -> HttpResponseBase:
    """An urge slip（催办单）for the late answer to a slip, as PDF."""
    return _slip_file(slip, request, "pdf", urge=True)


def _slip_operation(act: SlipAct, model: type[ActInput]) -> Callable[..., slips.SlipActDone]:
    """The view of one act on a slip."""

    def operation(request: HttpRequest, response: HttpResponse, slip: int, body: ActInput) -> slips.SlipActDone:
        at = timezone.now()
        done = slips.perform_on_slip(
            act,
            actor=actor_for_request(request, at),
            slip=slip,
            version=needed_version(request),
            data=body.model_dump(exclude_unset=True),
            at=at,
        )
        _tagged(response, done.slip.version)
        return slips.SlipActDone.of(done)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    operation.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=HttpRequest),
            inspect.Parameter("response", kind, annotation=HttpResponse),
            inspect.Parameter("slip", kind, annotation=SlipId),
            inspect.Parameter("body", kind, annotation=model),
        ]
    )
    operation.__name__ = f"{act.name.lower()}_slip"
    operation.__doc__ = model.__doc__
    return operation


for _slip_act, _slip_model in slips.SLIP_INPUTS.items():
    router.post(
        f"/slips/{{slip}}/{_slip_act.value}",
        response=slips.SlipActDone,
        operation_id=f"{_slip_act.name.lower()}_slip",
        tags=["slips"],
        openapi_extra=NEEDS_VERSION,
    )(_slip_operation(_slip_act, _slip_model))


@router.get("/supervision-plans", response=slips.PlanPage, operation_id="list_plans", tags=["slips"])
def list_plans(request: HttpRequest, limit: Limit = 50) -> slips.PlanPage:
    """Supervision plans of the areas on the caller's line and below, newest first."""
    rows = slip_reads.plans_seen(actor_for_request(request, timezone.now())).order_by("-from_on", "-id")[:limit]
    return slips.PlanPage(items=[slips.PlanOut.told(row) for row in rows])


@router.post("/supervision-plans", response=slips.PlanRecorded, operation_id="record_plan", tags=["slips"])
def record_plan(request: HttpRequest, body: slips.RecordPlan) -> slips.PlanRecorded:
    """Record the supervision plan of the caller's area."""
    at = timezone.now()
    return slips.PlanRecorded.of(
        *services.record_plan(actor=actor_for_request(request, at), at=at, **body.model_dump())
    )


# --- Many acts --------------------------------------------------------------------------------------------------------


@router.post("/acts", response=answers.RowsDone, operation_id="do_acts", tags=["acts"])
def do_acts(request: HttpRequest, body: answers.RowsInput) -> answers.RowsDone:
    """Do up to 200 acts, each by itself: a row that is refused changes nothing and stops no other.

    Each row names its act, the commitment and the version looked at. A row sent again is done once.
    """
    at = timezone.now()
    actor = actor_for_request(request, at)
    bounded(len(body.rows))
    rows = [ActRow(place, row.act, row.ref, row.version, row.data) for place, row in enumerate(body.rows, start=1)]
    user = cast("User", request.user)
    outcomes = perform_rows(rows, actor=actor, user=user, at=at, via="api")
    return answers.RowsDone(rows=[answers.RowDone.of(one) for one in outcomes])


# --- Files ------------------------------------------------------------------------------------------------------------


@router.post("/files", response=answers.FileStored, operation_id="store_file", tags=["files"])
def store_file(request: HttpRequest, file: File[UploadedFile]) -> answers.FileStored:
    """Store a file by the digest of its content; hand the digest in with a report."""
    at = timezone.now()
    stored = office.store_file(file, actor=actor_for_request(request, at), at=at)
    return answers.FileStored(
        digest=stored.digest,
        name=stored.name,
        size=stored.size,
        media_type=stored.media_type,
        changes=list(stored.changes),
    )


@router.get("/files/{digest}", operation_id="get_file", tags=["files"])
def get_file(request: HttpRequest, digest: Digest) -> HttpResponseBase:
    """The content of a file that stands behind a report of a commitment the caller may see."""
    actor = actor_for_request(request, timezone.now())
    rows = Evidence.objects.filter(digest=digest, report__commitment__in=queries.visible(actor).values("pk"))
    found = rows.select_related("file").order_by("pk").first()
    if found is None or found.file is None:
        raise Refused("not_found")
    return serve_file(request, found.file, found.name)


# --- Acts from a file -------------------------------------------------------------------------------------------------


@router.post("/imports", response=answers.ImportStarted, operation_id="import_acts", tags=["imports"])
def import_acts(
    request: HttpRequest, file: File[UploadedFile], act: Annotated[str, Query(max_length=40)] = "", dry_run: bool = True
) -> answers.ImportStarted:
    """Hand in a file of acts; a job tries its rows, or does them with ``dry_run=false``; see the job for outcomes."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    job = importing.hand_in_acts(actor=actor, upload=file, act=act, dry_run=dry_run, at=at)
    return answers.ImportStarted(job=job.pk)


@router.post("/programmes/{key}/ledger", response=answers.ImportStarted, operation_id="import_ledger", tags=["imports"])
def import_ledger(request: HttpRequest, key: KeyPath, body: answers.LedgerInput) -> answers.ImportStarted:
    """Make drafts of the rows of an office's own ledger, stored before by ``POST /files``; a job tries or does it.

    ``columns`` says once which column (from 1) holds which field; it is kept for those headings and may be left out
    when they come again.
    """
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = ledgers.open_ledger(queries.handed_in(body.digest), body.name, body.sheet)
    signature = found.signature
    if body.columns:
        importing.set_sheet_map(
            actor=actor,
            programme=key,
            signature=signature,
            columns=found.headings_of({str(field): column for field, column in body.columns.items()}),
            matter=body.matter,
            at=at,
        )
    job = importing.hand_in_ledger(
        actor=actor,
        programme=key,
        digest=body.digest,
        name=body.name,
        signature=signature,
        sheet=body.sheet,
        dry_run=body.dry_run,
        at=at,
    )
    return answers.ImportStarted(job=job.pk)


@router.get("/imports/{job}/sheet", operation_id="get_import_sheet", tags=["imports"])
def get_import_sheet(request: HttpRequest, job: Annotated[int, Path(ge=1, le=2**53)]) -> HttpResponseBase:
    """The sheet with the outcome beside each row."""
    found = queries.import_for(actor_for_request(request, timezone.now()), job)
    stored = StoredFile.objects.filter(digest=found.result.get("marked", "")).first()
    if stored is None:
        raise Refused("not_found")
    return serve_file(request, stored, found.result["marked_name"])


# --- Bulk acts --------------------------------------------------------------------------------------------------------

BulkId = Annotated[int, Path(ge=1, le=2**53)]


def _bulk_operation(act: Act, model: type[ActInput]) -> Callable[..., answers.BulkOut]:
    """The view that asks for the plan of one kind of bulk act."""

    def operation(request: HttpRequest, body: ActInput) -> answers.BulkOut:
        at = timezone.now()
        data = body.model_dump(exclude_unset=True)
        return answers.BulkOut.of(bulk.plan(act, actor=actor_for_request(request, at), data=data, at=at))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    operation.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("request", kind, annotation=HttpRequest),
            inspect.Parameter("body", kind, annotation=model),
        ]
    )
    operation.__name__ = f"plan_bulk_{act.name.lower()}"
    operation.__doc__ = f"{model.__doc__} Makes the plan; nothing is done before it is confirmed."
    return operation


for _act, _model in bulk.BULK_INPUTS.items():
    router.post(
        f"/bulk/{_act.value}",
        response=answers.BulkOut,
        operation_id=f"plan_bulk_{_act.name.lower()}",
        tags=["bulk"],
    )(_bulk_operation(_act, _model))


@router.get("/bulk", response=answers.BulkPage, operation_id="list_bulk", tags=["bulk"])
def list_bulk(request: HttpRequest, before: Number = None, limit: Limit = 50) -> answers.BulkPage:
    """Bulk acts the caller may see, newest first."""
    rows, following = queries.bulk_page(actor_for_request(request, timezone.now()), before=before, limit=limit)
    return answers.BulkPage(items=[answers.BulkOut.of(row) for row in rows], next=following)


@router.get("/bulk/{bulk_id}", response=answers.BulkOut, operation_id="get_bulk", tags=["bulk"])
def get_bulk(request: HttpRequest, bulk_id: BulkId) -> answers.BulkOut:
    """One bulk act and how far it is."""
    return answers.BulkOut.of(queries.bulk_for(actor_for_request(request, timezone.now()), bulk_id))


@router.get("/bulk/{bulk_id}/subjects", response=answers.BulkSubjects, operation_id="list_bulk_subjects", tags=["bulk"])
def list_bulk_subjects(
    request: HttpRequest,
    bulk_id: BulkId,
    outcome: Literal["in", "refused"] = "refused",
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Limit = 100,
) -> answers.BulkSubjects:
    """Who is in, or who is refused and why."""
    found = queries.bulk_for(actor_for_request(request, timezone.now()), bulk_id)
    rows = queries.subjects(found, outcome, after=after, limit=limit + 1)
    return answers.BulkSubjects(
        items=[answers.BulkSubjectOut.of(row) for row in rows[:limit]],
        next=rows[limit - 1].place if len(rows) > limit else None,
    )


@router.post("/bulk/{bulk_id}/confirm", response=answers.BulkOut, operation_id="confirm_bulk", tags=["bulk"])
def confirm_bulk(request: HttpRequest, bulk_id: BulkId, body: answers.Confirmation) -> answers.BulkOut:
    """Let a plan be done as one act; a job does it."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return answers.BulkOut.of(bulk_services.confirm_bulk(actor=actor, bulk_id=bulk_id, digest=body.digest, at=at))


@router.post("/bulk/{bulk_id}/cancel", response=answers.BulkOut, operation_id="cancel_bulk", tags=["bulk"])
def cancel_bulk(request: HttpRequest, bulk_id: BulkId) -> answers.BulkOut:
    """End a bulk act before it is done; nothing of it is left."""
    at = timezone.now()
    return answers.BulkOut.of(bulk_services.cancel_bulk(actor=actor_for_request(request, at), bulk_id=bulk_id, at=at))


# --- The calendar -----------------------------------------------------------------------------------------------------


@router.get("/calendar/moving", response=answers.MovingOut, operation_id="list_moving_deadlines", tags=["calendar"])
def list_moving_deadlines(request: HttpRequest, limit: Limit = 50) -> answers.MovingOut:
    """The deadlines of the caller's area that a changed calendar moves; the digest confirms exactly this list."""
    actor = actor_for_request(request, timezone.now())
    services.require_mover(actor)
    return answers.MovingOut.of(moving(actor), limit)


@router.post("/calendar/moving", response=answers.MovedOut, operation_id="move_deadlines", tags=["calendar"])
def move_deadlines(request: HttpRequest, body: answers.MoveInput) -> answers.MovedOut:
    """Move the deadlines of the list that was looked at; many are moved by a job."""
    at = timezone.now()
    done = services.confirm_moves(actor=actor_for_request(request, at), at=at, **body.model_dump())
    return answers.MovedOut.of(done)
