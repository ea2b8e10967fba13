"""Pages of documents（来文）: the list, handing in, side by side, the trace, corrected documents."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery.views.doors import actor_of, once
from luoshi.intake import queries, services
from luoshi.intake.forms import ReceiveForm
from luoshi.intake.models import Document
from luoshi.intake.views import words
from luoshi.office.views import serve_file
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context
from luoshi.units.models import Unit

PAGE = 50
CLAUSES = 300


def crumbs(document: Document, here: str = "") -> list[tuple[str, str]]:
    """The way to a document's pages."""
    found = [(_("Intake"), reverse("intake:documents"))]
    if not here:
        return [*found, (document.title, "")]
    return [*found, (document.title, reverse("intake:document", args=[document.pk])), (here, "")]


@login_required
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """What came in, and the drafts that wait（收文）."""
    actor = actor_of(request, timezone.now())
    page = Paginator(queries.listed(actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "intake/documents.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Hand a document in（收文）; with ``corrects`` it is compared with the draft of that one."""
    at = timezone.now()
    actor = actor_of(request, at)
    queries.require_desk(actor)
    told = request.GET.get("corrects", "")
    corrects = int(told) if told.isascii() and told.isdigit() and len(told) < 12 else None
    corrected = queries.document_for(actor, corrects) if corrects is not None else None
    initial = {"title": corrected.title, "kind": corrected.kind, "number": corrected.number} if corrected else {}
    form = ReceiveForm(request.POST or None, request.FILES or None, initial=initial)
    context: dict[str, Any] = {"form": form, "corrected": corrected}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in ("title", "doc_on", "kind", "number")}
            try:
                answer, _again = once(
                    request,
                    lambda: {
                        "id": services.receive_document(
                            actor=actor, upload=form.cleaned_data["file"], revision_of=corrects, at=at, **values
                        )[0].pk
                    },
                    at=at,
                )
                return redirect("intake:document", answer["id"])
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "intake/receive.html", context, status=status)


@login_required
@require_safe
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """The source on the left, the draft on the right, doubtful things first（对照拆解）."""
    actor = actor_of(request, timezone.now())
    found = queries.document_for(actor, document_id)
    if found.revision_of_id is not None and found.state == Document.State.READ:
        return HttpResponseRedirect(reverse("intake:changes", args=[found.pk]))
    draft = getattr(found, "draft", None)
    items = queries.items_of(draft) if draft else []
    lines = queries.lines(items)
    units = queries.units_named(items)
    unclear: dict[str, list[Unit]] = {}
    for line in lines:
        for one in line.item.units:
            if one.get("state") in {"unclear", "unknown"}:
                unclear.setdefault(one["words"], [units[pk] for pk in one.get("candidates", []) if pk in units])
    context = {
        "document": found,
        "draft": draft,
        "crumb_list": crumbs(found),
        "source": words.marked(found, items),
        "rows": [
            (
                line,
                [(at, one, units.get(one.get("unit") or 0)) for at, one in enumerate(line.item.units)],
                [words.concern(code) for code in line.concerns],
            )
            for line in lines
        ],
        "asked": list(unclear.items()),
        "doubtful": [(line.item, [words.concern(code) for code in line.concerns]) for line in lines if line.concerns],
        "dropped": [item for item in items if item.dropped],
        "leaves": sum(line.leaf for line in lines),
        "revisions": list(found.revisions.defer("text", "tree").order_by("-id")[:10]),
    }
    return render(request, "intake/document.html", context)


@login_required
@require_safe
def trace(request: HttpRequest, document_id: int) -> HttpResponse:
    """Clause by clause what came of a document, and what nobody took up（政策链）."""
    actor = actor_of(request, timezone.now())
    found = queries.document_for(actor, document_id)
    draft = getattr(found, "draft", None)
    clauses = queries.clauses(found, queries.with_outcomes(actor, draft) if draft else [])
    page = Paginator(clauses, CLAUSES).get_page(request.GET.get("page"))
    context = {
        "document": found,
        "draft": draft,
        "crumb_list": crumbs(found, _("Policy trace")),
        "page": page,
        "taken": sum(clause.taken_up for clause in clauses),
        "left": [clause for clause in clauses if not clause.taken_up][:CLAUSES],
        "left_count": sum(not clause.taken_up for clause in clauses),
    }
    return render(request, "intake/trace.html", context)


@login_required
@require_safe
def download(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """The document itself（下载来文）."""
    found = queries.document_for(actor_of(request, timezone.now()), document_id)
    return serve_file(request, found.file, found.file_name)


@login_required
@require_safe
def changes(request: HttpRequest, document_id: int) -> HttpResponse:
    """What a corrected document says otherwise than the draft（重读比对）; each is taken by itself."""
    actor = actor_of(request, timezone.now())
    found = queries.document_for(actor, document_id)
    base = found.revision_of
    if base is None:
        raise Refused("not_found")
    draft = queries.document_for(actor, base.pk).draft
    items = queries.items_of(draft)
    told = queries.difference(draft, items, found)
    by_key = {item.pk: item for item in items}
    rows: list[tuple[str, str, str, str, str]] = [
        (f"words-{key}", "words", by_key[key].number, by_key[key].source_text, _branch(found, at))
        for key, at in told.changed
    ]
    rows += [(f"added-{at}", "added", " ".join(found.tree[at]["path"]), "", _branch(found, at)) for at in told.added]
    rows += [(f"gone-{key}", "gone", by_key[key].number, by_key[key].source_text, "") for key in told.gone]
    context = {
        "document": found,
        "base": base,
        "draft": draft,
        "crumb_list": crumbs(base, _("What the corrected document changes")),
        "rows": rows,
    }
    return render(request, "intake/changes.html", context)


def _branch(document: Document, at: int) -> str:
    branch = document.tree[at]
    return str(document.text[branch["start"] : branch["end"]])
