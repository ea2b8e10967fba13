"""核查员库: posts come into a programme's pool and leave it; the pool is public, what its members found is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Verifier
from luoshi.assurance.queries import pool as reads
from luoshi.assurance.services.campaigns import said
from luoshi.delivery.queries import programme_for
from luoshi.delivery.services.drafting import require_steering
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    404,
    not_in_pool=_("The post %(post)s is not in the pool today."),
)
declare(
    422,
    nobody_named=_("Name at least one post of a verifier."),
    not_a_verifier=_(
        "%(post)s is no verifier's post in use within the programme's area. An administrator can set one up."
    ),
    already_in_pool=_("The post %(post)s is in the pool already."),
)


@transaction.atomic
def join_pool(*, actor: Actor, programme: str, posts: Sequence[str], at: datetime) -> tuple[list[Verifier], Entry]:
    """Take verifier posts into the pool of a programme（入库）.

    Args:
        actor: the head or the office of the unit that owns the programme.
        programme: its key.
        posts: the posts' numbers.
        at: now.

    Raises:
        Refused: ``not_found``, ``not_programme_owner``, ``nobody_named``, ``not_a_verifier``, ``already_in_pool``.
    """
    found = programme_for(actor, programme)
    require_steering(found, actor)
    wanted = list(dict.fromkeys(ref.strip() for ref in posts if ref.strip()))
    if not wanted:
        raise Refused("nobody_named")
    today = local_day(at)
    offered = {post.ref: post for post in reads.may_join(found, today).filter(ref__in=wanted)}
    inside = set(reads.members(found, today).filter(post__ref__in=wanted).values_list("post__ref", flat=True))
    for ref in wanted:
        if ref in inside:
            raise Refused("already_in_pool", post=ref)
        if ref not in offered:
            raise Refused("not_a_verifier", post=ref[:64])
    rows = [Verifier.objects.create(programme=found, post=offered[ref], since_on=today) for ref in wanted]
    entry = ledger.append(
        events.PoolJoined(programme=found.key, posts=tuple(wanted)),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state() for row in rows},
        subjects=(found.key,),
    )
    return rows, entry


@transaction.atomic
def leave_pool(*, actor: Actor, programme: str, post: str, reason: str, at: datetime) -> tuple[Verifier, Entry]:
    """Take a post out of the pool, with a reason（出库）; what it was given already stays with it.

    The owner of the programme does it, or whoever holds the post.

    Raises:
        Refused: ``reason_missing``, ``not_in_pool``, ``not_found``, ``not_programme_owner``.
    """
    reason = said(reason, "reason_missing")
    found = programme_for(actor, programme)
    if not (actor.role is Role.VERIFIER and actor.effective.post_ref == post):
        require_steering(found, actor)
    rows = Verifier.objects.select_for_update(of=("self",)).select_related("post", "programme")
    row = rows.filter(programme=found, post__ref=post, until_on__isnull=True).first()
    if row is None:
        raise Refused("not_in_pool", post=post[:64])
    row.until_on = local_day(at)
    row.save(update_fields=["until_on"])
    entry = ledger.append(
        events.PoolLeft(programme=found.key, post=row.post.ref, reason=reason),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state()},
        subjects=(found.key,),
    )
    return row, entry
