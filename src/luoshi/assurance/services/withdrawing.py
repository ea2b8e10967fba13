"""证书对一项任务失效: what was certified and is opened again is certified no longer; a new entry, never an edit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Certificate, CertificateException
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import SYSTEM


def on_looked_back(event: Any, at: datetime) -> None:
    """A look-back that did not hold opened a task again; one that held changes nothing."""
    if not event.passed:
        withdraw_for(event.ref, event.words, at=at)


def on_reopened(event: Any, at: datetime) -> None:
    """The issuing side opened a task again."""
    withdraw_for(event.ref, event.reason, at=at)


@transaction.atomic
def withdraw_for(ref: str, reason: str, *, at: datetime) -> list[CertificateException]:
    """Withdraw every certificate given before ``at`` for one commitment（证书失效）; repeating it changes nothing.

    The certificate stands for all the others; what is withdrawn is shown on it.

    Args:
        ref: the commitment's number.
        reason: what was seen.
        at: the moment it was opened again.

    Returns:
        what was withdrawn now.
    """
    certificates = Certificate.objects.filter(campaign__places__commitment__ref=ref, at__lte=at, withdrawn_at=None)
    rows = list(certificates.select_for_update(of=("self",)).order_by("pk"))
    made = []
    for certificate in rows:
        commitment = Commitment.objects.get(ref=ref)
        told = {"at": at, "reason": reason}
        row, new = CertificateException.objects.get_or_create(
            certificate=certificate, commitment=commitment, defaults=told
        )
        if not new:
            continue
        ledger.append(
            events.CertificateWithdrawnFor(certificate=certificate.ref, ref=ref, reason=reason),
            actor=SYSTEM,
            at=at,
            after={row.ledger_key: row.ledger_state()},
            subjects=(certificate.ref, ref),
        )
        made.append(row)
    return made
