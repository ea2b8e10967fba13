"""A province with villages in two prefectures, verifiers of four units, and a campaign whose seed is rolled."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tests.delivery import world as delivery
from tests.delivery.world import World

from luoshi.accounts.models import User
from luoshi.assurance.models import Campaign, Place, Visit
from luoshi.assurance.services import handing, pool
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as unit_services
from luoshi.units.models import Unit

SEED = "31415926535897932384"
VILLAGES = 12
VERIFIERS = {
    "v_audit1": "audit",
    "v_audit2": "audit",
    "v_stats": "stats",
    "v_a": "a_audit",
    "v_b": "b_audit",
    "v_county": "th_audit",
}
UNITS = {
    "audit": ("530000", "云南省审计厅"),
    "stats": ("530000", "云南省统计局"),
    "a_audit": ("530400", "玉溪市审计局"),
    "b_audit": ("532900", "大理州审计局"),
    "th_audit": ("530423", "通海县审计局"),
}


@dataclass
class PoolWorld:
    """The tree, villages of two counties, their commitments, one campaign over all of them."""

    w: World
    villages: list[Unit]
    commitments: list[Commitment]
    campaign: Campaign

    def fresh(self) -> Campaign:
        return Campaign.objects.get(pk=self.campaign.pk)

    def hand_out(self, days: int = 0, count: int = 4, by: str = "office", later: int = 0) -> handing.Handed:
        """Hand out a day, so many days from the world's first."""
        at = self.w.at + dt.timedelta(days=later)
        return handing.hand_out_day(
            actor=self.w.who(by),
            campaign=self.campaign.ref,
            version=self.fresh().version,
            day=self.w.at.date() + dt.timedelta(days=days),
            count=count,
            at=at,
        )


def record(visit: Visit, holds: bool) -> None:
    """What the form does, without its page: a verdict in the row."""
    visit.state, visit.holds = Visit.State.DONE, holds
    visit.save(update_fields=["state", "holds"])


def build(members: tuple[str, ...] = tuple(VERIFIERS)) -> PoolWorld:
    """Make it, the tree and the pool through services."""
    w = delivery.build()
    rows = ["code,name,level,parent_code", "532930100,茈碧湖镇,township,532930"]
    codes = []
    for number in range(VILLAGES):
        town = "530423100" if number % 2 else "532930100"
        codes.append(f"{town}3{number:02}")
        rows.append(f"{codes[-1]},第{number + 1}村委会,village,{town}")
    report = unit_services.import_units(actor=SYSTEM, at=w.at, text="\n".join(rows) + "\n", on=dt.date(2024, 1, 1))
    assert not report.errors, report.errors
    for key, (area, name) in UNITS.items():
        w.units[key] = unit_services.create_unit(
            actor=SYSTEM,
            at=w.at,
            name=name,
            kind="department",
            level=w.units[area].level,
            parent_id=w.units[area].pk,
            on=dt.date(2024, 1, 1),
        )
    for name, place in VERIFIERS.items():
        w.users[name] = User.objects.create_user(username=name, password="a long pass phrase", display_name=name)
        unit_services.create_post(
            actor=SYSTEM, at=w.at, unit_id=w.units[place].pk, title=f"核查岗 {name}", role="verifier", ref=f"P-{name}"
        )
        unit_services.seat_holder(
            actor=SYSTEM, at=w.at, post_ref=f"P-{name}", user_id=w.users[name].pk, from_on=dt.date(2026, 1, 1)
        )
    villages = list(Unit.objects.filter(code__in=codes).select_related("area").order_by("code"))
    for village in villages:
        w.units[village.code] = village
    commitments = [w.issued(village.code, title=f"{village.name}治污", due_days=60) for village in villages]
    if members:
        refs = [f"P-{name}" for name in members]
        pool.join_pool(actor=w.who("office"), programme="ten", posts=refs, at=w.at)
    campaign = _campaign(w, villages, commitments)
    return PoolWorld(w, villages, commitments, campaign)


def _campaign(w: World, villages: list[Unit], commitments: list[Commitment]) -> Campaign:
    campaign = Campaign.objects.create(
        ref="YN-2026-CC-001",
        programme=w.programme,
        title="治污抽查",
        under=w.units["530000"],
        level="village",
        stage=Campaign.Stage.DRAWN,
        frame_size=len(villages),
        frame_digest="f" * 64,
        seed=SEED,
        second_visits_bp=5000,
        by_post_id=w.who("office").effective.post_id,
        by_user=w.who("office").user_id,
        created_at=w.at,
    )
    for position, (village, commitment) in enumerate(zip(villages, commitments, strict=True), start=1):
        Place.objects.create(
            campaign=campaign,
            commitment=commitment,
            unit=village,
            code=village.code,
            name=village.name,
            stratum=w.units["530400" if "530423" in village.code else "532900"],
            position=position,
        )
    return campaign


__all__ = ["SEED", "PoolWorld", "build", "ledger", "record"]
