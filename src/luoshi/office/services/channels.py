"""Channels（渠道）: add, disable, enable, new key; and what happens to one that fails again and again."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from luoshi.ledger import services as ledger
from luoshi.office import events
from luoshi.office.adapters import posting, seals
from luoshi.office.adapters.mail import NotSent
from luoshi.office.models import BOTS, OPEN_STATES, PHONES, Channel, Delivery, DeliveryState, Outlet
from luoshi.office.queries import channels as queries
from luoshi.office.services.messages import notify
from luoshi.rules import telling
from luoshi.rules.permissions import SYSTEM, Actor, Role
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.models import Post, Unit
from luoshi.units.queries import unit_in_scope

declare(
    409,
    channel_has_no_key=_("This kind of channel has no key of ours: add it again with its new address."),
    too_many_channels=_("There are %(most)s channels here already: disable those that nobody needs."),
)
declare(
    422,
    channel_kind=_("“%(kind)s” is no kind of channel; there are %(kinds)s."),
    channel_name_missing=_("Give the channel a name of at most 64 characters."),
)

KINDS = (Channel.WEBHOOK, Channel.WECOM, Channel.DINGTALK, Channel.FEISHU, Channel.SMS, Channel.VOICE)
"""What can be added; the mail server is set up with the installation."""
OWN_KEY = frozenset({Channel.WEBHOOK, *PHONES})
"""Channels whose key we make; the others bring one from the bot, or none."""
MOST = 200
HOLD = timedelta(days=7)
"""How long deliveries wait for a channel that is disabled because it was dead; older ones are given up."""
DIED = _("The channel “%(name)s” is disabled: it has failed %(failures)s times since %(since)s. Its messages wait.")
DIED_BODY = _(
    "The last error was: %(error)s. Open the channel, mend the receiver or its address, send a test message and enable "
    "the channel again. What has waited no longer than seven days then goes out."
)


def add_channel(
    *,
    actor: Actor,
    kind: str,
    name: str,
    address: str,
    unit_id: int | None = None,
    below: bool = False,
    urgent_only: bool = False,
    discreet: bool = True,
    secret: str = "",
    at: datetime,
) -> tuple[Outlet, str]:
    """Add a channel（增设渠道）; the key that we make for it is returned once and shown to nobody again.

    Args:
        actor: an administrator whose area holds the unit.
        kind: one of :data:`KINDS`.
        name: at most 64 characters.
        address: where to post to; of a bot, the whole address with its key.
        unit_id: whose messages travel by it; without it the unit of the actor's area.
        below: also those of all units below.
        urgent_only: alarms only; always so for telephones.
        discreet: without titles: a receiver outside the house learns only that something waits, and where.
        secret: what DingTalk or Feishu signs with, when the bot was set up so.
        at: now.

    Returns:
        The channel, and for webhooks and gateways the key; else an empty text.

    Raises:
        Refused: ``administrators_only``, ``channel_kind``, ``channel_name_missing``, ``channel_address``,
            ``channel_inside``, ``too_many_channels``, ``not_found`` for a unit out of reach.
    """
    queries.managed(actor)
    if kind not in KINDS:
        raise Refused("channel_kind", kind=kind[:20], kinds=", ".join(KINDS))
    name = " ".join(name.split())
    if not name or len(name) > 64 or not name.isprintable():
        raise Refused("channel_name_missing")
    address, host = posting.checked_address(address)
    unit = _unit(actor, unit_id)
    key = secrets.token_urlsafe(32) if kind in OWN_KEY else ""
    with transaction.atomic():
        if Outlet.objects.filter(enabled=True).count() >= MOST:
            raise Refused("too_many_channels", most=MOST)
        made = Outlet.objects.create(
            kind=kind,
            name=name,
            unit=unit,
            below=below,
            urgent_only=urgent_only or kind in PHONES,
            discreet=discreet,
            owner_id=actor.effective.post_id or None,
            sealed_address=seals.seal(address),
            sealed_secret=seals.seal(key or secret.strip()) if key or secret.strip() else "",
            host=host[:200],
            created_at=at,
        )
        told = events.ChannelAdded(channel=made.pk, kind=kind, unit=unit.pk, host=made.host)
        ledger.append(told, actor=actor, at=at, after={made.ledger_key: made.ledger_state()})
    return made, key


def _unit(actor: Actor, unit_id: int | None) -> Unit:
    if unit_id is not None:
        return unit_in_scope(actor, unit_id)
    if actor.role is Role.SYSTEM:
        return root()
    return Unit.objects.get(path=actor.effective.area_path)


def root() -> Unit:
    """The unit at the top of the tree.

    Raises:
        Refused: ``not_found`` in an installation without units.
    """
    found = Unit.objects.filter(parent=None).order_by("path").first()
    if found is None:
        raise Refused("not_found")
    return found


@transaction.atomic
def disable_channel(outlet_id: int, *, actor: Actor, why: str = "", at: datetime) -> Outlet:
    """Disable a channel（停用渠道）: nothing new is given to it, and what waits for it is given up.

    Doing it twice changes nothing.

    Raises:
        Refused: ``administrators_only``, ``not_found``.
    """
    found = queries.outlet(actor, outlet_id, lock=True)
    if found.enabled or found.died:
        found.enabled, found.died, found.disabled_at = False, False, at
        found.disabled_why = " ".join(why.split())[:300]
        found.save()
        if found.kind != Channel.EMAIL:
            waiting = Delivery.objects.filter(outlet=found, state__in=OPEN_STATES)
            waiting.update(state=DeliveryState.DEAD, last_error="the channel was disabled", next_at=None, claim="")
        told = events.ChannelDisabled(channel=found.pk, why=found.disabled_why)
        ledger.append(told, actor=actor, at=at, after={found.ledger_key: found.ledger_state()})
    return found


@transaction.atomic
def enable_channel(outlet_id: int, *, actor: Actor, at: datetime) -> Outlet:
    """Enable a channel again（启用渠道）; what has waited for at most seven days goes on, older is given up.

    Doing it twice changes nothing.

    Raises:
        Refused: ``administrators_only``, ``not_found``.
    """
    found = queries.outlet(actor, outlet_id, lock=True)
    if found.enabled:
        return found
    found.enabled, found.died, found.disabled_at, found.disabled_why = True, False, None, ""
    found.failures, found.failing_since, found.rest_until = 0, None, None
    found.save()
    waiting = _waiting(found)
    old = waiting.filter(message__created_at__lt=at - HOLD)
    given_up = Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(
        state=DeliveryState.DEAD, last_error="waited too long for the channel", next_at=None, claim=""
    )
    going_on = waiting.filter(next_at__isnull=False).exclude(state=DeliveryState.HELD).update(next_at=at)
    told = events.ChannelEnabled(channel=found.pk, going_on=going_on, given_up=given_up)
    ledger.append(told, actor=actor, at=at, after={found.ledger_key: found.ledger_state()})
    return found


def _waiting(found: Outlet) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(state__in=OPEN_STATES)
    return rows.filter(channel=Channel.EMAIL) if found.kind == Channel.EMAIL else rows.filter(outlet=found)


@transaction.atomic
def change_channel_key(outlet_id: int, *, actor: Actor, at: datetime) -> tuple[Outlet, str]:
    """Give a webhook or gateway a new key（更换密钥）; it is returned once, and the old one signs nothing from now on.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``channel_has_no_key``.
    """
    found = queries.outlet(actor, outlet_id, lock=True)
    if found.kind not in OWN_KEY:
        raise Refused("channel_has_no_key")
    key = secrets.token_urlsafe(32)
    found.sealed_secret, found.key_number = seals.seal(key), found.key_number + 1
    found.save(update_fields=["sealed_secret", "key_number"])
    told = events.ChannelKeyChanged(channel=found.pk, key=found.key_number)
    ledger.append(told, actor=actor, at=at, after={found.ledger_key: found.ledger_state()})
    return found, key


# --- What the clock learns of a channel -------------------------------------------------------------------------------


def mail_server(at: datetime) -> Outlet:
    """The row that stands for the mail server; made when it first fails or is first looked at.

    Raises:
        Refused: ``not_found`` in an installation without units.
    """
    found = Outlet.objects.filter(kind=Channel.EMAIL).first()
    if found is not None:
        return found
    with transaction.atomic():
        made, new = Outlet.objects.get_or_create(
            kind=Channel.EMAIL,
            defaults={"name": "SMTP", "unit": root(), "below": True, "discreet": False, "created_at": at},
        )
        if new:
            told = events.ChannelAdded(channel=made.pk, kind=made.kind, unit=made.unit_id, host="")
            ledger.append(told, actor=SYSTEM, at=at, after={made.ledger_key: made.ledger_state()})
    return made


def note_success(found: Outlet, *, at: datetime, rest: timedelta | None = None) -> None:
    """The channel took something: its failures in a row are over; ``rest``: leave it alone for so long."""
    Outlet.objects.filter(pk=found.pk).update(
        failures=0, failing_since=None, last_sent_at=at, rest_until=at + rest if rest else None
    )


@transaction.atomic
def note_failure(found: Outlet, error: NotSent, *, at: datetime) -> Outlet:
    """The channel itself failed: it rests longer and longer; dead at last, it is disabled and its owner told."""
    Outlet.objects.filter(pk=found.pk).update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", at),
        last_error=error.reason,
        last_error_at=at,
    )
    now = Outlet.objects.select_for_update().get(pk=found.pk)
    since = now.failing_since or at
    refusing = error.server and error.final
    if now.enabled and telling.is_dead(now.failures, since, at, refusing=refusing):
        now.enabled, now.died, now.disabled_at, now.rest_until = False, True, at, None
        now.disabled_why = error.reason
        now.save()
        told = events.ChannelDisabled(channel=now.pk, why=now.disabled_why)
        ledger.append(told, actor=SYSTEM, at=at, after={now.ledger_key: now.ledger_state()})
        _tell_owner(now, since, at)
    elif now.kind != Channel.EMAIL:
        now.rest_until = at + telling.wait_after(now.failures)
        now.save(update_fields=["rest_until"])
    return now


def _tell_owner(found: Outlet, since: datetime, at: datetime) -> None:
    posts = list(Post.objects.filter(pk=found.owner_id, active=True)) if found.owner_id else []
    if not posts:
        administrators = Post.objects.filter(role=Role.ADMINISTRATOR.value, active=True)
        posts = list(administrators.filter(unit__path=found.unit.path)[:20]) or list(administrators[:20])
    notify(
        posts,
        kind="office.channel_dead",
        key=f"channel:{found.pk}:dead:{at.isoformat()}",
        subject=DIED,
        body=DIED_BODY,
        link=f"/office/channels/{found.pk}/",
        at=at,
        params={
            "name": found.name,
            "failures": found.failures,
            "since": since.date().isoformat(),
            "error": found.disabled_why,
        },
    )


__all__ = [
    "BOTS",
    "HOLD",
    "KINDS",
    "OWN_KEY",
    "add_channel",
    "change_channel_key",
    "disable_channel",
    "enable_channel",
    "mail_server",
    "note_failure",
    "note_success",
    "root",
]
