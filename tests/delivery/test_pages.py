"""Pages of delivery: every person, every act's form, refusals beside the form, one sending one act, short links."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.delivery.world import PEOPLE

from luoshi.delivery.models import Commitment, Report, ShortLink
from luoshi.delivery.models.timings import FIELDS, timing_of
from luoshi.delivery.schemas import INPUTS
from luoshi.ledger.models import Entry
from luoshi.rules import lifecycle

if TYPE_CHECKING:
    from tests.delivery.world import World

XSS = '<script>alert("x")</script>'
SEES = {"head", "office", "office2", "verifier", "verifier2", "admin", "auditor", "duty", "a_head", "a_office"} | {
    "a_handler",
    "a_verifier",
    "a_epb_head",
    "a_epb_handler",
}


@pytest.fixture(autouse=True)
def now_is_then(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The doors read the clock of the small world."""
    moment = world.at + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    cache.clear()


def browser(world: World, name: str, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def send(client: Client, commitment: Commitment, act: str, status: int = 302, **values: Any) -> Any:
    """Send a form as a browser does: with the version it shows and a fresh key."""
    fresh = Commitment.objects.get(pk=commitment.pk)
    data = {"version": fresh.version, "idempotency_key": str(uuid.uuid4()), "confirmed": "1", **values}
    answer = client.post(f"/c/{fresh.ref}/{act}/", data)
    assert answer.status_code == status, (act, answer.status_code, answer.content.decode()[:3000])
    return answer


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_person_opens_or_is_told_why_not(world: World, language: str) -> None:
    c = world.reported(70)
    for name in PEOPLE:
        client = browser(world, name, language)
        assert page(client, "/p/")
        assert "YN-2026" in page(client, "/p/ten/")
        sees = name in SEES
        text = page(client, f"/c/{c.ref}/", 200 if sees else 404)
        assert (c.title in text) == sees
        for more in ("text/", "evidence/"):
            page(client, f"/c/{c.ref}/{more}", 200 if sees else 404)
    assert Client().get(f"/c/{c.ref}/").status_code == 302


def test_a_person_without_a_post_is_told(world: World) -> None:
    from luoshi.accounts.models import User

    world.users["nobody"] = User.objects.create_user(username="nobody", password="a long pass phrase")
    c = world.accepted()
    page(browser(world, "nobody"), f"/c/{c.ref}/", 403)
    page(browser(world, "nobody"), "/p/", 403)


def test_the_whole_chain_in_a_browser(world: World) -> None:
    office, lead, head, verifier = (browser(world, name) for name in ("office", "a_handler", "a_head", "verifier"))
    answer = office.post(
        "/p/ten/draft/",
        {
            "title": "星云湖治污管网",
            "requirement": "补齐两污治理短板",
            "criteria": "五县管网连通\n试水无渗漏",
            "matter": world.matter.pk,
            "lead": world.units["530400"].pk,
            "due_days": "60",
            "kind": "task",
            "cadence": "on_change",
            "accept_days": "5",
            "version": world.programme.version,
            "idempotency_key": str(uuid.uuid4()),
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    c = Commitment.objects.get()
    assert answer["location"] == f"/c/{c.ref}/"
    assert c.criteria == ["五县管网连通", "试水无渗漏"]
    assert c.title in page(office, "/p/ten/")
    looked = send(office, c, "issue", 200, confirmed="")
    assert "Look once more" in looked.content.decode()
    c.refresh_from_db()
    assert c.state == "draft"
    send(office, c, "issue")
    send(lead, c, "accept")
    paper = SimpleUploadedFile("note.txt", "管网接通四百米".encode(), "text/plain")
    send(lead, c, "report", percent="50", percent_exact="100", words="管网接通", problems="", files=[paper])
    c.refresh_from_db()
    assert (c.state, c.said) == ("accepted", 100)
    evidence = Report.objects.get().evidence.get()
    file = verifier.get(f"/c/{c.ref}/evidence/{evidence.pk}/")
    assert file.status_code == 200
    assert file["content-disposition"].startswith("attachment")
    assert browser(world, "b_head").get(f"/c/{c.ref}/evidence/{evidence.pk}/").status_code == 404
    assert evidence.digest in page(office, f"/c/{c.ref}/evidence/?view=list")
    send(head, c, "apply", statement="全部完工")
    verdict = {"method": "visited", "passed": "yes", "percent": "100", "words": "现场看过"}
    criteria = {"verdict_0_met": "yes", "verdict_0_words": "", "verdict_1_met": "yes", "verdict_1_words": "试水"}
    send(verifier, c, "verify", **verdict, **criteria)
    close = page(office, f"/c/{c.ref}/close/")
    assert "The three hands" in close
    send(office, c, "close", opinion="同意销号")
    c.refresh_from_db()
    assert c.state == "closed"
    final = page(office, f"/c/{c.ref}/")
    assert "试水" in final
    assert "Closed on" in final


def test_refusals_stand_beside_the_form_and_keep_the_words(world: World) -> None:
    c = world.accepted()
    client = browser(world, "a_handler")
    told = send(client, c, "report", 409, percent="40", words="写好的话", version=c.version - 1).content.decode()
    assert "stale_version" in told
    assert "写好的话" in told
    assert f'name="version" value="{c.version}"' in told
    assert "Please look at these again" in send(client, c, "report", 422, percent="40", words="").content.decode()
    card = send(client, c, "report", 422, percent="40", words="张三 11010519491231002X").content.decode()
    assert "identity_number" in card
    assert not Report.objects.exists()
    assert "not_your_act" in page(browser(world, "auditor"), f"/c/{c.ref}/report/", 403)
    assert "not_your_act" in send(browser(world, "auditor"), c, "report", 403, percent="1", words="x").content.decode()
    page(client, f"/c/{c.ref}/dance/", 404)
    page(client, f"/c/{c.ref}/miss-period/", 404)
    page(client, f"/c/{c.ref}/close/", 409)


def test_a_sending_that_is_repeated_acts_once(world: World) -> None:
    c = world.accepted()
    client = browser(world, "a_handler")
    data = {"version": c.version, "idempotency_key": str(uuid.uuid4()), "percent": "30", "words": "第一次"}
    first = client.post(f"/c/{c.ref}/report/", data)
    entries = Entry.objects.count()
    again = client.post(f"/c/{c.ref}/report/", data)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["location"] == again["location"]
    assert (Report.objects.count(), Entry.objects.count()) == (1, entries)
    assert "It had arrived already" in page(client, f"/c/{c.ref}/")
    other = client.post(f"/c/{c.ref}/report/", {**data, "words": "另一句"})
    assert other.status_code in {409, 422}
    assert "另一句" in other.content.decode()
    assert Report.objects.count() == 1


@pytest.mark.principle(10)
def test_a_masked_number_is_told(world: World) -> None:
    c = world.accepted()
    client = browser(world, "a_handler")
    send(client, c, "report", percent="30", words="有事请打 13812345678")
    shown = page(client, f"/c/{c.ref}/")
    assert "13812345678" not in shown
    assert "masked before storing" in shown


def test_words_are_never_markup(world: World) -> None:
    c = world.do("report_on_commitment", "a_handler", world.accepted(title=XSS), percent=10, words=XSS)
    world.do("record_finding", "office", c, words=XSS)
    for address in (f"/c/{c.ref}/", f"/c/{c.ref}/report/", f"/c/{c.ref}/text/", f"/c/{c.ref}/conclude/", "/p/ten/"):
        assert XSS not in page(browser(world, "office"), address)
    looked = send(browser(world, "office"), c, "suspend", 200, confirmed="", reason=f'"{XSS}')
    assert XSS not in looked.content.decode()


@pytest.mark.principle(7)
def test_breaking_down_shows_its_price_first(world: World) -> None:
    c = world.accepted(by="a_head")
    client = browser(world, "a_head")
    form = page(client, f"/c/{c.ref}/break-down/")
    assert form.count("checked") >= 2
    units = [world.units["530402"].pk, world.units["530423"].pk]
    values = {"units": units, "levels": "1", "cadence": "monthly", "accept_days": "5"}
    looked = send(client, c, "break-down", 200, confirmed="", **values).content.decode()
    assert 'id="price"' in looked
    assert "红塔区" in looked
    assert not Commitment.objects.filter(parent=c).exists()
    edited = send(client, c, "break-down", 200, confirmed="", edit="1", **values).content.decode()
    assert 'name="units"' in edited
    send(client, c, "break-down", **values)
    assert Commitment.objects.filter(parent=c).count() == 2
    deep = world.accepted(by="a_head", title="二")
    refused = send(client, deep, "break-down", 409, levels="2", cadence="on_change", accept_days="5")
    assert "needs_approval" in refused.content.decode()
    approve = {"levels": "2", "cadence": "on_change", "opinion": "同意"}
    assert (
        'id="price"'
        in send(browser(world, "office"), deep, "approve-breakdown", 200, confirmed="", **approve).content.decode()
    )
    send(browser(world, "office"), deep, "approve-breakdown", **approve)
    assert "Approved: 2 levels" in page(client, f"/c/{deep.ref}/break-down/")
    send(client, deep, "break-down", levels="2", cadence="on_change", accept_days="5")
    assert Commitment.objects.filter(parent__parent=deep).exists()


@pytest.mark.principle(9)
def test_every_act_has_a_page_for_every_state(world: World) -> None:
    """What the table allows shows a form; what it refuses shows the reason with its code and status."""
    cases = [world.draft(), world.issued(), world.reported(60), world.applied(), world.verified(), world.closed()]
    for c in cases:
        for name in ("office", "a_head", "verifier"):
            client, actor = browser(world, name), world.who(name)
            facts = Commitment.objects.get(pk=c.pk).facts()
            possible = lifecycle.possibilities(facts, actor=actor, at=world.at + dt.timedelta(days=1))
            allowed = {one.act for one in possible if one.allowed}
            for act in INPUTS:
                answer = client.get(f"/c/{c.ref}/{act.value}/")
                assert (answer.status_code == 200) == (act in allowed), (c.state, act, name, answer.status_code)
                assert (b'name="version"' in answer.content) == (act in allowed), (c.state, act, name)


def test_decisions_and_questions(world: World) -> None:
    c = world.accepted()
    lead, head, office = (browser(world, name) for name in ("a_handler", "a_head", "office"))
    later = (c.due_on or world.at.date()) + dt.timedelta(days=20)
    send(head, c, "ask-extension", new_due_on=later.isoformat(), reason="雨季推迟")
    assert "雨季推迟" in page(office, f"/c/{c.ref}/decide-extension/")
    looked = send(office, c, "decide-extension", 200, confirmed="", granted="yes", reason="仅此一次").content.decode()
    assert "Agree" in looked
    send(office, c, "decide-extension", granted="yes", reason="仅此一次")
    c.refresh_from_db()
    assert (c.due_on, c.extensions_granted) == (later, 1)
    shown = page(lead, f"/c/{c.ref}/")
    assert "extended once" in shown
    assert f'datetime="{c.first_due_on}"' in shown
    send(lead, c, "request", question="能否增加经费？")
    assert "能否增加经费" in page(office, f"/c/{c.ref}/reply/")
    send(office, c, "reply", reply="请列入预算")
    send(lead, c, "assign", post="P-a_handler")
    c.refresh_from_db()
    assert c.lead_post is not None
    send(office, c, "change-lead", lead=str(world.units["532900"].pk), reason="职责调整")
    c.refresh_from_db()
    assert c.lead_id == world.units["532900"].pk


def test_programme_forms(world: World) -> None:
    office = browser(world, "office")
    key = {"idempotency_key": str(uuid.uuid4())}
    values = {"who": "省委", "document": "纪要二", "scope": "十件事", "from_on": "2026-01-01", "until_on": "2025-01-01"}
    version = world.programme.version
    assert office.post("/p/ten/authority/", {**values, **key, "version": version}).status_code == 422
    values["until_on"] = "2027-01-01"
    assert office.post("/p/ten/authority/", {**values, **key, "version": version}).status_code == 302
    timing = {name: getattr(timing_of(None, 3), name) for name in FIELDS}
    told = {**timing, "visibility": "own", "extension_limit": 1}
    assert office.post("/p/ten/settings/", {**told, "version": version}).status_code == 409
    assert office.post("/p/ten/settings/", {"visibility": "own", "version": version + 1}).status_code == 422
    fine = {**told, "version": version + 1}
    assert office.post("/p/ten/settings/", fine).status_code == 302
    assert office.post("/p/ten/issue/", {"version": version + 2}).status_code == 302
    other = browser(world, "a_handler").post("/p/ten/settings/", {**fine, "version": version + 3})
    assert other.status_code == 403
    assert "not_programme_owner" in other.content.decode()
    text = page(office, "/p/ten/")
    assert "纪要二" in text
    assert "补齐“两污”治理短板" in text


def test_a_standing_duty_shows_its_periods(world: World) -> None:
    duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
    office = browser(world, "office")
    send(office, duty, "open-period")
    period = Commitment.objects.get(kind="period")
    shown = page(office, f"/c/{duty.ref}/")
    assert 'id="periods"' in shown
    assert period.ref in shown
    assert "duty_never_closed" not in page(office, f"/c/{period.ref}/")


def link_of(world: World, days: int = 7) -> tuple[Commitment, str]:
    c = world.accepted()
    answer = send(browser(world, "a_handler"), c, "issue-link", 200, post="P-a_handler", days=str(days))
    text = answer.content.decode()
    assert answer["cache-control"] == "no-store"
    assert '<svg class="qr"' in text
    found = re.search(r"/l/[\w.-]+/", text)
    assert found
    return c, found.group()


def test_a_short_link_reports_without_an_account(world: World) -> None:
    c, address = link_of(world)
    anyone = Client(HTTP_ACCEPT_LANGUAGE="en")
    answer = anyone.get(address)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert answer["x-robots-tag"] == "noindex, nofollow"
    assert c.title in text
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version
    data = {"version": version.group(1), "percent": "35", "words": "村里完成三成，电话 13812345678"}
    assert anyone.post(address, {**data, "words": ""}).status_code == 422
    assert "Thank you" in anyone.post(address, data).content.decode()
    assert "Thank you" in anyone.post(address, data).content.decode()
    report = Report.objects.get()
    assert (report.via, report.percent, report.by_post.ref) == ("link", 35, "P-a_handler")
    assert "13812345678" not in report.words
    assert "Thank you" in anyone.post(address, {**data, "percent": "45"}).content.decode()
    assert Report.objects.count() == 2


def test_csrf_holds_on_a_short_link(world: World) -> None:
    _c, address = link_of(world)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"percent": "35", "words": "x"}).status_code == 403


def test_a_short_link_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    c, address = link_of(world)
    anyone = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert "link_unknown" in page(anyone, "/l/guess/", 404)
    owner = browser(world, "a_handler")
    link = ShortLink.objects.get()
    assert f"revoke-link/?link={link.pk}" in page(owner, f"/c/{c.ref}/")
    before = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: before + dt.timedelta(days=8))
    assert "link_expired" in page(anyone, address, 410)
    monkeypatch.setattr(timezone, "now", lambda: before)
    send(owner, c, "revoke-link", link=str(link.pk))
    assert "link_revoked" in page(anyone, address, 410)
    assert anyone.post(address, {"percent": "1", "words": "x"}).status_code == 410
    assert not Report.objects.exists()


def test_a_short_link_takes_only_so_many(world: World) -> None:
    _c, address = link_of(world)
    anyone = Client(HTTP_ACCEPT_LANGUAGE="en")
    answers = [anyone.post(address, {"percent": "1", "words": ""}).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_statements_do_not_grow_with_rows(world: World) -> None:
    c = world.accepted(by="a_head")
    c = world.do("break_down_commitment", "a_head", c, units=[world.units["530402"].pk])
    c = world.do("report_on_commitment", "a_handler", c, percent=5, words="x")
    for name in ("office", "a_head"):
        client = browser(world, name)
        few = statements(client, f"/c/{c.ref}/")
        assert few <= 48
    part = Commitment.objects.get(parent=c)
    many = []
    for number in range(100):
        part.pk, part.ref = None, f"YN-2026-03-9{number:03d}"
        many.append(part)
        Commitment.objects.bulk_create([part])
    Commitment.objects.filter(pk=c.pk).update(children_count=101, open_children=101)
    for number in range(8):
        c = world.do("report_on_commitment", "a_handler", c, percent=10 + number, words="又进一步")
    client = browser(world, "a_head")
    assert page(client, f"/c/{c.ref}/").count("YN-2026-03-9") >= 100
    assert statements(client, f"/c/{c.ref}/") == few
    programme = statements(client, "/p/ten/")
    world.issued(title="再来一个")
    assert statements(client, "/p/ten/") == programme
    assert few < 48


def test_a_large_tree_is_searched_not_listed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from luoshi.delivery.queries import pages

    monkeypatch.setattr(pages, "OFFERED_UNITS", 3)
    office, c = browser(world, "office"), world.accepted()
    assert "<datalist" in page(office, f"/c/{c.ref}/change-lead/")
    send(office, c, "change-lead", 422, lead="没有这个地方", reason="职责调整")
    send(office, c, "change-lead", lead="532900", reason="职责调整")
    c.refresh_from_db()
    assert c.lead_id == world.units["532900"].pk
