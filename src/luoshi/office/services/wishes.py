"""How a person wants to be told（通知设置）. Like the language, it is nobody's business but his: no entry is made."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction
from django.db.models import Q

from luoshi.office.models import Channel, Delivery, DeliveryState, Mode, QuietChoice, Wish
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    quiet_hours_missing=_("Say from when until when you do not want to be disturbed."),
    digest_hour=_("The digest comes at an hour from 0 to 23."),
)


@transaction.atomic
def set_wish(
    *,
    actor: Actor,
    email: bool,
    phone: bool,
    mode: str,
    digest_hour: int,
    quiet: str,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    working_days: bool = True,
    at: datetime,
) -> Wish:
    """Keep how the actor wants to be told（修改通知设置）; what is held or waits for him is looked at anew.

    Args:
        actor: whose setting it is; it belongs to the person, in whatever post.
        email: whether any e-mail is sent.
        phone: whether urgent messages also reach the telephone of the post.
        mode: ``each``, ``daily`` or ``urgent``.
        digest_hour: 0 to 23, in Shanghai.
        quiet: ``house``, ``own`` or ``none``.
        quiet_from: needed with ``own``.
        quiet_until: needed with ``own``.
        working_days: with ``own``, whether what is not urgent waits for a working day.
        at: now.

    Raises:
        Refused: ``digest_hour``, ``quiet_hours_missing``, ``bad_input``.
    """
    if not 0 <= digest_hour <= 23:
        raise Refused("digest_hour")
    for field, value, known in (("mode", mode, Mode.values), ("quiet", quiet, QuietChoice.values)):
        if value not in known:
            raise Refused("bad_input", field=field, problem=", ".join(known))
    if quiet == QuietChoice.OWN and (quiet_from is None or quiet_until is None):
        raise Refused("quiet_hours_missing")
    wish, _new = Wish.objects.update_or_create(
        user_id=actor.user_id,
        defaults={
            "email": email,
            "phone": phone,
            "mode": mode,
            "digest_hour": digest_hour,
            "quiet": quiet,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "working_days": working_days,
        },
    )
    waiting = Q(state=DeliveryState.HELD) | Q(state=DeliveryState.PENDING, next_at__gt=at)
    mine = Delivery.objects.filter(waiting, user_id=actor.user_id, channel=Channel.EMAIL, claim="")
    mine.update(state=DeliveryState.PENDING, next_at=at)
    return wish
