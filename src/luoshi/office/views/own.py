"""A person's own settings（我的通知设置）: which channels, when, one digest, calendar addresses."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages as notes
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.office import services
from luoshi.office.adapters import mail
from luoshi.office.forms import WishForm
from luoshi.office.queries import channels as queries
from luoshi.office.queries.wishes import house_hours, wish_of
from luoshi.office.services.feeds import feeds_of
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import refusal_context
from luoshi.units.queries import actor_for_request

declare(
    429,
    feed_too_often=gettext_noop(
        "This calendar is read too often. Once an hour is enough: set your calendar program to that, and try again in"
        " %(minutes)s minutes."
    ),
)
READ_MINUTES = 10
"""The time in which the readings of one calendar address are counted, in this process's memory and nowhere else."""
READ_MOST = 20
"""Readings of one address in that time: several programs of one person, each of them once or twice."""
UNKNOWN_MOST = 60
"""Addresses that nobody has made, asked for by one machine in that time."""


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _shown(request: HttpRequest, actor: Actor, context: dict[str, Any], status: int = 200) -> HttpResponse:
    house = house_hours()
    context |= {
        "channels": queries.concerning(actor),
        "administrator": actor.role is Role.ADMINISTRATOR,
        "mail": mail.configured(),
        "address": request.user.email,  # type: ignore[union-attr]
        "quiet": "" if house.start == house.end else f"{_clock(house.start)}–{_clock(house.end)}",
        "house": house,
        "feeds": feeds_of(actor),
        "post": actor.effective,
    }
    response = render(request, "office/own.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """How I am told（我的通知设置）."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    wish = wish_of(actor.user_id)
    if request.method != "POST":
        return _shown(request, actor, {"form": WishForm(instance=wish)})
    form = WishForm(request.POST, instance=wish)
    if not form.is_valid():
        return _shown(request, actor, {"form": form}, 422)
    try:
        services.set_wish(actor=actor, at=at, **form.cleaned_data)
    except Refused as refused:
        return _shown(request, actor, {"form": form, "refusal": refusal_context(refused)}, refused.status)
    notes.success(request, gettext("Your settings are kept."))
    return redirect("office:own")


@login_required
@require_POST
def make_feed(request: HttpRequest) -> HttpResponse:
    """Make a calendar address（开通日历订阅）and show it this once."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    context: dict[str, Any] = {"form": WishForm(instance=wish_of(actor.user_id))}
    try:
        _made, token = services.make_feed(actor=actor, discreet="discreet" in request.POST, at=at)
    except Refused as refused:
        context["refusal"] = refusal_context(refused)
        return _shown(request, actor, context, refused.status)
    context["feed_address"] = settings.BASE_URL.rstrip("/") + reverse("office:calendar", args=[token])
    return _shown(request, actor, context)


@login_required
@require_POST
def revoke_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Withdraw a calendar address（停用日历订阅）."""
    at = timezone.now()
    services.revoke_feed(feed_id, actor=actor_for_request(request, at), at=at)
    notes.success(request, gettext("The address is withdrawn; whoever still has it gets nothing."))
    return redirect("office:own")


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret address（日历订阅）, for calendar programs, which sign in nowhere."""
    try:
        _not_too_often(f"read:{hashlib.sha256(token.encode()).hexdigest()}", READ_MOST)
        content = _content(request, token)
    except Refused as refused:
        text = gettext(refused.template) % refused.params
        response = HttpResponse(text, status=refused.status, content_type="text/plain; charset=utf-8")
        if refused.status == 429:
            response["Retry-After"] = str(READ_MINUTES * 60)
    else:
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        unchanged = get_conditional_response(request, etag=etag)
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        if unchanged is not None and unchanged.status_code == 304:
            response = HttpResponse(status=304)
        response["ETag"] = etag
        response["Content-Disposition"] = 'inline; filename="luoshi.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _content(request: HttpRequest, token: str) -> bytes:
    """The calendar of an address; whoever tries addresses that nobody made is stopped.

    Raises:
        Refused: ``feed_gone``, ``feed_too_often``.
    """
    try:
        return services.read_feed(token, timezone.now())
    except Refused:
        _not_too_often(f"unknown:{request.META.get('REMOTE_ADDR', '')}", UNKNOWN_MOST)
        raise


def _not_too_often(what: str, most: int) -> None:
    """One more reading within the time.

    Raises:
        Refused: ``feed_too_often``.
    """
    key = f"luoshi.calendar.{what}"
    cache.add(key, 0, READ_MINUTES * 60)
    try:
        count = cache.incr(key)
    except ValueError:  # it ran out in between
        count = 1
    if count > most:
        raise Refused("feed_too_often", minutes=READ_MINUTES)
