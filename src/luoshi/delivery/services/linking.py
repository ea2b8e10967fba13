"""短链接: a signed way to report without an account; one post, one commitment, for a while."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction

from luoshi.delivery import events
from luoshi.delivery.models import ShortLink
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Post

_ = gettext_noop
declare(
    422,
    link_days=_("A short link lives between 1 and 30 days."),
    link_post=_("A short link is for a post of the lead unit."),
)
declare(404, link_unknown=_("This link is not valid: it is unknown, has expired, or was cancelled."))

MAX_DAYS = 30


_signer = Signer(sep=".", salt="luoshi.short-link")


def digest_of(token: str) -> str:
    """SHA-256 (hex) of a link's secret; only this is stored. A token this installation did not sign has none.

    Raises:
        Refused: ``link_unknown`` for a token with a wrong signature; no look-up is made for it.
    """
    try:
        _signer.unsign(token)
    except BadSignature as error:
        raise Refused("link_unknown") from error
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def issue_link(*, actor: Actor, ref: str, version: int, post: str, days: int = 7, at: datetime) -> Done:
    """Make a short link for one post of the lead unit（短链接）; ``Done.extra`` is (link, token), shown once.

    Raises:
        Refused: ``link_days``, ``link_post`` and those of ``begin``.
    """
    if not 1 <= days <= MAX_DAYS:
        raise Refused("link_days")
    doing = acting.begin(Act.ISSUE_LINK, actor=actor, ref=ref, version=version, at=at)
    chosen = Post.objects.filter(ref=post, unit_id=doing.commitment.lead_id, active=True).first()
    if chosen is None:
        raise Refused("link_post")
    token = _signer.sign(secrets.token_urlsafe(16))
    link = ShortLink.objects.create(
        commitment=doing.commitment,
        post=chosen,
        digest=digest_of(token),
        made_by_post_id=actor.effective.post_id,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    event = events.LinkIssued(ref=ref, post=chosen.ref, expires_at=link.expires_at.isoformat())
    return doing.finish(event, rows=[link], extra=(link, token))


@transaction.atomic
def revoke_link(*, actor: Actor, ref: str, version: int, link: int, at: datetime) -> Done:
    """Cancel a short link（作废短链接）.

    Raises:
        Refused: ``link_unknown`` and those of ``begin``.
    """
    doing = acting.begin(Act.REVOKE_LINK, actor=actor, ref=ref, version=version, at=at)
    found = doing.commitment.links.filter(pk=link, revoked_at__isnull=True).first()
    if found is None:
        raise Refused("link_unknown")
    found.revoked_at = at
    found.save(update_fields=["revoked_at"])
    return doing.finish(events.LinkRevoked(ref=ref), rows=[found])
