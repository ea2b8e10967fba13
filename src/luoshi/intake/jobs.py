"""Jobs of the intake: reading a document, asking for news. The clock is read here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    number = int(job.args["document"])
    report(0, 2, _("Taking the words out of the file"))
    with _told(number):
        at = timezone.now()
        services.convert_document(actor=actor_of(job, at), document=number, at=at)
    report(1, 2, _("Reading"))
    with _told(number):
        at = timezone.now()
        document = services.read_document(actor=actor_of(job, at), document=number, at=at)
    report(2, 2)
    return {"link": f"/intake/{document.pk}/"}


@contextmanager
def _told(document: int) -> Iterator[None]:
    """Say of a document why it was not read when a step fails; a job that is stopped between steps says so itself."""
    try:
        yield
    except Refused as refused:
        services.refuse_reading(document=document, refused=refused, at=timezone.now())
        raise
    except Exception:
        services.refuse_reading(document=document, refused=Refused("reading_failed"), at=timezone.now())
        raise  # the queue keeps the traceback; people see the sentence


def poll_news(_job: Job, _report: Report) -> dict[str, Any]:
    """Ask the sources whose time has come（轮询要闻）."""
    return asdict(news.poll(timezone.now()))


def tell_news(_job: Job, _report: Report) -> dict[str, Any]:
    """Make the digest of the day, once for each head（每日要闻）."""
    return {"digests": news.make_digests(timezone.now())}


def forget(_job: Job, _report: Report) -> dict[str, Any]:
    """Delete news that nobody drew on, and old Word files that nobody came to convert（清理）."""
    at = timezone.now()
    return {"articles": news.forget_news(at), "papers": services.forget_waiting(at)}


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
register("intake.forget", forget, title=_("Deleting old news that nobody drew on"), every=timedelta(hours=1))
