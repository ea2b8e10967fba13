"""Pages of meetings（复盘会）: the list, one meeting, planning one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.delivery.views.doors import actor_of
from luoshi.meetings.queries import meetings as reads
from luoshi.rules import meetings as rules
from luoshi.rules.meetings import KIND_NAMES, STAGE_NAMES

SHOWN = 50


@login_required
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Meetings one may see, the latest first（会议列表）."""
    actor = actor_of(request, timezone.now())
    told = request.GET.get("start", "")
    start = int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 0
    found = list(reads.meetings_seen(actor)[start : start + SHOWN + 1])
    context = {
        "rows": [(row, _(KIND_NAMES[row.kind]), _(STAGE_NAMES[row.stage])) for row in found[:SHOWN]],
        "pager": {"next": f"start={start + SHOWN}" if len(found) > SHOWN else ""},
        "may_call": rules.leads(actor, actor.effective.area_path),
    }
    return render(request, "meetings/meetings.html", context)
