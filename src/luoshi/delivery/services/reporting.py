"""反馈: what the lead says, with or without evidence; said for a unit below; returned; disputed; a supporting share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from luoshi.accounts.adapters import write_new
from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment, Evidence, Report
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.queries import evidence as evidence_reads
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.office.models import StoredFile
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    words_missing=_("Say in a sentence or two what was done."),
    too_many_files=_("At most ten files can stand behind one report."),
    told_in_future=_("What is told cannot have happened in the future."),
    told_too_early=_("What is told cannot have happened before it was issued (%(issued)s)."),
    unknown_file=_("That file is not stored here; send it first."),
    unknown_evidence=_("That evidence is not there, or it was handed in by another unit. Send the file itself."),
    corrects_one=_("A correction is one file that takes the place of one earlier file: send exactly one with it."),
    corrects_same=_("That is the same file, byte for byte; it corrects nothing. Send the corrected one."),
    already_corrected=_("That file has been corrected already; correct the newest one of its chain."),
)

MAX_FILES = 10


@transaction.atomic
def report_on_commitment(
    *,
    actor: Actor,
    ref: str,
    version: int | None = None,
    percent: int,
    words: str,
    problems: str = "",
    next_step: str = "",
    files: Sequence[tuple[str, str]] = (),
    links: Sequence[str] = (),
    reuse: Sequence[int] = (),
    corrects: int | None = None,
    via: str = Report.Via.PAGE,
    occurred_at: datetime | None = None,
    at: datetime,
) -> Done:
    """Say how far it is and what was done（反馈）. Never overwritten: a correction is another report.

    Args:
        actor: the lead, or the unit directly above it answering for it（代填）; both are named.
        ref: the commitment's number.
        version: the version looked at; a report may be sent without one, since it overwrites nothing.
        percent: 0–100.
        words: what was done; must not be empty.
        problems: what is stuck; may be empty.
        next_step: what comes next; may be empty.
        files: (digest, name) of stored files, at most ten; never demanded.
        links: addresses that stand as evidence.
        reuse: ids of evidence this unit has handed in before, used again instead of being sent again.
        corrects: id of the piece of this commitment whose place the one file takes; both stay.
        via: by which door.
        occurred_at: when it was told, if earlier (telephone, offline).
        at: now.

    Raises:
        Refused: ``words_missing``, ``percent_out_of_range``, ``too_many_files``, ``unknown_file``,
            ``unknown_evidence``, ``corrects_one``, ``corrects_same``, ``already_corrected``, ``told_in_future``,
            ``told_too_early`` and those of ``begin``.
    """
    words = acting.said(words)
    if not words:
        raise Refused("words_missing")
    if len(files) + len(links) + len(set(reuse)) > MAX_FILES:
        raise Refused("too_many_files")
    if occurred_at is not None and occurred_at > at:
        raise Refused("told_in_future")
    doing = acting.begin(Act.REPORT, actor=actor, ref=ref, version=version, at=at, intent=Intent(percent=percent))
    commitment = doing.commitment
    if occurred_at is not None and commitment.issued_at is not None and occurred_at < commitment.issued_at:
        raise Refused("told_too_early", issued=str(local_day(commitment.issued_at)))
    report = Report(
        commitment=commitment,
        percent=percent,
        words=words,
        problems=acting.said(problems),
        next_step=acting.said(next_step),
        by_post_id=actor.effective.post_id,
        for_unit_id=doing.for_unit_id,
        via=via,
        occurred_at=occurred_at or at,
        recorded_at=at,
    )
    write_new(report)
    again = _again(actor, commitment, reuse)
    corrected = _corrected(commitment, corrects)
    evidence = _evidence(report, [*files, *again], links, corrected, at)
    projections.on_said([report], evidence)
    commitment.completed_at = (commitment.completed_at or at) if percent == 100 else None
    commitment.said = percent
    commitment.reports_count += 1
    commitment.last_reported_at = at
    commitment.last_report_returned = False
    commitment.last_report_on_behalf = doing.on_behalf
    event = events.CommitmentReported(
        ref=ref,
        percent=percent,
        words=words,
        problems=report.problems,
        next_step=report.next_step,
        via=via,
        for_unit=doing.for_unit_id,
        evidence=[item.digest or item.url for item in evidence],
        corrects=corrected.digest if corrected else "",
    )
    return doing.finish(event, rows=[report, *evidence], occurred_at=occurred_at, extra=report)


def _again(actor: Actor, commitment: Commitment, ids: Sequence[int]) -> list[tuple[str, str]]:
    """(digest, name) of evidence this unit has handed in before."""
    if not ids:
        return []
    known = {item.pk: item for item in evidence_reads.reusable(actor, commitment, ids)}
    if set(ids) - set(known):
        raise Refused("unknown_evidence")
    return [(known[pk].digest, known[pk].name) for pk in dict.fromkeys(ids)]


def _corrected(commitment: Commitment, corrects: int | None) -> Evidence | None:
    """The piece of this commitment that is corrected; the commitment's row is locked, so nobody corrects it twice."""
    if corrects is None:
        return None
    earlier = Evidence.objects.filter(pk=corrects, report__commitment=commitment, file__isnull=False).first()
    if earlier is None:
        raise Refused("unknown_evidence")
    if earlier.superseded_by.exists():
        raise Refused("already_corrected")
    return earlier


def _evidence(
    report: Report, files: Sequence[tuple[str, str]], links: Sequence[str], corrected: Evidence | None, at: datetime
) -> list[Evidence]:
    """The rows behind a report; a file offered twice with it is kept once."""
    offered = files
    files = list({digest: (digest, name) for digest, name in reversed(offered)}.values())[::-1]
    report.twice = tuple(name for place, (digest, name) in enumerate(offered) if digest in dict(offered[:place]))
    if corrected is not None and len(files) != 1:
        raise Refused("corrects_one")
    if corrected is not None and files[0][0] == corrected.digest:
        raise Refused("corrects_same")
    if not files and not links:
        return []
    stored = {file.digest: file for file in StoredFile.objects.filter(digest__in=[digest for digest, _name in files])}
    found = []
    for digest, name in files:
        if digest not in stored:
            raise Refused("unknown_file")
        found.append(
            Evidence(
                report=report,
                file=stored[digest],
                digest=digest,
                name=acting.said(name)[:255],
                supersedes=corrected,
                added_at=at,
            )
        )
    for link in map(acting.said, links):
        found.append(Evidence(report=report, url=link, name=link[:255], added_at=at))
    for item in found:
        item.save()
    if files:
        lead = report.commitment.lead_id
        before = Evidence.objects.filter(digest__in=dict(files), report__commitment__lead_id=lead).exclude(
            report=report
        )
        handed = set(before.values_list("digest", flat=True))
        report.known = tuple(name for digest, name in files if digest in handed)
    return found


@transaction.atomic
def share_in_commitment(*, actor: Actor, ref: str, version: int, percent: int, words: str, at: datetime) -> Done:
    """A supporting unit says how its share stands（配合反馈）; it changes nothing of the lead's own figure.

    Raises:
        Refused: ``words_missing``, ``percent_out_of_range`` and those of ``begin``.
    """
    words = acting.said(words)
    if not words:
        raise Refused("words_missing")
    doing = acting.begin(Act.SHARE, actor=actor, ref=ref, version=version, at=at, intent=Intent(percent=percent))
    support = doing.commitment.supports.get(unit_id=actor.effective.unit_id)
    support.said, support.words, support.reported_at = percent, words, at
    support.save()
    return doing.finish(
        events.ShareReported(ref=ref, unit=support.unit_id, percent=percent, words=words), extra=support
    )


@transaction.atomic
def dispute_report(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Say that a report made on one's behalf is not right（代填异议）; the issuing side sees it and decides.

    Raises:
        Refused: ``not_on_behalf``, ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.DISPUTE, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    report = doing.commitment.reports.order_by("-id")[0]
    report.disputed_at, report.dispute_reason = at, reason
    report.save(update_fields=["disputed_at", "dispute_reason"])
    doing.commitment.last_report_on_behalf = False
    return doing.finish(events.ReportDisputed(ref=ref, reason=reason), rows=[report], extra=report)


@transaction.atomic
def return_commitment(
    *, actor: Actor, ref: str, version: int, reason: str, by_on: date | None = None, at: datetime
) -> Done:
    """Send a report, or a verified application, back with a reason and a date（退回）.

    Raises:
        Refused: ``reason_missing``, ``already_returned``, ``nothing_reported`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.RETURN, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    report = doing.commitment.reports.order_by("-id").first()
    rows: list[acting.Governed] = []
    if report is not None and report.returned_at is None:
        report.returned_at, report.return_reason, report.return_by_on = at, reason, by_on
        report.save(update_fields=["returned_at", "return_reason", "return_by_on"])
        doing.commitment.last_report_returned = True
        rows.append(report)
    doing.commitment.completed_at = None
    return doing.finish(events.CommitmentReturned(ref=ref, reason=reason, by_on=iso(by_on)), rows=rows)
