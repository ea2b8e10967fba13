"""Directed visits and look-backs over the API（按风险走访、回头看接口）; thin: one service each."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router

from luoshi.assurance.queries import directing as queue_reads
from luoshi.assurance.queries import looking_back as reads
from luoshi.assurance.queries import reporting
from luoshi.assurance.schemas import after as schemas
from luoshi.assurance.services.directing import direct_visit
from luoshi.assurance.services.looking_back import set_look_back_rule
from luoshi.delivery.api.doors import Key, KeyPath, RefPath, Start
from luoshi.delivery.queries import programme_for
from luoshi.office.views import serve_paper
from luoshi.rules.calendar import local_day
from luoshi.rules.directing import Reason
from luoshi.rules.looking_back import period
from luoshi.units.queries import actor_for_request

router = Router(tags=["visits"])

HalfYear = Annotated[str, Query(max_length=6)]


@router.get("/directing", response=schemas.QueueOut, operation_id="list_signs")
def list_signs(
    request: HttpRequest,
    programme: Key,
    reason: Literal["late-jump", "near-date", "silence"] = "late-jump",
    start: Start = 0,
) -> schemas.QueueOut:
    """Tasks within the caller's area whose record holds a sign; a reason to look and nothing more."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found, following = queue_reads.queue(actor, programme_for(actor, programme), Reason(reason), at, start)
    return schemas.QueueOut(items=[schemas.LineOut.of(line) for line in found], next=following)


@router.post("/commitments/{ref}/directed-visit", response=schemas.AssignedOut, operation_id="direct_visit")
def post_directed_visit(request: HttpRequest, ref: RefPath, body: schemas.DirectIn) -> schemas.AssignedOut:
    """Have a unit visited because its record or a person gives reason to; who goes is drawn by lot."""
    at = timezone.now()
    visit, entry = direct_visit(actor=actor_for_request(request, at), ref=ref, reason=body.reason, day=body.day, at=at)
    return schemas.AssignedOut.of(visit, entry.pk)


@router.get("/programmes/{key}/look-backs", response=schemas.LookBacksOut, operation_id="list_look_backs")
def list_look_backs(request: HttpRequest, key: KeyPath) -> schemas.LookBacksOut:
    """How a programme looks back: rules, the lots of the last days, and the look-backs whose day has come."""
    at = timezone.now()
    actor, today = actor_for_request(request, at), local_day(at)
    found = programme_for(actor, key)
    secrets, waiting = reads.secrets_published(found, today), reads.waiting(found, today, actor)
    rows = found.look_back_rules.order_by("-number")[:20]
    return schemas.LookBacksOut(
        rules=[schemas.RuleOut.of(rule, secrets.get(rule.number, "")) for rule in rows],
        days=[schemas.DayOut.of(day) for day in reads.days_of(found, today)],
        draws=[schemas.DrawOut.of(draw) for draw in reads.draws(actor, found, today)[: reads.SHOWN]],
        for_day=waiting.for_day if waiting else None,
        for_verifier=waiting.for_verifier if waiting else None,
    )


@router.get("/programmes/{key}/look-backs/report", operation_id="get_look_back_report")
def get_look_back_report(
    request: HttpRequest,
    key: KeyPath,
    kind: Literal["docx", "pdf"] = "pdf",
    half: HalfYear = "",
    from_on: dt.date | None = None,
    until_on: dt.date | None = None,
) -> HttpResponseBase:
    """What look-backs showed within the caller's area, as a paper: of a half-year, or of some days."""
    at = timezone.now()
    actor, today = actor_for_request(request, at), local_day(at)
    told = period(today, half=half, from_on=from_on, until_on=until_on)
    return serve_paper(reporting.paper_of_look_backs(actor, programme_for(actor, key), told, today), kind)


@router.post("/programmes/{key}/look-back-rule", response=schemas.RuleDone, operation_id="set_look_back_rule")
def post_look_back_rule(request: HttpRequest, key: KeyPath, body: schemas.LookBackRuleIn) -> schemas.RuleDone:
    """Set chance, months and thrown digits; they hold from tomorrow, and the secret before is published."""
    at = timezone.now()
    rule, entry = set_look_back_rule(actor=actor_for_request(request, at), programme=key, at=at, **body.model_dump())
    return schemas.RuleDone(rule=schemas.RuleOut.of(rule), entry=entry.pk)
