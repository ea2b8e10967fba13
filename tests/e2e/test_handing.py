"""From the pool to a day handed out by lot, and to the list of whoever was drawn; at the desk, and on a phone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

SHANGHAI = ZoneInfo("Asia/Shanghai")
POOL = "/programmes/ten_matters/verifiers/"


def drawn(one, campaign: str) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    """Who was drawn for the newest visit, and of which unit."""
    where = (
        " from assurance_visit v join units_unit u on u.id = v.unit_id join units_holding h on h.post_id ="
        " v.verifier_post_id join accounts_user x on x.id = h.user_id join assurance_campaign c on c.id = v.campaign_id"
        " where c.ref = ? order by v.id desc limit 1"
    )
    return one.site.one(f"select x.username{where}", campaign), one.site.one(f"select u.name{where}", campaign)


def test_a_day_is_handed_out_and_found_on_the_verifiers_own_list(visit: Visit) -> None:
    one = visit("zh", as_person="prov-office")
    campaign = one.site.made["campaign"]
    one.go(POOL)
    one.see("核查员库")
    boxes = one.page.locator('input[name="posts"]')
    for number in range(boxes.count()):
        boxes.nth(number).check()
    one.button.click()
    one.done()
    one.see("看一次能发现 95%")
    assert not violations(one.page)

    one.go(f"/assurance/{campaign}/")
    one.page.get_by_role("link", name="派发走访").click()
    one.see("抽签")
    one.page.get_by_label("走访日期").fill(str(dt.datetime.now(SHANGHAI).date()))
    one.page.get_by_label("处数").fill("1")
    one.button.click()
    one.done()
    one.see("封存")
    assert not violations(one.page)

    username, unit = drawn(one, campaign)
    one.go("/")
    one.become(username)
    one.go("/visits/")
    one.see(unit)
    one.page.get_by_role("link", name="本岗数字").click()
    one.see("只给你自己看")
    assert not violations(one.page)
    refused = one.go(f"/assurance/{campaign}/days/")
    assert refused.status in (403, 404)

    one.go("/")
    one.become("prov-head")
    one.go(f"/assurance/{campaign}/days/")
    one.page.get_by_label("批准本次抽查的盲复核").check()
    one.page.get_by_label("再访的理由").fill("按方案抽一成盲复核。")
    one.page.locator("section[aria-labelledby=again] button.btn.p").click()
    one.done()
    one.see("按方案抽一成盲复核")
    assert not one.wrong


def test_the_same_pages_in_english_on_a_phone(visit: Visit) -> None:
    phone = visit("en", phone=True)
    phone.sign_in("prov-office")
    campaign = phone.site.made["campaign"]
    for path, words in (
        (POOL, "Pool of verifiers"),
        (f"/assurance/{campaign}/days/", "Hand out visits"),
        ("/burden/", "60 for a visit"),
    ):
        phone.go(path)
        phone.see(words)
        phone.fits()
        assert not left_in_chinese(phone.page) if path == POOL else True
        assert not violations(phone.page)
    phone.go(f"/assurance/{campaign}/days/")
    phone.page.get_by_label("How many places").fill("0")
    phone.page.get_by_label("Day of the visits").fill("2020-01-01")
    phone.button.click()
    expect(phone.page.locator(".refusal")).to_contain_text("today or a later day")
    phone.fits()
