"""Pages of programmes（方案）: the list, one programme with its authority and matters, its forms, a new draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery import queries, services
from luoshi.delivery.forms import AuthorityForm, Choices, NothingForm, SettingsForm, draft_form
from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.models.timings import FIELDS, timing_of
from luoshi.delivery.queries import pages
from luoshi.delivery.views import words
from luoshi.delivery.views.doors import actor_of, done_sentence, needed_version, once, tell_masked
from luoshi.delivery.views.ladders import ladder_words
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules import calendar, lifecycle
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

Do = Callable[[dict[str, Any]], Entry]


def _may_steer(programme: Programme, actor: Actor) -> bool:
    """Whether the page offers the acts of the owner; the service decides."""
    seat, owner = actor.effective, programme.owner
    speaks = lifecycle.speaks_for(seat, owner.path, owner.area.path)
    return actor.role in (Role.HEAD, Role.OFFICE) and (speaks or seat.unit_path == owner.area.path)


def _crumbs(programme: Programme, here: str = "") -> list[tuple[str, str]]:
    found = [(_("Programmes"), reverse("delivery:programmes"))]
    if not here:
        return [*found, (str(programme), "")]
    return [*found, (str(programme), reverse("delivery:programme", args=[programme.key])), (here, "")]


@login_required
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes that reach the reader（方案）."""
    actor = actor_of(request, timezone.now())
    rows = list(queries.programmes(actor).order_by("key")[:100])
    return render(request, "delivery/programmes.html", {"rows": rows})


@login_required
@require_safe
def programme(request: HttpRequest, key: str) -> HttpResponse:
    """One programme: authority, matters with the sentences they stand on, numbers of the reader's area, drafts."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)
    lines = pages.foremost(actor, found, at)
    context = {
        "programme": found,
        "crumb_list": _crumbs(found),
        "authorities": list(found.authorities.all()[:20]),
        "matters": pages.matters_of(actor, found),
        "drafts": pages.drafts_of(actor, found),
        "lines": [(line, words.light_reason(line.light)) for line in lines],
        "ladder": ladder_words(found.ladder_now.rule()) if found.ladder_now else [],
        "timing": timing_of(found.timing_now_id, found.warning_days),
        "may_steer": _may_steer(found, actor),
        "may_draft": actor.role in (Role.HEAD, Role.OFFICE),
        "steps": [
            (step, words.event_name(step.entry.type), words.event_detail(step.entry.type, step.data))
            for step in pages.steps(found.key, limit=20)
        ],
    }
    return render(request, "delivery/programme.html", context)


def act_page(
    request: HttpRequest,
    programme: Programme,
    form: django_forms.Form,
    *,
    title: str,
    submit: str,
    do: Do,
    at: datetime,
    text: str = "",
    to: Callable[[Entry], str] | None = None,
    draft: str = "",
) -> HttpResponse:
    """Show a form of the programme or do its act once; a refusal becomes a sentence beside the form."""
    home = reverse("delivery:programme", args=[programme.key])
    context: dict[str, Any] = {
        "programme": programme,
        "crumb_list": _crumbs(programme, title),
        "form": form,
        "title": title,
        "submit": submit,
        "text": text,
        "cancel": home,
        "version": programme.version,
        "draft": draft,
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():

            def run() -> dict[str, Any]:
                entry = do(form.cleaned_data)
                return {"url": to(entry) if to else home, "entry": entry.pk}

            try:
                answer, repeat = once(request, run, at=at)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
            else:
                if not repeat:
                    tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
                messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
                return HttpResponseRedirect(str(answer["url"]))
    return render(request, "delivery/programme_act.html", context, status=status)


def posted(request: HttpRequest) -> Any:
    """What was sent, or nothing when the page is only looked at."""
    return request.POST if request.method == "POST" else None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def authority(request: HttpRequest, key: str) -> HttpResponse:
    """Record the authority of a programme（依据）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)

    def do(told: dict[str, Any]) -> Entry:
        version = needed_version(request)
        return services.record_authority(actor=actor, key=key, version=version, at=at, **told)[1]

    return act_page(
        request,
        found,
        AuthorityForm(posted(request)),
        title=_("Record the authority"),
        submit=pgettext("button", "Record"),
        text=_("Nothing is issued without it: who ordered it, in which document, for what and until when."),
        do=do,
        at=at,
        draft=f"authority:{key}",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, key: str) -> HttpResponse:
    """Put a programme in force（施行）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)

    def do(told: dict[str, Any]) -> Entry:
        return services.issue_programme(actor=actor, key=key, version=needed_version(request), at=at)[1]

    return act_page(
        request,
        found,
        NothingForm(posted(request)),
        title=_("Put the programme in force"),
        submit=_("Put it in force"),
        text=_("From now on commitments of this programme can be issued under its authority."),
        do=do,
        at=at,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, key: str) -> HttpResponse:
    """Change the settings of a programme（设置）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)
    now = {name: getattr(found, name) for name in ("visibility", "extension_limit", "last_meeting_on")}
    timing = timing_of(found.timing_now_id, found.warning_days)
    now |= asdict(found.signs) | {"late_percent": found.signs.late_bp // 100}
    form = SettingsForm(posted(request), initial=now | {name: getattr(timing, name) for name in FIELDS})

    def do(told: dict[str, Any]) -> Entry:
        return services.change_programme_settings(
            actor=actor, key=key, version=needed_version(request), at=at, **form.told()
        )[1]

    return act_page(
        request,
        found,
        form,
        title=_("Change the settings"),
        text=_(
            "Thresholds and ways of counting hold for what is issued from now on; what is issued already keeps its own."
        ),
        submit=pgettext("button", "Change"),
        do=do,
        at=at,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Draft a commitment（拟任务）: who delivers what by when; nothing is sent yet."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)
    form = draft_form(draft_choices(actor, found))(posted(request), initial={"matter": request.GET.get("matter")})
    made: dict[int, str] = {}

    def do(told: dict[str, Any]) -> Entry:
        done = services.draft_commitment(actor=actor, at=at, **form.payload())
        made[done.entry.pk] = done.commitment.ref
        return done.entry

    return act_page(
        request,
        found,
        form,
        title=_("Draft a commitment"),
        submit=_("Save the draft"),
        text=_("A draft is sent to nobody. What the document does not say stays empty until somebody fills it."),
        do=do,
        at=at,
        to=lambda entry: reverse("delivery:commitment", args=[made[entry.pk]]),
        draft=f"draft:{key}",
    )


def draft_choices(actor: Actor, programme: Programme) -> Choices:
    """What the form of a new commitment may offer."""
    units, complete = pages.units_offered(actor)
    matters = pages.matters_of(actor, programme)
    rhythm = dict(Commitment.Cadence.choices)
    return Choices(
        units=units,
        units_complete=complete,
        find_unit=lambda text: pages.unit_named(actor, text),
        matters=[(line.matter.pk, f"{line.matter.number} {line.matter}") for line in matters],
        sub_matters=[
            (part.pk, f"{line.matter.number}.{part.number} {part}") for line in matters for part in line.parts
        ],
        cadences=Commitment.Cadence.choices,
        frequencies=[(one.value, rhythm.get(one.value, one.value)) for one in calendar.Frequency],
        kinds=[
            (lifecycle.Kind.TASK.value, pgettext("kind", "Task: struck off once")),
            (lifecycle.Kind.DUTY.value, pgettext("kind", "Standing duty: kept up, period by period")),
        ],
    )
