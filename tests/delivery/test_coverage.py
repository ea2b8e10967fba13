"""Coverage（覆盖）: counts by level and unit, holes by name, permission, both doors, statements that do not grow."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.delivery.world import World

from luoshi.accounts.services import create_token
from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Reminder
from luoshi.delivery.queries import coverage as reads
from luoshi.rules import paths
from luoshi.rules.coverage import Count
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit


@pytest.fixture(autouse=True)
def now_is_then(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The doors read the clock of the small world."""
    monkeypatch.setattr(timezone, "now", lambda: world.at)
    cache.clear()
    cache.set("luoshi.demo", False, None)  # otherwise asked again every few seconds, and statements are counted here


def part(world: World, code: str) -> Commitment:
    return Commitment.objects.filter(lead=world.units[code]).latest("pk")


@pytest.fixture
def whole(world: World) -> Commitment:
    """玉溪市 → 红塔区 (issued), 通海县 (accepted, named, broken down) → 秀山街道 (accepted, reported)."""
    made = world.do("break_down_commitment", "a_head", world.accepted())
    county = world.do("accept_commitment", "th_handler", part(world, "530423"))
    county = world.do("assign_commitment", "th_head", county, post="P-th_handler")
    world.do("break_down_commitment", "th_head", county)
    town = world.do("accept_commitment", "town_handler", part(world, "530423100"))
    world.do("report_on_commitment", "town_handler", town, percent=20, words="开工")
    return made


def holes(world: World, name: str, c: Commitment, step: Act, **told: Any) -> list[str]:
    found, _next = reads.holes(reads.parts_handed(world.who(name), c), step, world.at, **told)
    return [one.commitment.lead.name for one in found]


def test_counts_are_by_step_level_and_unit(world: World, whole: Commitment) -> None:
    made = reads.covered(reads.parts_handed(world.who("office"), whole))
    assert made.total.total == 3
    assert (made.total.accepted, made.total.named, made.total.reported) == (Count(3, 2), Count(3, 1), Count(3, 1))
    assert made.total.broken_down == Count(2, 1), "红塔区 has nobody below and owes no breakdown"
    assert [(one.level, one.counts.total) for one in made.levels] == [("county", 2), ("township", 1)]
    rows = {one.unit.name: one for one in made.units}
    assert (rows["通海县"].counts.total, rows["通海县"].further) == (2, True)
    assert (rows["红塔区"].counts.accepted, rows["红塔区"].further) == (Count(1, 0), False)


def test_the_holes_are_named_with_since_when_and_by_when(world: World, whole: Commitment) -> None:
    assert holes(world, "office", whole, Act.ACCEPT) == ["红塔区"]
    assert holes(world, "office", whole, Act.BREAK_DOWN) == ["秀山街道"]
    assert holes(world, "office", whole, Act.ASSIGN) == ["红塔区", "秀山街道"]
    assert holes(world, "office", whole, Act.REPORT, level="county") == ["红塔区", "通海县"]
    (one,), _following = reads.holes(reads.parts_handed(world.who("office"), whole), Act.ACCEPT, world.at)
    assert (one.since, one.due_on, one.open) == (world.at, one.commitment.accept_by, True)
    assert one.due_on is not None


def test_a_village_without_posts_owes_no_name(world: World, whole: Commitment) -> None:
    world.do("break_down_commitment", "town_handler", part(world, "530423100"))
    assert "大树社区居委会" in holes(world, "office", whole, Act.ACCEPT)
    assert "大树社区居委会" not in holes(world, "office", whole, Act.ASSIGN)


def test_what_is_over_owes_nothing_and_what_is_withdrawn_is_not_counted(world: World, whole: Commitment) -> None:
    world.do("withdraw_commitment", "a_head", part(world, "530402"), reason="重复")
    assert reads.total(reads.parts_handed(world.who("office"), whole)).total == 2
    Commitment.objects.filter(lead=world.units["530423100"]).update(state="closed")
    assert holes(world, "office", whole, Act.BREAK_DOWN) == []


def test_pages_of_holes_follow_one_another(world: World, whole: Commitment) -> None:
    handed = reads.parts_handed(world.who("office"), whole)
    seen, after = [], None
    for _page in range(9):
        found, after = reads.holes(handed, Act.ASSIGN, world.at, after=after, limit=1)
        seen += [one.commitment.lead.name for one in found]
        if after is None:
            break
    assert seen == ["红塔区", "秀山街道"]


@pytest.mark.principle(10)
def test_each_sees_only_its_own_subtree(world: World, whole: Commitment) -> None:
    county = world.who("th_head")
    with pytest.raises(Refused, match="nothing here"):
        reads.parts_handed(county, Commitment.objects.get(pk=whole.pk), world.units["530402"].pk)
    assert reads.total(reads.parts_handed(county, whole)).total == 2
    own = reads.programme_handed(county, world.programme)
    assert {row.lead.name for row in own.rows} == {"通海县", "秀山街道"}
    for unit in ("530402", "530400", "532900"):
        with pytest.raises(Refused, match="nothing here"):
            reads.programme_handed(county, world.programme, None, world.units[unit].pk)


def browser(world: World, name: str, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def test_the_pages_lead_from_the_commitment_to_the_reminder(world: World, whole: Commitment) -> None:
    client = browser(world, "a_head")
    assert f"/c/{whole.ref}/coverage/" in text(client, f"/c/{whole.ref}/")
    page = text(client, f"/c/{whole.ref}/coverage/")
    assert f"/c/{whole.ref}/coverage/assign/" in page
    assert f"?unit={world.units['530423'].pk}" in page
    assert "秀山街道" in text(client, f"/c/{whole.ref}/coverage/?unit={world.units['530423'].pk}")
    page = text(client, f"/c/{whole.ref}/coverage/accept/")
    assert "红塔区" in page
    assert f"/c/{whole.ref}/remind/?step=accept" in page
    text(client, f"/c/{whole.ref}/remind/?step=accept&reach=below")
    version = Commitment.objects.get(pk=whole.pk).version
    told = {"version": version, "idempotency_key": str(uuid.uuid4()), "step": "accept", "reach": "below"}
    look = client.post(f"/c/{whole.ref}/remind/", told).content.decode()
    assert "1 unit is reminded, in 2 messages." in look
    assert not Reminder.objects.exists()
    sent = client.post(f"/c/{whole.ref}/remind/", {**told, "confirmed": "1"})
    assert sent.status_code == 302
    assert Reminder.objects.get().commitment.lead.name == "红塔区"
    assert client.post(f"/c/{whole.ref}/remind/", {**told, "confirmed": "1"}).status_code == 302, "one sending, one act"
    assert Reminder.objects.count() == 1
    again = client.post(
        f"/c/{whole.ref}/remind/",
        {**told, "version": version + 1, "confirmed": "1", "idempotency_key": str(uuid.uuid4())},
    )
    assert again.status_code == 409
    assert "was reminded of this already, on 2026-03-02 09:00" in again.content.decode()


def test_the_programme_pages_pick_matter_and_unit(world: World, whole: Commitment) -> None:
    client = browser(world, "office")
    page = text(client, "/coverage/")
    assert "玉溪市" in page
    page = text(client, f"/coverage/?programme=ten&matter={world.matter.pk}&unit={world.units['530400'].pk}")
    assert "红塔区" in page
    address = f"/coverage/accept/?programme=ten&unit={world.units['530400'].pk}"
    assert "红塔区" in text(client, address)
    price = text(client, address.replace("accept/", "accept/remind/"))
    assert "1 unit is reminded" in price
    told = {"programme": "ten", "unit": world.units["530400"].pk, "idempotency_key": str(uuid.uuid4())}
    assert client.post("/coverage/accept/remind/", told).status_code == 302
    assert client.post("/coverage/accept/remind/", told).status_code == 302
    assert Reminder.objects.count() == 1
    refused = client.post("/coverage/accept/remind/", {**told, "idempotency_key": str(uuid.uuid4())})
    assert refused.status_code == 409
    for bad in ("unit=x", "unit=0", "matter=999999", "programme=none", f"unit={10**20}"):
        text(client, f"/coverage/?{bad}", 404)
    text(client, "/coverage/close/", 404)
    text(client, f"/c/{whole.ref}/coverage/close/", 404)
    text(browser(world, "b_head"), f"/c/{whole.ref}/coverage/", 404)
    assert "coverage/accept/remind" not in text(browser(world, "auditor"), "/coverage/accept/?programme=ten")


def test_empty_pages_say_so(world: World) -> None:
    c = world.accepted()
    assert "Nothing was handed down from here" in text(browser(world, "a_head"), f"/c/{c.ref}/coverage/")
    assert "没有向下交办" in text(browser(world, "b_head", "zh-hans"), "/coverage/?programme=ten")
    assert "Nobody is missing" in text(browser(world, "a_head"), f"/c/{c.ref}/coverage/accept/")


def test_the_api_tells_the_same(world: World, whole: Commitment) -> None:
    _token, plain = create_token(user=world.users["a_head"], name="t", actor=SYSTEM, at=world.at)
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    base = f"/api/v1/commitments/{whole.ref}"
    told = client.get(f"{base}/coverage").json()
    assert (told["total"]["total"], told["total"]["accepted"]["missing"]) == (3, 1)
    page = client.get(f"{base}/coverage/assign", {"limit": 1}).json()
    assert [one["unit"]["name"] for one in page["items"]] == ["红塔区"]
    page = client.get(f"{base}/coverage/assign", {"limit": 1, "after": page["next"]}).json()
    assert ([one["unit"]["name"] for one in page["items"]], page["next"]) == (["秀山街道"], None)
    price = client.post(f"{base}/remind/price", {"step": "accept"}, content_type="application/json").json()
    assert (price["units"], price["messages"], price["names"]) == (1, 2, ["红塔区"])
    send = {"path": f"{base}/remind", "data": {"step": "accept"}, "content_type": "application/json"}
    assert client.post(**send).json()["code"] == "version_missing"
    version = Commitment.objects.get(pk=whole.pk).version
    done = client.post(**send, headers={"If-Match": f'"{version}"'}).json()
    assert (done["reminded"], done["version"]) == (1, version + 1)
    again = client.post(**send, headers={"If-Match": f'"{version + 1}"'})
    assert (again.status_code, again.json()["code"]) == (409, "reminded_today")
    assert client.get("/api/v1/programmes/ten/coverage").json()["total"]["total"] == 4
    assert client.get("/api/v1/programmes/ten/coverage/report").json()["items"]
    body = {"step": "report"}
    price = client.post("/api/v1/programmes/ten/remind/price", body, content_type="application/json").json()
    made = client.post("/api/v1/programmes/ten/remind", body, content_type="application/json").json()
    assert made["units"] == price["units"] == 1
    assert made["entry"]["id"]
    assert client.get(f"{base}/coverage/close").status_code == 422
    assert client.get(f"{base}/coverage", {"unit": world.units["532900"].pk}).status_code == 404


def many_parts(world: World, whole: Commitment, count: int, first: int = 0) -> None:
    """So many more units below 红塔区, each with a part that nobody has accepted."""
    above = world.units["530402"]
    start = Unit.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1 - first
    units = [
        Unit(
            pk=start + n, kind="area", level="township", name=f"第{n}镇", parent=above, area_id=start + n,
            path=above.path + paths.segment(start + n),
            valid_from=dt.date(2024, 1, 1),
        )
        for n in range(first, first + count)
    ]  # fmt: skip
    Unit.objects.bulk_create(units, batch_size=500)
    parent = part(world, "530402")
    Commitment.objects.bulk_create(
        [
            Commitment(
                ref=f"YN-2026-03-{50000 + n}", programme=whole.programme, matter=whole.matter, parent=parent,
                state="issued", title="x", requirement="x", issuer=above, lead=unit, line_units=[above.pk],
                issued_at=world.at, accept_by=world.at.date(), created_at=world.at,
            )
            for n, unit in enumerate(units, first)
        ],
        batch_size=500,
    )  # fmt: skip
    Commitment.objects.filter(pk=parent.pk).update(children_count=first + count, open_children=first + count)


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_statements_do_not_grow_with_the_units(world: World, whole: Commitment) -> None:
    client = browser(world, "office")
    addresses = [
        f"/c/{whole.ref}/coverage/",
        f"/c/{whole.ref}/coverage/accept/",
        "/coverage/",
        "/coverage/accept/",
        "/coverage/accept/remind/",
        f"/c/{whole.ref}/coverage/?unit={world.units['530402'].pk}",
    ]
    many_parts(world, whole, 3)
    few = [statements(client, address) for address in addresses]
    many_parts(world, whole, 120, 3)
    assert [statements(client, address) for address in addresses] == few
    assert max(few) < 24
    page = text(client, f"/c/{whole.ref}/coverage/accept/")
    assert page.count('<th scope="row">') == reads.PAGE
    assert 'rel="next"' in page


def test_a_reminder_writes_in_few_statements_however_many_it_reaches(world: World, whole: Commitment) -> None:
    office = world.who("office")

    def sent(step: str) -> int:
        version = Commitment.objects.get(pk=whole.pk).version
        with CaptureQueriesContext(connection) as seen:
            services.remind_commitment(actor=office, ref=whole.ref, version=version, step=step, at=world.at)
        return len(seen)

    many_parts(world, whole, 60)  # whose entry is a long one already: those are written in more statements
    few = sent("accept")
    many_parts(world, whole, 120, 60)
    world.at += dt.timedelta(days=1)
    world.actors.clear()
    assert sent("accept") <= few + 2
    assert Reminder.objects.count() == 61 + 181
