"""Pages and API of units: scope, refusals as sentences, statements that do not grow with rows."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.units.world import AT, World

from luoshi.accounts import services as accounts
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services
from luoshi.units.models import Post, Unit


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(seen)


def test_pages_show_and_refuse(world: World) -> None:
    client = signed_in(world, "handler")
    eryuan, jianchuan = world.units["532930"], world.units["532931"]
    assert client.get("/units/").headers["location"] == f"/units/{eryuan.pk}/"
    page = client.get(f"/units/{eryuan.pk}/")
    assert page.status_code == 200
    assert "茈碧湖镇" in page.content.decode()
    assert "rename" not in page.content.decode()
    hidden = client.get(f"/units/{jianchuan.pk}/")
    assert hidden.status_code == 404
    assert "not_found" in hidden.content.decode()
    assert client.get("/units/?q=茈碧湖").status_code == 302
    assert client.get("/units/?q=剑川").status_code == 200
    assert client.get("/units/posts/E-H/").status_code == 200
    assert client.get("/units/posts/P-ADM/").status_code == 404
    assert Client().get("/units/").status_code == 302
    assert signed_in(world, "spare").get("/units/").status_code == 403


def test_every_act_has_a_form_and_refuses(world: World) -> None:
    client = signed_in(world, "handler")
    unit = world.units["532930"].pk
    before = list(Unit.objects.values_list("pk", "version")), list(Post.objects.values_list("pk", "version"))
    acts = {
        f"/units/{unit}/create/": {"name": "x", "kind": "area", "level": "township", "on": "2026-03-02"},
        f"/units/{unit}/rename/": {"name": "x", "on": "2026-03-02", "reason": "x"},
        f"/units/{unit}/move/": {"parent": "530400", "on": "2026-03-02", "reason": "x"},
        f"/units/{unit}/merge/": {"units": "532931", "on": "2026-03-02", "reason": "x"},
        f"/units/{unit}/split/": {"name": "x", "on": "2026-03-02", "reason": "x"},
        f"/units/{unit}/close/": {"on": "2026-03-02", "reason": "x"},
        f"/units/{unit}/superior/": {},
        f"/units/{unit}/posts/create/": {"title": "x", "role": "head"},
        "/units/posts/E-ADM/contact/": {"contact": "1"},
        "/units/posts/E-ADM/seat/": {"username": "next", "from_on": "2026-03-02"},
        "/units/posts/E-ADM/unseat/": {"on": "2026-03-02", "reason": "x"},
        "/units/posts/E-ADM/hand-over/": {"username": "next", "on": "2026-03-02"},
        "/units/posts/E-ADM/deputies/": {"deputy_ref": "E-H", "from_on": "2026-03-02", "reason": "x"},
    }
    for address, data in acts.items():
        assert client.get(address).status_code == 200, address
        answer = client.post(address, data)
        assert answer.status_code == 403, (address, answer.status_code)
        assert "administrators_only" in answer.content.decode()
    assert (list(Unit.objects.values_list("pk", "version")), list(Post.objects.values_list("pk", "version"))) == before


def test_an_administrator_acts_by_form(world: World) -> None:
    client = signed_in(world, "county")
    unit = world.units["532930100"]
    address = f"/units/{unit.pk}/rename/"
    assert client.post(address, {"name": "", "on": "x"}).status_code == 422
    done = client.post(address, {"name": "碧湖镇", "on": "2026-03-02", "reason": "更名", "version": "1"})
    assert done.status_code == 302
    assert world.fresh("532930100").name == "碧湖镇"
    stale = client.post(address, {"name": "又名", "on": "2026-03-02", "reason": "更名", "version": "1"})
    assert stale.status_code == 409
    assert "stale_version" in stale.content.decode()


def test_statements_do_not_grow(world: World) -> None:
    client = signed_in(world, "admin")
    unit = world.units["532930"]
    address = f"/units/{unit.pk}/"
    before = statements(client, address), statements(client, "/units/posts/E-H/"), statements(client, "/units/?q=县")
    for number in range(15):
        services.create_unit(
            actor=SYSTEM, at=AT, kind="area", level="township", name=f"第{number}县镇", parent_id=unit.pk
        )
    services.create_posts(
        actor=SYSTEM, at=AT, specs=[services.PostSpec(unit.pk, f"岗{number}", "handler") for number in range(15)]
    )
    after = statements(client, address), statements(client, "/units/posts/E-H/"), statements(client, "/units/?q=县")
    assert after == before
    assert max(after) < 30


def test_api(world: World) -> None:
    _token, plain = accounts.create_token(
        user=world.users["county"], name="t", actor=SYSTEM, at=AT, post_ref="E-ADM", days=366
    )
    client = Client(headers={"authorization": f"Bearer {plain}"})
    first = client.get("/api/v1/units?limit=3").json()
    assert len(first["items"]) == 3
    rest = client.get("/api/v1/units", {"limit": 3, "after": first["next"]}).json()
    assert len(rest["items"]) == 1
    assert rest["next"] is None
    assert client.get("/api/v1/units?limit=100000").status_code == 422
    assert client.get(f"/api/v1/units/{world.units['532931'].pk}").status_code == 404
    unit = world.units["532930100"]
    body = {"name": "碧湖镇", "reason": "更名", "on": "2026-03-02", "version": 1}
    assert client.post(f"/api/v1/units/{unit.pk}/rename", body, "application/json").json()["version"] == 2
    again = client.post(f"/api/v1/units/{unit.pk}/rename", body, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "stale_version")
    posts = client.get("/api/v1/posts").json()
    assert {post["ref"] for post in posts["items"]} == {"E-ADM", "E-H"}
    assert Client().get("/api/v1/units").status_code == 401
    assert Client(headers={"authorization": "Bearer lsh_nonsense"}).get("/api/v1/units").status_code == 401
