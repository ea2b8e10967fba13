"""The grid（成批办理）: many rows, one act, each row its own; what is refused stays with its sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from luoshi.accounts.models import User
from luoshi.delivery.schemas import INPUTS, OUTCOME_NAMES, ActRow, Outcome, RowOutcome, bounded, perform_rows
from luoshi.delivery.schemas.batches import act_named
from luoshi.delivery.views.doors import tell_masked
from luoshi.desk.forms import GRID
from luoshi.desk.queries import filters as asking
from luoshi.desk.queries import grid as queries
from luoshi.desk.views import register_words as told
from luoshi.desk.views import words
from luoshi.rules.lifecycle import ACT_NAMES, Act
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context, sentence

OWN = frozenset({"percent", "post"})
"""Kinds of fields that each row answers for itself."""
ALL = "all"
"""Where a value stands that holds for every row which leaves the field empty."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing each row is asked."""

    name: str
    label: str
    widget: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: HttpRequest) -> HttpResponse:
    """Do one act on up to 200 rows（成批办理）; the first look shows them, the sending does them."""
    at = timezone.now()
    actor = words.who(request, at)
    sent = request.POST if request.method == "POST" else request.GET
    act = act_named(sent.get("act", ""))
    if act not in GRID:
        raise Refused("act_unknown", act=act.value, acts=", ".join(one.value for one in GRID), name="act")
    refs = list(dict.fromkeys(sent.getlist("ref")))
    back = asking.from_query(sent.get("back", "")[:4000]).encode()
    try:
        bounded(len(refs))
    except Refused as refused:
        told = {"act_name": _(ACT_NAMES[act]), "refusal": refusal_context(refused)}
        return render(request, "desk/grid.html", {**told, "back_url": _register(back)}, status=refused.status)
    outcomes: dict[str, RowOutcome] = {}
    done: list[RowOutcome] = []
    if request.method == "POST":
        rows = _rows(request, act, refs)
        outcomes = {
            one.row.ref: one
            for one in perform_rows(rows, actor=actor, user=cast("User", request.user), at=at, via="page")
        }
        tell_masked(request, [text for row in rows for text in row.data.values() if isinstance(text, str)])
        done = [one for one in outcomes.values() if one.outcome is not Outcome.REFUSED]
        if len(done) == len(outcomes):
            _tell_done(request, done)
            return redirect(_register(back))
        refs = [ref for ref in refs if outcomes[ref].outcome is Outcome.REFUSED]
    lines = queries.lines(actor, act, refs, at)
    missing = [ref for ref in refs if ref not in {line.commitment.ref for line in lines}]
    fields = _fields(act)
    context = {
        "act": act,
        "act_name": _(ACT_NAMES[act]),
        "fields": fields,
        "common": [
            (field, _control(field, ALL, request.POST.get(f"{field.name}:{ALL}", ""), ()))
            for field in fields
            if field.widget not in OWN
        ],
        "lines": [_shown(request, act, fields, line, outcomes) for line in lines],
        "done": [(one, _(OUTCOME_NAMES[one.outcome])) for one in done],
        "missing": missing,
        "back": back,
        "back_url": _register(back),
        "draft": f"grid:{act.value}:{hashlib.sha256(' '.join(sorted(refs)).encode()).hexdigest()[:12]}",
    }
    return render(request, "desk/grid.html", context, status=422 if outcomes else 200)


def _register(back: str) -> str:
    """The register as it was left."""
    return f"{reverse('desk:register')}?{back or 'view=0'}"


def _tell_done(request: HttpRequest, done: Sequence[RowOutcome]) -> None:
    fresh = sum(one.outcome is Outcome.DONE for one in done)
    if fresh:
        said = ngettext(
            "%(n)s row was done; it has its own ledger entry.",
            "%(n)s rows were done, each with its own ledger entry.",
            fresh,
        )
        messages.success(request, said % {"n": fresh})
    if fresh < len(done):
        said = ngettext(
            "%(n)s row had been done before and was left as it is.",
            "%(n)s rows had been done before and were left as they are.",
            len(done) - fresh,
        )
        messages.info(request, said % {"n": len(done) - fresh})


def _rows(request: HttpRequest, act: Act, refs: Sequence[str]) -> list[ActRow]:
    """What was sent, row by row; a field left empty takes what stands for all."""
    rows = []
    for place, ref in enumerate(refs, start=1):
        data: dict[str, Any] = {}
        for field in _fields(act):
            text = request.POST.get(f"{field.name}:{ref}", "").strip()
            text = text or request.POST.get(f"{field.name}:{ALL}", "").strip()
            if text:
                data[field.name] = text == "yes" if field.widget == "decision" else text
        version = request.POST.get(f"v:{ref}", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        rows.append(ActRow(place, act.value, ref, number, data))
    return rows


def _fields(act: Act) -> list[Field]:
    found = []
    for name in GRID[act]:
        info = INPUTS[act].model_fields[name]
        extra = cast("dict[str, Any]", info.json_schema_extra or {})
        widget = str(extra.get("widget") or ("date" if name.endswith("_on") else "text"))
        found.append(Field(name, _(info.title or name), widget))
    return found


def _shown(
    request: HttpRequest, act: Act, fields: Sequence[Field], line: queries.Line, outcomes: Mapping[str, RowOutcome]
) -> dict[str, Any]:
    """One row as the grid shows it, with what was typed and what became of it."""
    commitment = line.commitment
    outcome = outcomes.get(commitment.ref)
    refused = outcome.refused if outcome is not None else None
    cells = []
    for field in fields:
        start = str(commitment.said) if act is Act.REPORT and field.widget == "percent" else ""
        value = request.POST.get(f"{field.name}:{commitment.ref}", start)
        options = tuple((post.ref, post.title) for post in line.posts)
        wrong = refused is not None and refused.params.get("name") == field.name
        cells.append((field, _control(field, commitment.ref, value, options, wrong=wrong)))
    return {
        **words.commitment_row(commitment, timezone.now()),
        "state": told.state_name(commitment.state),
        "fits": line.fits,
        "ticked": line.fits or refused is not None,
        "extension": line.extension,
        "old_day": words.plain_day(line.extension.old_due_on) if line.extension else "",
        "new_day": words.plain_day(line.extension.new_due_on) if line.extension else "",
        "cells": cells,
        "refused": sentence(refused) if refused is not None else "",
    }


def _control(field: Field, ref: str, value: str, options: Sequence[tuple[str, str]], *, wrong: bool = False) -> Markup:
    """The control of one field of one row, with its own spoken label."""
    name, spoken = f"{field.name}:{ref}", field.label if ref == ALL else f"{field.label} {ref}"
    mark = Markup(' aria-invalid="true"') if wrong else ""
    if field.widget in ("post", "decision"):
        pairs = options if field.widget == "post" else (("yes", _("granted")), ("no", _("refused")))
        choices = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(key, Markup(" selected") if key == value else "", label)
            for key, label in (("", "–"), *pairs)
        )
        return Markup('<select class="in" name="{}" aria-label="{}"{}>{}</select>').format(name, spoken, mark, choices)
    if field.widget == "percent":
        return Markup(
            '<input class="in num" type="number" min="0" max="100" step="1" inputmode="numeric" name="{}" value="{}"'
            ' aria-label="{}"{}>'
        ).format(name, value, spoken, mark)
    if field.widget == "date":
        return Markup('<input class="in" type="date" name="{}" value="{}" aria-label="{}"{}>').format(
            name, value, spoken, mark
        )
    return Markup('<textarea class="in" rows="1" maxlength="4000" name="{}" aria-label="{}"{}>{}</textarea>').format(
        name, spoken, mark, value
    )
