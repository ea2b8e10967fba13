"""A world with villages that report complete, for campaigns: everything through services, visits by rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from tests.delivery.world import SHANGHAI, World

from luoshi.assurance import services
from luoshi.assurance.events import VisitWithdrawn
from luoshi.assurance.models import Campaign, Visit
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import SYSTEM
from luoshi.units import queries as units
from luoshi.units import services as unit_services
from luoshi.units.models import Post, Unit

SEED = "27182818284590452353"
LATER = dt.datetime(2026, 3, 20, 9, 0, tzinfo=SHANGHAI)


def add_counties(world: World, count: int, of: str = "532900") -> list[Unit]:
    """More counties beneath a prefecture, without posts: their prefecture answers for them."""
    rows = ["code,name,level,parent_code"] + [f"{532_940 + n},样本{n}县,county,{of}" for n in range(count)]
    report = unit_services.import_units(actor=SYSTEM, at=world.at, text="\n".join(rows) + "\n", on=dt.date(2024, 1, 1))
    assert not report.errors, report.errors
    return list(Unit.objects.filter(level="county", name__startswith="样本").order_by("code"))


def complete(world: World, count: int = 10, *, counted: bool = True) -> Commitment:
    """A prefecture's commitment broken down to its counties, each of which reports 100 %; the whole."""
    counties = add_counties(world, count)
    whole = world.do("accept_commitment", "b_handler", world.issued("532900"))
    world.do(
        "break_down_commitment",
        "b_head",
        whole,
        units=[one.pk for one in counties],
        counted_with_parent=counted,
        at=world.at,
    )
    for part in Commitment.objects.filter(parent=whole):
        part = world.do("accept_commitment", "b_handler", part)
        world.do("report_on_commitment", "b_handler", part, percent=100, words="全部完工，可以核查")
    return Commitment.objects.get(pk=whole.pk)


def proposed(world: World, by: str = "office", **changes: Any) -> Campaign:
    """A campaign on the counties of a prefecture."""
    told: dict[str, Any] = {
        "programme": "ten",
        "under": world.units["530000"].pk,
        "level": "county",
        "title": "县级污水管网已经接通",
        "claim_bp": 2000,
    }
    return services.propose_campaign(actor=world.who(by), at=LATER, **{**told, **changes}).campaign


def act(world: World, name: str, by: str, campaign: Campaign, **values: Any) -> Any:
    """One act on the present version of a campaign."""
    version = Campaign.objects.values_list("version", flat=True).get(pk=campaign.pk)
    at = values.pop("at", LATER)
    actor = units.actor_for(world.users[by], at=at)
    return getattr(services, name)(actor=actor, campaign=campaign.ref, version=version, at=at, **values)


def drawn(world: World, **changes: Any) -> Campaign:
    """A campaign whose order stands."""
    campaign = proposed(world, **changes)
    act(world, "freeze_frame", "office", campaign)
    act(world, "enter_seed", "office", campaign, seed=SEED)
    return Campaign.objects.get(pk=campaign.pk)


def visit(
    campaign: Campaign,
    verdicts: Iterable[bool | None],
    *,
    by: str = "verifier",
    first: int = 1,
    kind: str = "drawn",
) -> list[Visit]:
    """Visits with their verdicts to the places of the order from ``first`` on; ``None``: could not be reached."""
    post = Post.objects.get(ref=f"P-{by}")
    holder = post.holdings.get().user_id
    made = []
    for position, holds in enumerate(verdicts, first):
        place = campaign.places.select_related("unit").get(position=position)
        made.append(
            Visit.objects.create(
                kind=kind,
                campaign=campaign,
                place=place,
                commitment_id=place.commitment_id,
                unit=place.unit,
                verifier_post=post,
                verifier_user=holder,
                day=LATER.date(),
                state="unreachable" if holds is None else "done",
                holds=holds,
                recorded_at=LATER,
                occurred_at=LATER,
                by_post=post,
                by_user=holder,
                created_at=LATER,
            )
        )
    return made


def enter(visits: Iterable[Visit]) -> None:
    """Let the ledger know rows that a test wrote by itself, so that an audit can follow."""
    rows = list(visits)
    with transaction.atomic():
        ledger.append(
            VisitWithdrawn(visit="-", reason="test"),
            actor=SYSTEM,
            at=LATER,
            after={row.ledger_key: row.ledger_state() for row in rows},
        )
