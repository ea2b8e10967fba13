"""Pages of write-ups（先进做法）: the library, writing a verified result up, one write-up and its acts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.delivery.queries import commitment_for
from luoshi.delivery.views.doors import actor_of, named, needed_version
from luoshi.meetings.forms.meetings import ReasonForm
from luoshi.meetings.forms.practices import AskForm, PracticeForm
from luoshi.meetings.models import Practice
from luoshi.meetings.queries import practices as reads
from luoshi.meetings.schemas import practices as schemas
from luoshi.meetings.services import PracticeDone
from luoshi.meetings.views import doing
from luoshi.rules import practices as rules
from luoshi.rules.lifecycle import STATE_NAMES, State
from luoshi.rules.practices import ACT_NAMES, PARTS, PracticeAct
from luoshi.rules.refusals import gettext_noop
from luoshi.ui.addresses import whole_number

_N = gettext_noop
SHOWN = 20
CONSEQUENCES = {
    PracticeAct.AMEND: _N("What it says now is kept beneath it, with the day on which it was amended."),
    PracticeAct.WITHDRAW: _N("It leaves the library. Your own side still sees it, with your reason."),
    PracticeAct.ASK: _N("One message to the post of the author. How to answer is theirs; nothing here waits for it."),
}
"""What each act leads to."""


def _crumbs(found: Practice | None, here: str) -> list[tuple[str, str]]:
    crumbs = [(_("Meetings"), reverse("meetings:meetings")), (_("Practice library"), reverse("meetings:practices"))]
    if found is not None:
        crumbs.append((found.ref, reverse("meetings:practice", args=[found.ref])))
    return [*crumbs, (here, "")]


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The library（先进做法）: of one matter, with the words looked for, the newest first."""
    actor = actor_of(request, timezone.now())
    matters = reads.matters_seen(actor)
    asked = whole_number(request.GET.get("matter", ""))
    matter = next((one for one in matters if one.pk == asked), None)
    words = request.GET.get("q", "")[:100].replace("\x00", " ").strip()
    rows = reads.library(actor, matter=matter.pk if matter else None, words=words)
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    kept = {name: value for name, value in (("matter", matter.pk if matter else ""), ("q", words)) if value}
    context = {
        "rows": found[:SHOWN],
        "matters": matters,
        "several": len({one.programme_id for one in matters}) > 1,
        "matter": matter,
        "words": words,
        "narrowed": bool(kept),
        "pager": {"next": urlencode({**kept, "before": found[SHOWN - 1].pk}) if len(found) > SHOWN else ""},
        "crumb_list": [(_("Meetings"), reverse("meetings:meetings")), (_("Practice library"), "")],
    }
    return render(request, "meetings/practices.html", context)


@login_required
@require_safe
def practice(request: HttpRequest, ref: str) -> HttpResponse:
    """One write-up: its parts, how the result was verified, and what it said before."""
    actor = actor_of(request, timezone.now())
    found = reads.practice_for(actor, ref)
    shown = reads.show(found, actor)
    context = {
        "row": found,
        "shown": shown,
        "parts": [(name, _(label), getattr(found, name)) for name, label in PARTS.items() if name != "title"],
        "editions": [
            (one, [(_(label), getattr(one, name)) for name, label in PARTS.items()]) for one in shown.editions
        ],
        "may": {act.name.lower(): True for act in shown.acts},
        "state": _(STATE_NAMES[State(found.commitment.state)]),
        "crumb_list": _crumbs(None, found.ref),
    }
    return render(request, "meetings/practice.html", context)


def _shown(done: PracticeDone) -> tuple[int, str]:
    """The entry of an act and the page of its write-up."""
    return done.entry.pk, reverse("meetings:practice", args=[done.practice.ref])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, ref: str) -> HttpResponse:
    """Write up the verified result of one commitment（总结做法）."""
    at = timezone.now()
    actor = actor_of(request, at)
    commitment = commitment_for(actor, ref)
    rules.require_writing(
        actor, commitment.lead.path, commitment.lead.area.path, village=commitment.lead.level == "village"
    )
    form = PracticeForm(request.POST or None, initial={"title": commitment.title})
    back = reverse("delivery:commitment", args=[ref])
    context: dict[str, Any] = {
        "heading": _("Write the result up"),
        "consequence": _(
            "Nobody asks for this, and nothing counts it: write it when others could use it. It is about %(title)s."
        )
        % {"title": f"“{commitment.title}”"},
        "form": form,
        "submit": _("Put it into the library"),
        "cancel": back,
        "draft": f"practice:{ref}",
        "crumb_list": [*_crumbs(None, "")[:-1], (commitment.ref, back), (_("Write the result up"), "")],
    }

    def do() -> tuple[int, str]:
        return _shown(schemas.write(actor=actor, commitment=ref, data=form.cleaned_data, at=at))

    return doing.form_page(request, form, context, do, at)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """One act on a write-up: amend it, withdraw it, or ask its author."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = named(PracticeAct, act)
    found = reads.practice_for(actor, ref)
    rules.decide_practice(found.facts(), chosen, actor=actor)
    data = request.POST or None
    form: Any
    if chosen is PracticeAct.AMEND:
        form = PracticeForm(data, initial=found.words())
    else:
        form = ReasonForm(data) if chosen is PracticeAct.WITHDRAW else AskForm(data)

    def do() -> tuple[int, str]:
        version = None if chosen in schemas.PRACTICE_ACTS.unversioned else needed_version(request)
        told = form.cleaned_data
        return _shown(schemas.PRACTICE_ACTS.perform(chosen, ref, actor=actor, version=version, data=told, at=at))

    context = {
        "heading": _(ACT_NAMES[chosen]),
        "consequence": _(CONSEQUENCES[chosen]),
        "form": form,
        "submit": _("Send the question") if chosen is PracticeAct.ASK else _(ACT_NAMES[chosen]),
        "version": found.version,
        "cancel": reverse("meetings:practice", args=[ref]),
        "draft": f"practice:{ref}:{act}" if chosen is not PracticeAct.WITHDRAW else "",
        "crumb_list": _crumbs(found, _(ACT_NAMES[chosen])),
    }
    return doing.form_page(request, form, context, do, at)
