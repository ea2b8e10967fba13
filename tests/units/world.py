"""A small tree: province P, prefectures A and B, two counties each, with departments, posts and people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from luoshi.accounts.models import User
from luoshi.rules.permissions import SYSTEM, Actor
from luoshi.units import queries, services
from luoshi.units.models import Unit

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = AT.date()

TABLE = """code,name,level,parent_code
530000,云南省,province,
530400,玉溪市,prefecture,530000
532900,大理白族自治州,prefecture,530000
530402,红塔区,county,530400
530423,通海县,county,530400
532901,大理市,county,532900
532930,洱源县,county,532900
532931,剑川县,county,532900
532930100,茈碧湖镇,township,532930
532930401,幸福农场,township,532930
532930100201,碧云村民委员会,village,532930100
"""


@dataclass
class World:
    """The tree and its people, for tests."""

    units: dict[str, Unit]
    admin: Actor
    county_admin: Actor
    handler: Actor
    users: dict[str, User]

    def fresh(self, code: str) -> Unit:
        return Unit.objects.get(code=code, valid_until__isnull=True)


def person(username: str) -> User:
    return User.objects.create_user(username=username, password="a long pass phrase", display_name=username.title())


def seat(unit: Unit, user: User, role: str, ref: str) -> None:
    services.create_post(actor=SYSTEM, at=AT, unit_id=unit.pk, title=f"{role} {ref}", role=role, ref=ref)
    services.seat_holder(actor=SYSTEM, at=AT, post_ref=ref, user_id=user.pk, from_on=dt.date(2026, 1, 1))


def build() -> World:
    """Make the tree, the posts and the people."""
    report = services.import_units(actor=SYSTEM, at=AT, text=TABLE, on=dt.date(2024, 1, 1))
    assert not report.errors, report.errors
    units = {unit.code: unit for unit in Unit.objects.all()}
    users = {name: person(name) for name in ("admin", "county", "handler", "next", "spare")}
    seat(units["530000"], users["admin"], "administrator", "P-ADM")
    seat(units["532930"], users["county"], "administrator", "E-ADM")
    seat(units["532930"], users["handler"], "handler", "E-H")
    return World(
        units=units,
        admin=queries.actor_for(users["admin"], at=AT),
        county_admin=queries.actor_for(users["county"], at=AT),
        handler=queries.actor_for(users["handler"], at=AT),
        users=users,
    )
