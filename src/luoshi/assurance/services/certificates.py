"""抽查证书: given on a certified claim, used to strike off what it speaks for, withdrawn by a new entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Certificate, CertificateException
from luoshi.assurance.queries import campaigns as reads
from luoshi.assurance.services.campaigns import begin, said
from luoshi.delivery import services as delivery
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.office.models import Job
from luoshi.rules import campaigns
from luoshi.rules.campaigns import CampaignAct
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    closing_already=_("A job is striking off what the certificate of %(ref)s speaks for; see it under Jobs."),
)
AT_ONCE = 200
"""So many are struck off while one waits; more become a job."""
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CertificateDone:
    """The certificate as it is now and the entry that proves it."""

    certificate: Certificate
    entry: Entry


@transaction.atomic
def give_certificate(*, actor: Actor, campaign: str, version: int, opinion: str, at: datetime) -> CertificateDone:
    """Give the certificate of a certified claim（颁发抽查证书）, by somebody who neither proposed nor visited.

    Raises:
        Refused: ``opinion_missing``, ``not_certified``, ``certificate_own_claim``, ``certificate_own_visits`` and
            those of :func:`luoshi.assurance.services.campaigns.begin`.
    """
    words = said(opinion)
    found = begin(CampaignAct.CERTIFY, actor=actor, campaign=campaign, version=version)
    content = reads.certified_content(found)
    certificate = Certificate.objects.create(
        campaign=found,
        ref=campaigns.certificate_ref(found.ref),
        digest=reads.content_digest(content),
        claim=campaigns.claim_text(
            found.frame_size, content["claim"]["fewer_false_than"], found.claim_bp, found.risk_bp
        ),
        at=at,
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
    )
    entry = ledger.append(
        events.CertificateGiven(
            ref=certificate.ref, campaign=found.ref, digest=certificate.digest, claim=certificate.claim, opinion=words
        ),
        actor=actor,
        at=at,
        after={certificate.ledger_key: certificate.ledger_state()},
        subjects=[certificate.ref, found.ref, found.programme.key],
    )
    return CertificateDone(certificate, entry)


@transaction.atomic
def close_certified(
    *, actor: Actor, campaign: str, version: int, opinion: str, at: datetime
) -> delivery.Certified | Job:
    """Strike off, in one act, what a certificate speaks for（凭证书销号）: a few at once, many as a job.

    What somebody found false, what could not be reached, and what is no more as it was when the list was frozen stays
    open. At most 20,000 are struck off in one act; the same act again strikes off what is left.

    Raises:
        Refused: ``opinion_missing``, ``not_certified``, ``certificate_withdrawn``, ``closing_already``,
            ``bulk_nothing_left`` and those of :func:`luoshi.assurance.services.campaigns.begin`.
    """
    words = said(opinion)
    about = _closing(actor, campaign, version)
    if len(about.refs) <= AT_ONCE:
        return delivery.close_by_certificate(
            actor=actor,
            certificate=about.certificate.ref,
            digest=about.certificate.digest,
            refs=about.refs,
            frozen_at=about.frozen_at,
            opinion=words,
            at=at,
        )
    if reads.closing_job(campaign) is not None:
        raise Refused("closing_already", ref=campaign)
    args = {"campaign": campaign, "version": version, "opinion": words, "count": len(about.refs)}
    return office.start_job(reads.CLOSE_CERTIFIED, args, actor=actor, at=at)


def close_many_certified(
    *,
    actor: Actor,
    campaign: str,
    version: int,
    opinion: str,
    at: datetime,
    told: Told,
    keep: Callable[[delivery.Certified], None],
) -> delivery.Certified:
    """Do what :func:`close_certified` left to a job（凭证书销号作业）: everything is judged first, holding nothing.

    Then the certificate is looked at again and all is written as one act with one entry. Nobody is told here.

    Args:
        actor: who asked, resolved anew.
        campaign: its number.
        version: the version that was looked at.
        opinion: why.
        at: now.
        told: told how many are judged of how many; may raise to stop, nothing is done then.
        keep: called with the outcome inside the act's transaction; what it raises undoes the act.

    Raises:
        Refused: as :func:`close_certified`.
    """
    with transaction.atomic():
        about = _closing(actor, campaign, version)
    judged = delivery.judge_certified(
        actor=actor, refs=about.refs, frozen_at=about.frozen_at, opinion=opinion, at=at, told=told
    )
    with transaction.atomic():
        now = _closing(actor, campaign, version)
        for ref in judged.ready.keys() - set(now.refs):  # found false while the others were judged
            judged.left_out[ref] = Refused("changed_since_plan", ref=ref)
            del judged.ready[ref]
        done = delivery.write_certified(
            judged, actor=actor, certificate=now.certificate.ref, digest=now.certificate.digest, at=at
        )
        keep(done)
    return done


@dataclass(frozen=True, slots=True)
class _Closing:
    """The certificate that closes, what it may strike off now, and when its list was frozen."""

    certificate: Certificate
    refs: Sequence[str]
    frozen_at: datetime


def _closing(actor: Actor, campaign: str, version: int) -> _Closing:
    found = begin(CampaignAct.CLOSE, actor=actor, campaign=campaign, version=version)
    if found.frozen_at is None:
        raise Refused("campaign_stage", stage=campaigns.STAGE_NAMES[found.stage])
    return _Closing(Certificate.objects.get(campaign=found), reads.to_close(found), found.frozen_at)


def _lock(actor: Actor, certificate: str) -> Certificate:
    """The certificate, locked; the clock and the side that gave it may withdraw it.

    Raises:
        Refused: ``not_found``, ``campaign_not_yours``, ``certificate_withdrawn``.
    """
    seen = reads.certificate_for(actor, certificate)
    area = seen.campaign.by_post.unit.area.path
    if actor.role is not Role.SYSTEM and not campaigns.leads(actor, area):
        raise Refused("campaign_not_yours")
    found = Certificate.objects.select_for_update(of=("self",)).select_related("campaign__programme").get(pk=seen.pk)
    if found.withdrawn_at is not None:
        raise Refused("certificate_withdrawn")
    return found


@transaction.atomic
def except_commitment(*, actor: Actor, certificate: str, ref: str, reason: str, at: datetime) -> CertificateDone:
    """Withdraw a certificate for one commitment（证书对一项任务失效）, by a new entry; it stands for the others.

    Args:
        actor: the side that gave it, or the clock after a relapse.
        certificate: its number.
        ref: the commitment's number.
        reason: why; must not be empty.
        at: now.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``campaign_not_yours``, ``certificate_withdrawn``,
            ``certificate_not_about``, ``certificate_excepted``.
    """
    words = said(reason, "reason_missing")
    found = _lock(actor, certificate)
    commitment = Commitment.objects.filter(ref=ref, places__campaign=found.campaign_id).first()
    if commitment is None:
        raise Refused("certificate_not_about", ref=ref)
    if found.exceptions.filter(commitment=commitment).exists():
        raise Refused("certificate_excepted", ref=ref)
    row = CertificateException.objects.create(certificate=found, commitment=commitment, at=at, reason=words)
    entry = ledger.append(
        events.CertificateExcepted(certificate=found.ref, ref=ref, reason=words),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state()},
        subjects=[found.ref, ref, found.campaign.ref],
    )
    return CertificateDone(found, entry)


@transaction.atomic
def withdraw_certificate(*, actor: Actor, certificate: str, reason: str, at: datetime) -> CertificateDone:
    """Withdraw a certificate as a whole, with a reason（撤销证书）; nothing more is struck off by it.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``campaign_not_yours``, ``certificate_withdrawn``.
    """
    words = said(reason, "reason_missing")
    found = _lock(actor, certificate)
    found.withdrawn_at, found.withdrawn_reason = at, words
    found.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    entry = ledger.append(
        events.CertificateWithdrawn(ref=found.ref, reason=words),
        actor=actor,
        at=at,
        after={found.ledger_key: found.ledger_state()},
        subjects=[found.ref, found.campaign.ref],
    )
    return CertificateDone(found, entry)
