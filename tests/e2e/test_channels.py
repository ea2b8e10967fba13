"""Channels: one's own settings, a webhook that is tried, dies, is shown, is mended and enabled; a calendar address."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import violations
from tests.office.receiver import receiving

SAID = {
    "zh": {
        "name": "值班平台",
        "taken": "测试消息已被收下",
        "answered": "对方应答 410",
        "dead": "渠道已失效，自动停用",
        "runs": "没有失效的渠道",
        "stands": "已失效停用",
        "kept": "设置已保存",
        "enabled": "渠道已启用",
    },
    "en": {
        "name": "Duty desk",
        "taken": "The test message was taken",
        "answered": "the receiver answered 410",
        "dead": "This channel is dead and was disabled",
        "runs": "No channel is dead",
        "stands": "dead, disabled",
        "kept": "Your settings are kept",
        "enabled": "The channel is enabled",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_channel_dies_is_shown_and_comes_back(visit: Visit, language: str) -> None:
    said = SAID[language]
    with receiving() as there:
        admin = visit(language, as_person="administrator")
        page = admin.page
        admin.go("/system/")
        page.locator('main a[href="/office/channels/"]').click()
        admin.fill(kind="webhook", name=said["name"], address=there.address)
        page.locator('main [name="below"]').check()
        page.locator("#add form button.btn.p").click()
        key = page.locator("#channel-key")
        expect(key).to_be_visible()
        assert len(key.inner_text()) > 40
        admin.fits()
        assert not violations(page)
        page.locator('main a[href="/office/channels/"]').first.click()
        page.get_by_role("link", name=said["name"]).click()
        place = page.url
        expect(page.locator("#channel-key")).to_have_count(0)

        page.locator('form[action$="/test/"] button').click()
        admin.see(said["taken"], within=".notes")
        assert json.loads(there.got[-1].body)["kind"] == "office.test"
        assert there.got[-1].headers["x-luoshi-signature"].startswith("v1=")

        # It has refused everything for two hours; the next refusal is one too many.
        number = int(place.rstrip("/").rsplit("/", 1)[1])
        with closing(sqlite3.connect(admin.site.state / "luoshi.sqlite3", timeout=30)) as database, database:
            database.execute(
                "update office_outlet set failures = 2, failing_since = datetime('now', '-2 hours') where id = ?",
                [number],
            )
        there.status = 410
        page.locator('form[action$="/test/"] button').click()
        admin.see(said["answered"], within=".notes")
        admin.see(said["dead"])
        assert not violations(page)

        admin.go("/system/")
        admin.see(said["name"])
        admin.see(said["answered"])
        admin.go("/office/settings/")
        admin.see(said["stands"], within="#channels")
        handler = visit(language, as_person="county-handler", phone=True)
        handler.go("/office/settings/")
        handler.see(said["stands"], within="#channels")
        handler.fits()
        assert not violations(handler.page)

        there.status = 200
        admin.go(place)
        page.locator('form[action$="/test/"] button').click()
        admin.see(said["taken"], within=".notes")
        page.locator('form[action$="/enable/"] button').click()
        admin.see(said["enabled"], within=".notes")
        admin.go("/system/")
        admin.see(said["runs"])
        phone = visit(language, as_person="administrator", phone=True)
        phone.go(place)
        phone.fits()
        phone.go("/office/channels/")
        phone.fits()
        admin.go(place)
        page.locator("details.noprint summary").click()
        page.locator('form[action$="/disable/"] button').click()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_chooses_and_takes_his_deadlines_along(visit: Visit, language: str) -> None:
    one = visit(language, as_person="county-handler")
    page = one.page
    one.go("/office/messages/")
    page.locator('main a[href="/office/settings/"]').click()
    one.fill(mode="daily", digest_hour="8", quiet="own", quiet_from="19:00", quiet_until="07:30")
    one.button.click()
    one.see(SAID[language]["kept"], within=".notes")
    expect(page.locator('main [name="mode"][value="daily"]')).to_be_checked()
    expect(page.locator('main [name="quiet_until"]')).to_have_value("07:30")

    page.locator("#calendar form:has([name=discreet]) button").click()
    shown = page.locator("#feed-address")
    expect(shown).to_be_visible()
    address = shown.inner_text()
    one.fits()
    assert address.startswith(one.site.base)
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - our own server
        assert answer.headers["Content-Type"].startswith("text/calendar")
        text = answer.read().decode()
    assert "BEGIN:VEVENT" in text
    one.go("/office/settings/")
    expect(page.locator("#feed-address")).to_have_count(0)
    page.locator('#calendar form[action$="/revoke/"] button').first.click()
    with pytest.raises(urllib.error.HTTPError) as gone:
        urllib.request.urlopen(address, timeout=20)  # noqa: S310 - our own server
    assert gone.value.code == 404
    one.go("/office/messages/sent/")
    one.fits()
