"""What the tests of visits share: visits handed out by hand, because handing out is another matter."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from luoshi.assurance.models import Campaign, Place, Visit
from luoshi.assurance.services import Said
from luoshi.rules.visiting import Outcome, Verdict

if TYPE_CHECKING:
    from tests.delivery.world import World

    from luoshi.delivery.models import Commitment


def campaign_of(world: World, commitment: Commitment, **changes: Any) -> Place:
    """A drawn campaign about one commitment, and its place."""
    verifier = world.who("office").seat.post_id
    values: dict[str, Any] = {
        "ref": "YN-2026-C001",
        "programme": commitment.programme,
        "title": "抽查",
        "under": world.units["530000"],
        "level": "prefecture",
        "stage": "drawn",
        "frame_size": 1,
        "frame_digest": "0" * 64,
        "seed": "0" * 20,
        "by_post_id": verifier,
        "by_user": 1,
        "created_at": world.at,
    }
    campaign = Campaign.objects.create(**{**values, **changes})
    return Place.objects.create(
        campaign=campaign,
        commitment=commitment,
        unit=commitment.lead,
        code=commitment.lead.code,
        name=commitment.lead.name,
        stratum=commitment.lead,
        position=1,
    )


def handed(world: World, commitment: Commitment, by: str = "verifier", **changes: Any) -> Visit:
    """A visit handed to somebody's post for today; directed unless a place is given."""
    place = changes.pop("place", None)
    values: dict[str, Any] = {
        "kind": "drawn" if place else "directed",
        "campaign": place.campaign if place else None,
        "place": place,
        "commitment": commitment,
        "unit": commitment.lead,
        "verifier_post_id": world.who(by).seat.post_id,
        "day": world.at.date(),
        "route": 1,
        "reason": "" if place else "年底突增",
        "created_at": world.at,
    }
    return Visit.objects.create(**{**values, **changes})


def holding(*words: str, **changes: Any) -> Said:
    """Both criteria of the world hold."""
    seen = words or ("五县都通了", "试水一小时")
    texts = ("五县管网连通", "试水无渗漏")
    verdicts = [Verdict(text, True, one) for text, one in zip(texts, seen, strict=True)]
    values: dict[str, Any] = {"outcome": Outcome.DONE, "holds": True, "criteria": verdicts, "words": "现场看过"}
    return Said(**{**values, **changes})


def failing(**changes: Any) -> Said:
    """One of two criteria does not hold."""
    verdicts = [Verdict("五县管网连通", True), Verdict("试水无渗漏", False, "接口渗水")]
    values: dict[str, Any] = {"outcome": Outcome.DONE, "holds": False, "criteria": verdicts, "words": "有一处渗水"}
    return Said(**{**values, **changes})


def later(world: World, **more: float) -> dt.datetime:
    """A moment after the world's."""
    return world.at + dt.timedelta(**more)
