"""On the way with a cheap telephone: the line goes, the browser is shut with a full queue, two records differ."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import FLAGS, LOCALES, LOOKING, PATIENCE, Visit
from tests.e2e.line import Line, line_to
from tests.e2e.site import Site, Visitor
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SAYS = {"zh": "本机已记录", "en": "recorded on this telephone"}


class Phone(Visitor):
    """Somebody with a telephone, and the line between it and the site."""

    def __init__(self, page: Page, site: Site, between: Line) -> None:
        super().__init__(page, site)
        self.between = between

    def line(self, *, on: bool) -> None:
        """Switch the network off or on: for the page, and for the worker, which the browser's own switch spares."""
        self.between.down = not on
        self.page.context.set_offline(not on)


Start = Callable[..., Phone]


@pytest.fixture
def phone(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Start]:
    """A telephone whose storage outlives the browser: ``phone("zh")``, and again after ``shut``."""
    chromium, opened = browser.browser_type, request.node.stash.setdefault(LOOKING, [])
    folder = Path(tempfile.mkdtemp(prefix="luoshi-phone-"))
    place = urlsplit(site.base)

    def start(language: str = "zh") -> Phone:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        context = chromium.launch_persistent_context(
            folder / language,
            executable_path=path,
            args=FLAGS,
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **PHONE,
        )
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        opened.append(context)
        return Phone(context.new_page(), replace(site, base=f"http://127.0.0.1:{between.port}"), between)

    with line_to(place.hostname or "", place.port or 0) as between:
        yield start
        for context in opened:
            context.close()
    shutil.rmtree(folder, ignore_errors=True)


def shut(one: Visitor) -> None:
    one.page.context.close()


def on_the_way(one: Visitor) -> Page:
    """Signed in, the list open, its forms kept on the telephone and the worker in charge."""
    one.sign_in("prov-verifier")
    one.go("/visits/")
    expect(one.page.locator("#kept[data-done]")).to_be_attached()
    one.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    one.go("/visits/")
    assert one.page.evaluate("!!navigator.serviceWorker.controller")
    return one.page


def open_form(page: Page, site: Site, key: str) -> None:
    page.locator(f'a.stop[data-key="{key}"]').click()
    page.wait_for_url(f"**/visits/{key}/")
    expect(page.locator("#visit-form")).to_be_visible()


def pick(page: Page, name: str, value: str) -> None:
    page.locator(f'label:has([name="{name}"][value="{value}"])').click()


def fill(page: Page, words: str, *, holds: bool = True) -> None:
    pick(page, "outcome", "done")
    pick(page, "holds_1", "yes")
    pick(page, "holds_2", "yes" if holds else "no")
    pick(page, "holds", "yes" if holds else "no")
    page.locator('[name="words"]').fill(words)


def record(page: Page) -> None:
    page.locator(".send button").click()
    page.wait_for_url("**/visits/")
    expect(page.locator("h1")).to_be_visible()


def waiting(page: Page) -> int:
    return int(page.locator("#queue").get_attribute("data-waiting") or 0)


def stands(site: Site, key: str) -> tuple[str, int]:
    """State of a visit and how many entries of its recording there are."""
    state = site.one("select state from assurance_visit where key = ?", key.replace("-", ""))
    entries = site.one(
        "select count(*) from ledger_entry e join ledger_entrypayload p on p.entry_id = e.id"
        " where e.type = 'assurance.VisitRecorded' and p.text like ?",
        f"%{key}%",
    )
    return state, entries


def sent(page: Page) -> None:
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "0", timeout=60_000)


def test_recorded_without_a_line_and_sent_after_a_restart(phone: Start, tmp_path: Path) -> None:
    one = phone("zh")
    site, keys = one.site, one.site.made["visits"]
    page = on_the_way(one)
    one.fits()
    assert violations(page) == []
    one.line(on=False)
    one.go("/visits/")
    open_form(page, site, keys[0])
    one.fits()
    assert violations(page) == []
    page.locator(".send button").click()
    expect(page.locator("[data-wrong]")).to_be_visible()
    fill(page, "主管通水，水压正常。")
    picture = tmp_path / "门口.jpg"
    Image.new("RGB", (2400, 1800), (90, 120, 90)).save(picture, "JPEG")
    page.locator('input[name="photos"]').set_input_files(picture)
    expect(page.locator("[data-shots] canvas")).to_be_visible()
    record(page)
    open_form(page, site, keys[1])
    pick(page, "outcome", "unreachable")
    expect(page.locator("[data-there]")).to_be_hidden()
    page.locator('[name="words"]').fill("塌方断路，未能到访。")
    record(page)
    expect(page.locator("#queue")).to_contain_text(SAYS["zh"])
    assert waiting(page) == 2
    one.fits()
    assert violations(page) == []
    page.goto(f"{site.base}/visits/{keys[0]}/nothing-kept-here/")
    expect(page.locator("h1")).to_have_text("没有网络")
    assert [stands(site, key) for key in keys[:2]] == [("assigned", 0), ("assigned", 0)]
    shut(one)

    again = phone("zh")
    again.line(on=False)
    again.go("/visits/")
    expect(again.page.locator("#queue")).to_have_attribute("data-waiting", "2")
    open_form(again.page, site, keys[0])
    expect(again.page.locator('[name="words"]')).to_have_value("主管通水，水压正常。")
    again.go("/visits/")
    again.line(on=True)
    again.sign_in("prov-verifier")  # the session ends with the browser
    again.go("/visits/")
    sent(again.page)
    assert stands(site, keys[0]) == ("done", 1)
    assert stands(site, keys[1]) == ("unreachable", 1)
    photos = json.loads(site.one("select photos from assurance_visit where key = ?", keys[0].replace("-", "")))
    assert len(photos) == 1
    expect(again.page.locator(f'a.stop[data-key="{keys[0]}"]')).to_have_count(0)
    assert not one.wrong + again.wrong


def test_an_answer_that_is_lost_doubles_nothing(phone: Start) -> None:
    one = phone("zh")
    site, key = one.site, one.site.made["visits"][2]
    page = on_the_way(one)
    answers = {"lost": 0}

    def lose(route: Any) -> None:
        if answers["lost"] < 2:
            answers["lost"] += 1
            route.fetch()  # the server has done it, and nobody hears of it
            route.abort("connectionreset")
        else:
            route.continue_()

    page.context.route("**/api/v1/visits/records", lose)
    open_form(page, site, key)
    fill(page, "水表齐全。")
    record(page)
    sent(page)
    assert answers["lost"] == 2
    assert stands(site, key) == ("done", 1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_records_that_differ_are_shown_and_chosen_between(phone: Start, visit: Visit, language: str) -> None:
    one = phone(language)
    site = one.site
    keys = site.made["visits"][3:5] if language == "zh" else site.made["visits"][5:6]
    page = on_the_way(one)
    one.line(on=False)
    for key in keys:
        one.go("/visits/")
        open_form(page, site, key)
        fill(page, "接口渗水。" if language == "zh" else "A joint leaks.", holds=False)
        record(page)
    desk = visit(language)
    desk.sign_in("prov-verifier")
    for key in keys:
        desk.go(f"/visits/{key}/")
        fill(desk.page, "试水无渗漏。" if language == "zh" else "No leak when tested.")
        record(desk.page)
        sent(desk.page)
    one.line(on=True)
    page.evaluate("dispatchEvent(new Event('online'))")
    box = page.locator(f'[data-record="{keys[0]}"]')
    expect(box.locator(".version")).to_have_count(2, timeout=60_000)
    one.fits()
    assert violations(page) == []
    if language == "en":
        assert left_in_chinese(page) == []
    box.locator("button").nth(0).click()
    expect(box).to_have_count(0)
    assert holds(site, keys[0]) == (1, 2)
    if language == "en":
        return
    other = page.locator(f'[data-record="{keys[1]}"]')
    other.locator("button").nth(1).click()
    expect(other.locator("textarea")).to_have_attribute("aria-invalid", "true")
    other.locator("textarea").fill("看漏了一处")
    other.locator("button").nth(1).click()
    expect(other).to_have_count(0, timeout=60_000)
    sent(page)
    assert holds(site, keys[1]) == (0, 3)


def holds(site: Site, key: str) -> tuple[int, int]:
    """The verdict that stands, and the version of the visit."""
    row = [
        site.one(f"select {column} from assurance_visit where key = ?", key.replace("-", ""))
        for column in ("holds", "version")
    ]
    return row[0], row[1]


def sync(page: Page, site: Site) -> None:
    """The browser has noticed that the line is back: what wakes the worker, whatever pages are open."""
    session = page.context.new_cdp_session(page)
    found: dict[str, str] = {}

    def known(told: Any) -> None:
        for one in told["registrations"]:
            if one["scopeURL"] == f"{site.base}/visits/" and not one["isDeleted"]:
                found["id"] = one["registrationId"]

    session.on("ServiceWorker.workerRegistrationUpdated", known)
    session.send("ServiceWorker.enable")
    for _time in range(50):
        if found:
            break
        page.wait_for_timeout(100)
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": site.base, "registrationId": found["id"], "tag": "luoshi-visits", "lastChance": False},
    )
    session.detach()


def test_what_waits_is_sent_when_the_line_is_back_although_no_page_is_open(phone: Start) -> None:
    one = phone("zh")
    site, keys = one.site, one.site.made["queued"][:2]
    page = on_the_way(one)
    assert page.evaluate("'sync' in ServiceWorkerRegistration.prototype")
    one.line(on=False)
    for key in keys:
        one.go("/visits/")
        open_form(page, site, key)
        fill(page, "水表已装，通水。")
        record(page)
    expect(page.locator("#queue")).to_have_attribute("data-waiting", str(len(keys)))
    tags = "navigator.serviceWorker.getRegistration('/visits/').then(one => one.sync.getTags())"
    assert page.evaluate(tags) == ["luoshi-visits"]
    elsewhere = page.context.new_page()
    page.close()
    sync(elsewhere, site)  # the line is still away
    elsewhere.wait_for_timeout(1_500)
    assert [stands(site, key) for key in keys] == [("assigned", 0)] * len(keys)
    one.line(on=True)
    sync(elsewhere, site)
    for _time in range(60):
        if all(stands(site, key)[0] == "done" for key in keys):
            break
        elsewhere.wait_for_timeout(500)
    sync(elsewhere, site)
    elsewhere.wait_for_timeout(1_500)
    assert [stands(site, key) for key in keys] == [("done", 1)] * len(keys), "sent once, by nobody's page"
    elsewhere.goto(f"{site.base}/visits/")
    expect(elsewhere.locator("#kept[data-done]")).to_be_attached()
    expect(elsewhere.locator("#queue")).to_be_hidden()


def test_what_waits_is_never_sent_in_the_name_of_another(phone: Start) -> None:
    one = phone("zh")
    site, key = one.site, one.site.made["queued"][2]
    page = on_the_way(one)
    one.line(on=False)
    open_form(page, site, key)
    fill(page, "水表已装，通水。")
    record(page)
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    page.goto("about:blank")
    one.line(on=True)
    page.context.clear_cookies()
    sync(page, site)
    page.wait_for_timeout(1_500)
    one.sign_in("county-handler")
    page.goto("about:blank")
    sync(page, site)
    page.wait_for_timeout(1_500)
    assert stands(site, key) == ("assigned", 0)
    page.context.clear_cookies()
    one.sign_in("prov-verifier")
    one.go("/visits/")
    sent(page)
    assert stands(site, key) == ("done", 1)


def test_signing_out_takes_the_kept_pages_away(phone: Start) -> None:
    one = phone("zh")
    page = on_the_way(one)
    assert sorted(page.evaluate("caches.keys()")) == ["luoshi-kept:prov-verifier", "luoshi-shell"]
    one.go("/account/logout/")
    page.locator("main form button").click()
    page.wait_for_function("caches.keys().then(names => !names.some(name => name.startsWith('luoshi-kept:')))")
    one.line(on=False)
    one.go("/visits/")
    expect(page.locator("h1")).to_have_text("没有网络")
    one.line(on=True)
    one.go("/")
    one.become("county-handler")
    one.go("/visits/")
    expect(page.locator("a.stop")).to_have_count(0)


def test_the_telephone_compares_and_tells_only_near_or_far(phone: Start) -> None:
    one = phone("zh")
    page = on_the_way(one)
    key = one.site.made["visits"][7]
    spoken: list[str] = []
    page.context.on("request", lambda request: spoken.append(f"{request.url} {request.post_data or ''}"))
    page.context.grant_permissions(["geolocation"])
    open_form(page, one.site, key)
    place, told = page.locator('[name="place"]'), page.locator("[data-compared]")
    for east, said, word in ((102.75, "near", "您在现场附近"), (103.95, "far", "不在该地附近")):
        page.context.set_geolocation({"longitude": east, "latitude": 24.3, "accuracy": 20})
        page.locator("[data-compare]").click()
        expect(told).to_contain_text(word)
        expect(place).to_have_value(said)
    one.fits()
    fill(page, "到了水厂。")
    record(page)
    sent(page)
    assert one.site.one("select place_said from assurance_visit where key = ?", key.replace("-", "")) == "far"
    assert not [text for text in spoken if "103.95" in text or "102.75" in text]


def test_the_main_act_needs_no_script(visit: Visit) -> None:
    one = visit("en", java_script_enabled=False)
    one.sign_in("prov-verifier")
    key = one.site.made["visits"][6]
    one.go(f"/visits/{key}/")
    one.page.locator(".send button").click()
    expect(one.page.locator(".wrong").first).to_be_visible()
    fill(one.page, "Water runs.")
    one.page.locator(".send button").click()
    expect(one.page.locator(".notes .note.success")).to_be_visible()
    assert stands(one.site, key) == ("done", 1)
