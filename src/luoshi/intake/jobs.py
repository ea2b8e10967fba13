"""Jobs of the intake（收文作业）. The clock is read here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from luoshi.intake.services import news
from luoshi.office.jobs import Report, register
from luoshi.office.models import Job
from luoshi.rules.refusals import gettext_noop as _


def poll_news(_job: Job, _report: Report) -> dict[str, Any]:
    """Ask the sources whose time has come（轮询要闻）."""
    return asdict(news.poll(timezone.now()))


def tell_news(_job: Job, _report: Report) -> dict[str, Any]:
    """Make the digest of the day, once for each head（每日要闻）."""
    return {"digests": news.make_digests(timezone.now())}


register("intake.poll_news", poll_news, title=_("Asking the news sources"), every=timedelta(minutes=15))
register("intake.tell_news", tell_news, title=_("News of the day for the heads"), every=timedelta(minutes=30))
