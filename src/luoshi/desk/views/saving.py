"""Saved views of the register（常用视图）: keep one under a name, share it with the unit, open the page with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luoshi.desk.queries import filters as asking
from luoshi.desk.views import register_words as told
from luoshi.desk.views import words
from luoshi.desk.views.register import PAGE, known_to
from luoshi.office import services
from luoshi.office.models import SavedView
from luoshi.office.queries.saved import views_of
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context


@login_required
@require_safe
def saved_views(request: HttpRequest) -> HttpResponse:
    """One's own views and those the unit shares（常用视图）, to rename, share, delete or open with."""
    return _page(request)


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor = words.who(request, timezone.now())
    context: dict[str, Any] = {"lines": [_line(actor, view) for view in views_of(actor, PAGE)]}
    if refused is not None:
        context["refusal"] = refusal_context(refused)
    return render(request, "desk/saved_views.html", context, status=refused.status if refused else 200)


def _line(actor: Actor, view: SavedView) -> dict[str, Any]:
    filters = asking.from_query(view.query)
    known = known_to(actor, filters) if filters.active else None
    said = [told.filter_words(name, value, known.names) for name, value in filters.active] if known else []
    said.append(dict(told.orders())[filters.sort])
    return {"view": view, "mine": view.user_id == actor.user_id, "words": said}


@login_required
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters shown under a name; the same name is replaced."""
    at = timezone.now()
    filters = asking.from_query(request.POST.get("query", "")[:4000])
    try:
        view = services.save_view(
            actor=words.who(request, at),
            page=PAGE,
            name=request.POST.get("name", ""),
            query=filters.encode(),
            shared="shared" in request.POST,
            opens="opens" in request.POST,
            at=at,
        )
    except Refused as refused:
        return _page(request, refused)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return redirect(f"{reverse('desk:register')}?{view.query}{'&' if view.query else ''}view={view.pk}")


@login_required
@require_POST
def change_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename, share, open with, or delete one of one's own views."""
    actor = words.who(request, timezone.now())
    act = request.POST.get("act", "")
    try:
        if act == "delete":
            services.delete_view(view_id, actor=actor)
        else:
            services.change_view(
                view_id,
                actor=actor,
                name=request.POST.get("name"),
                shared="shared" in request.POST,
                opens="opens" in request.POST,
            )
    except Refused as refused:
        if refused.code == "not_found":
            raise
        return _page(request, refused)
    messages.success(request, _("The view was deleted.") if act == "delete" else _("The view was changed."))
    return redirect("desk:saved-views")
