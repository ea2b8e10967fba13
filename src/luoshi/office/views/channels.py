"""Pages of channels（渠道管理）for administrators: the list, adding, one channel with its deliveries, and its acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.office import services
from luoshi.office.forms import ChannelForm, WhyForm
from luoshi.office.models import DeliveryState, Outlet
from luoshi.office.queries import channels as queries
from luoshi.office.services.channels import OWN_KEY
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.addresses import whole_number
from luoshi.ui.sentences import refusal_context
from luoshi.units import queries as units


def _units(actor: Actor) -> list[tuple[int, str]]:
    """The unit of the actor's area, its departments, and what lies directly below."""
    home = units.unit_in_scope(actor, units.home_id(actor))
    below = list(units.children_of(home)) + list(units.standing().filter(area=home).exclude(pk=home.pk))
    return [(home.pk, home.name), *((one.pk, one.name) for one in below[:400])]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """The channels（渠道）of an administrator's area, and the form that adds one."""
    at = timezone.now()
    actor = units.actor_for_request(request, at)
    queries.managed(actor)
    form = ChannelForm(request.POST or None, units=_units(actor))
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made, key = services.add_channel(actor=actor, at=at, **form.cleaned_data)
            except Refused as refused:
                status = refused.status
                context["refusal"] = refusal_context(refused)
            else:
                return _one(request, made, at, key=key) if key else redirect("office:channel", made.pk)
    return render(request, "office/channels.html", {**context, "rows": queries.listed(actor)}, status=status)


@login_required
@require_safe
def channel(request: HttpRequest, outlet_id: int) -> HttpResponse:
    """One channel（渠道）: how it does, and what was sent by it, 50 on a page."""
    at = timezone.now()
    actor = units.actor_for_request(request, at)
    return _one(request, queries.outlet(actor, outlet_id), at)


def _one(request: HttpRequest, found: Outlet, at: datetime, *, key: str = "") -> HttpResponse:
    state = request.GET.get("state", "")
    before = request.GET.get("before", "")
    cursor = whole_number(before)
    rows, following = queries.deliveries_of_outlet(found, state=state, before=cursor)
    context = {
        "found": found,
        "key": key,
        "own_key": found.kind in OWN_KEY,
        "rows": rows,
        "state": state,
        "states": [(value, label) for value, label in DeliveryState.choices if value != DeliveryState.HELD],
        "pager": {"next": f"state={state}&before={following}" if following else ""},
        "form": WhyForm(),
        "given_up": any(row.state == DeliveryState.DEAD for row in rows),
        "resting": found.rest_until is not None and found.rest_until > at,
    }
    response = render(request, "office/channel.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _test(request: HttpRequest, actor: Actor, outlet_id: int, at: datetime) -> None:
    row = services.try_channel(outlet_id, actor=actor, at=at)
    if row.state == DeliveryState.SENT:
        notes.success(request, gettext("The test message was taken."))
    else:
        tries = list(row.tries.all())
        error = tries[-1].error_text if tries else row.error_text
        notes.error(request, gettext("The test message was not taken: %(error)s") % {"error": error})


def _disable(request: HttpRequest, actor: Actor, outlet_id: int, at: datetime) -> None:
    services.disable_channel(outlet_id, actor=actor, why=request.POST.get("why", ""), at=at)
    notes.success(request, gettext("The channel is disabled."))


def _enable(request: HttpRequest, actor: Actor, outlet_id: int, at: datetime) -> None:
    services.enable_channel(outlet_id, actor=actor, at=at)
    notes.success(request, gettext("The channel is enabled; what had waited goes out now."))


def _repeat_all(request: HttpRequest, actor: Actor, outlet_id: int, at: datetime) -> None:
    _told(request, services.repeat_deliveries(outlet_id, actor=actor, at=at))


def _told(request: HttpRequest, count: int) -> None:
    told = ngettext("%(count)s delivery goes out again.", "%(count)s deliveries go out again.", count)
    notes.success(request, told % {"count": count})


ACTS: Mapping[str, Callable[[HttpRequest, Actor, int, datetime], None]] = {
    "test": _test,
    "disable": _disable,
    "enable": _enable,
    "repeat": _repeat_all,
}


@login_required
@require_POST
def channel_act(request: HttpRequest, outlet_id: int, act: str) -> HttpResponse:
    """Try, disable or enable a channel, send again what was given up, or change its key（渠道事务）."""
    at = timezone.now()
    actor = units.actor_for_request(request, at)
    if act == "key":
        found, key = services.change_channel_key(outlet_id, actor=actor, at=at)
        return _one(request, found, at, key=key)
    try:
        ACTS[act](request, actor, outlet_id, at)
    except KeyError:
        raise Refused("not_found") from None
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        notes.error(request, gettext(refused.template) % refused.params)
    return redirect("office:channel", outlet_id)


@login_required
@require_POST
def repeat(request: HttpRequest, outlet_id: int, delivery_id: int) -> HttpResponse:
    """Send one delivery again（重新投递）, under the key it has always had."""
    at = timezone.now()
    actor = units.actor_for_request(request, at)
    try:
        _told(request, services.repeat_deliveries(outlet_id, actor=actor, at=at, delivery_id=delivery_id))
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        notes.error(request, gettext(refused.template) % refused.params)
    return redirect("office:channel", outlet_id)
