"""What blind second visits say of the pool（灵敏度查询）: one figure for all of it, and each one's own for himself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from luoshi.assurance.models import Campaign, Visit
from luoshi.delivery.models import Programme
from luoshi.rules.permissions import Actor
from luoshi.rules.sensitivity import Pair, Sensitivity, estimate

DONE = Visit.State.DONE


def sensitivity(campaign: Campaign) -> Sensitivity:
    """What the pool of the campaign's programme finds（核查灵敏度）, as it is used in its reading."""
    return sensitivity_of(campaign.programme_id)


def sensitivity_of(programme: Programme | int) -> Sensitivity:
    """The same for a programme, from every finished blind pair of its campaigns; one statement."""
    rows = Visit.objects.filter(
        kind=Visit.Kind.BLIND, campaign__programme=programme, state=DONE, first__state=DONE
    ).order_by("pk")
    told = rows.values_list("first__verifier_post_id", "verifier_post_id", "first__holds", "holds")
    return estimate(_pairs(told))


def _pairs(rows: Iterable[tuple[int, int, bool | None, bool | None]]) -> list[Pair]:
    return [Pair(first, second, held is False, holds is False) for first, second, held, holds in rows]


@dataclass(frozen=True, slots=True)
class Own:
    """A verifier's own figures, for his eyes alone: visits made, and what blind pairs of finished campaigns said.

    ``missed`` counts what another one found and he did not; ``alone`` what he found and the other did not.
    """

    visits: int
    reached: int
    found: int
    pairs: int
    missed: int
    alone: int


def own_figures(actor: Actor, today: date) -> Own:
    """The figures of the actor's own post（本岗数字）; two statements.

    Pairs count when their campaign is over, so that nobody learns meanwhile which visit was looked at twice.
    """
    post = actor.effective.post_id
    told = Visit.objects.filter(verifier_post=post, day__lte=today).aggregate(
        visits=Count("pk", filter=Q(state__in=(DONE, Visit.State.UNREACHABLE))),
        reached=Count("pk", filter=Q(state=DONE)),
        found=Count("pk", filter=Q(state=DONE, holds=False)),
    )
    over = Q(campaign__stage__in=(Campaign.Stage.CONCLUDED, Campaign.Stage.STOPPED))
    pairs = Visit.objects.filter(over, kind=Visit.Kind.BLIND, state=DONE, first__state=DONE).filter(
        Q(verifier_post=post) | Q(first__verifier_post=post)
    )
    missed = alone = count = 0
    for second, held, holds in pairs.values_list("verifier_post_id", "first__holds", "holds"):
        own, other = (holds, held) if second == post else (held, holds)
        count += 1
        missed += own is True and other is False
        alone += own is False and other is True
    return Own(pairs=count, missed=missed, alone=alone, **told)
