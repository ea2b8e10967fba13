"""报告、已阅: a paper upward that needs no reply, and its being read. No clock runs for it（请示、报告不混用）."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Brief
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    brief_missing=_("Write what the superior should know."),
)


@transaction.atomic
def brief_superior(*, actor: Actor, ref: str, version: int, words: str, at: datetime) -> Done:
    """Tell the issuing side what it should know and need not answer（报告）; nobody's clock stops or starts.

    What needs an answer is asked as a request（请示）: a paper that is read is not one that is decided.

    Source: 党政机关公文处理工作条例 (2012) Art 15: nothing that asks for a decision is put into a report.

    Raises:
        Refused: ``brief_missing`` and those of ``begin``.
    """
    words = acting.said(words)
    if not words:
        raise Refused("brief_missing")
    doing = acting.begin(Act.BRIEF, actor=actor, ref=ref, version=version, at=at)
    brief = Brief.objects.create(
        commitment=doing.commitment,
        words=words,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    doing.commitment.unread_briefs += 1
    event = events.SuperiorBriefed(ref=ref, words=words)
    return doing.finish(event, rows=[brief], extra=brief)


@transaction.atomic
def read_brief(*, actor: Actor, ref: str, version: int, brief: int | None = None, at: datetime) -> Done:
    """Say that a brief was read（已阅）, the oldest unread one when none is named; nothing else follows from it.

    Raises:
        Refused: ``no_brief_unread`` and those of ``begin``.
    """
    doing = acting.begin(Act.READ_BRIEF, actor=actor, ref=ref, version=version, at=at)
    unread = doing.commitment.briefs.filter(read_at__isnull=True)
    found = (unread.filter(pk=brief) if brief else unread.order_by("id")).first()
    if found is None:
        raise Refused("no_brief_unread")
    found.read_at, found.read_by_post_id = at, actor.effective.post_id
    found.save()
    doing.commitment.unread_briefs -= 1
    return doing.finish(events.BriefRead(ref=ref, brief=found.pk), rows=[found], extra=found)
