"""From the coverage to just the holes: one reminder, and the reminded handler finds it in the list of today."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit

PLACE = "江城镇"


def test_coverage_reminds_and_the_handler_finds_it_today(visit: Visit) -> None:
    one = visit("zh", as_person="county-handler")
    ref = one.site.made["covered"]
    one.go(f"/c/{ref}/coverage/")
    one.see("本任务没有向下交办")
    one.open_act(ref, "break-down")
    one.button.click()
    one.see(PLACE, within="#price")
    one.button.click()
    one.page.wait_for_url(f"**/c/{ref}/")
    one.done()

    one.page.locator("#parts a", has_text="覆盖情况").click()
    expect(one.page.locator("h1")).to_contain_text("覆盖情况")
    one.see("0 / 3", within="#steps")
    one.page.locator("#steps a", has_text="未签收").click()
    one.see(PLACE)
    one.page.get_by_role("link", name="只提醒这些单位").click()
    one.button.click()
    one.see("提醒3个单位", within="#price")
    one.see(PLACE, within="#price")
    one.button.click()
    one.done()
    one.see("今天")

    # the same thing, the same day: refused, and the page says when
    one.page.get_by_role("link", name="只提醒这些单位").click()
    one.button.click()
    one.see("没有可提醒的单位。", within="#price")

    one.go("/")
    one.become("town-handler")
    item = one.page.locator("li.it", has_text="江川区沟渠管护")
    expect(item).to_contain_text("已提醒")
    expect(item.get_by_role("button", name="签收")).to_be_visible()
    one.go("/office/messages/")
    one.see("提醒：请签收“江川区沟渠管护”")

    phone = visit("en", phone=True)
    phone.sign_in("county-handler")
    for path in (f"/c/{ref}/coverage/", f"/c/{ref}/coverage/accept/", f"/c/{ref}/remind/?step=accept", "/coverage/"):
        phone.go(path)
        phone.fits()
