"""证书对一项任务失效: what was certified and is opened again is certified no longer; a new entry, never an edit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from luoshi.assurance.models import Certificate
from luoshi.assurance.services.certificates import except_commitment
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import gettext_noop

WORDLESS = gettext_noop("It was struck off and opened again; the words are in the paper file.")


def on_looked_back(event: Any, at: datetime) -> None:
    """A look-back that did not hold opened a task again; one that held changes nothing."""
    if not event.passed:
        withdraw_for(event.ref, event.words, at=at)


def on_reopened(event: Any, at: datetime) -> None:
    """The issuing side opened a task again."""
    withdraw_for(event.ref, event.reason, at=at)


@transaction.atomic
def withdraw_for(ref: str, reason: str, *, at: datetime) -> list[str]:
    """Withdraw every certificate given before ``at`` for one commitment（证书失效）; repeating it changes nothing.

    The certificate stands for all the others; what is withdrawn is shown on it.

    Args:
        ref: the commitment's number.
        reason: what was seen.
        at: the moment it was opened again.

    Returns:
        the numbers of the certificates that no longer speak for it.
    """
    rows = Certificate.objects.filter(campaign__places__commitment__ref=ref, at__lte=at, withdrawn_at=None)
    found = list(rows.exclude(exceptions__commitment__ref=ref).order_by("pk").values_list("ref", flat=True))
    if not reason:
        with translation.override(settings.LANGUAGE_CODE):
            reason = translation.gettext(WORDLESS)
    for certificate in found:
        except_commitment(actor=SYSTEM, certificate=certificate, ref=ref, reason=reason, at=at)
    return found
