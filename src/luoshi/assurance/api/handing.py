"""The pool and handing out over the API（派员接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Router

from luoshi.assurance.queries import blind
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.queries import pool as members
from luoshi.assurance.schemas.handing import (
    ApprovalOut,
    ApprovedOut,
    ApproveIn,
    ApproveUnitIn,
    DayOut,
    FoundOut,
    HandedOut,
    HandingOut,
    HandOutIn,
    JoinIn,
    LeaveIn,
    MemberOut,
    OwnOut,
    PoolOut,
    ToApproveOut,
    WithdrawIn,
    WithdrawnOut,
)
from luoshi.assurance.services import approving, giving, handing, handing_back, pool
from luoshi.delivery.api.doors import NEEDS_VERSION, needed_version, tagged
from luoshi.delivery.models import Programme
from luoshi.delivery.queries import programme_for
from luoshi.rules.calendar import local_day
from luoshi.units.queries import actor_for_request, unit_in_scope

router = Router(tags=["visits"])
Key = Annotated[str, Path(max_length=60, pattern=r"^[-\w]+$")]
CampaignRef = Annotated[str, Path(max_length=40, pattern=r"^[^\x00/]+$")]


def _pool(programme: Programme, at: datetime) -> PoolOut:
    return PoolOut(
        programme=programme.key,
        members=[MemberOut.of(row) for row in members.members(programme, local_day(at))],
        found=FoundOut.of(blind.sensitivity_of(programme)),
    )


@router.get("/programmes/{key}/verifiers", response=PoolOut, operation_id="get_pool")
def get_pool(request: HttpRequest, key: Key) -> PoolOut:
    """The pool of verifiers of a programme, in the order of the tree, and what it finds as a whole."""
    at = timezone.now()
    return _pool(programme_for(actor_for_request(request, at), key), at)


@router.post("/programmes/{key}/verifiers", response=PoolOut, operation_id="join_pool")
def join_pool(request: HttpRequest, key: Key, body: JoinIn) -> PoolOut:
    """Take verifier posts into the pool."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    pool.join_pool(actor=actor, programme=key, posts=body.posts, at=at)
    return _pool(programme_for(actor, key), at)


@router.post("/programmes/{key}/verifiers/leave", response=PoolOut, operation_id="leave_pool")
def leave_pool(request: HttpRequest, key: Key, body: LeaveIn) -> PoolOut:
    """Take a post out of the pool, with a reason."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    pool.leave_pool(actor=actor, programme=key, post=body.post, reason=body.reason, at=at)
    return _pool(programme_for(actor, key), at)


@router.get("/campaigns/{ref}/days", response=HandingOut, operation_id="get_campaign_days")
def get_campaign_days(request: HttpRequest, response: HttpResponse, ref: CampaignRef) -> HandingOut:
    """How far the order has been handed out, day by day; places to come are not told."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = reads.campaign_for(actor, ref)
    giving.require_handing(actor, reads.ordering_area(found), found.by_post.unit)
    handed, lot = reads.handed_out(found), reads.sealed_lot(found)
    tagged(response, found.version)
    return HandingOut(
        campaign=found.ref,
        version=found.version,
        handed_out=handed,
        left=found.frame_size - handed,
        days=[DayOut.of(line) for line in reads.days_of(found)],
        approvals=[ApprovalOut.of(row) for row in reads.approvals_of(found, actor, local_day(at))[:200]],
        seconds_approved=reads.seconds_approved(found) is not None,
        sealed=lot.digest if lot else "",
        secret=lot.secret if lot and reads.is_over(found) else "",
    )


@router.post("/campaigns/{ref}/days", response=HandedOut, operation_id="hand_out_day", openapi_extra=NEEDS_VERSION)
def hand_out_day(request: HttpRequest, response: HttpResponse, ref: CampaignRef, body: HandOutIn) -> HandedOut:
    """Hand out the next places of the order for one day; the lot says who goes."""
    at = timezone.now()
    done = handing.hand_out_day(
        actor=actor_for_request(request, at),
        campaign=ref,
        version=needed_version(request),
        day=body.day,
        count=body.count,
        at=at,
    )
    tagged(response, done.campaign.version)
    return HandedOut.of(
        done.campaign,
        body.day,
        visits=len(done.visits),
        waiting=done.waiting,
        minutes=done.minutes,
        entry=done.entry.pk,
    )


@router.post("/campaigns/{ref}/days/look", response=list[ToApproveOut], operation_id="look_at_campaign_day")
def look_at_campaign_day(request: HttpRequest, ref: CampaignRef, body: HandOutIn) -> list[ToApproveOut]:
    """Units of the next places that were met within the period and need an approval; changes nothing."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = reads.campaign_for(actor, ref)
    giving.require_handing(actor, reads.ordering_area(found), found.by_post.unit)
    waiting = approving.to_approve(actor, found, body.day, body.count, local_day(at))
    return [ToApproveOut.of(one) for one in waiting]


@router.post(
    "/campaigns/{ref}/approvals", response=ApprovedOut, operation_id="approve_visits", openapi_extra=NEEDS_VERSION
)
def approve_visits(request: HttpRequest, response: HttpResponse, ref: CampaignRef, body: ApproveIn) -> ApprovedOut:
    """Let units of the next places be met again within the period, and say why; only the head does."""
    at = timezone.now()
    rows, _entry = approving.approve_visits(
        actor=actor_for_request(request, at), campaign=ref, version=needed_version(request), at=at, **body.dict()
    )
    found = rows[0].campaign
    version = found.version if found else 0
    tagged(response, version)
    return ApprovedOut(campaign=ref, version=version, approvals=[ApprovalOut.of(row) for row in rows])


@router.post("/visits/approvals", response=ApprovalOut, operation_id="approve_visit")
def approve_visit(request: HttpRequest, body: ApproveUnitIn) -> ApprovalOut:
    """Let one unit be met again within the period outside a campaign, and say why; only the head does."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    row, _entry = approving.approve_visit(
        actor=actor, unit=unit_in_scope(actor, body.unit), day=body.day, reason=body.reason, at=at
    )
    return ApprovalOut.of(row)


@router.post(
    "/visits/{key}/withdraw", response=WithdrawnOut, operation_id="withdraw_visit", openapi_extra=NEEDS_VERSION
)
def withdraw_visit(request: HttpRequest, response: HttpResponse, key: UUID, body: WithdrawIn) -> WithdrawnOut:
    """Take a visit back before it is made, with a reason; a drawn place comes again first of the order."""
    at = timezone.now()
    visit, _entry = handing_back.withdraw_visit(
        actor=actor_for_request(request, at), key=key, version=needed_version(request), reason=body.reason, at=at
    )
    tagged(response, visit.version)
    return WithdrawnOut.of(visit)


@router.get("/visits/mine", response=OwnOut, operation_id="get_own_figures")
def get_own_figures(request: HttpRequest) -> OwnOut:
    """The caller's own figures, for nobody else's eyes."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    return OwnOut.of(blind.own_figures(actor, local_day(at)))
