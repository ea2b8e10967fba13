"""Deadlines that move with the calendar over the API（期限变动接口）."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from luoshi.delivery import services
from luoshi.delivery.api.doors import Limit, router
from luoshi.delivery.queries.moving import moving
from luoshi.delivery.schemas import answers
from luoshi.units.queries import actor_for_request


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
