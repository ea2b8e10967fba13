"""Health of the installation（运行状况）."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luoshi.delivery.jobs import oldest_due
from luoshi.office.adapters import heartbeat


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether the database answers and the clock runs; 503 when either does not.

    ``database`` and ``clock`` are ``ok``, ``failed`` or ``unknown``; ``beat`` is the age of the last tick on this
    machine in seconds (null: none, the clock may run elsewhere); ``oldest_due`` is a stored moment that should have
    been handled by now (null: none). Anybody may ask: nothing of the content is told.
    """
    at = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        late = oldest_due(at)
    except DatabaseError:
        return JsonResponse({"database": "failed", "clock": "unknown"}, status=503)
    age = heartbeat.age(at)
    stands = late is not None or (age is not None and age > settings.HEARTBEAT_SECONDS)
    return JsonResponse(
        {
            "database": "ok",
            "clock": "failed" if stands else "ok" if age is not None else "unknown",
            "beat": age,
            "oldest_due": late.isoformat() if late else None,
        },
        status=503 if stands else 200,
    )
