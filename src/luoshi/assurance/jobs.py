"""Jobs of assurance: what the clock does by itself. The clock is read by whoever calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from luoshi.assurance.queries.campaigns import CLOSE_CERTIFIED
from luoshi.assurance.services import certificates, looking_back
from luoshi.delivery import services as delivery
from luoshi.office.jobs import Report, Stopped, register
from luoshi.office.models import Job
from luoshi.office.services.jobs import actor_of, progress, refusal
from luoshi.rules.campaigns import certificate_ref
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused, gettext_noop

_ = gettext_noop
TOLD_AT_ONCE = 500
OUTCOME = _("Struck off: %(closed)s; left as they are: %(left_out)s.")


def close_certified(job: Job, report: Report) -> dict[str, Any]:
    """Strike off what a certificate speaks for（凭证书销号）as one act, then tell the leads.

    The outcome is kept in the transaction of the act. Started again after a crash the job sees whether it was done, and
    only the telling is repeated, under the same keys.
    """
    at, args = timezone.now(), job.args
    actor = actor_of(job, at)
    said = {name: args[name] for name in ("campaign", "version", "opinion")}

    def keep(done: delivery.Certified) -> None:
        job.result = {
            "link": reverse("assurance:campaign", args=[args["campaign"]]),
            "entry": done.entry.pk,
            "certificate": certificate_ref(args["campaign"]),
            "closed": done.closed,
            "left_out": [refusal(refused, ref) for ref, refused in done.left_out.items()],
        }
        if not progress(job, at, result=job.result):
            raise Stopped

    if not job.result:
        certificates.close_many_certified(actor=actor, at=at, told=report, keep=keep, **said)
    result = job.result
    for left in result["left_out"]:
        link = reverse("delivery:commitment", args=[left["where"]])
        report.refuse(Refused(left["code"], **left["params"]), where=left["where"], link=link)
    refs = result["closed"]  # it is done: from here on nobody stops it
    for start in range(0, len(refs), TOLD_AT_ONCE):
        some = refs[start : start + TOLD_AT_ONCE]
        delivery.tell_certified(some, actor=actor, certificate=result["certificate"], at=at)
    counts = {"closed": len(refs), "left_out": len(result["left_out"])}
    return {**result, **counts, "said": {"text": OUTCOME, "params": counts}}


def tick(at: datetime) -> dict[str, int]:
    """Draw the look-backs of every day due by ``at``, in order（回头看）; safe to run anywhere, any number of times."""
    drawn = 0
    for programme, on in looking_back.look_backs_due(at):
        if looking_back.draw_look_backs(actor=SYSTEM, programme=programme, on=on, at=at) is not None:
            drawn += 1
    return {"look_back_days": drawn}


register(CLOSE_CERTIFIED, close_certified, title=_("Strike off %(count)s by the certificate of %(campaign)s"))
