"""Jobs of the intake: reading a document, asking for news. The clock is read here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from luoshi.intake import queries, services
from luoshi.intake.queries import news as news_queries
from luoshi.intake.services import news
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


def poll_news(_job: Job, _report: Report) -> dict[str, Any]:
    """Ask the sources whose time has come（轮询要闻）."""
    return asdict(news.poll(timezone.now()))


def tell_news(_job: Job, _report: Report) -> dict[str, Any]:
    """Make the digest of the day, once for each head（每日要闻）."""
    return {"digests": news.make_digests(timezone.now())}


def ask_sources(job: Job, report: Report) -> dict[str, Any]:
    """Ask the sources named, due or not（立即询问）."""
    chosen = [int(one) for one in job.args["sources"]]
    told, wrong = news.ask_each(
        chosen, timezone.now(), lambda done, name: report(done, len(chosen), _("Asking “%(name)s”"), name=name)
    )
    for name, refused in wrong:
        report.refuse(refused, name)
    report(len(chosen), len(chosen))
    return {"link": "/intake/news/sources/", **asdict(told)}


register(queries.READ_DOCUMENT, read_document, title=_("Reading “%(title)s”"))
register(news_queries.ASK_SOURCES, ask_sources, title=_("Asking news sources at once"))
register("intake.poll_news", poll_news, title=_("Asking the news sources"), every=timedelta(minutes=15))
register("intake.tell_news", tell_news, title=_("News of the day for the heads"), every=timedelta(minutes=30))
