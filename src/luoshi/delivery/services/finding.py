"""疑点、申辩: a finding is a reason to look, never a verdict; the unit answers and may object."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Finding, Objection
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import OBJECTION_DAYS, Act, Intent
from luoshi.rules.permissions import Actor


@transaction.atomic
def record_finding(*, actor: Actor, ref: str, version: int, words: str, evidence: str = "", at: datetime) -> Done:
    """Record a reason to look（疑点）, with what it rests on.

    Raises:
        Refused: ``reason_missing`` (no words) and those of ``begin``.
    """
    words = acting.said(words)
    doing = acting.begin(Act.FIND, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=words))
    finding = Finding.objects.create(
        commitment=doing.commitment,
        words=words,
        evidence=acting.said(evidence),
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
        at=at,
    )
    doing.commitment.open_findings += 1
    return doing.finish(events.FindingRecorded(ref=ref, words=words), rows=[finding], extra=finding)


@transaction.atomic
def answer_finding(*, actor: Actor, ref: str, version: int, answer: str, at: datetime) -> Done:
    """Answer the oldest open finding（说明）.

    Raises:
        Refused: ``no_finding_open``, ``reason_missing`` and those of ``begin``.
    """
    answer = acting.said(answer)
    doing = acting.begin(Act.ANSWER, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=answer))
    finding = doing.commitment.findings.filter(conclusion="").order_by("id")[0]
    finding.answer, finding.answered_at = answer, at
    finding.save(update_fields=["answer", "answered_at"])
    return doing.finish(events.FindingAnswered(ref=ref, answer=answer), rows=[finding], extra=finding)


@transaction.atomic
def conclude_finding(*, actor: Actor, ref: str, version: int, upheld: bool, reason: str, at: datetime) -> Done:
    """Uphold or dismiss the oldest open finding, with a reason（结论）; fed back to the unit (条例 Art 18).

    Raises:
        Refused: ``no_finding_open``, ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    intent = Intent(reason=reason, favourable=not upheld)
    doing = acting.begin(Act.CONCLUDE, actor=actor, ref=ref, version=version, at=at, intent=intent)
    commitment = doing.commitment
    finding = commitment.findings.filter(conclusion="").order_by("id")[0]
    finding.conclusion = Finding.Conclusion.UPHELD if upheld else Finding.Conclusion.DISMISSED
    finding.reason, finding.concluded_at = reason, at
    finding.concluded_by_post_id, finding.concluded_by_user = actor.effective.post_id, actor.user_id
    finding.save()
    commitment.open_findings -= 1
    commitment.last_conclusion_on = local_day(at)
    return doing.finish(events.FindingConcluded(ref=ref, upheld=upheld, reason=reason), rows=[finding], extra=finding)


@transaction.atomic
def raise_objection(*, actor: Actor, ref: str, version: int, words: str, at: datetime) -> Done:
    """Object to a verdict or conclusion within 30 days（申辩）; keeps the commitment from closing until decided.

    Source: 政府督查工作条例 (2021) Art 20.

    Raises:
        Refused: ``nothing_to_object_to``, ``already_objected``, ``objection_too_late``, ``reason_missing`` and those
            of ``begin``.
    """
    words = acting.said(words)
    doing = acting.begin(Act.OBJECT, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=words))
    decide_by = local_day(at) + timedelta(days=OBJECTION_DAYS)
    objection = Objection.objects.create(
        commitment=doing.commitment, words=words, by_post_id=actor.effective.post_id, at=at, decide_by_on=decide_by
    )
    doing.commitment.open_objections += 1
    event = events.ObjectionRaised(ref=ref, words=words, decide_by_on=decide_by.isoformat())
    return doing.finish(event, rows=[objection], extra=objection)


@transaction.atomic
def decide_objection(*, actor: Actor, ref: str, version: int, upheld: bool, decision: str, at: datetime) -> Done:
    """Decide the oldest open objection（申辩决定）; whoever took part recuses.

    Raises:
        Refused: ``must_recuse``, ``no_objection_open``, ``reason_missing`` and those of ``begin``.
    """
    decision = acting.said(decision)
    intent = Intent(reason=decision, favourable=upheld)
    doing = acting.begin(Act.DECIDE_OBJECTION, actor=actor, ref=ref, version=version, at=at, intent=intent)
    objection = doing.commitment.objections.filter(upheld__isnull=True).order_by("id")[0]
    objection.upheld, objection.decision, objection.decided_at = upheld, decision, at
    objection.decided_by_post_id = actor.effective.post_id
    objection.save()
    doing.commitment.open_objections -= 1
    event = events.ObjectionDecided(ref=ref, upheld=upheld, decision=decision)
    return doing.finish(event, rows=[objection], extra=objection)
