"""疑点依据: the files behind a finding, to whoever may see the task it is about."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from luoshi.delivery.queries import objecting
from luoshi.delivery.views.doors import actor_of
from luoshi.office.views import serve_file
from luoshi.rules.refusals import Refused


@login_required
@require_safe
def file(request: HttpRequest, ref: str, shown_id: int) -> HttpResponseBase:
    """One file that a finding rests on（下载疑点依据）."""
    shown = objecting.finding_file(actor_of(request, timezone.now()), ref, shown_id)
    if shown.file is None:
        raise Refused("not_found")
    return serve_file(request, shown.file, shown.name, inline=request.GET.get("show") == "1")
