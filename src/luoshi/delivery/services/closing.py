"""申请销号、核查、销号、重启、回头看: the strike-off gate. Three hands, and nothing but verified results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from luoshi.delivery import events, queries
from luoshi.delivery.models import Application, Commitment, LookBack, Verification
from luoshi.delivery.services import acting, notices
from luoshi.delivery.services.acting import Done
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act, Intent, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    statement_missing=_("Say on what the application rests."),
    verdict_words_missing=_("Say what was seen: a verdict shows its ground."),
    verdict_criteria=_("Give one verdict for each of the %(criteria)s criteria."),
    passed_below_hundred=_("A passed verification says 100 %%; with less it has not passed."),
    desk_rests_on_nothing=_(
        "A verification at the desk says what was looked at: documents, readings, or a second source that is not the"
        " unit's own. What cannot be seen in any of these is visited."
    ),
    method_unknown=_("A verification is made at the desk or by a visit; sampling has a certificate of its own."),
)


@transaction.atomic
def apply_for_closure(*, actor: Actor, ref: str, version: int, statement: str, at: datetime) -> Done:
    """Say that it is done and ask to be struck off（申请销号）; names the unit that is to verify.

    Raises:
        Refused: ``statement_missing``, ``not_complete``, ``children_open``, ``objection_open`` and its like, and those
            of ``begin``.
    """
    statement = acting.said(statement)
    doing = acting.begin(Act.APPLY, actor=actor, ref=ref, version=version, at=at)
    commitment = doing.commitment
    if not statement and not commitment.off_system:
        raise Refused("statement_missing")
    application = Application.objects.create(
        commitment=commitment,
        statement=statement,
        material_digest=doing.facts.material_digest,
        **acting.hand(actor, at),
    )
    commitment.verifying_unit = queries.verifying_unit_for(commitment)
    event = events.ClosureApplied(ref=ref, statement=statement, material_digest=application.material_digest)
    return doing.finish(event, rows=[application], extra=application)


@transaction.atomic
def recall_application(*, actor: Actor, ref: str, version: int, at: datetime) -> Done:
    """Take an application back before it is verified（撤回申请）.

    Raises:
        Refused: see ``begin``.
    """
    doing = acting.begin(Act.RECALL, actor=actor, ref=ref, version=version, at=at)
    application = doing.commitment.applications.order_by("-id")[0]
    application.recalled_at = at
    application.save(update_fields=["recalled_at"])
    doing.commitment.verifying_unit = None
    return doing.finish(events.ApplicationRecalled(ref=ref), rows=[application])


@transaction.atomic
def verify_commitment(
    *,
    actor: Actor,
    ref: str,
    version: int,
    method: str,
    passed: bool,
    percent: int,
    words: str,
    verdicts: Sequence[dict[str, Any]] = (),
    fix_by_on: date | None = None,
    documents: Sequence[str] = (),
    readings: Sequence[str] = (),
    second_sources: Sequence[str] = (),
    handed: bool = False,
    at: datetime,
) -> Done:
    """Record an independent verdict（核查）: of an application, or an interim look while work goes on.

    A failed verification of an application sends it back with its reason and date; the verified figure stays.

    Args:
        actor: an independent verifier who did not apply.
        ref: the commitment's number.
        version: the version looked at.
        method: ``desk`` or ``visited``.
        passed: whether everything asked was found.
        percent: how much was found done, 0–100; 100 when passed.
        words: what was seen.
        verdicts: one ``{"met": bool, "words": str}`` for each criterion, or none.
        fix_by_on: by when what is missing is to be mended.
        documents: at the desk: which documents were looked at.
        readings: at the desk: which readings.
        second_sources: at the desk: which sources that are not the unit's own.
        handed: a visit was handed out to the actor, which is the permission to see what lies outside the area.
        at: now.

    Raises:
        Refused: ``same_hand``, ``kin_hand``, ``verifier_on_line``, ``verification_lapsed``, ``verdict_*``,
            ``desk_rests_on_nothing`` and those of ``begin``.
    """
    words = acting.said(words)
    looked_at = _looked_at(documents, readings, second_sources)
    if method not in (Verification.Method.DESK, Verification.Method.VISITED):
        raise Refused("method_unknown")
    if passed and percent != 100:
        raise Refused("passed_below_hundred")
    intent = Intent(favourable=passed, percent=percent)
    doing = acting.begin(Act.VERIFY, actor=actor, ref=ref, version=version, at=at, intent=intent, handed=handed)
    commitment = doing.commitment
    if not words and not commitment.off_system:
        raise Refused("verdict_words_missing")
    if verdicts and len(verdicts) != len(commitment.criteria):
        raise Refused("verdict_criteria", criteria=len(commitment.criteria))
    if looked_at and commitment.off_system:
        raise Refused("off_system_words")
    final = doing.move.before is State.APPLIED
    if method == Verification.Method.DESK and final and passed and not looked_at and not commitment.off_system:
        raise Refused("desk_rests_on_nothing")
    verification = Verification.objects.create(
        commitment=commitment,
        application=commitment.applications.order_by("-id").first() if final else None,
        method=method,
        passed=passed,
        final=final,
        percent=percent,
        verdicts=[{"met": bool(one.get("met")), "words": acting.said(one.get("words"))} for one in verdicts],
        words=words,
        looked_at=looked_at,
        fix_by_on=fix_by_on,
        material_digest=doing.facts.material_digest,
        **acting.hand(actor, at),
    )
    commitment.verified = percent
    commitment.verified_how = method
    commitment.last_conclusion_on = local_day(at)
    if final and not passed:
        _claim_falls(commitment)
    event = events.CommitmentVerified(
        ref=ref,
        method=method,
        passed=passed,
        percent=percent,
        words=words,
        final=final,
        material_digest=verification.material_digest,
        looked_at=looked_at,
    )
    return doing.finish(event, rows=[verification], extra=verification)


def _looked_at(
    documents: Sequence[str], readings: Sequence[str], second_sources: Sequence[str]
) -> list[dict[str, str]]:
    """What a verdict rests on, as it is kept."""
    kinds = Verification.LookedAt
    told = ((kinds.DOCUMENT, documents), (kinds.READING, readings), (kinds.SECOND_SOURCE, second_sources))
    return [{"kind": kind.value, "what": what} for kind, lines in told for what in map(acting.said, lines) if what]


@transaction.atomic
def close_commitment(*, actor: Actor, ref: str, version: int, opinion: str, at: datetime) -> Done:
    """Strike a commitment off（销号）after a passed verification（核查）, by a third hand.

    Raises:
        Refused: ``opinion_missing``, ``children_open``, ``not_verified``, ``verification_lapsed``, ``same_hand``,
            ``kin_hand``, ``objection_open`` and its like, and those of ``begin``.
    """
    opinion = acting.said(opinion)
    doing = acting.begin(Act.CLOSE, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=opinion))
    doing.commitment.closed_at = at
    doing.commitment.reopened_parts = 0
    return doing.finish(events.CommitmentClosed(ref=ref, opinion=opinion, material_digest=doing.facts.material_digest))


def _claim_falls(commitment: Commitment) -> None:
    """What was claimed no longer stands: it must be said anew before closure is applied for again."""
    commitment.completed_at = None
    commitment.verifying_unit = None
    commitment.last_report_returned = True


def _reopened(doing: acting.Doing, percent: int | None) -> None:
    commitment = doing.commitment
    commitment.closed_at = None
    _claim_falls(commitment)
    commitment.reopened += 1
    commitment.reopened_parts = 0
    if percent is not None:
        commitment.verified = percent


@transaction.atomic
def reopen_commitment(*, actor: Actor, ref: str, version: int, reason: str, at: datetime) -> Done:
    """Reopen what was struck off, under the same ref（重启）.

    Raises:
        Refused: ``reason_missing`` and those of ``begin``.
    """
    reason = acting.said(reason)
    doing = acting.begin(Act.REOPEN, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=reason))
    _reopened(doing, None)
    done = doing.finish(events.CommitmentReopened(ref=ref, reason=reason))
    notices.tell_of_reopened_part(done.commitment, at=at)
    return done


@transaction.atomic
def uphold_closure(*, actor: Actor, ref: str, version: int, opinion: str, at: datetime) -> Done:
    """Let a strike-off stand although a part was reopened since（维持销号）; the other answer is to reopen it.

    Raises:
        Refused: ``opinion_missing``, ``no_part_reopened``, ``same_hand``, ``kin_hand`` and those of ``begin``.
    """
    opinion = acting.said(opinion)
    doing = acting.begin(Act.UPHOLD, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=opinion))
    still_open = doing.commitment.open_children
    doing.commitment.reopened_parts = 0
    return doing.finish(events.ClosureUpheld(ref=ref, opinion=opinion, open_parts=still_open))


@transaction.atomic
def look_back_commitment(
    *, actor: Actor, ref: str, version: int, passed: bool, percent: int, words: str, handed: bool = False, at: datetime
) -> Done:
    """Look whether a strike-off still holds（回头看）; a failed one reopens the same ref.

    ``handed``: as for :func:`verify_commitment`.

    Raises:
        Refused: ``verdict_words_missing``, ``passed_below_hundred``, ``verifier_on_line``, ``same_hand`` and those of
            ``begin``.
    """
    words = acting.said(words)
    if passed and percent != 100:
        raise Refused("passed_below_hundred")
    intent = Intent(favourable=passed, percent=percent)
    doing = acting.begin(Act.LOOK_BACK, actor=actor, ref=ref, version=version, at=at, intent=intent, handed=handed)
    if not words and not doing.commitment.off_system:
        raise Refused("verdict_words_missing")
    look = LookBack.objects.create(
        commitment=doing.commitment, passed=passed, percent=percent, words=words, **acting.hand(actor, at)
    )
    doing.commitment.last_conclusion_on = local_day(at)
    if not passed:
        _reopened(doing, percent)
    event = events.CommitmentLookedBack(ref=ref, passed=passed, percent=percent, words=words)
    done = doing.finish(event, rows=[look], extra=look)
    if not passed:
        notices.tell_of_reopened_part(done.commitment, at=at)
    return done
