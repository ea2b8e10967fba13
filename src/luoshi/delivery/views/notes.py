"""The page of a leader's note（批示办理）: an instruction on a task, or a new task, in one act."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from luoshi.delivery import queries, services
from luoshi.delivery.forms.acts import form_of
from luoshi.delivery.schemas.inputs import NoteInput
from luoshi.delivery.views import programmes
from luoshi.delivery.views.doors import actor_of
from luoshi.ledger.models import Entry
from luoshi.rules.lifecycle import Act


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, key: str) -> HttpResponse:
    """What a note asks for（批示）: told once, done in one act; ``?on=REF`` names the task it stands on."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = queries.programme_for(actor, key)
    asked = form_of(NoteInput, Act.INSTRUCT, programmes.draft_choices(actor, found))
    form = asked(programmes.posted(request), initial={"on": request.GET.get("on", "")})
    made: dict[int, str] = {}

    def do(told: dict[str, Any]) -> Entry:
        done = services.act_on_note(actor=actor, at=at, **form.payload())
        made[done.entry.pk] = done.commitment.ref
        return done.entry

    return programmes.act_page(
        request,
        found,
        form,
        title=_("A leader's note"),
        submit=_("Do what the note asks"),
        text=_("On a task that exists it is an instruction; otherwise it becomes a task whose source is the note."),
        do=do,
        at=at,
        to=lambda entry: reverse("delivery:commitment", args=[made[entry.pk]]),
        draft=f"note:{key}",
    )
