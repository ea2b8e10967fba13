"""Trying a channel, and sending once more（试发与重发）: both by a person, both under the number they always have."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from luoshi.ledger import services as ledger
from luoshi.office import events
from luoshi.office.adapters import mail
from luoshi.office.models import OPEN_STATES, PHONES, Channel, Delivery, DeliveryState, Message
from luoshi.office.queries import channels as queries
from luoshi.office.services.messages import holders_of
from luoshi.office.services.sending.turns import send_now
from luoshi.office.services.spreading import number_of
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.models import Post

declare(
    409,
    channel_disabled=_("This channel is disabled: enable it first."),
    delivery_on_its_way=_("This message is still on its way; there is nothing to send once more."),
)
declare(
    422,
    contact_missing=_(
        "Your post has no telephone number in its official contact, so there is nobody to try it on. Write one there "
        "first."
    ),
    mail_missing=_("No e-mail address is on record for you, or no mail server is set up: the test has nowhere to go."),
)
TEST = _("A test of the channel “%(name)s”")
TEST_BODY = _("This is a test. Nothing has to be done.")
SOON = timedelta(seconds=30)
"""A test that its own request does not send is sent by the clock after so long."""
MOST = 1000
"""Deliveries sent once more by one act."""


def try_channel(outlet_id: int, *, actor: Actor, at: datetime) -> Delivery:
    """Send a test message（试发）to the actor's post by a channel, at once, and say how it went; disabled ones too.

    Returns:
        The delivery with its attempt.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``contact_missing``, ``mail_missing``.
    """
    found = queries.outlet(actor, outlet_id)
    post = Post.objects.select_related("unit").filter(pk=actor.effective.post_id).first()
    post = post or (found.owner if found.owner_id else None) or Post.objects.filter(active=True).first()
    if post is None:
        raise Refused("not_found")
    if found.kind in PHONES and not number_of(post):
        raise Refused("contact_missing")
    user_id, address = None, ""
    if found.kind == Channel.EMAIL:
        user_id, address = actor.user_id, holders_of([post.pk], at).get(post.pk, {}).get(actor.user_id, "")
        if not address or not mail.configured():
            raise Refused("mail_missing")
    with transaction.atomic():
        message = Message.objects.create(
            key=f"channel:{found.pk}:test:{secrets.token_hex(8)}",
            post=post,
            kind="office.test",
            subject=TEST,
            body=TEST_BODY,
            params={"name": found.name},
            link=f"/office/channels/{found.pk}/",
            urgent=True,
            sender_id=actor.effective.post_id or None,
            created_at=at,
            read_at=at,
        )
        row = Delivery.objects.create(
            message=message,
            channel=found.kind,
            outlet=None if found.kind == Channel.EMAIL else found,
            user_id=user_id,
            address=address,
            next_at=at + SOON,
        )
    row = send_now(row.pk, at)
    if row.state != DeliveryState.SENT:
        # A test is tried once: whoever asked is looking at the answer.
        Delivery.objects.filter(pk=row.pk, state__in=OPEN_STATES).update(state=DeliveryState.DEAD, next_at=None)
        row = Delivery.objects.prefetch_related("tries").get(pk=row.pk)
    return row


@transaction.atomic
def repeat_deliveries(
    outlet_id: int, *, actor: Actor, at: datetime, delivery_id: int | None = None, since: datetime | None = None
) -> int:
    """Send once more（重新投递）one delivery, or all that were given up since a moment; returns how many.

    Each goes under the key it has always had, so that a receiver which took it already can tell.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``channel_disabled``, ``delivery_on_its_way``.
    """
    found = queries.outlet(actor, outlet_id, lock=True)
    if not found.enabled:
        raise Refused("channel_disabled")
    mine = Delivery.objects.filter(outlet=found)
    if found.kind == Channel.EMAIL:
        mine = Delivery.objects.filter(channel=Channel.EMAIL, outlet=None)
    if delivery_id is not None:
        row = mine.filter(pk=delivery_id).first() if 0 < delivery_id < 2**63 else None
        if row is None:
            raise Refused("not_found")
        if row.state in OPEN_STATES:
            raise Refused("delivery_on_its_way")
        if row.batch:
            # A digest goes again as the one mail it was: its first delivery carries the others.
            together = mine.filter(batch=row.batch).order_by("pk")
            first = together.values_list("pk", flat=True)[0]
            together.update(state=DeliveryState.PENDING, next_at=None, claim="")
            ids = [first]
        else:
            ids = [row.pk]
    else:
        given_up = mine.filter(state=DeliveryState.DEAD, batch="")
        if since is not None:
            given_up = given_up.filter(message__created_at__gte=since)
        ids = list(given_up.exclude(message__kind="office.test").order_by("pk").values_list("pk", flat=True)[:MOST])
    count = Delivery.objects.filter(pk__in=ids).update(
        state=DeliveryState.PENDING, next_at=at, claim="", replayed_by=actor.effective.post_ref
    )
    if count:
        ledger.append(
            events.DeliveriesRepeated(channel=found.pk, count=count), actor=actor, at=at, subjects=(found.ledger_key,)
        )
    return count
