"""Pages of the sources（要闻来源）: their state, adding, changing, asking at once, pasting a page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.delivery.views.doors import actor_of, needed_version, once, tell_masked
from luoshi.intake.forms.news import ChangeSourceForm, PasteForm, SourceForm
from luoshi.intake.queries import news as queries
from luoshi.intake.services import news as services
from luoshi.rules.calendar import local_day
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context


def crumbs(here: str) -> list[tuple[str, str]]:
    """The way to a page of the sources."""
    return [(_("News"), reverse("intake:news")), (_("News sources"), reverse("intake:news_sources")), (here, "")]


@login_required
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Where the news comes from and how it goes there（要闻来源）: what was asked when, and what went wrong."""
    actor = actor_of(request, timezone.now())
    found = list(queries.source_rows(actor))
    own = actor.effective.area_path
    keeps = queries.may_keep(actor)
    context = {
        "rows": [(one, keeps and one.unit.path == own) for one in found],
        "may_keep": keeps,
        "may_ask": keeps and any(one.unit.path == own and one.active and one.address for one in found),
        "may_paste": keeps and any(one.unit.path == own for one in found),
        "crumb_list": [(_("News"), reverse("intake:news")), (_("News sources"), "")],
    }
    return render(request, "intake/news_sources.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a source to one's area（增加来源）."""
    at = timezone.now()
    actor = actor_of(request, at)
    if not queries.may_keep(actor):
        raise Refused("not_news_keeper")
    form = SourceForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "crumb_list": crumbs(_("Add a source"))}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                once(
                    request,
                    lambda: {"id": services.add_source(actor=actor, at=at, **form.cleaned_data).pk},
                    at=at,
                )
                messages.success(request, _("The source was added. A feed is asked within a quarter of an hour."))
                return redirect("intake:news_sources")
            except Refused as refused:
                context["refusal"], status = refusal_context(refused), refused.status
    return render(request, "intake/news_source.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, source_id: int) -> HttpResponse:
    """Change a source, put it out of use or back（修改来源）."""
    at = timezone.now()
    actor = actor_of(request, at)
    source = queries.own_source(actor, source_id)
    names = ("name", "address", "interval_minutes", "active")
    form = ChangeSourceForm(request.POST or None, initial={name: getattr(source, name) for name in names})
    context: dict[str, Any] = {
        "form": form,
        "source": source,
        "version": source.version,
        "crumb_list": crumbs(source.name),
    }
    status = 200
    if request.method == "POST":
        status = 422
        version = needed_version(request)
        if form.is_valid():
            try:
                once(
                    request,
                    lambda: {
                        "id": services.change_source(
                            actor=actor, source_id=source_id, version=version, at=at, **form.cleaned_data
                        ).pk
                    },
                    at=at,
                )
                messages.success(request, _("The source was changed."))
                return redirect("intake:news_sources")
            except Refused as refused:
                context["refusal"], status = refusal_context(refused), refused.status
    return render(request, "intake/news_source.html", context, status=status)


@login_required
@require_POST
def use(request: HttpRequest, source_id: int) -> HttpResponse:
    """Put a source out of use, or back, in one act（停用、启用）."""
    at = timezone.now()
    actor = actor_of(request, at)
    source = queries.own_source(actor, source_id)
    version = needed_version(request)
    wanted = request.POST.get("active") == "1"
    once(
        request,
        lambda: {
            "id": services.change_source(
                actor=actor,
                source_id=source_id,
                version=version,
                name=source.name,
                address=source.address,
                interval_minutes=source.interval_minutes,
                active=wanted,
                at=at,
            ).pk
        },
        at=at,
    )
    return redirect("intake:news_sources")


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Have one source asked at once, or all of the area（立即询问）; the job shows how far it is."""
    at = timezone.now()
    actor = actor_of(request, at)
    told = request.POST.get("source", "")
    source = int(told) if told.isascii() and told.isdigit() and len(told) < 12 else None
    answer, _again = once(
        request, lambda: {"job": services.ask_at_once(actor=actor, source_id=source, at=at).pk}, at=at
    )
    return redirect("office:job", answer["job"])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """Paste a page as news（粘贴要闻）; the quotation is kept, never the page."""
    at = timezone.now()
    actor = actor_of(request, at)
    if not queries.may_keep(actor):
        raise Refused("not_news_keeper")
    own = [one for one in queries.source_rows(actor) if one.unit.path == actor.effective.area_path]
    form = PasteForm(
        request.POST or None,
        initial={"published_on": local_day(at), "source_id": request.GET.get("source", "")},
        sources=[(str(one.pk), one.name) for one in own],
    )
    context: dict[str, Any] = {"form": form, "own": own, "crumb_list": crumbs(_("Paste a page"))}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = {**form.cleaned_data, "source_id": int(form.cleaned_data["source_id"])}
            try:
                answer, _again = once(
                    request, lambda: {"id": services.paste_page(actor=actor, at=at, **values).pk}, at=at
                )
                tell_masked(request, [values["title"], values["text"][:400]])
                return redirect("intake:news_article", answer["id"])
            except Refused as refused:
                context["refusal"], status = refusal_context(refused), refused.status
    return render(request, "intake/news_paste.html", context, status=status)
