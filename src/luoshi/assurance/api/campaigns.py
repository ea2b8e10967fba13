"""Campaigns over the API（抽查接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from luoshi.assurance import services
from luoshi.assurance.models import Campaign
from luoshi.assurance.queries import campaigns as reads
from luoshi.assurance.schemas import campaigns as schemas
from luoshi.delivery.api.doors import NEEDS_VERSION, Limit, needed_version, tagged
from luoshi.delivery.api.offering import signed
from luoshi.delivery.schemas.inputs import ActInput
from luoshi.rules.calendar import local_day
from luoshi.rules.campaigns import CampaignAct
from luoshi.units.queries import actor_for_request

router = Router(tags=["campaigns"])
RefPath = Annotated[str, Path(max_length=40)]
Before = Annotated[int | None, Query(ge=1, le=2**53)]


@router.get("/campaigns", response=schemas.CampaignPage, operation_id="list_campaigns")
def list_campaigns(request: HttpRequest, before: Before = None, limit: Limit = 50) -> schemas.CampaignPage:
    """Campaigns the caller may see, newest first."""
    actor = actor_for_request(request, timezone.now())
    rows = reads.campaigns_seen(actor).order_by("-id")
    found = list((rows.filter(pk__lt=before) if before else rows)[: limit + 1])
    return schemas.CampaignPage(
        items=[schemas.CampaignOut.told(row, actor) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.post("/campaigns", response=schemas.ActDone, operation_id="propose_campaign")
def propose_campaign(request: HttpRequest, response: HttpResponse, body: schemas.ProposeCampaign) -> schemas.ActDone:
    """Put a claim up for visits by lot; shares in basis points (500 = 5 %)."""
    at = timezone.now()
    done = schemas.propose(actor=actor_for_request(request, at), data=body.model_dump(exclude_unset=True), at=at)
    tagged(response, done.campaign.version)
    return schemas.ActDone.of(done, done.campaign)


@router.get("/campaigns/{ref}", response=schemas.CampaignDetail, operation_id="get_campaign")
def get_campaign(request: HttpRequest, response: HttpResponse, ref: RefPath) -> schemas.CampaignDetail:
    """One campaign, what the verdicts say so far, by stratum too, and what the caller may do with it."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = reads.campaign_for(actor, ref)
    tagged(response, found.version)
    return schemas.CampaignDetail.whole(found, actor, local_day(at))


@router.get("/campaigns/{ref}/places", response=schemas.VisitedPage, operation_id="list_visited_places")
def list_visited_places(
    request: HttpRequest, ref: RefPath, stratum: Before = None, after: Before = None, limit: Limit = 50
) -> schemas.VisitedPage:
    """Places that have a verdict, in the order of the draw; ``after`` is the last position seen."""
    found = reads.campaign_for(actor_for_request(request, timezone.now()), ref)
    rows = list(reads.visited_places(found, stratum=stratum, after=after or 0)[: limit + 1])
    items = [schemas.VisitedOut.told(row) for row in rows[:limit]]
    return schemas.VisitedPage(items=items, next=items[-1].position if len(rows) > limit else None)


def _operation(act: CampaignAct, model: type[ActInput], about: str) -> Callable[..., schemas.ActDone]:
    """The view of one act on a campaign; its answer is the campaign read again, for closing many is a job."""

    def operation(request: HttpRequest, response: HttpResponse, ref: str, body: ActInput) -> schemas.ActDone:
        at = timezone.now()
        actor, version = actor_for_request(request, at), needed_version(request)
        data = body.model_dump(exclude_unset=True)
        done = schemas.CAMPAIGN_ACTS.perform(act, ref, actor=actor, version=version, data=data, at=at)
        found: Campaign = reads.campaign_for(actor, ref)
        tagged(response, found.version)
        return schemas.ActDone.of(done, found)

    return signed(operation, f"{act.value}_campaign", about, {"response": HttpResponse, "ref": RefPath, "body": model})


for _act, (_model, _service) in schemas.CAMPAIGN_ACTS.table.items():
    router.post(
        f"/campaigns/{{ref}}/{_act.value}",
        response=schemas.ActDone,
        operation_id=f"{_act.value}_campaign",
        openapi_extra=NEEDS_VERSION,
    )(_operation(_act, _model, (_service.__doc__ or "").partition("\n")[0]))


@router.get("/certificates/{ref}", response=schemas.CertificateOut, operation_id="get_certificate")
def get_certificate(request: HttpRequest, ref: RefPath) -> schemas.CertificateOut:
    """One certificate with what its digest binds, and what it no longer speaks for."""
    return schemas.CertificateOut.told(reads.certificate_for(actor_for_request(request, timezone.now()), ref))


@router.post("/certificates/{ref}/except", response=schemas.CertificateActDone, operation_id="except_commitment")
def except_commitment(request: HttpRequest, ref: RefPath, body: schemas.ExceptCommitment) -> schemas.CertificateActDone:
    """Withdraw a certificate for one commitment; it stands for the others."""
    at = timezone.now()
    done = services.except_commitment(
        actor=actor_for_request(request, at), certificate=ref, ref=body.ref, reason=body.reason, at=at
    )
    return schemas.CertificateActDone.of(done.certificate, done.entry)


@router.post("/certificates/{ref}/withdraw", response=schemas.CertificateActDone, operation_id="withdraw_certificate")
def withdraw_certificate(request: HttpRequest, ref: RefPath, body: schemas.GiveReason) -> schemas.CertificateActDone:
    """Withdraw a certificate as a whole; nothing more is struck off by it."""
    at = timezone.now()
    done = services.withdraw_certificate(
        actor=actor_for_request(request, at), certificate=ref, reason=body.reason, at=at
    )
    return schemas.CertificateActDone.of(done.certificate, done.entry)
