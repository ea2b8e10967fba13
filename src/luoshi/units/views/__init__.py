"""Pages of units and posts（组织页面）: the tree one level at a time, a unit, a post, and the acts on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import forms, queries, services
from luoshi.units.models import Deputyship, HandOver, Kind, Post, Unit

Act = Callable[[Actor, dt.datetime, dict[str, Any]], str]
"""Does an act with cleaned values and answers with the address to go to."""


def _sentence(refusal: Refused) -> dict[str, str]:
    return {"sentence": _(refusal.template) % refusal.params, "code": refusal.code}


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page for what cannot be shown or done at all."""
    return render(request, "units/refused.html", {"reason": _sentence(refusal)}, status=refusal.status)


def _today() -> dt.date:
    return timezone.localdate()


def _crumbs(unit: Unit) -> list[tuple[str, str]]:
    above = [(area.name, reverse("units:unit", args=[area.pk])) for area in queries.line_above(unit)]
    return [(_("Units"), reverse("units:tree")), *above]


@login_required
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """The units page（组织）: the area of the seat, or what a search found."""
    at = timezone.now()
    try:
        actor = queries.actor_for_request(request, at)
        text = request.GET.get("q", "").strip()
        if not text:
            return HttpResponseRedirect(reverse("units:unit", args=[queries.home_id(actor)]))
        found = queries.search_units(actor, text)
        sure: Unit | None = None
        note: dict[str, str] | None = None
        try:
            sure = queries.find_unit(text, queries.unit_in_scope(actor, queries.home_id(actor)))
        except Refused as refusal:
            note = _sentence(refusal) if found else None
        if sure is not None and not any(unit.pk == sure.pk for unit in found):
            low, high = queries.scope(actor)
            found = [sure, *found] if low <= sure.path < high else found
        if len(found) == 1:
            return HttpResponseRedirect(reverse("units:unit", args=[found[0].pk]))
    except Refused as refusal:
        return _refused(request, refusal)
    return render(request, "units/found.html", {"actor": actor, "text": text, "found": found, "note": note})


@login_required
@require_safe
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit（单位）: what is directly below it, its departments, posts, holders, deputies and history."""
    at = timezone.now()
    try:
        actor = queries.actor_for_request(request, at)
        shown = queries.unit_in_scope(actor, unit_id)
    except Refused as refusal:
        return _refused(request, refusal)
    context = {
        "actor": actor,
        "unit": shown,
        "crumb_list": [*_crumbs(shown), (shown.name, "")],
        "areas": queries.children_of(shown),
        "departments": queries.children_of(shown, (Kind.DEPARTMENT, Kind.BODY)),
        "lines": queries.post_lines([shown], _today()),
        "changes": shown.changes.select_related("other").order_by("-on", "-id")[:50],
        "may": queries.may_administer(actor, shown) and shown.valid_until is None,
    }
    return render(request, "units/unit.html", context)


@login_required
@require_safe
def post(request: HttpRequest, ref: str) -> HttpResponse:
    """A post（岗位）: holders with dates, deputies, contact, hand-overs."""
    at = timezone.now()
    try:
        actor = queries.actor_for_request(request, at)
        shown = queries.post_in_scope(actor, ref)
    except Refused as refusal:
        return _refused(request, refusal)
    day = _today()
    context = {
        "actor": actor,
        "post": shown,
        "today": day,
        "crumb_list": [
            *_crumbs(shown.unit),
            (shown.unit.name, reverse("units:unit", args=[shown.unit_id])),
            (shown.title, ""),
        ],
        "holder": queries.holders_on([shown], day).get(shown.pk),
        "holdings": shown.holdings.select_related("user")[:50],
        "deputies": Deputyship.objects.filter(principal=shown).select_related("deputy__unit")[:50],
        "principals": Deputyship.objects.filter(deputy=shown).select_related("principal__unit")[:50],
        "handovers": [
            (row, [link for offer in queries.HANDOVER_LINKS if (link := offer(row, actor))])
            for row in HandOver.objects.filter(post=shown).select_related("from_user", "to_user")[:50]
        ],
        "may": queries.may_administer(actor, shown.unit),
        "own": actor.seat.post_ref == shown.ref,
        "links": [link for source in queries.POST_LINKS if (link := source(shown, actor))],
    }
    return render(request, "units/post.html", context)


def _version(request: HttpRequest) -> int | None:
    value = request.POST.get("version", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _act(
    request: HttpRequest,
    *,
    form_class: type[django_forms.Form],
    title: str,
    submit: str,
    cancel: str,
    do: Act,
    text: str = "",
    version: int | None = None,
    initial: Mapping[str, Any] | None = None,
    choices: Mapping[str, list[tuple[Any, str]]] | None = None,
    first: Iterable[Callable[[Actor], tuple[str, str] | None]] = (),
    listed: tuple[str, Iterable[str]] = ("", ()),
) -> HttpResponse:
    """Show the form of an act, or do it; a refusal becomes a sentence beside the form."""
    at = timezone.now()
    bound = form_class(
        request.POST if request.method == "POST" else None,
        initial={"on": _today(), "from_on": _today(), **(initial or {})},
    )
    for name, options in (choices or {}).items():
        field = bound.fields[name]
        if isinstance(field, django_forms.ChoiceField):
            field.choices = options
    context: dict[str, Any] = {
        "form": bound,
        "title": title,
        "text": text,
        "submit": submit,
        "cancel": cancel,
        "version": version,
        "listed_title": listed[0],
        "listed": list(listed[1]),
    }
    status = 200
    try:
        context["actor"] = actor = queries.actor_for_request(request, at)
        context["links"] = [link for offer in first if (link := offer(actor))]
        if request.method == "POST":
            if bound.is_valid():
                target = do(actor, at, bound.cleaned_data)
                messages.success(request, _("Done; the change is in the ledger."))
                return HttpResponseRedirect(target)
            status = 422
    except Refused as refusal:
        context["refusal"] = _sentence(refusal)
        status = refusal.status
    return render(request, "units/act.html", context, status=status)


def _unit_or_refusal(request: HttpRequest, unit_id: int) -> Unit | HttpResponse:
    try:
        return queries.unit_in_scope(queries.actor_for_request(request, timezone.now()), unit_id)
    except Refused as refusal:
        return _refused(request, refusal)


def _post_or_refusal(request: HttpRequest, ref: str) -> Post | HttpResponse:
    try:
        return queries.post_in_scope(queries.actor_for_request(request, timezone.now()), ref)
    except Refused as refusal:
        return _refused(request, refusal)


def _at_unit(unit_id: int) -> str:
    return reverse("units:unit", args=[unit_id])


def _at_post(ref: str) -> str:
    return reverse("units:post", args=[ref])


@login_required
def create_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Set up a unit below this one（设立单位）."""
    parent = _unit_or_refusal(request, unit_id)
    if isinstance(parent, HttpResponse):
        return parent
    return _act(
        request,
        form_class=forms.CreateUnitForm,
        title=_("Set up a unit below %(unit)s") % {"unit": parent.name},
        submit=_("Set up"),
        cancel=_at_unit(unit_id),
        do=lambda actor, at, data: _at_unit(services.create_unit(actor=actor, at=at, parent_id=unit_id, **data).pk),
    )


@login_required
def rename_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Give a unit another name（更名）."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown
    return _act(
        request,
        form_class=forms.RenameForm,
        title=_("Rename %(unit)s") % {"unit": shown.name},
        text=_("The old name stays findable and in the history."),
        submit=_("Rename"),
        cancel=_at_unit(unit_id),
        version=shown.version,
        initial={"name": shown.name},
        do=lambda actor, at, data: _at_unit(
            services.rename_unit(actor=actor, at=at, unit_id=unit_id, version=_version(request), **data).pk
        ),
    )


@login_required
def move_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Move a unit with all below it（划转）."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        parent = queries.find_unit(data.pop("parent"), areas_only=shown.is_area)
        services.move_unit(actor=actor, at=at, unit_id=unit_id, parent_id=parent.pk, version=_version(request), **data)
        return _at_unit(unit_id)

    return _act(
        request,
        form_class=forms.MoveForm,
        title=_("Move %(unit)s") % {"unit": shown.name},
        text=_("Everything below it moves with it. Who may see it changes at once."),
        submit=_("Move"),
        cancel=_at_unit(unit_id),
        version=shown.version,
        do=do,
    )


@login_required
def merge_units(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Merge other units into this one（合并）."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        names = [line for line in data.pop("units").splitlines() if line.strip()][:50]
        ids = [queries.find_unit(name, shown.parent, areas_only=shown.is_area).pk for name in names]
        services.merge_units(actor=actor, at=at, unit_ids=ids, into_id=unit_id, **data)
        return _at_unit(unit_id)

    return _act(
        request,
        form_class=forms.MergeForm,
        title=_("Merge units into %(unit)s") % {"unit": shown.name},
        submit=_("Merge"),
        cancel=_at_unit(unit_id),
        do=do,
    )


@login_required
def split_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Take a new unit out of this one（拆分）; this one stays with the rest."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        part = services.Part(
            data["name"], data["code"], tuple(int(child) for child in data["children"]), tuple(data["posts"])
        )
        made = services.split_unit(
            actor=actor,
            at=at,
            unit_id=unit_id,
            parts=[part],
            keep=True,
            reason=data["reason"],
            on=data["on"],
            version=_version(request),
        )
        return _at_unit(made[0].pk)

    children = queries.children_of(shown, Kind.values)
    posts = shown.posts.filter(active=True)
    return _act(
        request,
        form_class=forms.SplitForm,
        title=_("Split %(unit)s") % {"unit": shown.name},
        text=_("The new unit stands beside this one; what is not chosen stays here."),
        submit=_("Split"),
        cancel=_at_unit(unit_id),
        version=shown.version,
        choices={
            "children": [(child.pk, child.name) for child in children],
            "posts": [(held.ref, held.title) for held in posts],
        },
        do=do,
    )


@login_required
def close_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """End a unit（撤销）."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown
    return _act(
        request,
        form_class=forms.CloseForm,
        title=_("End %(unit)s") % {"unit": shown.name},
        text=_("It must have nothing below it and no held posts. Its history stays."),
        submit=_("End the unit"),
        cancel=_at_unit(unit_id),
        version=shown.version,
        do=lambda actor, at, data: _at_unit(
            services.close_unit(actor=actor, at=at, unit_id=unit_id, version=_version(request), **data).pk
        ),
    )


@login_required
def set_superior(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Name the professional superior（业务上级）."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown
    return _act(
        request,
        form_class=forms.SuperiorForm,
        title=_("Professional superior of %(unit)s") % {"unit": shown.name},
        submit=_("Save"),
        cancel=_at_unit(unit_id),
        version=shown.version,
        initial={"superior": shown.superior_id},
        do=lambda actor, at, data: _at_unit(
            services.set_professional_superior(
                actor=actor, at=at, unit_id=unit_id, superior_id=data["superior"], version=_version(request)
            ).pk
        ),
    )


@login_required
def create_post(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Set up a post in a unit（设立岗位）."""
    shown = _unit_or_refusal(request, unit_id)
    if isinstance(shown, HttpResponse):
        return shown
    return _act(
        request,
        form_class=forms.PostForm,
        title=_("Set up a post in %(unit)s") % {"unit": shown.name},
        submit=_("Set up"),
        cancel=_at_unit(unit_id),
        do=lambda actor, at, data: _at_post(services.create_post(actor=actor, at=at, unit_id=unit_id, **data).ref),
    )


@login_required
def edit_contact(request: HttpRequest, ref: str) -> HttpResponse:
    """Change the official contact（更新联系方式）."""
    shown = _post_or_refusal(request, ref)
    if isinstance(shown, HttpResponse):
        return shown
    return _act(
        request,
        form_class=forms.ContactForm,
        title=_("Contact of %(post)s") % {"post": shown.title},
        submit=_("Save"),
        cancel=_at_post(ref),
        version=shown.version,
        initial={"contact": shown.contact},
        do=lambda actor, at, data: _at_post(
            services.edit_contact(actor=actor, at=at, post_ref=ref, version=_version(request), **data).ref
        ),
    )


@login_required
def seat_holder(request: HttpRequest, ref: str) -> HttpResponse:
    """Seat a person（任职）."""
    shown = _post_or_refusal(request, ref)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        user = queries.user_named(data.pop("username"))
        services.seat_holder(actor=actor, at=at, post_ref=ref, user_id=user.pk, **data)
        return _at_post(ref)

    return _act(
        request,
        form_class=forms.SeatForm,
        title=_("Seat a person in %(post)s") % {"post": shown.title},
        submit=_("Seat"),
        cancel=_at_post(ref),
        do=do,
    )


@login_required
def unseat_holder(request: HttpRequest, ref: str) -> HttpResponse:
    """End a holding（离任）."""
    shown = _post_or_refusal(request, ref)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        services.unseat_holder(actor=actor, at=at, post_ref=ref, **data)
        return _at_post(ref)

    return _act(
        request,
        form_class=forms.UnseatForm,
        title=_("End the holding of %(post)s") % {"post": shown.title},
        text=_("If somebody follows, hand the post over instead, with a list."),
        submit=_("End the holding"),
        cancel=_at_post(ref),
        do=do,
    )


@login_required
def hand_over_post(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand a post over（交接）."""
    shown = _post_or_refusal(request, ref)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        services.hand_over_post(
            actor=actor,
            at=at,
            post_ref=ref,
            to_user_id=queries.user_named(data["username"]).pk,
            on=data["on"],
            items=[line.strip() for line in data["items"].splitlines() if line.strip()],
            note=data["note"],
        )
        return _at_post(ref)

    return _act(
        request,
        form_class=forms.HandOverForm,
        title=_("Hand over %(post)s") % {"post": shown.title},
        text=_("What the post owes stays with the post; only its holder changes."),
        listed=(_("Open now; this goes into the list by itself"), queries.handover_list(shown)),
        submit=_("Hand over"),
        cancel=_at_post(ref),
        first=[partial(offer, shown) for offer in queries.HANDOVER_FIRST],
        do=do,
    )


@login_required
def appoint_deputy(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a post stand in for this one（代理）."""
    shown = _post_or_refusal(request, ref)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        services.appoint_deputy(actor=actor, at=at, principal_ref=ref, **data)
        return _at_post(ref)

    return _act(
        request,
        form_class=forms.DeputyForm,
        title=_("A stand-in for %(post)s") % {"post": shown.title},
        text=_("Whoever stands in never verifies or approves what this post claims."),
        submit=_("Appoint"),
        cancel=_at_post(ref),
        do=do,
    )


@login_required
def end_deputyship(request: HttpRequest, ref: str, deputyship_id: int) -> HttpResponse:
    """End a stand-in（结束代理）."""
    shown = _post_or_refusal(request, ref)
    if isinstance(shown, HttpResponse):
        return shown

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        services.end_deputyship(actor=actor, at=at, deputyship_id=deputyship_id, on=data["on"])
        return _at_post(ref)

    return _act(
        request,
        form_class=forms.EndForm,
        title=_("End a stand-in for %(post)s") % {"post": shown.title},
        submit=_("End the stand-in"),
        cancel=_at_post(ref),
        do=do,
    )
