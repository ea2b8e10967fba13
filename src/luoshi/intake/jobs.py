"""Jobs of the intake: reading a document. The clock is read here."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from luoshi.intake import queries, services
from luoshi.office.jobs import Report, register
from luoshi.office.models import Job
from luoshi.office.services.jobs import actor_of
from luoshi.rules.refusals import gettext_noop

_ = gettext_noop


def read_document(job: Job, report: Report) -> dict[str, Any]:
    """Read a document into a draft; one read already is left as it is."""
    at = timezone.now()
    report(0, 2, _("Reading"))
    document = services.read_document(actor=actor_of(job, at), document=job.args["document"], at=at)
    report(2, 2)
    return {"link": f"/intake/{document.pk}/"}


register(queries.READ_DOCUMENT, read_document, title=_("Reading “%(title)s”"))
