"""Pages of a verifier on the way（走访页）: today's list, the form of one visit, and what works off line.

Everything works without script. With it, forms and list are kept on the telephone and records wait there for a line.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.assurance import services
from luoshi.assurance.forms.visits import ResultsForm, VisitForm
from luoshi.assurance.models import Visit
from luoshi.assurance.queries import visits as reads
from luoshi.assurance.schemas.visits import shown_kind
from luoshi.assurance.services.visiting import as_told
from luoshi.assurance.views.forms_out import form_response
from luoshi.delivery.views.doors import actor_of, done_sentence, tell_masked, version_of
from luoshi.ledger.queries import number_of
from luoshi.office import services as office
from luoshi.office.views import serve_file
from luoshi.rules.refusals import SENTENCES, Refused
from luoshi.rules.visiting import PHOTOS
from luoshi.ui.sentences import refusal_context, sentence


def script_words() -> dict[str, str]:
    """What the script says, in the reader's language."""
    return {
        "waiting": _("{count} recorded on this telephone, not sent yet"),
        "send": _("Send now"),
        "sending": _("Sending …"),
        "sent": _("Everything recorded here has been sent."),
        "no_line": _("No line at present. Nothing is lost: it is sent when there is one."),
        "signed_out": _("You are not signed in any more. Sign in and it is sent; nothing is lost."),
        "kept": _("{count} forms are on this telephone and open without a line, {time}"),
        "waits": _("Recorded here, waits to be sent"),
        "differs": _("Differs from what is recorded: choose"),
        "refused": _("Not taken"),
        "mine": _("Yours, on this telephone"),
        "theirs": _("What is recorded"),
        "keep": _("Let the recorded one stand"),
        "replace": _("Mine is right: put it in its place"),
        "again": _("Send it as it is"),
        "why": _("Why this takes its place"),
        "why_missing": _("Say why: a reason is needed."),
        "throw_away": _("Throw mine away"),
        "sure": _("Throw this record away? It cannot be brought back."),
        "open": _("Open the form"),
        "holds": pgettext("visit", "Holds"),
        "fails": pgettext("visit", "Does not hold"),
        "unreachable": _("Could not be reached"),
        "nothing": _("nothing was recorded"),
        "photos": _("{count} photos"),
        "photo_limit": _("At most {limit} photos; none is needed."),
        "remove": _("Remove"),
        "looking": _("Looking …"),
        "near": _("You are there. Only this is kept, not where you are."),
        "far": _("You are not near this place. Only this is kept, not where you are."),
        "no_place": _("The telephone does not say where it is. That is no fault: leave it out."),
        "full": _("This telephone cannot keep more. Send what waits before you go on."),
        "no_store": _("This browser keeps nothing. Stay on line, or use another browser."),
        "criterion": _("Say whether it holds."),
        "words": sentence(Refused("visit_words_missing")),
        "contradicts": sentence(Refused("visit_contradicts")),
        "verdict": sentence(Refused("visit_verdict_missing")),
    }


def told(visit: Visit) -> dict[str, Any]:
    """A record with its words for people."""
    return shown_record(as_told(visit))


def shown_record(record: dict[str, Any]) -> dict[str, Any]:
    """One version of a record as the page shows it."""
    if record["outcome"] == Visit.State.UNREACHABLE:
        verdict = _("Could not be reached")
    elif record["holds"] is None:
        verdict = ""
    else:
        verdict = pgettext("visit", "Holds") if record["holds"] else pgettext("visit", "Does not hold")
    return {**record, "verdict": verdict, "near": dict(Visit.PlaceSaid.choices).get(record["place"], "")}


@never_cache
@login_required
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """The visits of today and those left over（今日走访）; what comes tomorrow is not here."""
    at = timezone.now()
    actor = actor_of(request, at)
    waiting = reads.open_visits(actor, at)
    today = timezone.localdate(at)
    context = {
        "today": today,
        "waiting": [(one, one.day < today, shown_kind(one)) for one in waiting],
        "past": [(one, told(one)) for one in reads.past_visits(actor, at)],
        "words": script_words(),
        "installable": settings.VISITS_INSTALLABLE,
    }
    return render(request, "assurance/visits.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, key: UUID) -> HttpResponse:
    """One visit: its form, or the record as it stands（走访表单）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = reads.visit_for(actor, key, at)
    texts = reads.criteria_of(found)
    over = found.state != Visit.State.ASSIGNED
    correcting = over and found.state != Visit.State.WITHDRAWN and request.GET.get("correct") == "1"
    form = VisitForm(texts, request.POST or None, initial=_initial(found) if over else None)
    photos = _kept_photos(request)
    context: dict[str, Any] = {"visit": found, "form": form, "over": over, "correcting": correcting}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            photos = [*photos, *_new_photos(request, actor, at)]
            if form.is_valid():
                done = services.record_visit(
                    actor=actor,
                    key=key,
                    version=version_of(request),
                    said=form.said(photos),
                    corrects=form.cleaned_data["corrects"],
                    at=at,
                )
                tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
                return _done(request, done)
        except Refused as refused:
            context["refusal"] = refusal_context(refused)
            status = refused.status
            if refused.code == "visit_recorded":
                context["recorded"] = shown_record(refused.params["recorded"])  # type: ignore[arg-type]
                context["sent"] = shown_record(refused.params["sent"])  # type: ignore[arg-type]
                found.refresh_from_db()
    context |= {
        "texts": texts,
        "photos": photos,
        "photo_limit": PHOTOS,
        "kind": shown_kind(found),
        "record": told(found),
        "earlier": [shown_record(one) for one in found.earlier],
        "why_not": SENTENCES.get(found.not_carried, ""),
        "reach": reads.reaches([found]).get(found.unit_id),
        "asked": not over or correcting or "recorded" in context or bool(form.errors),
        "words": script_words(),
        "installable": settings.VISITS_INSTALLABLE,
    }
    return render(request, "assurance/visit.html", context, status=status)


def _done(request: HttpRequest, done: services.Recorded) -> HttpResponse:
    if done.entry is None:
        messages.success(request, _("It had been recorded just so before; nothing was done twice."))
    else:
        messages.success(request, done_sentence(number_of(done.entry)))
    return redirect("assurance:visits")


def _initial(found: Visit) -> dict[str, Any]:
    """The record that stands, to be corrected from."""
    known = {True: "yes", False: "no", None: ""}
    initial: dict[str, Any] = {"outcome": found.state, "holds": known[found.holds], "words": found.words}
    for at, one in enumerate(found.criteria, start=1):
        initial |= {f"holds_{at}": known[one["holds"]], f"words_{at}": one["words"]}
    return initial


def _kept_photos(request: HttpRequest) -> list[tuple[str, str]]:
    """Photos of a form that came back, stored already."""
    kept = [one.partition("|") for one in request.POST.getlist("photo")[: 2 * PHOTOS]]
    return [(digest, name or "photo.jpg") for digest, _bar, name in kept]


def _new_photos(request: HttpRequest, actor: Any, at: Any) -> list[tuple[str, str]]:
    stored = [office.store_file(one, actor=actor, at=at) for one in request.FILES.getlist("photos")[: 2 * PHOTOS]]
    return [(one.digest, one.name) for one in stored]


@login_required
@require_safe
def photo(request: HttpRequest, key: UUID, digest: str) -> HttpResponseBase:
    """A photo that went with one's own visit（走访照片）."""
    at = timezone.now()
    stored, name = reads.photo_of(reads.visit_for(actor_of(request, at), key, at), digest)
    return serve_file(request, stored, name, inline=True)


@login_required
@require_safe
def form(request: HttpRequest) -> HttpResponse:
    """The form as XLSForm（导出表单）."""
    return form_response(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def results(request: HttpRequest) -> HttpResponse:
    """Results of the exported form, tried or recorded（导入走访结果）."""
    at = timezone.now()
    actor = actor_of(request, at)
    asked = ResultsForm(request.POST or None, request.FILES or None, initial={"dry_run": True})
    context: dict[str, Any] = {"form": asked}
    status = 200
    if request.method == "POST":
        status = 422
        if asked.is_valid():
            try:
                found = services.import_results(
                    actor=actor, upload=asked.cleaned_data["file"], dry_run=asked.cleaned_data["dry_run"], at=at
                )
                status = 200
                context["found"] = found
                context["rows"] = [(row, sentence(row.refused) if row.refused else "") for row in found.rows]
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "assurance/visit_results.html", context, status=status)


# --- Off line ---------------------------------------------------------------------------------------------------------


@never_cache
@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker（离线脚本）; it holds nothing of anybody and governs nothing outside these pages."""
    context = {
        "version": static("assurance/visits.js"),
        "offline": reverse("assurance:visits_offline"),
        "queue": static("assurance/queue.js"),
    }
    response = render(request, "assurance/worker.js", context, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = reverse("assurance:visits")
    return response


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a line where nothing was kept（离线页）; the same for everybody."""
    return render(request, "assurance/visits_offline.html", {"installable": False})


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a telephone needs to put the pages on its screen; there is none unless the site allows it."""
    if not settings.VISITS_INSTALLABLE:
        raise Http404
    told_ = {
        "name": _("Luoshi visits"),
        "short_name": _("Visits"),
        "start_url": reverse("assurance:visits"),
        "scope": reverse("assurance:visits"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [{"src": static("ui/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return HttpResponse(json.dumps(told_, ensure_ascii=False), content_type="application/manifest+json")
