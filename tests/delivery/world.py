"""A small world with a programme: 云南省 → 玉溪市, 大理州 → counties → a township and its village; posts and people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from luoshi.accounts.models import User
from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Matter, Programme, SubMatter
from luoshi.delivery.schemas import perform
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM, Actor
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units import services as unit_services
from luoshi.units.models import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
DAY = AT.date()

TABLE = """code,name,level,parent_code
530000,云南省,province,
530400,玉溪市,prefecture,530000
532900,大理白族自治州,prefecture,530000
530402,红塔区,county,530400
530423,通海县,county,530400
532901,大理市,county,532900
532930,洱源县,county,532900
530423100,秀山街道,township,530423
530423100201,大树社区居委会,village,530423100
"""

#: username → (unit code or department key, role)
PEOPLE = {
    "admin": ("530000", "administrator"),
    "auditor": ("530000", "auditor"),
    "head": ("530000", "head"),
    "office": ("office", "office"),
    "office2": ("office", "office"),
    "verifier": ("epb", "verifier"),
    "verifier2": ("epb", "verifier"),
    "a_head": ("530400", "head"),
    "a_office": ("a_office", "office"),
    "a_handler": ("530400", "handler"),
    "a_verifier": ("a_epb", "verifier"),
    "a_epb_head": ("a_epb", "head"),
    "a_epb_handler": ("a_epb", "handler"),
    "b_head": ("532900", "head"),
    "b_handler": ("532900", "handler"),
    "ht_head": ("530402", "head"),
    "ht_handler": ("530402", "handler"),
    "th_head": ("530423", "head"),
    "th_handler": ("530423", "handler"),
    "town_handler": ("530423100", "handler"),
    "duty": ("530000", "duty"),
}

DEPARTMENTS = {
    "office": ("530000", "云南省委督查室"),
    "epb": ("530000", "云南省生态环境厅"),
    "a_office": ("530400", "玉溪市委督查室"),
    "a_epb": ("530400", "玉溪市生态环境局"),
}


DIFFERENT: dict[str, dict[str, Any]] = {
    "issue_commitment": {"different": "另一标段"},
    "break_down_commitment": {"duplicates": "different", "different": "另一标段"},
}
"""Tests repeat the same words for the same units; those of the burden say ``different=""``."""


@dataclass
class World:
    """The tree, its people, one programme with one matter."""

    units: dict[str, Unit]
    users: dict[str, User]
    programme: Programme
    matter: Matter
    at: dt.datetime = AT
    actors: dict[str, Actor] = field(default_factory=dict)

    def who(self, name: str) -> Actor:
        """The person of that name, in their only post."""
        if name not in self.actors:
            self.actors[name] = units.actor_for(self.users[name], at=self.at)
        return self.actors[name]

    def draft(self, lead: str = "530400", **changes: Any) -> Commitment:
        """A draft by the province's office."""
        values: dict[str, Any] = {
            "actor": self.who("office"),
            "matter": self.matter.pk,
            "lead": self.units[lead].pk,
            "title": "星云湖治污管网",
            "requirement": "补齐两污治理短板",
            "criteria": ["五县管网连通", "试水无渗漏"],
            "due_days": 60,
            "at": self.at,
        }
        return services.draft_commitment(**{**values, **changes}).commitment

    def do(self, act: str, name: str, commitment: Commitment, **values: Any) -> Commitment:
        """One act by one person on the present version; refreshes and returns the commitment."""
        at = values.pop("at", self.at)
        fresh = Commitment.objects.get(pk=commitment.pk)
        actor = units.actor_for(self.users[name], at=at) if isinstance(name, str) else name
        values = {**({} if fresh.off_system else DIFFERENT.get(act, {})), **values}
        done = getattr(services, act)(actor=actor, ref=fresh.ref, version=fresh.version, at=at, **values)
        return done.commitment

    def refuses(self, code: str, act: str, name: str, commitment: Commitment, **values: Any) -> Refused:
        """The act is refused with that code and a sentence, and nothing whatever has changed."""
        before = everything()
        with pytest.raises(Refused) as refused:
            self.do(act, name, commitment, **values)
        assert refused.value.code == code, refused.value.code
        assert str(refused.value)
        assert everything() == before
        return refused.value

    def closed_to_others(
        self,
        act: str,
        name: str,
        commitment: Commitment,
        *,
        readers: Sequence[str] = ("auditor", "duty"),
        **values: Any,
    ) -> None:
        """Who is not meant cannot do it, who sees nothing finds nothing, and who looked at an old version is told."""
        for reader in readers:
            self.refuses("not_your_act", act, reader, commitment, **values)
        self.refuses("not_found", act, "b_head", commitment, **values)
        before, fresh = everything(), Commitment.objects.get(pk=commitment.pk)
        with pytest.raises(Refused) as refused:
            getattr(services, act)(actor=self.who(name), ref=fresh.ref, version=fresh.version + 1, at=self.at, **values)
        assert refused.value.code == "stale_version"
        assert everything() == before

    def bad_input(self, act: Act, name: str, commitment: Commitment, field: str, **data: Any) -> None:
        """What a door sends does not fit: the field is named, and nothing has changed."""
        before, fresh = everything(), Commitment.objects.get(pk=commitment.pk)
        with pytest.raises(Refused) as refused:
            perform(act, actor=self.who(name), ref=fresh.ref, version=fresh.version, data=data, at=self.at)
        assert (refused.value.code, refused.value.params["name"]) == ("bad_input", field)
        assert everything() == before

    def audit(self) -> None:
        """The ledger and the rows say the same."""
        while ledger_services.sequence_pending(self.at):
            pass
        report = ledger.audit(at=self.at + dt.timedelta(days=400))
        assert report.difference is None, str(report.difference)

    def issued(self, lead: str = "530400", **changes: Any) -> Commitment:
        return self.do("issue_commitment", "office", self.draft(lead, **changes))

    def accepted(self, lead: str = "530400", by: str = "a_handler", **changes: Any) -> Commitment:
        return self.do("accept_commitment", by, self.issued(lead, **changes))

    def reported(self, percent: int = 100, by: str = "a_handler", **changes: Any) -> Commitment:
        c = self.accepted(by=by, **changes)
        return self.do("report_on_commitment", by, c, percent=percent, words="管网接通四百米")

    def applied(self) -> Commitment:
        return self.do("apply_for_closure", "a_head", self.reported(), statement="全部完工")

    def verified(self) -> Commitment:
        return self.do(
            "verify_commitment",
            "verifier",
            self.applied(),
            method="visited",
            passed=True,
            percent=100,
            words="现场看过",
        )

    def closed(self) -> Commitment:
        return self.do("close_commitment", "office", self.verified(), opinion="同意销号")


def everything() -> dict[str, list[Any]]:
    """Every row of the heart and the number of ledger entries, to see whether anything changed."""
    rows = {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("delivery").get_models()
    }
    return {**rows, "entries": [apps.get_model("ledger", "Entry").objects.count()]}


def build() -> World:
    """Make the tree, the posts, the people and the programme, through services only."""
    report = unit_services.import_units(actor=SYSTEM, at=AT, text=TABLE, on=dt.date(2024, 1, 1))
    assert not report.errors, report.errors
    places: dict[str, Unit] = {unit.code: unit for unit in Unit.objects.select_related("area")}
    for key, (area, name) in DEPARTMENTS.items():
        places[key] = unit_services.create_unit(
            actor=SYSTEM,
            at=AT,
            name=name,
            kind="department",
            level=places[area].level,
            parent_id=places[area].pk,
            on=dt.date(2024, 1, 1),
        )
    users: dict[str, User] = {}
    for name, (place, role) in PEOPLE.items():
        users[name] = User.objects.create_user(username=name, password="a long pass phrase", display_name=name)
        ref = f"P-{name}"
        unit_services.create_post(
            actor=SYSTEM, at=AT, unit_id=places[place].pk, title=f"{role} {name}", role=role, ref=ref
        )
        unit_services.seat_holder(
            actor=SYSTEM, at=AT, post_ref=ref, user_id=users[name].pk, from_on=dt.date(2026, 1, 1)
        )
    matter = Matter(number=3, name_zh="生态环境保护", name_en="Ecology", source_quote="补齐“两污”治理短板")
    part = SubMatter(matter=matter, number=2, name_zh="补齐“两污”治理短板", name_en="Close the two-pollution gaps")
    programme, _entry = services.create_programme(
        actor=SYSTEM,
        key="ten",
        prefix="YN-2026",
        name_zh="十件事",
        name_en="Ten matters",
        owner=places["530000"],
        matters=[matter],
        sub_matters=[part],
        at=AT,
    )
    office = units.actor_for(users["office"], at=AT)
    services.record_authority(
        actor=office,
        key="ten",
        version=1,
        who="省委",
        document="座谈会纪要",
        scope="十件事",
        from_on=dt.date(2026, 1, 1),
        until_on=dt.date(2027, 12, 31),
        at=AT,
    )
    services.issue_programme(actor=office, key="ten", version=2, at=AT)
    programme.refresh_from_db()
    return World(units=places, users=users, programme=programme, matter=matter)
