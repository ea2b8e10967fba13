"""Pages of documents（来文）: the list, handing in, side by side, the trace, corrected documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import commitment_for
from luoshi.delivery.views.doors import actor_of, done_sentence, needed_version, once
from luoshi.intake import queries, services
from luoshi.intake.forms import ReceiveForm
from luoshi.intake.models import Document
from luoshi.intake.views import words
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.views import serve_file
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

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
    removed = request.GET.get("removed") == "1"
    page = Paginator(queries.listed(actor, removed=removed), PAGE).get_page(request.GET.get("page"))
    return render(request, "intake/documents.html", {"page": page, "removed": removed})


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
    choose = request.GET.get("choose", "")
    context = {
        "document": found,
        "draft": draft,
        "open": draft is not None and draft.issued_at is None and not found.removed,
        "kept": found.file_id is not None or hasattr(found, "waiting"),
        "why": words.refusal(queries.why_not_read(found)) if found.not_read else "",
        "crumb_list": crumbs(found),
        "source": words.marked(found, items),
        "rows": [
            words.Row(
                line,
                [(at, one, units.get(one.get("unit") or 0)) for at, one in enumerate(line.item.units)],
                [words.concern(code) for code in line.concerns],
                bool(choose) and choose in line.concerns,
            )
            for line in lines
        ],
        "asked": words.asked(lines, units),
        "doubtful": words.doubtful(lines),
        "counts": words.counts(lines),
        "choose": choose,
        "dropped": [item for item in items if item.dropped],
        "tasks": sum(line.task for line in lines),
        "rhythms": words.rhythms(),
        "names": queries.leads_named(actor, found.owner) if draft else [],
        "revisions": list(found.revisions.filter(removed=False).defer("text", "tree").order_by("-id")[:10]),
    }
    return render(request, "intake/document.html", context)


@login_required
@require_POST
def handle(request: HttpRequest, document_id: int, act: str) -> HttpResponse:
    """Have a document read again, take it off the list or put it back（来文处理）."""
    at = timezone.now()
    actor = actor_of(request, at)
    version = needed_version(request)
    base: dict[str, Any] = {"actor": actor, "document": document_id, "version": version, "at": at}
    acts: dict[str, Callable[[], Entry]] = {
        "read": lambda: services.read_again(**base)[1],
        "remove": lambda: services.remove_document(**base)[1],
        "put-back": lambda: services.remove_document(removed=False, **base)[1],
    }
    if act not in acts:
        raise Refused("not_found")
    answer, _again = once(request, lambda: {"entry": acts[act]().pk}, at=at)
    messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
    if act == "remove":
        return redirect("intake:documents")
    return redirect("intake:document", document_id)


def origin_address(commitment: Commitment) -> str:
    """Where the words of a commitment are shown in their document; "" when it came of none handed in here."""
    if commitment.off_system or queries.outcome_of(commitment) is None:
        return ""
    return reverse("intake:origin", args=[commitment.ref])


@login_required
@require_safe
def origin(request: HttpRequest, ref: str) -> HttpResponse:
    """From a commitment back to the words it stands on（任务的原文出处）."""
    actor = actor_of(request, timezone.now())
    commitment = commitment_for(actor, ref)
    found = queries.origins(actor, commitment)
    if not found:
        raise Refused("not_found")
    context = {
        "commitment": commitment,
        "origins": found,
        "crumb_list": [
            (str(commitment.programme), reverse("delivery:programme", args=[commitment.programme.key])),
            (commitment.ref, reverse("delivery:commitment", args=[ref])),
            (_("Where its words come from"), ""),
        ],
    }
    return render(request, "intake/origin.html", context)


@login_required
@require_safe
def trace(request: HttpRequest, document_id: int) -> HttpResponse:
    """Clause by clause what came of a document, and what nobody took up（政策链）."""
    actor = actor_of(request, timezone.now())
    found = queries.document_for(actor, document_id)
    draft = getattr(found, "draft", None)
    clauses = queries.clauses(found, queries.with_outcomes(actor, draft) if draft else [])
    left = [clause for clause in clauses if not clause.taken_up]
    only = request.GET.get("only") == "left"
    page = Paginator(left if only else clauses, CLAUSES).get_page(request.GET.get("page"))
    commitments = {one.pk: one for clause in clauses for one in clause.commitments}
    context = {
        "document": found,
        "draft": draft,
        "crumb_list": crumbs(found, _("Policy trace")),
        "page": page,
        "only": only,
        "taken": len(clauses) - len(left),
        "left": len(left),
        "made": len(commitments),
        "proved": sum(one.verified >= 100 for one in commitments.values()),
    }
    return render(request, "intake/trace.html", context)


@login_required
@require_safe
def download(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """The document itself（下载来文）."""
    found = queries.document_for(actor_of(request, timezone.now()), document_id)
    if found.file is None:
        raise Refused("not_found")
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
    draft = getattr(queries.document_for(actor, base.pk), "draft", None)
    if draft is None or found.not_read or found.state == Document.State.READING:
        return redirect("intake:document", base.pk if draft is None else found.pk)
    items = queries.items_of(draft)
    context = {
        "document": found,
        "base": base,
        "draft": draft,
        "crumb_list": crumbs(base, _("What the corrected document changes")),
        "rows": queries.changes(draft, items, found),
    }
    return render(request, "intake/changes.html", context)
