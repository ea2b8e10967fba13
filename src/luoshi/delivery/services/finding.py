"""疑点、申辩: a finding is a reason to look, never a verdict; the unit answers and may object."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import Evidence, Finding, FindingEvidence, Objection
from luoshi.delivery.services import acting, objecting
from luoshi.delivery.services.acting import Done
from luoshi.office.models import StoredFile
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    finding_shows_other=_("A finding shows what was handed in for this very task; choose from its own evidence."),
    finding_link=_("An address begins with https:// or http://, or with / for a page of this site."),
)
MOST_SHOWN = 10
"""Pieces behind one finding at most."""


@transaction.atomic
def record_finding(
    *,
    actor: Actor,
    ref: str,
    version: int,
    words: str,
    evidence: str = "",
    files: Sequence[tuple[str, str]] = (),
    links: Sequence[str] = (),
    shows: Sequence[int] = (),
    handed: bool = False,
    at: datetime,
) -> Done:
    """Record a reason to look（疑点）, with what it rests on; the unit sees all of it and answers.

    Args:
        actor: the issuing side, somebody above, or an independent verifier.
        ref: the commitment's number.
        version: the version looked at.
        words: what gives reason to look.
        evidence: what it rests on, in words.
        files: (digest, name) of stored files of whoever found.
        links: addresses, elsewhere or of this site (a visit).
        shows: ids of evidence that the unit itself handed in for this commitment.
        handed: a visit was handed out to the actor, which is the permission to see what lies outside the area.
        at: now.

    Raises:
        Refused: ``reason_missing`` (no words), ``too_many_files``, ``unknown_file``, ``finding_shows_other``,
            ``finding_link`` and those of ``begin``.
    """
    words = acting.said(words)
    if len(files) + len(links) + len(set(shows)) > MOST_SHOWN:
        raise Refused("too_many_files")
    intent = Intent(reason=words)
    doing = acting.begin(Act.FIND, actor=actor, ref=ref, version=version, at=at, intent=intent, handed=handed)
    finding = Finding.objects.create(
        commitment=doing.commitment,
        words=words,
        evidence=acting.said(evidence),
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
        kin=sorted(actor.kin),
        at=at,
    )
    rows = _shown(finding, files, links, shows)
    doing.commitment.open_findings += 1
    event = events.FindingRecorded(ref=ref, words=words, shown=[row.digest or row.url for row in rows])
    return doing.finish(event, rows=[finding, *rows], extra=finding)


def _shown(
    finding: Finding, files: Sequence[tuple[str, str]], links: Sequence[str], shows: Sequence[int]
) -> list[FindingEvidence]:
    """What a finding shows, stored."""
    wanted = list(dict.fromkeys(shows))
    known = {row.pk: row for row in Evidence.objects.filter(pk__in=wanted, report__commitment=finding.commitment_id)}
    if len(known) != len(wanted):
        raise Refused("finding_shows_other")
    stored = {file.digest: file for file in StoredFile.objects.filter(digest__in=[digest for digest, _name in files])}
    rows = [
        FindingEvidence(
            piece=known[pk], file=known[pk].file, digest=known[pk].digest, name=known[pk].name, url=known[pk].url
        )
        for pk in wanted
    ]
    for digest, name in dict(files).items():
        if digest not in stored:
            raise Refused("unknown_file")
        rows.append(FindingEvidence(file=stored[digest], digest=digest, name=acting.said(name)[:255]))
    for link in dict.fromkeys(links):
        address = acting.said(link)
        if not address.startswith(("https://", "http://", "/")) or address.startswith("//"):
            raise Refused("finding_link")
        rows.append(FindingEvidence(name=address[:255], url=address))
    for row in rows:
        row.finding = finding
        row.save()
    return rows


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
    finding.concluded_kin = sorted(actor.kin)
    finding.save()
    commitment.open_findings -= 1
    commitment.last_conclusion_on = local_day(at)
    return doing.finish(events.FindingConcluded(ref=ref, upheld=upheld, reason=reason), rows=[finding], extra=finding)


@transaction.atomic
def raise_objection(*, actor: Actor, ref: str, version: int, words: str, at: datetime) -> Done:
    """Object to a verdict or conclusion within 30 days（申辩）; until it is decided nothing is closed.

    Source: 政府督查工作条例 (2021) Art 20.

    Raises:
        Refused: ``nothing_to_object_to``, ``already_objected``, ``objection_too_late``, ``reason_missing`` and those
            of ``begin``.
    """
    words = acting.said(words)
    doing = acting.begin(Act.OBJECT, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=words))
    decide_by = objecting.decide_by(doing.commitment, local_day(at))
    objection = Objection.objects.create(
        commitment=doing.commitment,
        words=words,
        by_post_id=actor.effective.post_id,
        at=at,
        decide_by_on=decide_by,
        next_step_at=objecting.first_step_at(decide_by, local_day(at)),
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
    objection.next_step_at = None
    objection.save()
    doing.commitment.open_objections -= 1
    event = events.ObjectionDecided(ref=ref, upheld=upheld, decision=decision)
    return doing.finish(event, rows=[objection], extra=objection)
