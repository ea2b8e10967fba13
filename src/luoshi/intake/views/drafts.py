"""Pages of drafts（草案）: one item, the acts of the side-by-side page, issuing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from luoshi.delivery import queries as delivery
from luoshi.delivery.views.doors import actor_of, done_sentence, needed_version, once
from luoshi.intake import queries, services
from luoshi.intake.forms import IssueForm, ItemForm
from luoshi.intake.models import Document, Draft, DraftItem
from luoshi.intake.services.issuing import NewProgramme
from luoshi.intake.views import words
from luoshi.intake.views.documents import crumbs
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context


def _number(request: HttpRequest, name: str) -> int:
    told = request.POST.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 12 else 0


def _draft(actor: Actor, document_id: int) -> tuple[Document, Draft]:
    found = queries.document_for(actor, document_id)
    base = found.revision_of or found
    draft = getattr(queries.document_for(actor, base.pk), "draft", None)
    if draft is None:
        raise Refused("not_found")
    return found, draft


def _done(request: HttpRequest, do: Callable[[], Entry], at: Any) -> None:
    answer, _again = once(request, lambda: {"entry": do().pk}, at=at)
    messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))


@login_required
@require_POST
def act(request: HttpRequest, document_id: int, act: str) -> HttpResponse:
    """One act on the draft; a refusal is told on the page it came from（草案办理）."""
    at = timezone.now()
    actor = actor_of(request, at)
    document, draft = _draft(actor, document_id)
    base: dict[str, Any] = {"actor": actor, "draft": draft.pk, "version": needed_version(request), "at": at}
    post = request.POST
    chosen = [int(one) for one in post.getlist("item") if one.isascii() and one.isdigit() and len(one) < 12]
    acts: dict[str, Callable[[], Entry]] = {
        "share": lambda: services.share_draft(shared=post.get("shared") == "1", **base)[1],
        "edit-chosen": lambda: services.edit_items(
            items=chosen,
            lead=post.get("lead", ""),
            due_on=_day(post.get("due_on", "")),
            frequency=post.get("frequency", ""),
            **base,
        )[1],
        "merge": lambda: services.merge_items(items=chosen, **base)[1],
        "drop": lambda: services.drop_item(item=_number(request, "item"), dropped=post.get("back") != "1", **base)[1],
        "split": lambda: services.split_item(item=_number(request, "item"), after=_number(request, "after"), **base)[1],
        "add": lambda: services.add_item(
            words=post.get("words", ""),
            near=_number(request, "start") if post.get("start") else None,
            parent=_number(request, "parent") or None,
            **base,
        )[1],
        "name-units": lambda: services.name_units(names=_names(request), **base)[1],
        "take": lambda: services.take_change(revision=document.pk, change=post.get("change", ""), **base)[1],
    }
    if act not in acts:
        raise Refused("not_found")
    _done(request, acts[act], at)
    page = "intake:changes" if act == "take" else "intake:document"
    place = f"#i-{chosen[0]}" if chosen and act in {"edit-chosen", "split"} else ""
    return HttpResponseRedirect(reverse(page, args=[document.pk]) + place)


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told) if told else None
    except ValueError as error:
        raise Refused("bad_input", field=_("Due on"), problem=_("Write the day as 2026-06-30.")) from error


NONE_OF_OURS = "none"


def _names(request: HttpRequest) -> dict[str, str | None]:
    """The rows of the form that were filled in: words → unit, None for “no unit of ours”."""
    post = request.POST
    told: dict[str, str | None] = {}
    for said, unit, other in zip(post.getlist("words"), post.getlist("unit"), post.getlist("other"), strict=False):
        if other.strip() or unit:
            told[said] = other.strip() or (None if unit == NONE_OF_OURS else unit)
    return told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, document_id: int, item_id: int) -> HttpResponse:
    """One item: its words in the document, and the form that edits it（修改条目）."""
    at = timezone.now()
    actor = actor_of(request, at)
    document, draft = _draft(actor, document_id)
    row = draft.items.select_related("source").filter(pk=item_id).first()
    if row is None:
        raise Refused("not_found")
    names = {pk: unit.name for pk, unit in queries.units_named([row]).items()}
    initial = {
        "title": row.title,
        "requirement": row.requirement,
        "due_on": row.due_on,
        "frequency": row.frequency if row.frequency in queries.RHYTHMS else "",
        "checked": row.checked,
        **{role: words.unit_words(row, role, names) for role in ROLES},
    }
    form = ItemForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {
        "document": document,
        "draft": draft,
        "item": row,
        "form": form,
        "version": draft.version,
        "cancel": reverse("intake:document", args=[document.pk]) + f"#i-{row.pk}",
        "crumb_list": crumbs(document, row.name),
        "concerns": [words.concern(code) for line in queries.lines([row], dropped=True) for code in line.concerns],
        "cuts": words.cuts(row.requirement),
        "names": queries.leads_named(actor, draft.document.owner),
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                changes = _changes(form, row, names)
                version = needed_version(request)
                _done(
                    request,
                    lambda: services.edit_item(
                        actor=actor, draft=draft.pk, version=version, item=row.pk, changes=changes, at=at
                    )[1],
                    at,
                )
                return HttpResponseRedirect(context["cancel"])
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "intake/item.html", context, status=status)


ROLES = ("lead", "responsible", "support")


def _changes(form: ItemForm, row: DraftItem, names: dict[int, str]) -> dict[str, Any]:
    """What the form says otherwise than the item; units whose names stay keep their words and spans."""
    told = form.cleaned_data
    changes: dict[str, Any] = {
        name: told[name]
        for name in ("title", "requirement", "due_on", "frequency", "checked")
        if name in form.changed_data
    }
    if set(ROLES) & set(form.changed_data):
        known = {names.get(one.get("unit") or 0, one["words"]): one for one in row.units}
        units = []
        for role in ROLES:
            for name in filter(None, (part.strip() for part in told[role].replace(";", "；").split("；"))):
                one = known.get(name)
                units.append(
                    {"role": role, "words": one["words"], "unit": one.get("unit")}
                    if one
                    else {"role": role, "words": name}
                )
        changes["units"] = units
    return changes


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, document_id: int) -> HttpResponse:
    """Issue the draft as a programme, or add it to one, in one act（立项交办）."""
    at = timezone.now()
    actor = actor_of(request, at)
    document, draft = _draft(actor, document_id)
    lines = queries.lines(queries.items_of(draft))
    roots = [line for line in lines if line.depth == 0]
    context: dict[str, Any] = {
        "document": document,
        "draft": draft,
        "version": draft.version,
        "cancel": reverse("intake:document", args=[document.pk]),
        "crumb_list": crumbs(document, _("Issue as a programme")),
        "matters": len(roots),
        "tasks": sum(line.task for line in lines),
        "open": [(line.item, [words.concern(code) for code in line.concerns]) for line in lines if line.concerns],
        "unnamed": sorted({one["words"] for line in lines for one in line.item.units if not _settled(one)}),
    }
    if request.GET.get("to") == "existing":
        return _add_to(request, actor, document, draft, roots, context, at)
    initial = {
        "name_zh": document.title[:200],
        "document": document.title,
        "document_no": document.number,
        "key": f"{document.doc_on.year}-{document.pk}",
        "number_prefix": f"D{document.pk}-{document.doc_on.year}",
        "matter": document.title[:200] if len(roots) > FLAT and not any(line.children for line in roots) else "",
    }
    form = IssueForm(request.POST or None, initial=initial)
    context |= {"form": form, "form_draft": f"intake-issue-{document.pk}"}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = {("prefix" if name == "number_prefix" else name): one for name, one in form.cleaned_data.items()}
            why = told.pop("different")
            try:
                return _issued(request, actor, document, draft, at, new=NewProgramme(**told), different=why)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "intake/issue.html", context, status=status)


FLAT = 12
"""More highest items than this without any part are a list: one matter is offered for all of them."""


def _settled(one: dict[str, Any]) -> bool:
    return bool(one.get("unit") or one.get("below"))


def _add_to(
    request: HttpRequest,
    actor: Actor,
    document: Document,
    draft: Draft,
    roots: Sequence[queries.Line],
    context: dict[str, Any],
    at: datetime,
) -> HttpResponse:
    """First which programme, then which highest item goes to which of its matters."""
    standing = list(delivery.programmes(actor).filter(state="issued").order_by("key")[:200])
    key = request.GET.get("programme", "")
    programme = next((one for one in standing if one.key == key), None)
    context |= {"standing": standing, "programme": programme}
    status = 200
    if programme is not None:
        named = queries.matters_named(programme, roots)
        told = {root.item.pk: request.POST.get(f"matter-{root.item.pk}", "") for root in roots}
        chosen = {pk: int(number) for pk, number in told.items() if re.fullmatch(r"[0-9]{1,4}", number)}
        context["matter_list"] = list(programme.matters.all())
        context["places"] = [
            (root, chosen.get(root.item.pk, named.get(root.item.pk, 0)), root.item.pk in named) for root in roots
        ]
        if request.method == "POST":
            try:
                why = request.POST.get("different", "")[:500]
                return _issued(
                    request, actor, document, draft, at, programme=programme.key, matters=chosen, different=why
                )
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "intake/add_to.html", context, status=status)


def _issued(
    request: HttpRequest, actor: Actor, document: Document, draft: Draft, at: datetime, **told: Any
) -> HttpResponse:
    """Issue and lead to the trace, where every clause shows what came of it."""

    def run() -> dict[str, Any]:
        version = needed_version(request)
        return {"entry": services.issue_draft(actor=actor, draft=draft.pk, version=version, at=at, **told)[1].pk}

    answer, _again = once(request, run, at=at)
    messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
    return HttpResponseRedirect(reverse("intake:trace", args=[document.pk]))
