"""Jobs of the intake: reading a document. The clock is read here."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from luoshi.intake import queries, services
from luoshi.office.jobs import Report, register
from luoshi.office.models import Job
from luoshi.office.services.jobs import actor_of
from luoshi.rules.refusals import Refused, gettext_noop

_ = gettext_noop


def read_document(job: Job, report: Report) -> dict[str, Any]:
    """Read a document into a draft; one read already is left as it is, one that cannot be read says why."""
    at = timezone.now()
    number = int(job.args["document"])
    report(0, 2, _("Reading"))
    try:
        document = services.read_document(actor=actor_of(job, at), document=number, at=at)
    except Refused as refused:
        services.refuse_reading(document=number, refused=refused, at=at)
        raise
    except Exception:
        services.refuse_reading(document=number, refused=Refused("reading_failed"), at=at)
        raise  # the queue keeps the traceback; people see the sentence
    report(2, 2)
    return {"link": f"/intake/{document.pk}/"}


register(queries.READ_DOCUMENT, read_document, title=_("Reading “%(title)s”"))
