"""Acts from a file（导入办理）: hand it in, see what every row would come to, then do it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luoshi.delivery import queries
from luoshi.delivery.models import SheetMap
from luoshi.delivery.schemas import INPUTS, ledgers, sheets
from luoshi.delivery.services import importing
from luoshi.delivery.views.doors import actor_of, once
from luoshi.office import services as office
from luoshi.office.models import StoredFile
from luoshi.office.views import serve_file
from luoshi.rules.documents import ledgers as reading
from luoshi.rules.lifecycle import ACT_NAMES
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context


class ImportForm(forms.Form):
    """The file, and what its rows ask for."""

    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("Excel (.xlsx), CSV or lines of JSON; up to 10 MB.")
    )
    act = forms.ChoiceField(
        label=gettext_lazy("What the rows ask for"),
        required=False,
        help_text=gettext_lazy("Rows that name an act in a column of their own keep to that."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("As the file says"))] + [(act.value, _(ACT_NAMES[act])) for act in sheets.FILLABLE]
        field = self.fields["act"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what was declared above
        field.choices = choices


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Hand in a file; every row is tried first and nothing is changed（导入办理）."""
    at = timezone.now()
    actor = actor_of(request, at)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "fields": _fields()}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            told, _again = once(
                request,
                lambda: {
                    "job": importing.hand_in_acts(
                        actor=actor,
                        upload=form.cleaned_data["file"],
                        act=form.cleaned_data["act"],
                        dry_run=True,
                        at=at,
                    ).pk
                },
                at=at,
            )
            return redirect("delivery:import", told["job"])
        except Refused as refused:
            context["refusal"] = refusal_context(refused)
            status = refused.status
    elif request.method == "POST":
        status = 422
    return render(request, "delivery/imports.html", context, status=status)


def _fields() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """For each act offered: its word, its name, and its columns with their labels."""
    return [
        (
            act.value,
            _(ACT_NAMES[act]),
            [
                (name, _(info.title or name))
                for name, info in INPUTS[act].model_fields.items()
                if name not in {"files", "occurred_at"}
            ],
        )
        for act in sheets.FILLABLE
    ]


class LedgerForm(forms.Form):
    """An office's own ledger."""

    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("Excel (.xlsx) or CSV; up to 10 MB."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest, key: str) -> HttpResponse:
    """Hand in an office's own ledger（导入既有台账）: known headings are tried at once, new ones are matched first."""
    at = timezone.now()
    actor = actor_of(request, at)
    programme = queries.programme_for(actor, key)
    form = LedgerForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "programme": programme}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            stored = office.store_file(upload, actor=actor, at=at, max_bytes=importing.MAX_BYTES)
            name = (upload.name or "")[-150:]
            ledgers.open_ledger(queries.handed_in(stored.digest), name)
            told = {"digest": stored.digest, "name": name, "user": request.user.pk}
            return redirect("delivery:ledger_columns", key, signing.dumps(told, salt=SALT))
        except Refused as refused:
            context["refusal"] = refusal_context(refused)
            status = refused.status
    elif request.method == "POST":
        status = 422
    return render(request, "delivery/ledger.html", context, status=status)


SALT = "luoshi.delivery.ledger"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ledger_columns(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Say once which column is what（列对照）, then every row is tried."""
    at = timezone.now()
    actor = actor_of(request, at)
    programme = queries.programme_for(actor, key)
    try:
        told = signing.loads(token, salt=SALT, max_age=86_400)
    except signing.BadSignature as error:
        raise Refused("not_found") from error
    if told["user"] != request.user.pk:
        raise Refused("not_found")
    sheet = request.GET.get("sheet", "")[:60]
    found = ledgers.open_ledger(queries.handed_in(told["digest"]), told["name"], sheet)
    kept = queries.sheet_map(actor, programme, found.signature)
    matters = list(programme.matters.all())
    context: dict[str, Any] = {"programme": programme, "name": told["name"], "matters": matters}
    status = 200
    chosen, matter = _matched(request, found, kept)
    if request.method == "POST":
        try:
            importing.set_sheet_map(
                actor=actor,
                programme=key,
                signature=found.signature,
                columns=found.headings_of(chosen),
                matter=matter,
                at=at,
            )
            job = importing.hand_in_ledger(
                actor=actor,
                programme=key,
                digest=told["digest"],
                name=told["name"],
                signature=found.signature,
                sheet=sheet,
                dry_run=True,
                at=at,
            )
            return redirect("delivery:import", job.pk)
        except Refused as refused:
            context["refusal"] = refusal_context(refused)
            status = refused.status
    named = {column: field for field, column in chosen.items()}
    context |= {
        "columns": [
            (column, heading, found.samples(column), named.get(column, ""), column in found.first.table.hidden_columns)
            for column, heading in enumerate(found.layout.headings, start=1)
            if heading and reading.plain(heading) not in reading.RESULT_HEADINGS
        ],
        "fields": [(field, _(label)) for field, (label, _pattern) in reading.FIELDS.items() if field in MATCHED],
        "matter": matter,
        "known": kept is not None,
        "sheets": [page.table.name for page in found.pages if page.table.name],
        "others": found.others,
    }
    return render(request, "delivery/ledger_columns.html", context, status=status)


MATCHED = ("title", "requirement", "matter", "lead", "post", "supporting", "due_on", "frequency", "criteria")


def _matched(request: HttpRequest, found: ledgers.Ledger, kept: SheetMap | None) -> tuple[dict[str, int], int | None]:
    """Field → column as the person says, as it was said before, or as the headings suggest; and the matter."""
    if request.method == "POST":
        chosen: dict[str, int] = {}
        for column in range(1, len(found.layout.headings) + 1):
            field = request.POST.get(f"column-{column}", "")
            if field in MATCHED:
                chosen.setdefault(field, column)
        matter = request.POST.get("matter", "")
        return chosen, int(matter) if matter.isascii() and matter.isdigit() and len(matter) < 10 else None
    if kept is not None:
        return found.first.columns(kept.columns), kept.matter_id
    return {field: column for field, column in found.first.guess.items() if field in MATCHED}, None


@login_required
@require_safe
def outcome(request: HttpRequest, job_id: int) -> HttpResponse:
    """What every row came to, or would come to（导入结果）."""
    job = queries.import_for(actor_of(request, timezone.now()), job_id)
    counts = [
        (_("Can be done"), job.result.get("would", 0)),
        (_("Done"), job.result.get("done", 0)),
        (_("Was done before"), job.result.get("again", 0)),
        (_("Refused"), job.result.get("refused", 0)),
        (_("Rows that ask for nothing"), job.result.get("skipped", 0)),
    ]
    context = {
        "job": job,
        "counts": [(name, count) for name, count in counts if count],
        "trial": job.args.get("dry_run"),
        "name": job.args.get("name", ""),
        "programme": job.args.get("programme", ""),
        "mine": job.user_id == getattr(request.user, "pk", None),
    }
    return render(request, "delivery/import.html", context)


@login_required
@require_POST
def do(request: HttpRequest, job_id: int) -> HttpResponse:
    """Do what was tried（正式办理）."""
    at = timezone.now()
    actor = actor_of(request, at)

    def start() -> dict[str, Any]:
        return {"job": importing.do_tried_import(actor=actor, job_id=job_id, at=at).pk}

    told, _again = once(request, start, at=at)
    return redirect(reverse("delivery:import", args=[told["job"]]))


@login_required
@require_safe
def sheet(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The same file with the outcome beside each row（下载标注后的表）."""
    job = queries.import_for(actor_of(request, timezone.now()), job_id)
    stored = StoredFile.objects.filter(digest=job.result.get("marked", "")).first()
    if stored is None:
        raise Refused("not_found")
    return serve_file(request, stored, job.result["marked_name"])
